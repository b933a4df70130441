"""Names of places across scripts: readings, sounds, place-type words and how alike they are."""
