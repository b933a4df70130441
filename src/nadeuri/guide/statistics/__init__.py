"""Questions that ask to know something: a number, a superlative or a fact from the graph."""
