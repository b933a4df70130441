"""Eating places on Jeju: real towns, villages and sights; invented places, menus and reviews.

A place has traits (how good its view is, how quiet it is, how well children fare). Its reviews,
keywords, visits, ratings and usage all follow from them, so that questions have true answers.
"""

from nadeuri.data.sample.places.write import write_places

__all__ = ["write_places"]
