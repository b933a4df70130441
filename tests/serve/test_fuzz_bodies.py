"""Bodies and headers that no client should send, over a real socket: never a 5xx, always an answer.

What a schema can say is attacked in test_schema.py; here are bytes that no schema describes.
"""

from __future__ import annotations

import json
import urllib.request

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from fuzz_bodies import JSON, Request, endpoints, fault, requests, sent

ROOMS = ("server", "match_server", "guide_server")
EXAMPLES = 30


@pytest.mark.parametrize("rooms", ROOMS)
def test_nothing_is_too_odd_to_be_refused(rooms: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(rooms)
    known = sorted(endpoints(server.url).items())

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def attack(data: st.DataObject) -> None:
        path, example = data.draw(st.sampled_from(known))
        asked = data.draw(requests(f"{server.host}:{server.port}", path, example))
        note(repr(asked.head))
        assert fault(asked, sent(server.host, server.port, asked)) is None

    attack()
    with urllib.request.urlopen(f"{server.url}/readyz", timeout=30) as answer:
        assert json.load(answer)["status"] == "ready"
    log = server.log.read_text()
    assert log.count("Booting worker") == 2, "a worker died"
    assert "Traceback" not in log


def test_a_sound_request_is_answered(request: pytest.FixtureRequest) -> None:
    """The fuzzer's own client and examples are right: else it would find nothing for nothing."""
    match_server = request.getfixturevalue("match_server")
    for path, example in endpoints(match_server.url).items():
        body = json.dumps(example).encode()
        head = b"POST %s HTTP/1.1\r\nHost: a\r\n%s: %s\r\nContent-Length: %d\r\n\r\n"
        asked = Request(head % (path.encode(), *JSON, len(body)), body, framed=True)
        reply = sent(match_server.host, match_server.port, asked)
        assert reply.status in (200, 409), (path, reply)
        assert fault(asked, reply) is None
