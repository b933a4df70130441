"""The guide: a graph of nodes from a question to an answer, with a memory of each conversation.

understand -> candidates -> second -> top_up -> select -> answer
              (nothing fits: relax) -------------------->
           -> statistic -------------------------------->
           -> (a question back, small talk) ------------>
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast

from langgraph.graph import END, START, StateGraph

from nadeuri.guide.answer import Answer, Progress, Turn
from nadeuri.guide.memory import Memory
from nadeuri.guide.meter import DEFAULT_TOKENS, Meter
from nadeuri.guide.neighbours import N_CANDIDATES
from nadeuri.guide.nodes.candidates import CANDIDATES, find_candidates
from nadeuri.guide.nodes.choose import SELECT, choose
from nadeuri.guide.nodes.node import Context, traced
from nadeuri.guide.nodes.relax import RELAX, look_without
from nadeuri.guide.nodes.respond import ANSWER, respond
from nadeuri.guide.nodes.second import SECOND, TOP_UP, choose_by_reviews, fill_up
from nadeuri.guide.nodes.statistic import STATISTIC, answer_by_graph
from nadeuri.guide.nodes.understand import UNDERSTAND, understand
from nadeuri.guide.parts import Parts, Vectors, open_parts, open_vectors
from nadeuri.guide.rules.entities import EntityReader
from nadeuri.guide.rules.text import MAX_READ
from nadeuri.guide.state import State
from nadeuri.guide.store import Closing
from nadeuri.llm import LanguageModel

JEJU = timezone(timedelta(hours=9))


def now_in_jeju() -> datetime:
    """The time on a Jeju clock, wherever the server is."""
    return datetime.now(JEJU)


@dataclass(frozen=True)
class Options:
    """How a guide answers.

    Attributes:
        model: a language model; every step has a default without one.
        entities: a question model that adds what the rules miss.
        writes_cypher: whether the language model may look for places with Cypher of its own.
        max_tokens: that a turn may spend on the language model.
        clock: what 지금 is.
    """

    model: LanguageModel | None = None
    entities: EntityReader | None = None
    writes_cypher: bool = False
    max_tokens: int = DEFAULT_TOKENS
    clock: Callable[[], datetime] = now_in_jeju


def open_guide(
    folder: Path,
    *,
    memory: Path | None = None,
    model: LanguageModel | None = None,
    entities: EntityReader | None = None,
    clock: Callable[[], datetime] = now_in_jeju,
    writes_cypher: bool = False,
    max_tokens: int = DEFAULT_TOKENS,
    vectors: Vectors | None = None,
) -> Guide:
    """A guide to the places in ``folder``: ``places.graph``, ``reviews`` and ``places``.

    Args:
        memory: SQLite file of the conversations; None to forget them when the guide is closed.
        vectors: those of :func:`nadeuri.guide.parts.open_vectors`; by default all of the folder.
        model, entities, clock, writes_cypher, max_tokens: see :class:`Options`.

    Raises:
        GraphError: there is no graph.
        ArtifactError: vectors are missing, damaged, or made by another encoder.
        DataError: the memory cannot be opened.
    """
    vectors = vectors or open_vectors(folder)
    with ExitStack() as opened:
        parts = opened.enter_context(open_parts(folder, vectors))
        kept = opened.enter_context(Memory(memory))
        opened.pop_all()
    return Guide(parts, kept, Options(model, entities, writes_cypher, max_tokens, clock))


class Guide(Closing):
    """Answers questions; may be used from several threads. Make one with :func:`open_guide`."""

    def __init__(self, parts: Parts, memory: Memory, options: Options) -> None:
        """Both ``parts`` and ``memory`` are closed with the guide."""
        self._parts = parts
        self._memory = memory
        self._options = options
        self._graph = _graph(tops_up=parts.vectors.neighbours is not None).compile(
            checkpointer=memory.saver
        )

    def close(self) -> None:
        """Let go of the graph and the memory."""
        self._parts.close()
        self._memory.close()

    def ask(self, question: str, *, thread: str) -> Answer:
        """The answer to a question; see :meth:`stream`."""
        for told in self.stream(question, thread=thread):
            if isinstance(told, Answer):
                return told
        raise AssertionError("a stream ends with an answer")

    def stream(self, question: str, *, thread: str) -> Iterator[Progress | Answer]:
        """What is being done, step by step, and at last the answer.

        Nothing is remembered of a question whose stream is not read to its end.

        Args:
            question: any text; only the first :data:`MAX_READ` characters are read.
            thread: name of the conversation: letters, digits, dots, hyphens, underscores.

        Raises:
            QueryError: ``thread`` is no name, or its question before takes too long.
            GraphError: the graph cannot be asked.
        """
        options = self._options
        context = Context(
            self._parts,
            options.clock(),
            Meter(options.model, options.max_tokens),
            options.entities,
            options.writes_cypher,
        )
        begin: State = {"question": _readable(question), "answer": None, "steps": [], "queries": []}
        last: State = begin
        with self._memory.turn(thread) as config:
            for mode, told in self._graph.stream(
                begin,
                config,
                context=context,
                stream_mode=["custom", "values"],
                durability="exit",  # one checkpoint for each turn
            ):
                if mode == "custom":
                    yield Progress.model_validate(told)
                else:
                    last = cast(State, told)
        yield Answer.model_validate(last["answer"])

    def history(self, thread: str) -> list[Turn]:
        """Questions and answers of a conversation, the oldest first.

        Raises:
            QueryError: ``thread`` is no name.
        """
        return self._memory.turns(thread)

    def forget(self, thread: str) -> None:
        """Remove a conversation.

        Raises:
            QueryError: ``thread`` is no name, or a question in it is being answered.
        """
        self._memory.forget(thread)


def _graph(*, tops_up: bool) -> StateGraph[State, Context]:
    graph: StateGraph[State, Context] = StateGraph(State, context_schema=Context)
    graph.add_node(UNDERSTAND, traced(UNDERSTAND, understand))
    graph.add_node(CANDIDATES, traced(CANDIDATES, find_candidates))
    graph.add_node(SECOND, traced(SECOND, choose_by_reviews))
    graph.add_node(SELECT, traced(SELECT, choose))
    graph.add_node(RELAX, traced(RELAX, look_without))
    graph.add_node(STATISTIC, traced(STATISTIC, answer_by_graph))
    graph.add_node(ANSWER, respond)
    graph.add_edge(START, UNDERSTAND)
    graph.add_conditional_edges(UNDERSTAND, _by_intent, [CANDIDATES, STATISTIC, ANSWER])
    graph.add_conditional_edges(CANDIDATES, _if_found, [SECOND, RELAX])
    if tops_up:
        graph.add_node(TOP_UP, traced(TOP_UP, fill_up))
        graph.add_conditional_edges(SECOND, _if_short, [TOP_UP, SELECT])
        graph.add_edge(TOP_UP, SELECT)
    else:
        graph.add_edge(SECOND, SELECT)
    graph.add_conditional_edges(SELECT, _if_chosen, [ANSWER, RELAX])
    graph.add_edge(RELAX, ANSWER)
    graph.add_edge(STATISTIC, ANSWER)
    graph.add_edge(ANSWER, END)
    return graph


def _by_intent(state: State) -> str:
    plan = state["plan"]
    intent = "answer" if plan is None else plan.get("intent", "recommend")
    return {"recommend": CANDIDATES, "statistic": STATISTIC}.get(intent, ANSWER)


def _if_found(state: State) -> str:
    return SECOND if state["rows"] else RELAX


def _if_short(state: State) -> str:
    return TOP_UP if len(state["chosen"]) < N_CANDIDATES else SELECT


def _if_chosen(state: State) -> str:
    return ANSWER if state["cards"] else RELAX


def _readable(question: str) -> str:
    """What is read and kept of a question; half characters, which no encoding knows, become ?."""
    whole = question[: MAX_READ + 1].encode("utf-8", errors="replace").decode()
    return f"{whole[:MAX_READ]}…" if len(whole) > MAX_READ else whole
