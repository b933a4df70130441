"""From what models propose to a mapping: people's word wins, and no right place is given twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from nadeuri import columns
from nadeuri.match.store.labels import Label, Word
from nadeuri.match.store.versions import Decision


@dataclass(frozen=True)
class Settled:
    """What became of proposals.

    Attributes:
        decisions: of the places that were proposed for, and of those that had to give way.
        contested: places that lost their match to another, and to which: a person has to say.
    """

    decisions: dict[str, Decision]
    contested: dict[str, str]


def settle(
    proposed: Mapping[str, Decision],
    held: Mapping[str, Decision],
    words: Mapping[str, Word],
    *,
    undecided: Collection[str] = (),
) -> Settled:
    """Put people's word over the proposals, and give every right place to one left place.

    Of several left places that claim one right place, the one of which a person said so keeps it;
    else the one that has it in the mapping already; else the likelier; else the first by its id.

    Args:
        proposed: for places that are decided about now.
        held: of all other places in the mapping.
        words: the last ones of people.
        undecided: places that people are still being asked about although they refused a pair.
    """
    decisions = {
        left: _by_person(decision, words.get(left), is_open=left in undecided)
        for left, decision in proposed.items()
    }
    standing = held.keys() - proposed.keys()
    claims: dict[str, list[Decision]] = {}
    for each in [*decisions.values(), *(held[left] for left in standing)]:
        if each.is_mapped and each.right is not None:
            claims.setdefault(each.right, []).append(each)
    contested = {}
    for claimants in claims.values():
        first, *others = sorted(claimants, key=lambda each: _strength(each, words, standing))
        for other in others:
            decisions[other.left] = replace(other, decision=columns.ASK, relation=None, decided="")
            contested[other.left] = first.left
    return Settled(decisions, contested)


def person_decision(left: str, label: Label) -> Decision:
    """The decision that a person's statement about a pair makes, where nothing else is open."""
    return Decision(
        left,
        label.right,
        columns.ACCEPT if label.relation == columns.SAME else columns.NONE,
        label.relation,
        None,
        columns.PERSON,
        reviewer=label.reviewer,
        decided=label.decided,
    )


def _by_person(decision: Decision, word: Word | None, *, is_open: bool) -> Decision:
    """What becomes of a proposal under the last word of people on its place."""
    if word is None:
        return decision
    if word.same is not None:
        return person_decision(decision.left, word.same)
    refused = word.barred.get(decision.right or "")
    if refused is None or decision.decision == columns.NONE:
        return decision
    if is_open:
        return replace(decision, decision=columns.ASK, relation=None, decided="")
    return person_decision(decision.left, refused)


def _strength(
    decision: Decision, words: Mapping[str, Word], held: Collection[str]
) -> tuple[bool, bool, float, str]:
    """Sorts claims on one place, the strongest first."""
    word = words.get(decision.left, Word())
    return (
        word.same is None or word.same.right != decision.right,
        decision.left not in held,
        -(decision.probability or 0.0),
        decision.left,
    )
