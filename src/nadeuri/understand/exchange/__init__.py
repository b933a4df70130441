"""Labelled questions in and out: annotation tools and public sets."""
