"""The mapping store: what is mapped to what, who decided it, and what people still have to."""
