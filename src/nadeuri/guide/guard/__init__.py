"""The guard between a language model and the graph: a text becomes a checked query or a refusal."""
