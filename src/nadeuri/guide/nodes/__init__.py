"""The steps of the pipeline, each a function from the state to what it adds to it."""
