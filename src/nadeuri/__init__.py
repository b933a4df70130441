"""Nadeuri: the recommendation stack of a Korean travel agency in one package."""

__version__ = "0.1.0"
