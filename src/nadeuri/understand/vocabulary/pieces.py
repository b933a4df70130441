"""Pieces of a WordPiece, Unigram or BPE tokenizer: what is missing, and how it is added."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nadeuri.errors import ConfigError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

METASPACE = "▁"
"""Stands for the space before a word in SentencePiece vocabularies."""


class Piece(NamedTuple):
    """An entry of a vocabulary: ``token`` as spelled there, ``surface`` as it reads in a text."""

    token: str
    surface: str


def vocabulary_size(tokenizer: PreTrainedTokenizerFast) -> int:
    """Rows that an embedding matrix needs for every id of the tokenizer."""
    return max(tokenizer.get_vocab().values()) + 1


def normalized(tokenizer: PreTrainedTokenizerFast, text: str) -> str:
    """The text as the tokenizer's model gets to see it."""
    normalizer = tokenizer.backend_tokenizer.normalizer
    return str(normalizer.normalize_str(text)) if normalizer else text


def missing_characters(
    tokenizer: PreTrainedTokenizerFast, words: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """For each word its (normalised) characters that lack a piece of their own, without repeats.

    With WordPiece a character needs two, one to begin a word and one to continue it.
    """
    # BERT's normaliser puts spaces around Hanja
    characters = {w: dict.fromkeys("".join(normalized(tokenizer, w).split())) for w in words}
    every = sorted({character for found in characters.values() for character in found})
    prefix = continuing_prefix(tokenizer)
    vocabulary = tokenizer.get_vocab()
    if prefix is not None:
        missing = {c for c in every if not {c, prefix + c} <= vocabulary.keys()}
    elif every:
        ids = tokenizer(every, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        unknown = tokenizer.unk_token_id
        missing = {c for c, found in zip(every, ids, strict=True) if unknown in found}
    else:
        missing = set()
    return {word: tuple(c for c in found if c in missing) for word, found in characters.items()}


def continuing_prefix(tokenizer: PreTrainedTokenizerFast) -> str | None:
    """What marks a piece that continues a word ('##'); None if the model is not WordPiece."""
    from tokenizers.models import WordPiece

    model = tokenizer.backend_tokenizer.model
    return str(model.continuing_subword_prefix) if isinstance(model, WordPiece) else None


def add_pieces(
    tokenizer: PreTrainedTokenizerFast, words: Sequence[str], characters: Sequence[str]
) -> dict[int, Piece]:
    """Add words as single tokens, and characters; ids that exist keep their meaning.

    - WordPiece: each both to begin and to continue a word, in the model's own vocabulary, so that
      '하얏트호텔' and '다낭하얏트' are cut as any word is. A word without an added word in it is
      cut as before, since the longest match at each place is still the old one.
    - Unigram: with and without the space mark. A word scores as the median piece does, or just
      above its own pieces where that is more; a character scores as the worst piece, which leaves
      the score of the unknown token alone. Segmentations of old pieces compete as before.
    - BPE: as added tokens, which are cut out of a text before the merges are applied.

    Returns:
        The new pieces by id, in order; a word or character already there adds nothing.

    Raises:
        ConfigError: another kind of tokenizer.
    """
    from tokenizers import AddedToken
    from tokenizers.models import BPE, Unigram, WordPiece

    backend = tokenizer.backend_tokenizer
    first = vocabulary_size(tokenizer)
    present = tokenizer.get_vocab()
    words = list(dict.fromkeys(normalized(tokenizer, word).strip() for word in words))
    surfaces = dict.fromkeys((*words, *characters))
    if isinstance(backend.model, WordPiece):
        marks = ("", backend.model.continuing_subword_prefix)
        pieces = [Piece(m + s, s) for s in surfaces for m in marks if m + s not in present]
        _extend_wordpiece(tokenizer, pieces, first)
    elif isinstance(backend.model, Unigram):
        pieces = [
            Piece(mark + surface, surface)
            for surface in surfaces
            for mark in ((METASPACE, "") if len(surface) > 1 else ("",))
            if mark + surface not in present
        ]
        _extend_unigram(tokenizer, pieces, first)
    elif isinstance(backend.model, BPE):
        pieces = [Piece(surface, surface) for surface in surfaces if surface not in present]
        tokenizer.add_tokens([AddedToken(piece.token, normalized=True) for piece in pieces])
        ids = tokenizer.get_vocab()
        return {ids[piece.token]: piece for piece in pieces}
    else:
        raise ConfigError(
            f"tokenizer {tokenizer.name_or_path}: a {type(backend.model).__name__} vocabulary "
            "cannot be extended; choose an encoder with WordPiece, Unigram or BPE"
        )
    return dict(enumerate(pieces, first))


def _extend_wordpiece(
    tokenizer: PreTrainedTokenizerFast, pieces: Sequence[Piece], first: int
) -> None:
    from tokenizers.models import WordPiece

    old = _model(tokenizer.backend_tokenizer)
    vocabulary = old["vocab"] | {t: i for i, t in _others(tokenizer, old["vocab"].values(), first)}
    tokenizer.backend_tokenizer.model = WordPiece(
        vocabulary | {piece.token: first + i for i, piece in enumerate(pieces)},
        unk_token=old["unk_token"],
        continuing_subword_prefix=old["continuing_subword_prefix"],
        max_input_chars_per_word=old["max_input_chars_per_word"],
    )


def _extend_unigram(
    tokenizer: PreTrainedTokenizerFast, pieces: Sequence[Piece], first: int
) -> None:
    from tokenizers.models import Unigram

    backend = tokenizer.backend_tokenizer
    old = _model(backend)
    vocabulary = [(str(token), float(score)) for token, score in old["vocab"]]
    scores = dict(vocabulary)
    worst = min(scores.values())
    long = [score for token, score in vocabulary if len(token.strip(METASPACE)) > 1]
    usual = statistics.median(long or [worst])
    vocabulary += [(t, worst) for _, t in _others(tokenizer, range(len(vocabulary)), first)]
    for token, surface in pieces:
        score = worst
        if len(surface) > 1:
            parts = [scores.get(piece.value, worst) for piece in backend.model.tokenize(token)]
            score = max(usual, sum(parts) + 1e-3)
        vocabulary.append((token, score))
    backend.model = Unigram(
        vocabulary, unk_id=old["unk_id"], byte_fallback=old.get("byte_fallback", False)
    )


def _model(backend: Tokenizer) -> dict[str, Any]:
    """The model's part of ``tokenizer.json``: the one place that has every parameter."""
    model: dict[str, Any] = json.loads(backend.to_str())["model"]
    return model


def _others(
    tokenizer: PreTrainedTokenizerFast, used: Iterable[int], end: int
) -> list[tuple[int, str]]:
    """Ids below ``end`` that lie outside the model, with their added token or a placeholder.

    A model's vocabulary must have no holes, and what is added begins behind the last added token.
    """
    tokens = {index: token for token, index in tokenizer.get_vocab().items()}
    outside = sorted(set(range(end)) - set(used))
    return [(index, tokens.get(index, f"[unused-{index}]")) for index in outside]
