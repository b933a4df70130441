"""From the scorer's mapping to proposals, and to the doubts that a judge or people settle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from nadeuri import columns
from nadeuri.match.judge.cascade import LEAST_PROBABILITY, Candidate, Doubt, Verdict
from nadeuri.match.store.labels import Word
from nadeuri.match.store.settle import person_decision
from nadeuri.match.store.versions import Decision

Candidates = Mapping[str, tuple[Candidate, ...]]
"""Of each left place, the likeliest first."""


@dataclass
class Proposals:
    """What the scorer proposes.

    Attributes:
        decisions: of all places asked for; of those in doubt, that they are uncertain.
        doubts: places in the uncertain band.
    """

    decisions: dict[str, Decision] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def candidates_by_left(table: pa.Table) -> dict[str, tuple[Candidate, ...]]:
    """The rows of a table of candidates (``left``, ``right``, ``probability``, ``metres``)."""
    found: dict[str, list[Candidate]] = {}
    names = (columns.LEFT, columns.RIGHT, columns.PROBABILITY, columns.METRES)
    for left, right, probability, metres in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        known = metres if metres is not None and metres == metres else None  # no NaN
        found.setdefault(left, []).append(Candidate(right, probability, known))
    return {
        left: tuple(sorted(some, key=lambda each: (-each.probability, each.right)))
        for left, some in found.items()
    }


def propose(
    mapped: pa.Table,
    candidates: Candidates,
    lefts: Collection[str],
    words: Mapping[str, Word],
    *,
    least: float,
    scorer: str,
) -> Proposals:
    """Proposals for some places of a mapping by the scorer.

    A place whose pair people refused is in doubt again while it has other likely candidates.

    Args:
        mapped: as :func:`nadeuri.match.mapping.map_places` gives it.
        lefts: the places to propose for.
        words: the last ones of people; who has a place's match from a person is not in doubt.
        least: the probability below which the scorer rejects a pair.
        scorer: name of its version, for the record.
    """
    proposals = Proposals()
    names = (columns.LEFT, columns.RIGHT, columns.PROBABILITY, columns.DECISION)
    for left, right, probability, decision in zip(
        *(mapped[name].to_pylist() for name in names), strict=True
    ):
        if left not in lefts:
            continue
        word = words.get(left, Word())
        left_over = tuple(
            each for each in candidates.get(left, ()) if each.right not in word.barred
        )
        if right in word.barred:
            best = next(iter(left_over), None)
            is_likely = best is not None and best.probability >= least
            decision = columns.ASK if is_likely else columns.NONE
            right, probability = (best.right, best.probability) if best else (None, None)
        relation = {columns.ACCEPT: columns.SAME, columns.ASK: None}.get(
            decision, columns.DIFFERENT
        )
        proposals.decisions[left] = Decision(
            left, right, decision, relation, _rounded(probability), columns.SCORER, model=scorer
        )
        if decision == columns.ASK and word.same is None:
            proposals.doubts.append(Doubt(left, left_over))
    return proposals


def by_judge(verdict: Verdict, candidates: Candidates, model: str) -> Decision:
    """The decision that a language model's verdict makes."""
    probabilities = {each.right: each.probability for each in candidates.get(verdict.left, ())}
    return Decision(
        verdict.left,
        verdict.right,
        columns.ACCEPT if verdict.relation == columns.SAME else columns.NONE,
        verdict.relation,
        _rounded(probabilities.get(verdict.right or "")),
        columns.LLM,
        model=model,
        prompt=" ".join(f"{each.step}:{each.prompt}" for each in verdict.said) or None,
    )


def affected(
    contents: Mapping[str, str],
    seen: Mapping[str, str],
    held: Mapping[str, Decision],
    changed_rights: Collection[str],
    rights: Collection[str],
    candidates: Candidates,
    words: Mapping[str, Word],
    asked: Collection[str],
) -> set[str]:
    """Left places that a run over what is new or changed has to decide about.

    They are new or changed themselves, or their match is; or they have none, and a place that is
    new or changed may be it; or people would be asked about a place that is gone, or are not asked
    although it is uncertain, or said otherwise (as after a rollback).

    Args:
        contents, seen: what left places are like now, and were when they were decided on.
        held: their decisions.
        changed_rights: right places that are new or changed.
        rights: all of them.
        candidates: of all left places.
        words: the last ones of people.
        asked: left places that people are asked about.
    """
    found = set()
    for left, content in contents.items():
        decision = held.get(left)
        if (
            decision is None
            or seen.get(left) != content
            or _is_unheeded(decision, words.get(left))
            or (
                decision.decision == columns.ASK
                and (left not in asked or decision.right not in rights)
            )
        ):
            found.add(left)
        elif decision.source == columns.PERSON and (
            not decision.is_mapped or decision.right in rights
        ):
            continue
        elif decision.is_mapped:
            if decision.right in changed_rights or decision.right not in rights:
                found.add(left)
        elif any(
            each.right in changed_rights and each.probability >= LEAST_PROBABILITY
            for each in candidates.get(left, ())
        ):
            found.add(left)
    return found


def _is_unheeded(decision: Decision, word: Word | None) -> bool:
    """Whether people said something else last."""
    if word is None:
        return False
    if word.same is not None:
        return decision != person_decision(decision.left, word.same)
    return decision.is_mapped and decision.right in word.barred


def _rounded(probability: float | None) -> float | None:
    """As it is kept: more digits would make a new version of every run on another machine."""
    return None if probability is None or probability != probability else round(probability, 6)
