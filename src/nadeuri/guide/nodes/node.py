"""What all nodes have in common: what they are given, what they give back, and the trace."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from nadeuri.guide.answer import Progress, RunQuery, Step
from nadeuri.guide.cypher import Query
from nadeuri.guide.meter import Meter
from nadeuri.guide.parts import Parts
from nadeuri.guide.replies import progress_of
from nadeuri.guide.rules.entities import EntityReader
from nadeuri.guide.state import State
from nadeuri.llm import LanguageModel

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """What the nodes of one turn work with.

    Attributes:
        now: when the question was asked, in Jeju.
        meter: the language model, as far as this turn may still use it.
        entities: a question model that helps the rules.
        writes_cypher: whether the language model may look for places with Cypher of its own.
    """

    parts: Parts
    now: datetime
    meter: Meter
    entities: EntityReader | None = None
    writes_cypher: bool = False

    def model(self) -> tuple[LanguageModel | None, tuple[str, ...]]:
        """The language model, or None and perhaps a note why."""
        return self.meter.model, (self.meter.note,) if self.meter.is_spent else ()


By = Literal["default", "language_model"]
"""Who did a step."""


@dataclass(frozen=True)
class Done:
    """What a node did.

    Attributes:
        changes: to the state.
        by, notes: for the trace.
        queries: that were run.
    """

    changes: State
    by: By = "default"
    notes: tuple[str, ...] = ()
    queries: tuple[Query, ...] = ()


Work = Callable[[State, Context], Done]


class Node(Protocol):
    """What LangGraph runs."""

    def __call__(self, state: State, *, runtime: Runtime[Context]) -> State: ...


def traced(name: str, work: Work) -> Node:
    """``work`` as a node of the graph: it says that it begins, and leaves a step in the trace."""

    def node(state: State, *, runtime: Runtime[Context]) -> State:
        get_stream_writer()(Progress(step=name, text=progress_of(name)).model_dump())
        begun = time.perf_counter()
        done = work(state, runtime.context)
        ms = 1_000 * (time.perf_counter() - begun)
        logger.debug("%s: %.1f ms, by %s; %s", name, ms, done.by, "; ".join(done.notes))
        step = Step(name=name, ms=round(ms, 2), by=done.by, notes=done.notes)
        return {
            **done.changes,
            "steps": [*state["steps"], step.model_dump(mode="json")],
            "queries": [*state["queries"], *map(_shown, done.queries)],
        }

    return node


def _shown(query: Query) -> dict[str, Any]:
    parameters = json.loads(json.dumps(query.parameters, ensure_ascii=False, default=str))
    return RunQuery(cypher=query.cypher, parameters=parameters).model_dump(mode="json")
