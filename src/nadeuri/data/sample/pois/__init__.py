"""Two place databases that name the same spots differently, and trips through them.

Cities and sights are real (``cities.tsv``, ``sights.tsv``); hotels, eating places, shops, alleys
and their addresses, phones, packages and travellers' plans are invented.
"""

from nadeuri.data.sample.pois.write import MatchCounts, write_match

__all__ = ["MatchCounts", "write_match"]
