"""The conversational place guide: a graph of eating places, and answers from it."""
