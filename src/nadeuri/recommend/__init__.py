"""Personalised recommendation: models, training, evaluation, comparison, export."""
