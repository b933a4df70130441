"""Travellers' questions: intent and named entities, from labels to a served model."""
