"""The cascade over doubtful places: choose among the candidates, then verify the chosen one.

Nothing is remembered here. A step looks up the answers that there are, and says which places are
judged and which questions are still open; the same places and prompts give the same questions. So
the cascade can be broken off anywhere and taken up by another process days later.

References: ComEM (Wang et al., "Match, Compare, or Select?", COLING 2025) for the selection among
ordered candidates; the mission's reference pipeline for the check of the one that was selected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nadeuri import columns
from nadeuri.match.judge.answers import LABELS, read_choice, read_relation
from nadeuri.match.judge.prompts import Place, Step, prompt_version
from nadeuri.match.judge.questions import VERIFIED, Mode, Question, Questions

MOST_CANDIDATES = len(LABELS)
LEAST_PROBABILITY = 0.01
"""Candidates below it are not shown, unless all are."""

Answers = Callable[[Collection[str]], Mapping[str, str]]
"""Texts of the answers that there are, by ``custom_id``."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place of the right table that may be the same.

    Attributes:
        probability: calibrated, by the scorer.
        metres: to the place; None where one of them has no coordinates.
    """

    right: str
    probability: float
    metres: float | None = None


@dataclass(frozen=True)
class Doubt:
    """A place that is to be judged, and its candidates, the likeliest first."""

    left: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Said:
    """One answer of the model, for the reviewer and the record.

    Attributes:
        right: of the pair, or the chosen one; None for none of the candidates.
        relation: of ``columns.RELATIONS``; None of a selection.
    """

    step: Step
    prompt: str
    right: str | None
    relation: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What the model decided about a place.

    Attributes:
        right: the same place if ``relation`` is so; else the one that was looked at last, if any.
        said: the answers behind it.
    """

    left: str
    right: str | None
    relation: str
    said: tuple[Said, ...]


@dataclass
class Progress:
    """Where the cascade stands.

    Attributes:
        verdicts: by left place.
        open: questions without an answer, by left place.
        unusable: left places whose last answer is none of those allowed, and what it was.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    open: dict[str, Question] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)


def step(
    doubts: Iterable[Doubt],
    questions: Questions,
    left: Callable[[str], Place],
    right: Callable[[str], Place],
    answers: Answers,
) -> Progress:
    """See how far the answers that there are lead.

    A place with one candidate needs no selection. One without candidates has no match.

    Args:
        left, right: rows of the two tables by id.
        answers: looks up what has been answered, in this process or any other.
    """
    progress = Progress()
    chosen: dict[str, _Chosen] = {}
    several: dict[str, tuple[Candidate, ...]] = {}
    for doubt in doubts:
        candidates = shown_candidates(doubt.candidates)
        if len(candidates) > 1:
            several[doubt.left] = candidates
        elif candidates:
            chosen[doubt.left] = _Chosen(candidates[0])
        else:
            progress.verdicts[doubt.left] = Verdict(doubt.left, None, columns.DIFFERENT, ())
    selections = {
        place: questions.select(left(place), [(right(each.right), each.metres) for each in some])
        for place, some in several.items()
    }
    for place, text in _answered(selections, answers, progress):
        _take_choice(place, several[place], text, chosen, progress)
    verifications = {
        place: questions.verify(left(place), right(each.candidate.right), each.candidate.metres)
        for place, each in chosen.items()
    }
    for place, text in _answered(verifications, answers, progress):
        _take_relation(place, chosen[place], questions.mode, text, progress)
    return progress


def shown_candidates(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that a model is shown, the likeliest first."""
    ordered = sorted(candidates, key=lambda each: (-each.probability, each.right))
    likely = [each for each in ordered if each.probability >= LEAST_PROBABILITY] or ordered[:1]
    return tuple(likely[:MOST_CANDIDATES])


@dataclass(frozen=True)
class _Chosen:
    """The candidate to verify, and the answers that led to it."""

    candidate: Candidate
    said: tuple[Said, ...] = ()


def _take_choice(
    place: str,
    candidates: Sequence[Candidate],
    text: str,
    chosen: dict[str, _Chosen],
    progress: Progress,
) -> None:
    by_right = {each.right: each for each in candidates}
    try:
        choice = read_choice(text, list(by_right))
    except ValueError as error:
        progress.unusable[place] = str(error)
        return
    said = Said("select", prompt_version("select"), choice)
    if choice is None:
        progress.verdicts[place] = Verdict(place, None, columns.DIFFERENT, (said,))
    else:
        chosen[place] = _Chosen(by_right[choice], (said,))


def _take_relation(place: str, chosen: _Chosen, mode: Mode, text: str, progress: Progress) -> None:
    try:
        relation = read_relation(text, VERIFIED[mode])
    except ValueError as error:
        progress.unusable[place] = str(error)
        return
    right = chosen.candidate.right
    said = Said(mode, prompt_version(mode), right, relation)
    progress.verdicts[place] = Verdict(place, right, relation, (*chosen.said, said))


def _answered(
    asked: Mapping[str, Question], answers: Answers, progress: Progress
) -> list[tuple[str, str]]:
    """Places whose question is answered, with the answer; the others stay open."""
    texts = answers([question.request.custom_id for question in asked.values()])
    answered = []
    for place, question in asked.items():
        text = texts.get(question.request.custom_id)
        if text is None:
            progress.open[place] = question
        else:
            answered.append((place, text))
    return answered
