"""Places of two databases that are the same, and packages that fit an itinerary."""
