"""A double of an OpenAI-compatible server, on a real socket, that can misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Responder = Callable[[dict[str, Any]], str]


@dataclass
class ChatServer:
    """What the double does and has seen.

    Attributes:
        url: base address.
        answer: makes the content of an answer from a request's body.
        faults: taken one per request, first: "429", "500", "stall", "garbage", or "cut".
        requests: bodies, in the order they came.
        keys: Authorization headers.
    """

    url: str
    answer: Responder = lambda body: str(body["messages"][-1]["content"])
    faults: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """A running double; stalled requests end with the test."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            chat.requests.append(body)
            chat.keys.append(self.headers["authorization"])
            fault = chat.faults.pop(0) if chat.faults else ""
            if self.path != "/v1/chat/completions":
                self.send(404, b"{}")
            elif fault.isdecimal():
                self.send(int(fault), b'{"error": {"message": "' + fault.encode() + b'"}}')
            elif fault == "stall":
                chat.released.wait(10)
                self.close_connection = True
            elif fault == "garbage":
                self.send(200, b"<html>welcome</html>")
            else:
                content = chat.answer(body)
                self.send(200, json.dumps(completion(body, content)).encode(), cut=fault == "cut")

        def send(self, status: int, content: bytes, *, cut: bool = False) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            self.close_connection = cut

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    chat = ChatServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield chat
    chat.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def completion(body: dict[str, Any], content: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
