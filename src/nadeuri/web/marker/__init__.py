"""The component that marks entities in a question: what it is given, and what a person said in it.

Streamlit has no way to select text. The scripts beside this module are one ES module in parts, put
together here; the style sheet is the component's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import streamlit as st
from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.understand.labels import EntityLabel, Intent, Scheme, parse_marked
from nadeuri.web.label_types import LabelReason, MarkedSpan, Suggestion, Task

Segments = list[list[str | None]]
"""A sentence in pieces: ``[text, label]``, the label None where nothing is marked."""

_SCRIPTS = ("text.js", "pieces.js", "picker.js", "view.js", "editor.js")
_HELP = (
    ("← →", "글자 하나 고르기 (질문을 누른 뒤)"),
    ("Ctrl ← →", "낱말 하나 고르기"),
    ("⇧ ← →", "더 길게, 더 짧게"),
    ("1 2 3 …", "고른 글자에 라벨 붙이기"),
    ("⇧1 ⇧2 …", "의도 고르기"),
    ("A", "제안 모두 받기"),
    ("Delete", "고른 표시 지우기"),
    ("Z", "되돌리기"),
    ("Enter", "저장하고 다음"),
    ("S", "건너뛰기"),
    ("B", "이전 질문"),
    ("Esc", "고른 것 풀기"),
)


class Said(BaseModel):
    """What a person did in the component.

    Attributes:
        action: what is wanted.
        task: the question that was shown.
        spans, intent: of ``save``; offsets in characters (code points).
        reason: of ``skip``.
    """

    model_config = ConfigDict(frozen=True)

    action: Literal["save", "skip", "back"]
    task: str
    spans: tuple[MarkedSpan, ...] = ()
    intent: str | None = None
    reason: LabelReason | None = None


def show_marker(
    key: str,
    scheme: Scheme,
    task: Task,
    *,
    spans: Sequence[MarkedSpan],
    intent: str | None,
    draft: str,
    attempt: int,
    suggestion: Suggestion | None,
    save: str,
    may_skip: bool,
    may_go_back: bool,
    on_said: Callable[[], None],
) -> None:
    """Show a question to be marked; :func:`said_in` has what came of it when ``on_said`` is called.

    Args:
        spans, intent: what it is begun with.
        draft: name of what is begun; where it was begun before, that goes on.
        attempt: another one than before has the person go on after something went wrong.
        save: words on the button that saves.
    """
    _component()(
        key=key,
        data={
            "task": task.task,
            "text": task.text,
            "spans": [span.model_dump() for span in spans],
            "intent": intent,
            "draft": draft,
            "attempt": attempt,
            "suggestion": None if suggestion is None else suggestion.model_dump(),
            "save": save,
            "can_skip": may_skip,
            "can_go_back": may_go_back,
            **_guideline(scheme),
        },
        on_said_change=on_said,
    )


def said_in(key: str) -> Said | None:
    """What a person just did in the component of this key; None of what makes no sense."""
    state: Any = st.session_state.get(key) or {}
    try:
        return Said.model_validate(state.get("said"))
    except ValidationError:
        return None


def segments(marked: str) -> Segments:
    """``"`<일본:국가> 여행`"`` in pieces."""
    question = parse_marked(marked.replace("`", ""), id="example")
    pieces: Segments = []
    last = 0
    for start, end, label in question.spans:
        pieces += [[question.text[last:start], None], [question.text[start:end], label]]
        last = end
    return [*pieces, [question.text[last:], None]]


@cache
def _component() -> Any:
    folder = files(__name__)
    script = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)
    style = folder.joinpath("marker.css").read_text(encoding="utf-8")
    return st.components.v2.component(
        "nadeuri_marker",
        js=script,
        css=style,
        isolate_styles=False,  # no browser but Chromium tells what is selected in a shadow root
    )


def _guideline(scheme: Scheme) -> dict[str, Any]:
    return {
        "rules": [segments(rule) for rule in scheme.boundaries],
        "labels": [_entry(each, each.boundaries) for each in scheme.entities],
        "intents": [_entry(each, ()) for each in scheme.intents],
        "help": _HELP,
    }


def _entry(entry: EntityLabel | Intent, boundaries: Sequence[str]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "definition": segments(entry.definition),
        "boundaries": [segments(line) for line in boundaries],
        "positive": [segments(text) for text in entry.positive],
        "negative": [
            [*segments(counter.text), [f" – {counter.because}", None]] for counter in entry.negative
        ],
    }
