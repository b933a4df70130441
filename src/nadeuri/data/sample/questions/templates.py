"""The hand-written templates and phrases, and which part of the split a template belongs to."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nadeuri import columns
from nadeuri.data.sample.questions.grammar import Pattern, parse
from nadeuri.data.sample.questions.places import ABROAD, AT_HOME
from nadeuri.errors import DataError

TRAIN, VALID, TEST = "train", "valid", "test"
PARTS = (TRAIN, VALID, TEST)

_PART_OF_TEMPLATE = (TRAIN, TRAIN, TEST, TRAIN, VALID, TRAIN, TEST)  # by number, over and over


@dataclass(frozen=True)
class Template:
    """One hand-written template.

    Attributes:
        id: the group of the questions made from it.
        intent: label of all of them.
        scope: ``해외`` or ``국내`` where it makes sense there alone.
        part: of the split; no template is in two.
        pattern: parsed text.
    """

    id: str
    intent: str
    scope: str
    part: str
    pattern: Pattern


@cache
def load_templates() -> tuple[Template, ...]:
    """All templates of ``templates.tsv``.

    Raises:
        DataError: a template cannot be parsed, or its intent or scope is unknown.
    """
    phrases = load_phrases()
    numbers = dict.fromkeys(columns.INTENTS, 0)
    templates = []
    for row in _read("templates.tsv"):
        intent, scope, text = row["intent"], row["scope"], row["template"]
        if intent not in numbers or scope not in ("", ABROAD, AT_HOME):
            raise DataError(f"templates.tsv: {text!r}: no intent {intent!r} or scope {scope!r}")
        part = _PART_OF_TEMPLATE[numbers[intent] % len(_PART_OF_TEMPLATE)]
        numbers[intent] += 1
        name = f"{intent.replace(' ', '')}-{numbers[intent]:03}"
        templates.append(Template(name, intent, scope, part, parse(text, phrases)))
    return tuple(templates)


@cache
def load_phrases() -> dict[str, Pattern]:
    """Phrases of ``phrases.tsv`` by name; one may use those above it."""
    phrases: dict[str, Pattern] = {}
    for row in _read("phrases.tsv"):
        phrases[row["phrase"]] = parse(row["text"], phrases)
    return phrases


def _read(name: str) -> list[dict[str, str]]:
    resource = files("nadeuri.data.sample.questions").joinpath(name)
    with resource.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
