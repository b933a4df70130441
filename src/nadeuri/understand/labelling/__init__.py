"""Labelling by several people: who is shown what, what they said, and what comes of it."""
