"""Training of neural networks: one loop, whatever they are for."""
