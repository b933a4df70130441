"""Extension of a model and its tokenizer together, with informed rows for the new tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nadeuri.errors import ConfigError
from nadeuri.understand.vocabulary.pieces import (
    METASPACE,
    Piece,
    add_pieces,
    continuing_prefix,
    normalized,
    vocabulary_size,
)
from nadeuri.understand.vocabulary.scan import Addition

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

_HANGUL, _HANGUL_END, _CODAS = 0xAC00, 0xD7A4, 28


@dataclass(frozen=True)
class Extension:
    """What an extension did.

    Attributes:
        pieces: the new vocabulary entries, by id.
        skipped: words that the tokenizer splits before its model sees them ('도쿄-오사카'), which
            can be no single token.
    """

    pieces: dict[int, Piece]
    skipped: tuple[str, ...]


def extend(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    addition: Addition,
    *,
    noise: float = 0.02,
    seed: int = 0,
) -> Extension:
    """Add words and characters to a tokenizer and rows for them to its model, both in place.

    A new row is the mean of the rows its surface had before. Where one of those was the unknown
    token it is the mean over its characters: the row of a known character; of an unknown syllable
    the mean of the known syllables with the same onset and vowel. Failing all, it is the mean row.
    Output embeddings that are tied to the input follow.

    Args:
        noise: standard deviation of what is added to the new rows, so that they differ, as a share
            of the matrix's own.

    Raises:
        ConfigError: the model has fewer rows than the tokenizer has ids, or the tokenizer is of a
            kind that cannot be extended.
    """
    import torch

    size, rows = vocabulary_size(tokenizer), _embeddings(model).shape[0]
    if rows < size:
        raise ConfigError(
            f"the model has {rows} embedding rows but its tokenizer {size} ids: "
            "they do not belong together; load both from one folder"
        )
    whole = [word for word in addition.words if _is_one_word(tokenizer, word)]
    skipped = tuple(word for word in addition.words if word not in set(whole))
    surfaces = dict.fromkeys(
        (*(normalized(tokenizer, word).strip() for word in whole), *addition.characters)
    )
    initial = _Initialiser(_embeddings(model)[:size].clone(), tokenizer)
    means = {surface: initial.row(surface) for surface in surfaces}

    pieces = add_pieces(tokenizer, whole, addition.characters)
    if not pieces:
        return Extension({}, skipped)
    model.resize_token_embeddings(max(rows, size + len(pieces)), mean_resizing=False)
    new = torch.stack([means[piece.surface] for piece in pieces.values()])  # [new pieces, dim]
    generator = torch.Generator().manual_seed(seed)
    spread = torch.randn(new.shape, generator=generator).to(new) * (noise * initial.std)
    with torch.no_grad():
        _embeddings(model)[list(pieces)] = new + spread
    return Extension(pieces, skipped)


class _Initialiser:
    """Rows for surfaces, from the rows and the tokenizer as they were before the extension."""

    def __init__(self, rows: torch.Tensor, tokenizer: PreTrainedTokenizerFast) -> None:
        self._rows = rows  # [ids, dim]
        self._tokenizer = tokenizer
        self._vocabulary = tokenizer.get_vocab()
        self._unknown = tokenizer.unk_token_id  # looked up once: the wrapper takes long
        self._prefix = continuing_prefix(tokenizer) or ""
        self._similar: dict[int, list[int]] = {}
        for token, index in self._vocabulary.items():
            character = token.removeprefix(self._prefix).removeprefix(METASPACE)
            if (shape := _onset_and_vowel(character)) is not None:
                self._similar.setdefault(shape, []).append(index)
        self.std = float(rows.std())

    def row(self, surface: str) -> torch.Tensor:
        """Row [dim] for a word or a character."""
        import torch

        ids = self._tokenizer(surface, add_special_tokens=False)["input_ids"]
        if ids and self._unknown not in ids:
            return self._mean(ids)
        known = [
            row
            for place, character in enumerate(surface)
            if (row := self._character(character, begins=place == 0)) is not None
        ]
        return torch.stack(known).mean(dim=0) if known else self._mean_row

    @cached_property
    def _mean_row(self) -> torch.Tensor:
        return self._rows.mean(dim=0)

    def _character(self, character: str, *, begins: bool) -> torch.Tensor | None:
        spellings = [character, self._prefix + character]
        for spelling in spellings if begins else reversed(spellings):
            if spelling in self._vocabulary:
                return self._rows[self._vocabulary[spelling]]
        shape = _onset_and_vowel(character)
        similar = self._similar.get(shape) if shape is not None else None
        return self._mean(similar) if similar else None

    def _mean(self, ids: Sequence[int]) -> torch.Tensor:
        return self._rows[list(ids)].mean(dim=0)


def _embeddings(model: PreTrainedModel) -> torch.Tensor:
    import torch

    weight = model.get_input_embeddings().weight
    assert isinstance(weight, torch.Tensor)
    return weight.detach()


def _is_one_word(tokenizer: PreTrainedTokenizerFast, word: str) -> bool:
    pre_tokenizer = tokenizer.backend_tokenizer.pre_tokenizer
    text = normalized(tokenizer, word).strip()
    return bool(text) and (pre_tokenizer is None or len(pre_tokenizer.pre_tokenize_str(text)) == 1)


def _onset_and_vowel(character: str) -> int | None:
    """A number that Hangul syllables with the same onset and vowel share; None for all else."""
    if len(character) != 1 or not _HANGUL <= ord(character) < _HANGUL_END:
        return None
    return (ord(character) - _HANGUL) // _CODAS
