"""Vocabulary repair: a tokenizer's unknown words found, added and kept with their model."""
