"""Benchmarks of place mapping."""
