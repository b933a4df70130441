"""A language model that judges which places are the same, where the scorer is uncertain."""
