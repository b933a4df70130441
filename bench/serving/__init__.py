"""What the served API holds: saturation, soak and chaos."""
