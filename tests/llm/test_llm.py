"""The language model's client, against a server that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from pydantic import BaseModel

from nadeuri.errors import ConfigError
from nadeuri.llm import LanguageModel, LanguageModelConfig, LanguageModelError, Message, Usage

ASK: list[Message] = [{"role": "user", "content": '{"name": "제주"}'}]
Connect = Callable[..., LanguageModel]


class City(BaseModel):
    name: str


@pytest.fixture
def connect(chat_server: Any) -> Iterator[Connect]:
    models = []

    def connect(**changes: Any) -> LanguageModel:
        settings = {"base_url": chat_server.url, "model": "small", "timeout_s": 5, "retries": 2}
        model = LanguageModel(LanguageModelConfig(**settings | changes))
        models.append(model)
        return model

    yield connect
    for model in models:
        model.close()


def test_answer_key_and_usage(chat_server: Any, connect: Connect) -> None:
    model = connect(key="secret", temperature=0.2)
    assert model.parse(ASK, City).name == "제주"
    assert chat_server.keys == ["Bearer secret"]
    assert chat_server.requests[0]["temperature"] == 0.2
    assert model.usage == Usage(calls=1, prompt_tokens=10, completion_tokens=5)
    assert "secret" not in repr(model.config)


def test_schema_is_sent_and_answer_is_validated(chat_server: Any, connect: Connect) -> None:
    chat_server.answer = lambda body: '```json\n{"name": "제주"}\n```'
    assert connect().parse(ASK, City) == City(name="제주")
    sent = chat_server.requests[0]["response_format"]
    assert sent["json_schema"]["schema"] == City.model_json_schema()


def test_unusable_answers_are_asked_again(chat_server: Any, connect: Connect) -> None:
    answers = iter(["그건 좀...", '{"nome": 1}', '{"name": "제주"}'])
    chat_server.answer = lambda body: next(answers)
    model = connect()
    assert model.parse(ASK, City).name == "제주"
    assert model.usage == Usage(calls=3, unusable=2, prompt_tokens=30, completion_tokens=15)


def test_gives_up_on_answers_that_never_fit(chat_server: Any, connect: Connect) -> None:
    chat_server.answer = lambda body: "{}"
    with pytest.raises(LanguageModelError, match=r"no answer is a City \(Field required\)"):
        connect().parse(ASK, City)
    assert len(chat_server.requests) == 3


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut"])
def test_passing_faults_are_outlived(chat_server: Any, connect: Connect, fault: str) -> None:
    chat_server.faults = [fault]
    assert connect().parse(ASK, City).name == "제주"
    assert len(chat_server.requests) == 2


def test_stalled_request_is_given_up_and_tried_again(chat_server: Any, connect: Connect) -> None:
    chat_server.faults = ["stall"]
    assert connect(timeout_s=0.2).parse(ASK, City).name == "제주"


@pytest.mark.parametrize(
    ("faults", "n_requests"), [(["500"] * 3, 3), (["401"], 1), (["garbage"] * 3, 1)]
)
def test_lasting_faults_name_model_and_setting(
    chat_server: Any, connect: Connect, faults: list[str], n_requests: int
) -> None:
    chat_server.faults = list(faults)
    with pytest.raises(LanguageModelError, match=r"small at http.*NADEURI_LLM_BASE_URL") as raised:
        connect().parse(ASK, City)
    assert len(str(raised.value).splitlines()) == 1
    assert len(chat_server.requests) == n_requests


@pytest.mark.parametrize(("base_url", "model"), [("", ""), ("http://h/v1", ""), ("h:80", "m")])
def test_not_configured(base_url: str, model: str) -> None:
    with pytest.raises(ConfigError, match="set NADEURI_LLM_BASE_URL"):
        LanguageModel(LanguageModelConfig(base_url, model))


def test_no_server_there() -> None:
    config = LanguageModelConfig("http://127.0.0.1:9/v1", "small", timeout_s=1, retries=0)
    with closing(LanguageModel(config)) as model, pytest.raises(LanguageModelError):
        model.parse(ASK, City)
