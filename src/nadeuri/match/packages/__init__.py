"""Packages that fit a traveller's itinerary: what matches, what is missing, what is extra."""

from nadeuri.match.packages.index import PackageIndex
from nadeuri.match.packages.rate import Weights
from nadeuri.match.packages.types import Itinerary, MatchedStop, PackageMatch, Stop

__all__ = ["Itinerary", "MatchedStop", "PackageIndex", "PackageMatch", "Stop", "Weights"]
