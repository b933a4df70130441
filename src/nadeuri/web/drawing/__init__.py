"""Vector art of flat shapes: palettes, scenery, landmarks, and which of them suit a product."""
