"""The place guide: how safe its guard is, and what its review vectors cost."""
