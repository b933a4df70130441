"""Labelled questions of invented travellers: hand-written templates, filled and then roughened.

The parts of a split share no template, and the test part alone has the reserved place names.
"""

from nadeuri.data.sample.questions.build import build_questions, has_unseen_place
from nadeuri.data.sample.questions.places import reserved_places

__all__ = ["build_questions", "has_unseen_place", "reserved_places"]
