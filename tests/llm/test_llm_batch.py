"""The door to the Batch API, against a server that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from batch_server import BatchServer

from nadeuri.errors import ConfigError
from nadeuri.llm import LanguageModelConfig
from nadeuri.llm_batch import BatchApi, BatchApiError, Fault, NotThereError, RefusedError

LINE = (
    b'{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",'
    b' "body": {"model": "m", "messages": [{"role": "user", "content": "hi"}]}}\n'
)


@pytest.fixture
def api(batch_server: BatchServer) -> Iterator[BatchApi]:
    config = LanguageModelConfig(batch_server.url, "m", key="secret", timeout_s=5, retries=0)
    with closing(BatchApi(config)) as api:
        yield api


def test_a_batch_from_file_to_answer(api: BatchApi, batch_server: BatchServer) -> None:
    file_id = api.upload("one.jsonl", LINE)
    assert [(each.file_id, each.name) for each in api.list_files()] == [(file_id, "one.jsonl")]
    assert api.content(file_id) == LINE
    made = api.create(file_id, "intent-1")
    assert (made.intent, made.status, made.created_at) == ("intent-1", "validating", 1.7e9)
    batch_server.tick(5000)
    over = api.retrieve(made.batch_id)
    assert (over.status, over.n_completed, over.n_failed) == ("completed", 1, 0)
    assert over.output_file_id is not None
    assert over.error_file_id is None
    assert b"answer to hi" in api.content(over.output_file_id)


def test_lists_have_pages_and_an_end_in_time(api: BatchApi, batch_server: BatchServer) -> None:
    batch_server.page = 2
    file_id = api.upload("one.jsonl", LINE)
    ids = []
    for _ in range(5):
        ids.append(api.create(file_id, "intent").batch_id)
        batch_server.tick(10)
    assert [each.batch_id for each in api.list_batches()] == ids[::-1]
    batch_server.requests.clear()
    assert [each.batch_id for each in api.list_batches(since=1.7e9 + 25)] == ids[:2:-1]
    assert batch_server.requests == ["list"] * 2
    batch_server.oldest_first = True
    assert [each.batch_id for each in api.list_batches(since=1.7e9 + 25)] == ids[3:]


def test_reasons_of_a_failed_batch(api: BatchApi, batch_server: BatchServer) -> None:
    made = api.create(api.upload("two.jsonl", LINE + LINE), "intent")
    batch_server.tick(100)
    assert api.retrieve(made.batch_id).faults == (
        Fault("duplicate_custom_id", "told: duplicate_custom_id", 2),
    )


def test_cancel(api: BatchApi, batch_server: BatchServer) -> None:
    made = api.create(api.upload("one.jsonl", LINE), "intent")
    assert api.cancel(made.batch_id).status == "cancelling"
    batch_server.tick(1000)
    with pytest.raises(RefusedError, match="409"):
        api.cancel(made.batch_id)


def test_what_is_not_there(api: BatchApi) -> None:
    for ask in (api.retrieve, api.cancel, api.content):
        with pytest.raises(NotThereError, match=r"no-such-id.*404"):
            ask("no-such-id")
    api.delete_file("no-such-id")
    with pytest.raises(RefusedError, match="400"):
        api.create("no-such-id", "intent")


CALLS: dict[str, Callable[[BatchApi], Any]] = {
    "upload": lambda api: api.upload("one.jsonl", LINE),
    "create": lambda api: api.create("file-1", "intent"),
    "list": lambda api: api.list_batches(),
    "files": lambda api: api.list_files(),
    "content": lambda api: api.content("file-1"),
    "delete": lambda api: api.delete_file("file-1"),
    "retrieve": lambda api: api.retrieve("batch_2"),
    "cancel": lambda api: api.cancel("batch_2"),
}


KINDS = ("dropped", "lost", "500", "done500", "garbage", "cut", "429")
ANY_TEXT_WILL_DO = [("content", "garbage"), ("delete", "garbage")]
TROUBLE = [(name, kind) for name in CALLS for kind in KINDS if (name, kind) not in ANY_TEXT_WILL_DO]


@pytest.mark.parametrize(("operation", "kind"), TROUBLE)
def test_trouble_says_whether_it_may_have_been_done(
    api: BatchApi, batch_server: BatchServer, operation: str, kind: str
) -> None:
    api.create(api.upload("one.jsonl", LINE), "intent")
    batch_server.faults[operation] = [kind]
    with pytest.raises(BatchApiError) as raised:
        CALLS[operation](api)
    assert isinstance(raised.value, RefusedError) == (kind == "429")
    assert len(str(raised.value).splitlines()) == 1
    assert "secret" not in str(raised.value)


def test_creating_is_never_repeated_and_reading_is(batch_server: BatchServer) -> None:
    config = LanguageModelConfig(batch_server.url, "m", timeout_s=5, retries=2)
    with closing(BatchApi(config)) as api:
        file_id = api.upload("one.jsonl", LINE)
        for operation in ("upload", "create", "cancel"):
            batch_server.faults[operation] = ["500"]
        for name in ("upload", "create"):
            with pytest.raises(BatchApiError):
                CALLS[name](api)
        made = api.create(file_id, "intent")
        with pytest.raises(BatchApiError):
            api.cancel(made.batch_id)
        batch_server.faults["retrieve"] = ["500", "429"]
        assert api.retrieve(made.batch_id).status == "validating"
    assert len(batch_server.batches) == 1


def test_a_list_that_is_none_is_not_an_empty_list(
    api: BatchApi, batch_server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_server, "paged", lambda items, query: {"object": "list"})
    with pytest.raises(BatchApiError, match="a list without data"):
        api.list_batches()


def test_no_server_there() -> None:
    config = LanguageModelConfig("http://127.0.0.1:9/v1", "m", timeout_s=1, retries=0)
    with closing(BatchApi(config)) as api, pytest.raises(BatchApiError) as raised:
        api.list_batches()
    assert raised.value.status is None


def test_no_address() -> None:
    with pytest.raises(ConfigError, match="set NADEURI_LLM_BASE_URL"):
        BatchApi(LanguageModelConfig("h:80", "m"))
