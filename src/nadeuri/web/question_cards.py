"""A question that was understood as HTML; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from zlib import crc32

from nadeuri.understand.labels import INTENT_SEPARATOR, load_scheme
from nadeuri.web.question_types import Entity, Intent, Understood
from nadeuri.web.question_words import percent, sureness, value_words

_HUES = (214, 24, 145, 330, 275, 190, 48, 100, 350, 80, 245, 168, 300)
"""Of the labels in the order of the scheme; each is told in words, too."""
_NONE = '<span class="nd-unknown">없음</span>'
_HEADS = ("원문", "뜻", "값", "연결", "확신")


def sentence_html(understood: Understood) -> str:
    """The question with what it names marked, each with its label."""
    told = "".join(
        _text(part) if isinstance(part, str) else _mark(understood.text, part)
        for part in _parts(understood)
    )
    return f'<p class="nd-sentence" dir="auto">{told}</p>'


def intent_html(intent: Intent | None) -> str:
    """What the traveller wants, and how sure that is."""
    if intent is None:
        return '<p class="nd-lead">읽을 수 있는 말이 없어서 의도를 알 수 없어요.</p>'
    names = intent.name.split(INTENT_SEPARATOR)
    told = "".join(
        f"<p>지침: {escape(words)}</p>" for name in names if (words := _definitions().get(name))
    )
    return (
        f'<div class="nd-intent"><h2>{escape(_clean(" · ".join(names)))}</h2>{told}'
        f'<div class="nd-meter" role="meter" aria-label="의도의 확신" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{int(100 * intent.confidence)}">'
        f'<span style="width: {intent.confidence:.1%}"></span></div>'
        f"<p>{percent(intent.confidence)} · {sureness(intent.confidence)}</p></div>"
    )


def entities_html(understood: Understood) -> str:
    """What was found, a row each: as written, its label, value, link and confidence."""
    rows = "".join(_row(understood.text, entity) for entity in _sound(understood))
    heads = "".join(f'<th role="columnheader" scope="col">{head}</th>' for head in _HEADS)
    return (
        '<table class="nd-entities" role="table"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def has_entities(understood: Understood) -> bool:
    """Whether there is anything to mark."""
    return bool(_sound(understood))


def _sound(understood: Understood) -> list[Entity]:
    """The entities that lie in the text, one behind the other; others cannot be shown."""
    last, sound = 0, []
    for entity in sorted(understood.entities, key=lambda each: each.start):
        if last <= entity.start < entity.end <= len(understood.text):
            sound.append(entity)
            last = entity.end
    return sound


def _parts(understood: Understood) -> Iterator[str | Entity]:
    last = 0
    for entity in _sound(understood):
        yield understood.text[last : entity.start]
        yield entity
        last = entity.end
    yield understood.text[last:]


def _mark(text: str, entity: Entity) -> str:
    label = escape(_clean(entity.label))
    return (
        f'<mark class="nd-entity" style="--nd-hue: {_hue(entity.label)}" '
        f'title="{label} · 확신 {percent(entity.confidence)}">'
        f"<bdi>{_text(text[entity.start : entity.end])}</bdi><small>{label}</small></mark>"
    )


def _row(text: str, entity: Entity) -> str:
    label = escape(_clean(entity.label))
    link = entity.link
    linked = "" if link is None else escape(_clean(link.name))
    if link is not None and link.code:
        linked = f"<span>{linked} <code>{escape(_clean(link.code))}</code></span>"
    cells: Sequence[str] = (
        f"<bdi>{_text(text[entity.start : entity.end])}</bdi>",
        f'<span class="nd-tag nd-entity" style="--nd-hue: {_hue(entity.label)}">{label}</span>',
        escape(value_words(entity.value)) or _NONE,
        linked or _NONE,
        percent(entity.confidence),
    )
    told = "".join(
        f'<td role="cell" data-head="{head}">{cell}</td>'
        for head, cell in zip(_HEADS, cells, strict=True)
    )
    return f'<tr role="row">{told}</tr>'


def _hue(label: str) -> int:
    """Of a colour wheel: one that is near to no other label's, as long as the scheme knows it."""
    labels = load_labels()
    number = labels.index(label) if label in labels else crc32(_clean(label).encode())
    return _HUES[number % len(_HUES)]


@cache
def load_labels() -> tuple[str, ...]:
    """The labels of the shipped scheme, in its order."""
    return load_scheme().labels


@cache
def _definitions() -> dict[str, str]:
    return {intent.name: intent.definition for intent in load_scheme().intents}


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """Without halves of characters, which no page can be sent."""
    return text.encode("utf-8", "replace").decode()
