"""LLM-written queries: few valid ones are refused, and none passes with a write in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.schemas import read_schemas
from guide.text2cypher import judge_queries, read_queries, with_writes
from nadeuri.guide.guard import refusals

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "guide" / "text2cypher"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data is absent"),
]

MAX_REFUSED = 0.02
AGAINST_THE_SCHEMA = {refusals.IMPOSSIBLE_PATTERN, refusals.UNKNOWN_PROPERTY}
"""The data set's flags do not judge these."""


def test_few_valid_queries_are_refused() -> None:
    verdicts = judge_queries(read_queries(FOLDER), read_schemas(FOLDER / "text2cypher_schemas.csv"))
    reasons = verdicts.by_reason()
    assert verdicts.n > 4_000
    assert verdicts.refused_share < MAX_REFUSED
    rightly = sum(reasons[reason] for reason in AGAINST_THE_SCHEMA)
    assert (reasons.total() - rightly) / verdicts.n < MAX_REFUSED / 4
    assert reasons[refusals.UNPARSABLE] <= 1


def test_no_query_passes_with_a_write_in_it() -> None:
    queries = with_writes(read_queries(FOLDER)[::5])  # the benchmark tries all
    verdicts = judge_queries(queries, read_schemas(FOLDER / "text2cypher_schemas.csv"))
    assert verdicts.n > 3_000
    assert verdicts.passed == 0
