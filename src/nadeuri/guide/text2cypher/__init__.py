"""Cypher written by a language model: asked for, judged by the guard, run, mended at most twice."""
