"""Scripts of texts."""

from __future__ import annotations

import pytest

from nadeuri.match.names.scripts import HAN, HANGUL, KANA, LATIN, NO_SCRIPT, OTHER, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("남산 tower", LATIN),
        ("서울타워 N", HANGUL),
        ("東京タワー", KANA),
        ("故宫", HAN),
        ("วัด", OTHER),
        ("Москва", OTHER),
        ("Łódź", LATIN),
        ("101", NO_SCRIPT),
        ("", NO_SCRIPT),
    ],
)
def test_script_of(text: str, script: str) -> None:
    assert script_of(text) == script
