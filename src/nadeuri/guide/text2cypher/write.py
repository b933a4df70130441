"""A language model writes the query; the guard judges it; the graph is asked; at most two repairs.

Whatever the model writes is hostile input. What runs is the guard's own text, within limits of
rows and time. Where that leads to nothing, the answer says why and the caller asks the compiled
query instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from nadeuri import columns
from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide.cypher import MOST_CANDIDATES
from nadeuri.guide.guard.check import GuardedQuery, guard
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.plan import Plan
from nadeuri.guide.schema import SCHEMA
from nadeuri.guide.store import GraphReader, Row
from nadeuri.guide.text2cypher.prompt import prompt
from nadeuri.llm import LanguageModel, LanguageModelError, Message

MOST_REPAIRS = 2
DEFAULT_TIMEOUT_S = 3.0

LIMITS = Limits(rows=MOST_CANDIDATES)
_MOST_TEXT = 200  # characters of a parameter
_MOST_SAID = 400  # characters of a fault that the model is told
_MOST_ANSWERED = 200_000  # characters of all rows together: a list of every review is no answer
_SAFE = 2**53  # whole numbers that every database and JSON reader has
_EMPTY = "the query returns no rows; check names, spellings and conditions, and ask for less"
_TOO_MUCH = "the rows are too long; return ids, names and numbers, no lists of texts"
_NO_IDS = f"no column {columns.PLACE_ID}; return p.place_id AS place_id for every place"

_Text = Annotated[str, Field(max_length=_MOST_TEXT)]
_Whole = Annotated[int, Field(ge=-_SAFE, le=_SAFE)]
_Scalar = _Text | bool | _Whole | float
_Value = _Scalar | Annotated[list[_Scalar], Field(max_length=100)]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,30}$")]


class WrittenCypher(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(allow_inf_nan=False)

    cypher: str = Field(max_length=LIMITS.query)
    parameters: dict[_Name, _Value] = Field(default_factory=dict, max_length=30)


@dataclass(frozen=True)
class Written:
    """What came of it.

    Attributes:
        rows: of the graph; none where it is refused.
        cypher: the query that was run, or the last that was not.
        parameters: with it.
        notes: what was wrong with each earlier query, and arrows that were turned.
        refused: why there is no answer; None where there is one.
    """

    rows: tuple[Row, ...]
    cypher: str
    parameters: Mapping[str, JsonValue]
    notes: tuple[str, ...]
    refused: str | None

    @property
    def place_ids(self) -> tuple[str, ...]:
        """Ids that the query returned, each once: claims of the model, not to be trusted."""
        ids = (row.get(columns.PLACE_ID) for row in self.rows)
        return tuple(dict.fromkeys(each for each in ids if isinstance(each, str)))


def write_and_run(
    question: str,
    plan: Plan,
    model: LanguageModel,
    reader: GraphReader,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> Written:
    """Let ``model`` write the query for ``question``, and run it.

    Args:
        plan: what the question was understood as.
        reader: of a graph that cannot be written through it.
        timeout_s: for one query. One that takes longer ends the attempt: the next would, too.
    """
    chat = prompt(question, plan, reader.dialect)
    notes: list[str] = []
    cypher, parameters = "", dict[str, JsonValue]()
    for _ in range(MOST_REPAIRS + 1):
        try:
            answer = model.parse(chat, WrittenCypher)
        except LanguageModelError as error:
            return Written((), cypher, parameters, tuple(notes), str(error))
        cypher = answer.cypher
        parameters = {name: _nfc(value) for name, value in answer.parameters.items()}
        try:
            return _run(cypher, parameters, plan, reader, timeout_s, notes)
        except _FaultError as fault:
            notes.append(str(fault))
            chat = [*chat, *_repair(answer, notes[-1])]
        except QueryTimeoutError as error:
            return Written((), cypher, parameters, tuple(notes), str(error))
    return Written((), cypher, parameters, tuple(notes[:-1]), notes[-1])


class _FaultError(Exception):
    """A query that the model may mend."""


def _run(
    cypher: str,
    parameters: Mapping[str, JsonValue],
    plan: Plan,
    reader: GraphReader,
    timeout_s: float,
    notes: Sequence[str],
) -> Written:
    """What the query finds.

    Raises:
        _FaultError: it may not run, or finds nothing that answers.
        QueryTimeoutError: it takes too long.
    """
    judged = guard(cypher, SCHEMA, parameters=parameters, limits=LIMITS)
    if not isinstance(judged, GuardedQuery):
        raise _FaultError(judged.message)
    used = {name: parameters[name] for name in judged.parameters}
    try:
        rows = reader.query(judged.text, used, timeout_s=timeout_s, limit=LIMITS.rows)
    except QueryTimeoutError:
        raise
    except GraphError as error:
        raise _FaultError(str(error)[:_MOST_SAID]) from error
    if not any(value is not None for row in rows for value in row.values()):
        raise _FaultError(_EMPTY)
    if len(str(rows)) > _MOST_ANSWERED:
        raise _FaultError(_TOO_MUCH)
    written = Written(tuple(rows), judged.text, used, (*notes, *judged.turned), None)
    if plan.intent == "recommend" and not written.place_ids:
        raise _FaultError(_NO_IDS)
    return written


def _repair(answer: WrittenCypher, fault: str) -> list[Message]:
    return [
        {"role": "assistant", "content": answer.model_dump_json()},
        {"role": "user", "content": f"That query was not run or is no answer: {fault}. Mend it."},
    ]


def _nfc(value: _Value) -> JsonValue:
    """Texts in the form in which the graph has them."""
    if isinstance(value, list):
        return [_nfc(each) for each in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
