"""Others also viewed: product vectors from browsing, and the neighbours of a product."""
