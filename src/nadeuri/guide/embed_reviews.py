"""From reviews to an artefact of their vectors: only texts that it has not yet are embedded.

A vector belongs to a text, not to a review: vectors are kept by the digest of the text they are of.
So it does not matter how the artefact came to be. Texts that are new are embedded in shards, files
that appear whole beside the artefact; a run that is killed finds those of the run before. At last
the rows of all reviews are gathered from the artefact and the shards into a new artefact, which
takes the place of the old one by a rename.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.format import open_memmap

from nadeuri import columns
from nadeuri.artifact import Artifact, write_artifact
from nadeuri.embed import Embedder, encode_chunks, readable
from nadeuri.errors import ArtifactError, DataError
from nadeuri.guide.reviews import (
    DIGEST,
    DIM,
    ENCODER,
    FIRST,
    KIND,
    PLACES,
    REVIEWS,
    SCALES,
    VECTORS,
    Codes,
    ReviewVectors,
    Scales,
    quantised,
)

SHARD_TEXTS = 4_096
"""Texts of a shard: what is lost when a run is killed, for each process."""

_GATHERED_ROWS = 1 << 16

_IDS = (columns.PLACE_ID, columns.REVIEW_ID)
_SCHEMA = pa.schema([*((name, pa.string()) for name in _IDS), (DIGEST, pa.uint64())])

Digests = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class EmbedSummary:
    """What was done.

    Attributes:
        n_reviews, n_places: in the artefact now.
        n_embedded: distinct texts that were embedded by this run.
        n_resumed: texts whose vectors a run that did not finish had left.
        artifact: which was written.
    """

    n_reviews: int
    n_places: int
    n_embedded: int
    n_resumed: int
    artifact: Artifact


def embed_reviews(
    target: Path,
    batches: Iterable[pa.Table],
    embedder: Embedder,
    *,
    processes: int | None = None,
) -> EmbedSummary:
    """Bring the review vectors at ``target`` in line with ``batches``.

    Nothing is written if they are.

    Args:
        target: folder of the artefact; new, or of an earlier run.
        batches: all reviews there are (``review_id``, ``place_id``, ``text``), as
            :class:`nadeuri.data.place_reader.PlaceReader` lets them through. Reviews of the
            artefact that are not among them drop out.
        processes: see :func:`nadeuri.embed.encode_chunks`.

    Raises:
        DataError: a review has no id, no place or no text, or two have the same id.
        EmbeddingError: texts could not be embedded; what is done so far is not lost.
        ArtifactError: ``target`` is something else than such an artefact.
    """
    shards = target.with_name(f".{target.name}.shards")
    sources = _Sources(_old_artifact(target, embedder), shards, embedder)
    n_resumed = len(sources.shards.digests)
    corpus = _Corpus(sources.known())
    n_embedded = 0
    texts = _chunks(corpus.read(batches))
    pending: list[Digests] = []  # of the chunks that are being embedded

    def handed_out() -> Iterator[list[str]]:
        for digests, chunk in texts:
            pending.append(digests)
            yield chunk

    for vectors in encode_chunks(embedder, handed_out(), processes=processes):
        sources.shards.add(pending.pop(0), *quantised(vectors))
        n_embedded += len(vectors)
    table = corpus.table()
    artifact = sources.kept(table) or _write(target, table, sources, embedder)
    shutil.rmtree(shards, ignore_errors=True)
    n_places = int(artifact.metadata["n_places"])
    return EmbedSummary(corpus.n_reviews, n_places, n_embedded, n_resumed, artifact)


def _old_artifact(target: Path, embedder: Embedder) -> ReviewVectors | None:
    """The artefact at ``target``, if its vectors can stay."""
    if not target.exists() or not any(target.iterdir()):
        return None
    old = ReviewVectors(target)
    return old if (old.encoder, old.dim) == (embedder.name, embedder.dim) else None


class _Corpus:
    """All reviews, as they are read: ids and digests are kept, texts pass through."""

    def __init__(self, known: Iterable[int]) -> None:
        self._known = set(known)
        self._parts = [_SCHEMA.empty_table()]

    @property
    def n_reviews(self) -> int:
        return sum(part.num_rows for part in self._parts)

    def read(self, batches: Iterable[pa.Table]) -> Iterator[tuple[int, str]]:
        """Texts without a vector, each once, with their digests."""
        for batch in batches:
            texts = _checked(batch)
            digests = [digest_of(text) for text in texts]
            self._parts.append(
                pa.table(
                    {name: batch[name] for name in _IDS} | {DIGEST: pa.array(digests, pa.uint64())}
                ).cast(_SCHEMA)
            )
            for digest, text in zip(digests, texts, strict=True):
                if digest not in self._known:
                    self._known.add(digest)
                    yield digest, text

    def table(self) -> pa.Table:
        """Ids and digests by place and review."""
        table = pa.concat_tables(self._parts)
        counts = pc.value_counts(table[columns.REVIEW_ID])
        repeated = counts.filter(pc.greater(pc.struct_field(counts, "counts"), 1))
        if len(repeated):
            raise DataError(
                f"reviews: {len(repeated)} values of {columns.REVIEW_ID} occur more than once, "
                f"first {repeated[0]['values']}; read them with PlaceReader, which rejects repeats"
            )
        return table.sort_by([(name, "ascending") for name in _IDS])


def _checked(batch: pa.Table) -> list[str]:
    """The texts of a batch whose rows are whole."""
    for name in (*_IDS, columns.TEXT):
        if batch[name].null_count:
            row = pc.index(pc.is_null(batch[name]), True).as_py()
            raise DataError(
                f"reviews: row {row + 1} of a batch has no {name}; read them with PlaceReader, "
                "which rejects such rows"
            )
    texts: list[str] = batch[columns.TEXT].to_pylist()
    return texts


def digest_of(text: str) -> int:
    """64 bits of a hash of ``text`` as encoders read it."""
    digest = hashlib.blake2b(readable(text).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _chunks(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[Digests, list[str]]]:
    """Shard by shard."""
    chunk: list[tuple[int, str]] = []
    for pair in texts:
        chunk.append(pair)
        if len(chunk) == SHARD_TEXTS:
            yield _split(chunk)
            chunk = []
    if chunk:
        yield _split(chunk)


def _split(chunk: Sequence[tuple[int, str]]) -> tuple[Digests, list[str]]:
    return np.array([digest for digest, _ in chunk], np.uint64), [text for _, text in chunk]


class _Shards:
    """Files of new vectors beside the artefact; each appears whole or not at all."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._encoder = f"{embedder.name} {embedder.dim}"
        self.files: list[Path] = []
        self._digests: list[Digests] = []
        if folder.is_dir():
            for file in sorted(folder.glob("*.npz")):
                self._adopt(file)

    @property
    def digests(self) -> list[int]:
        """Of all texts that have a vector here."""
        return [digest for part in self._digests for digest in part.tolist()]

    def parts(self) -> list[Digests]:
        """Digests by file."""
        return self._digests

    def add(self, digests: Digests, codes: Codes, scales: Scales) -> None:
        """Write a shard."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.blake2b(digests.tobytes(), digest_size=8).hexdigest()
        file = self._folder / f"{name}.npz"
        partial = self._folder / f"{name}.partial"
        with partial.open("wb") as stream:
            np.savez(
                stream, digests=digests, codes=codes, scales=scales, encoder=np.array(self._encoder)
            )
        partial.replace(file)
        self.files.append(file)
        self._digests.append(digests)

    def vectors(self, at: int) -> tuple[Codes, Scales]:
        """Of the file number ``at``."""
        with np.load(self.files[at], allow_pickle=False) as content:
            return content["codes"], content["scales"]

    def _adopt(self, file: Path) -> None:
        """Take up what an earlier run left, if it is whole and of this encoder."""
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
                usable = str(content["encoder"]) == self._encoder
                digests = content["digests"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            usable = False
        if not usable:
            file.unlink()
            return
        self.files.append(file)
        self._digests.append(digests)


class _Sources:
    """Where vectors are found by digest: the old artefact first, then the shards."""

    def __init__(self, old: ReviewVectors | None, shards: Path, embedder: Embedder) -> None:
        self._old = old
        self.shards = _Shards(shards, embedder)

    def known(self) -> Iterator[int]:
        """Digests of the texts that have a vector."""
        if self._old is not None:
            yield from self._old.reviews[DIGEST].to_numpy().tolist()
        yield from self.shards.digests

    def kept(self, corpus: pa.Table) -> Artifact | None:
        """The old artefact, if it is what ``corpus`` makes."""
        if self._old is None or not self._old.holds(corpus):
            return None
        return self._old.artifact

    def gather(self, digests: Digests, codes: Codes, scales: Scales) -> None:
        """Fill ``codes`` [n, dim] and ``scales`` [n] with the vectors of ``digests`` [n].

        Raises:
            ArtifactError: one has none.
        """
        parts = [] if self._old is None else [self._old.reviews[DIGEST].to_numpy()]
        parts += self.shards.parts()
        sizes = [len(part) for part in parts]
        every = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
        order = np.argsort(every, kind="stable")
        at = np.searchsorted(every, digests, sorter=order)
        place = order[np.minimum(at, len(order) - 1)] if len(order) else at
        if len(digests) and (not len(order) or (every[place] != digests).any()):
            raise ArtifactError("a text has no vector; embed the reviews again")
        source = np.searchsorted(np.cumsum(sizes), place, side="right")
        by_source = np.argsort(source, kind="stable")
        bounds = np.searchsorted(source[by_source], np.arange(len(parts) + 1))
        for number, start in enumerate(np.cumsum(sizes) - sizes if parts else []):
            rows = by_source[bounds[number] : bounds[number + 1]]
            own_codes, own_scales = self._vectors(number)
            for first in range(0, len(rows), _GATHERED_ROWS):
                some = rows[first : first + _GATHERED_ROWS]
                codes[some] = own_codes[place[some] - start]
                scales[some] = own_scales[place[some] - start]

    def _vectors(self, number: int) -> tuple[Codes, Scales]:
        if self._old is None:
            return self.shards.vectors(number)
        return (
            (self._old.vectors, self._old.scales) if not number else self.shards.vectors(number - 1)
        )


def _write(target: Path, corpus: pa.Table, sources: _Sources, embedder: Embedder) -> Artifact:
    digests = corpus[DIGEST].to_numpy()
    place_ids = corpus[columns.PLACE_ID].to_numpy(zero_copy_only=False)
    first = np.flatnonzero(np.append(True, place_ids[1:] != place_ids[:-1])[: len(place_ids)])

    def write(folder: Path) -> None:
        shape = (len(digests), embedder.dim)
        codes = open_memmap(folder / VECTORS, "w+", np.int8, shape)
        scales = np.zeros(len(digests), np.float32)
        sources.gather(digests, codes, scales)
        codes.flush()
        np.save(folder / SCALES, scales)
        _write_arrow(folder / REVIEWS, corpus.select([columns.REVIEW_ID, DIGEST]))
        places = {columns.PLACE_ID: pa.array(place_ids[first], pa.string()), FIRST: first}
        _write_arrow(folder / PLACES, pa.table(places))

    metadata = {
        ENCODER: embedder.name,
        DIM: embedder.dim,
        "n_reviews": len(digests),
        "n_places": len(first),
    }
    return write_artifact(target, KIND, write, metadata=metadata)


def _write_arrow(file: Path, table: pa.Table) -> None:
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
