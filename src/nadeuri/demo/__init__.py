"""``make demo``: everything once, from a sample world to recommendations over HTTP."""
