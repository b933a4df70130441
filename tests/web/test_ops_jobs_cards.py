"""Cards of batch jobs: a state and what became of its results fit together, and data is escaped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nadeuri.web.ops_jobs_cards import job_facts_html, job_html, state_of
from nadeuri.web.ops_types import Job
from nadeuri.web.ops_words import COLLECTIONS, STATES


def job(state: str, collection: str) -> Job:
    return Job(
        id="1",
        batch=None,
        state=state,
        collection=collection,
        is_duplicate=False,
        model="m",
        kinds=(),
        n_requests=1,
        n_answered=0,
        n_failed=0,
        estimated_prompt_tokens=1,
        prompt_tokens=None,
        completion_tokens=None,
        created=datetime(2026, 5, 3, tzinfo=UTC),
        asked=None,
        closed=None,
        reason=None,
        detail=None,
    )


def test_only_the_collection_says_whether_answers_were_taken() -> None:
    assert not [each.meaning for each in STATES.values() if "받" in each.meaning]
    assert "끝내지 못했어요. 결과를 아직 받지 않았어요.</dd>" in job_facts_html(
        job("expired", "pending")
    )


@pytest.mark.parametrize(
    ("collection", "told"), [("collected", COLLECTIONS["collected"]), ("new", "")]
)
def test_an_unknown_state_is_shown_as_it_is(collection: str, told: str) -> None:
    strange = job("<new>", collection)
    assert state_of(strange).name == "<new>", "text, which is escaped where it is shown"
    assert ">&lt;new&gt;</span>" in job_html(strange)
    assert (f"<dt>뜻</dt><dd>{told}</dd>" in job_facts_html(strange)) == bool(told)
    assert "<dd>.</dd>" not in job_facts_html(strange)
