"""Whether a text about a place says only what its facts say.

It knows nothing of who wrote the text. What can be checked is checked: every number with its unit
and what it is a number of, dishes, areas, sights and names of places, opening times, what is
quoted, and praise for which there are keywords. Where a text cannot be understood it is refused:
the default's sentences take its place, so that a doubt costs style and no truth.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from nadeuri.guide.facts import PlaceFacts
from nadeuri.guide.selection.claims import contradictions
from nadeuri.guide.selection.figures import unfounded
from nadeuri.guide.selection.lexicon import strange_words
from nadeuri.guide.selection.mentions import masked, mentions_in, names_of
from nadeuri.guide.selection.quotes import is_quotable, is_review

MOST_CHARACTERS = 1_000
"""Of a text about one place."""

_QUOTED = re.compile(r"[‘'“\"「『]([^‘’'“”\"「」『』\n]{1,300})[’'”\"」』]")


def violations(text: str, facts: PlaceFacts, *, foreign: Collection[str] = ()) -> tuple[str, ...]:
    """What ``text`` says that the facts of the place do not; empty where it is grounded.

    Args:
        text: in Korean, by whomever.
        foreign: names of other places, their dishes, areas or sights, such as those of the other
            candidates: the text may have none that is not also the place's own.
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(folded) > MOST_CHARACTERS:
        return (f"longer than {MOST_CHARACTERS} characters",)
    if not is_quotable(text):
        return ("an address, an order or hidden signs",)
    names = names_of(facts)
    found = []
    for match in _QUOTED.finditer(folded):
        said = match[1]
        if "".join(said.split()) in names:
            continue
        if any(is_review(said, review.text) for review in facts.reviews):
            folded = folded.replace(said, "\x00" * len(said), 1)
        else:
            found.append(f"quotes {said!r}, which no review says")
    mentions = mentions_in(folded, names)
    rest = masked(folded, mentions)
    found += unfounded(folded, rest, mentions, facts)
    found += strange_words(folded, rest, names, foreign)
    proper = [each for each in mentions if "share" not in each.kinds]
    found += contradictions(
        rest, masked(folded, proper), facts
    )  # 서귀포매일올레시장 is no opening day
    return tuple(dict.fromkeys(found))
