"""The parts of the training benchmark, one module each, and what they share."""
