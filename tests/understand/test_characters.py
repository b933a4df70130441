"""Syllables are made of their letters."""

from __future__ import annotations

import unicodedata

import pytest
import torch

from nadeuri.understand.characters import CharacterBody
from nadeuri.understand.encoding import LAST_CODE_POINT


@pytest.fixture
def body() -> CharacterBody:
    torch.manual_seed(0)
    return CharacterBody(8, 6, 0.0).eval()


def embedded(body: CharacterBody, char: str) -> list[list[float]]:
    """Rows of the tables of letters that a character reads."""
    rows: list[list[float]] = []
    hooks = [
        table.register_forward_hook(
            lambda module, args, out: rows.append(args[0].flatten().tolist())
        )
        for table in (body.onset, body.vowel, body.final)
    ]
    ids = torch.tensor([[ord(char)]])
    body(ids, ids > 0)
    for hook in hooks:
        hook.remove()
    return rows


def test_letters_of_every_syllable_are_those_of_unicode(body: CharacterBody) -> None:
    for char in "가각힣한쀍":
        onset, vowel, *final = unicodedata.normalize("NFD", char)
        expected = [ord(onset) - 0x1100 + 1, ord(vowel) - 0x1161 + 1]
        expected.append(ord(final[0]) - 0x11A7 + 1 if final else 1)
        assert embedded(body, char) == [[number] for number in expected]


def test_other_characters_have_no_letters(body: CharacterBody) -> None:
    for char in ("a", "ㅋ", "漢", chr(LAST_CODE_POINT), chr(0xABFF), chr(0xD7A4)):
        assert embedded(body, char) == [[0], [0], [0]]


def test_every_letter_that_unicode_has_fits(body: CharacterBody) -> None:
    ids = torch.arange(0xAC00, 0xD7A4)[None]
    assert body(ids, ids > 0).shape == (1, 11172, 12)


def test_an_unseen_syllable_is_near_one_of_the_same_letters(body: CharacterBody) -> None:
    """With embeddings of their own left out, only letters tell syllables apart."""
    torch.nn.init.zeros_(body.own.weight)
    ids = torch.tensor([[ord("간")], [ord("갇")], [ord("a")]])
    states = body(ids, ids > 0)
    assert not torch.allclose(states[0], states[1])
    assert not torch.allclose(states[0], states[2])
