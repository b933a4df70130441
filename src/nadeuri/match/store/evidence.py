"""What a reviewer is shown of a place: itself, its candidates, and what a language model said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from nadeuri import columns
from nadeuri.match.judge.cascade import Candidate, Verdict, shown_candidates
from nadeuri.match.judge.prompts import Place


def evidence(
    place: Place,
    candidates: Iterable[Candidate],
    right: Callable[[str], Place],
    verdict: Verdict | None,
) -> dict[str, Any]:
    """JSON of everything known: rows of tables without what is null, the likeliest first."""
    return {
        "place": _known(place),
        "candidates": [
            {
                **_known(right(each.right)),
                columns.RIGHT: each.right,
                columns.PROBABILITY: round(each.probability, 6),
                columns.METRES: None if each.metres is None else round(each.metres, 1),
            }
            for each in shown_candidates(candidates)
        ],
        "said": [] if verdict is None else [asdict(each) for each in verdict.said],
    }


def _known(place: Place) -> dict[str, Any]:
    return {name: value for name, value in place.items() if value is not None}
