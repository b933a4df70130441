"""The label scheme: definitions, examples and boundary rules of entity labels and intents.

The shipped scheme is ``labels.toml`` beside this module; a company may bring its own. Examples are
fully labelled sentences in KLUE's notation, ``<일본:국가> 패키지 추천해줘``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nadeuri.data.questions import Question, Span
from nadeuri.errors import ConfigError

INTENT_SEPARATOR = "#"
"""Between the intents of a question that has several (``atis_flight#atis_airfare``)."""

_MARK = re.compile(r"<([^<>:]+):([^<>:]+)>")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CounterExample(_Table):
    """A sentence that a labeller might get wrong.

    Attributes:
        text: as it is labelled rightly.
        because: why the label or intent does not apply.
    """

    text: str
    because: str


class EntityLabel(_Table):
    """An entity label.

    Attributes:
        name: as it is stored.
        definition: what it marks.
        boundaries: rules on where a mark begins and ends.
        positive: sentences with such an entity.
        negative: sentences without one that look as if they had.
    """

    name: str = Field(min_length=1)
    definition: str
    boundaries: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    negative: tuple[CounterExample, ...] = ()


class Intent(_Table):
    """An intent; ``positive`` are questions with it, ``negative`` look alike and have another."""

    name: str = Field(min_length=1)
    definition: str
    positive: tuple[str, ...] = ()
    negative: tuple[CounterExample, ...] = ()


class Scheme(_Table):
    """A label scheme.

    Attributes:
        boundaries: rules for the marks of all labels.
        entities: the entity labels, in the order of menus and reports.
        intents: the intents, likewise.
    """

    boundaries: tuple[str, ...] = ()
    entities: tuple[EntityLabel, ...] = Field(alias="entity")
    intents: tuple[Intent, ...] = Field(alias="intent", default=())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the entity labels."""
        return tuple(entity.name for entity in self.entities)

    @cached_property
    def intent_names(self) -> tuple[str, ...]:
        """Names of the intents."""
        return tuple(intent.name for intent in self.intents)

    def check(self, question: Question) -> list[str]:
        """What a question has that the scheme lacks, in words; empty if nothing."""
        unknown = dict.fromkeys(label for _, _, label in question.spans if label not in self.labels)
        wrong = [f"unknown label {label!r}" for label in unknown]
        intents = question.intent.split(INTENT_SEPARATOR) if question.intent else []
        wrong += [f"unknown intent {name!r}" for name in intents if name not in self.intent_names]
        return wrong

    def examples(self) -> Iterator[str]:
        """Every example and counter-example."""
        entries: tuple[EntityLabel | Intent, ...] = (*self.entities, *self.intents)
        for entry in entries:
            yield from entry.positive
            yield from (counter.text for counter in entry.negative)

    @model_validator(mode="after")
    def _consistent(self) -> Scheme:
        for names in (self.labels, self.intent_names):
            if repeated := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
                raise ValueError(f"{repeated[0]!r} is defined twice")
        if marked := [name for name in self.intent_names if INTENT_SEPARATOR in name]:
            raise ValueError(f"{marked[0]!r}: no {INTENT_SEPARATOR!r} in the name of an intent")
        for example in self.examples():
            if wrong := self.check(parse_marked(example, id="example")):
                raise ValueError(f"{example!r}: {wrong[0]}")
        for entity in self.entities:
            for text, expected in (
                *((text, True) for text in entity.positive),
                *((counter.text, False) for counter in entity.negative),
            ):
                found = {span.label for span in parse_marked(text, id="example").spans}
                if (entity.name in found) != expected:
                    verb = "marks no" if expected else "is a counter-example but marks"
                    raise ValueError(f"{text!r} {verb} {entity.name}")
        return self


def load_scheme(path: Path | None = None) -> Scheme:
    """Read a scheme; the shipped one without a path.

    Raises:
        ConfigError: not such a file (the field is named).
    """
    file = path or resources.files("nadeuri.understand") / "labels.toml"
    try:
        text = file.read_text(encoding="utf-8")
        return Scheme.model_validate(tomllib.loads(text))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not TOML in UTF-8 ({error})") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(part) for part in wrong["loc"]) or "scheme"
        raise ConfigError(f"{file}: {where}: {wrong['msg']}") from error


def parse_marked(marked: str, *, id: str, intent: str | None = None) -> Question:
    """``"<일본:국가> 패키지"`` as a question with a span."""
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[1]), mark[2]))
        text += mark[1]
        last = mark.end()
    return Question(id=id, text=text + marked[last:], spans=tuple(spans), intent=intent)


def guideline(scheme: Scheme) -> str:
    """The scheme as Markdown for the people who label."""
    parts = ["## 공통 규칙\n", _listed(scheme.boundaries), "## 개체 라벨\n"]
    for entity in scheme.entities:
        parts += [f"### {entity.name}\n", f"{entity.definition}\n"]
        parts += [_listed(entity.boundaries)] if entity.boundaries else []
        parts += _examples(entity)
    parts.append("## 의도\n")
    for intent in scheme.intents:
        parts += [f"### {intent.name}\n", f"{intent.definition}\n", *_examples(intent)]
    return "\n".join(parts)


def _examples(entry: EntityLabel | Intent) -> list[str]:
    wrong = (f"`{counter.text}`: {counter.because}" for counter in entry.negative)
    return [
        "맞는 예\n",
        _listed(f"`{text}`" for text in entry.positive),
        "아닌 예\n",
        _listed(wrong),
    ]


def _listed(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)
