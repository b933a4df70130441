"""Batch jobs of a language model that lose no answer and pay for none twice."""
