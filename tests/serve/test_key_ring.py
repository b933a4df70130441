"""The file of keys, and the ring that reads it."""

from __future__ import annotations

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nadeuri.errors import ConfigError
from nadeuri.serve import keys
from nadeuri.serve.keys import PREFIX, KeyRing, create_key, read_keys, revoke_key
from nadeuri.serve.rate_limits import Limit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "열쇠.json"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "CHECK_EVERY_S", 0)


def test_a_key_is_long_and_kept_nowhere(path: Path) -> None:
    key = create_key(path, "앱-web.1", rate="10/s", burst=20, rooms=["guide"], days=30)
    assert re.fullmatch(PREFIX + r"[A-Za-z0-9_-]{43}", key), "32 random bytes"
    assert key not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name], "no temporary files"
    (kept,) = read_keys(path)
    assert (kept.name, kept.limit, kept.rooms) == ("앱-web.1", Limit(0.1, 20), ("guide",))
    assert kept.expires is not None
    assert kept.expires - kept.created == timedelta(days=30)
    assert create_key(path, "other") != key


def test_the_ring_finds_keys_and_nothing_else(path: Path) -> None:
    made = {name: create_key(path, name) for name in ("a", "b", "c")}
    ring = KeyRing(path)
    for name, key in made.items():
        found = ring.find(key)
        assert found is not None
        assert found.name == name
    wrong = ["", PREFIX, made["a"][:-1], made["a"] + "x", made["a"].upper(), "\udcff", "한"]
    wrong += [found.sha256 for found in read_keys(path)]
    assert [ring.find(each) for each in wrong] == [None] * len(wrong)


def test_a_key_ends(path: Path) -> None:
    key = create_key(path, "short", days=1)
    content = json.loads(path.read_text())
    for hours, is_good in ((1, True), (-1, False)):
        expires = datetime.now(UTC) + timedelta(hours=hours)
        content["keys"][0]["expires"] = expires.isoformat()
        path.write_text(json.dumps(content))
        assert (KeyRing(path).find(key) is not None) == is_good


@pytest.mark.usefixtures("at_once")
def test_changes_of_the_file_are_seen(path: Path) -> None:
    old = create_key(path, "old")
    ring = KeyRing(path)
    new = create_key(path, "new")
    assert ring.find(new)
    revoke_key(path, "old")
    assert ring.find(old) is None
    revoke_key(path, "new")
    assert ring.find(new) is None


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("damage", [lambda file: file.write_text("{"), lambda file: file.unlink()])
def test_a_damaged_file_changes_nothing(
    damage: Any, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = create_key(path, "a")
    ring = KeyRing(path)
    damage(path)
    assert ring.find(key)
    assert ring.find(key)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert str(path) in record.getMessage()
    path.unlink(missing_ok=True)
    other = create_key(path, "b")
    assert ring.find(other)
    assert ring.find(key) is None


def test_looking_at_the_file_is_rare(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = create_key(path, "a")
    ring = KeyRing(path)
    monkeypatch.setattr(keys, "_signature", lambda path: pytest.fail("looked"))
    assert all(ring.find(key) for _ in range(100))


def test_several_may_change_the_file_at_once(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: create_key(path, f"k{number}"), range(24)))
    ring = KeyRing(path)
    assert all(ring.find(key) for key in made)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a"}, "there is a key named 'a'"),
        ({"name": "a b"}, "name of the key"),
        ({"name": "a\nb"}, "name of the key"),
        ({"name": "a\n"}, "name of the key"),
        ({"name": ""}, "name of the key"),
        ({"name": "b", "rate": "often"}, "rate 'often': write it as 10/s"),
        ({"name": "b", "burst": 3}, "a burst needs a rate"),
    ],
)
def test_a_key_that_cannot_be(options: dict[str, Any], message: str, path: Path) -> None:
    create_key(path, "a")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=message):
        create_key(path, **options)
    assert path.read_bytes() == before


def test_revoking_what_is_not_there(path: Path) -> None:
    with pytest.raises(ConfigError, match="nadeuri keys create"):
        revoke_key(path, "a")
    create_key(path, "a")
    with pytest.raises(ConfigError, match="no key named 'b'"):
        revoke_key(path, "b")


KEY = {"name": "a", "sha256": "0" * 64, "created": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "content"),
        ({"keys": [KEY, KEY]}, "two keys named 'a'"),
        ({"keys": [{**KEY, "sha256": "0"}]}, "keys.0.sha256"),
        ({"keys": [{**KEY, "created": "2026-01-01T00:00:00"}]}, "keys.0.created"),
        ({"keys": [{**KEY, "rate": "0/s"}]}, "keys.0: .*write it as"),
        ({"keys": [{**KEY, "expire": None}]}, "keys.0.expire"),
    ],
)
def test_a_file_that_holds_no_keys_is_one_line(content: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message) as caught:
        KeyRing(path)
    assert "\n" not in str(caught.value)
