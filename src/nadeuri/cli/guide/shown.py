"""An answer of the guide as a terminal shows it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.guide.answer import Answer, Card

_INDENT = "   "
_LINE = 60  # characters; Korean ones take two columns


def answer_text(answer: Answer) -> str:
    """What is said, the cards, and the answers that may be chosen."""
    parts = [answer.text]
    parts += (_card(number, card) for number, card in enumerate(answer.cards, start=1))
    if answer.choices:
        parts.append("\n".join(f"- {choice}" for choice in answer.choices))
    return "\n\n".join(parts)


def trace_text(answer: Answer) -> str:
    """The plan, the queries, and what each step took."""
    parts = []
    if answer.plan is not None:
        parts.append(f"plan: {answer.plan.model_dump_json(exclude_defaults=True)}")
    for query in answer.queries:
        parts.append(f"{query.cypher}\n-- {query.parameters}")
    steps = [(step.name, f"{step.ms:.1f}", step.by, "; ".join(step.notes)) for step in answer.steps]
    parts.append(format_table(("step", "ms", "by", "notes"), steps))
    if answer.usage.calls:
        used = answer.usage
        parts.append(
            f"language model: {used.calls} calls, {used.prompt_tokens:,} tokens of prompts, "
            f"{used.completion_tokens:,} of answers"
        )
    return "\n\n".join(parts)


def _card(number: int, card: Card) -> str:
    return "\n".join([f"{number}. {card.name} ({card.category})", *_lines(card)])


def _lines(card: Card) -> Iterator[str]:
    yield from textwrap.wrap(card.reason, _LINE, initial_indent=_INDENT, subsequent_indent=_INDENT)
    if card.rating is not None:
        yield f"{_INDENT}평점 {card.rating:.1f} · 후기 {card.n_reviews:,}개"
    yield f"{_INDENT}{card.address}"
    if card.hours:
        yield f"{_INDENT}{card.hours}"
    if card.menus:
        dishes = (
            f"{dish.name} {dish.price:,}원" if dish.price is not None else dish.name
            for dish in card.menus
        )
        yield from textwrap.wrap(
            ", ".join(dishes), _LINE, initial_indent=_INDENT, subsequent_indent=_INDENT
        )
    for quote in card.reviews:
        yield f"{_INDENT}“{quote.text}” ({quote.source}, {quote.date})"
