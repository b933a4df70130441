"""The places of one table, ready to be compared with a single place: an artefact of its own.

What :func:`nadeuri.match.mapping.score_pairs` says of a left table with one row, but what belongs
to the right table is derived once. A place is judged by itself: that another place of the agency
fits a candidate better is not known here, as it is in the mapping.

====================  ==========================================================================
``places.parquet``    the places; schema of :data:`nadeuri.data.poi.POIS`
``scorer/``           the artefact of the scorer
``meanings.npy``      vectors of the names by the scorer's encoder, if it has one; float16 [n, dim]
====================  ==========================================================================
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact, write_artifact
from nadeuri.data.places import on_sphere
from nadeuri.data.poi import POIS
from nadeuri.embed import local_embedder
from nadeuri.errors import ArtifactError
from nadeuri.match.candidates import (
    ALIKE_NAMES,
    FURTHER,
    HEARD_NAMES,
    MEANT_METRES,
    MEANT_NAMES,
    NEAR_METRES,
    NEAR_NAMES,
    SHARED_PHONE,
    scripts_of,
)
from nadeuri.match.features import PairFeatures, WholeTable
from nadeuri.match.meaning import Meanings, NameTable, WithKnown
from nadeuri.match.ngram_index import NgramIndex
from nadeuri.match.records import PHONE_DIGITS, Records, read_records, sound_texts
from nadeuri.match.scorer import PairScorer
from nadeuri.match.surroundings import Surroundings, chord_of, nearest_metres, tree_of

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

KIND = "place_index"
MODEL = "place-scorer"
DEFAULT_FOLDER = "place-index"
"""Name below the artefacts folder where the exported index is looked for."""
PLACES_FILE, SCORER_FOLDER, MEANINGS_FILE = "places.parquet", "scorer", "meanings.npy"

MOST_CANDIDATES = 10
"""Of a place; as many as the mapping shows to a judge or a person."""


@dataclass(frozen=True)
class Candidate:
    """A place of the table that may be the one asked for.

    Attributes:
        place: its row.
        probability: that it is, calibrated.
        metres: between them; None where unknown.
    """

    place: Mapping[str, Any]
    probability: float
    metres: float | None


@dataclass(frozen=True)
class PlaceMatch:
    """What is known of a place that was asked for.

    Attributes:
        decision: ``accept``, ``ask`` or ``none``, by the scorer's thresholds for the likeliest.
        candidates: the likeliest first.
    """

    decision: str
    candidates: tuple[Candidate, ...]


def export_place_index(out: Path, places: pa.Table, scorer: PairScorer) -> Artifact:
    """Write the artefact.

    Args:
        out: the folder; an artefact already there is replaced in one step.
        places: schema of :data:`nadeuri.data.poi.POIS`.

    Raises:
        ArtifactError: something else is there.
    """

    def write(folder: Path) -> None:
        pq.write_table(places, folder / PLACES_FILE, compression="zstd")
        scorer.save(folder / SCORER_FOLDER)
        if scorer.encoder is not None:
            names = NameTable(read_records(places)).texts
            vectors = local_embedder(scorer.encoder).encode(names)
            np.save(folder / MEANINGS_FILE, vectors.astype(np.float16), allow_pickle=False)

    metadata = {
        "model": MODEL,
        "n_places": places.num_rows,
        "scorer_version": scorer.version,
        "accept_above": scorer.thresholds.accept_above,
        "reject_below": scorer.thresholds.reject_below,
    }
    return write_artifact(out, KIND, write, metadata=metadata)


class PlaceIndex:
    """An exported table of places, opened. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open and verify the artefact, and derive what is compared.

        Raises:
            ArtifactError: it is none, is damaged, or was made for other features.
            MissingExtraError: a library of the extra ``match`` is not installed.
        """
        self.artifact = open_artifact(path, KIND)
        self._scorer = PairScorer.load(path / SCORER_FOLDER)
        self._table = pq.read_table(self.artifact.file(PLACES_FILE))
        self._records = read_records(self._table)
        self._whole = WholeTable.of(self._records)
        self._spellings = NgramIndex(self._records.spellings)
        self._sounds = NgramIndex(sound_texts(self._records))
        self._meant = self._opened_meanings()
        self._scripts = [scripts_of(self._records, i) for i in range(len(self._records))]
        self._every_script = frozenset[str]().union(*self._scripts)
        self._located = np.flatnonzero(~np.isnan(self._records.points[:, 0]))
        self._tree = tree_of(self._records.points[self._located]) if len(self._located) else None
        self._by_phone: dict[str, list[int]] = defaultdict(list)
        for place, phone in enumerate(self._records.phones):
            if phone:
                self._by_phone[phone[-PHONE_DIGITS:]].append(place)

    @property
    def n_places(self) -> int:
        """Places that may be found."""
        return len(self._records)

    @property
    def a_name(self) -> str:
        """A name that may be asked for: that of the first place, if there is any."""
        names = self._table[columns.NAME]
        return str(names[0]) if len(names) else "?"

    def match(self, place: Mapping[str, Any], k: int = MOST_CANDIDATES) -> PlaceMatch:
        """The ``k`` likeliest places.

        Args:
            place: a row of :data:`nadeuri.data.poi.POIS`; what it lacks is unknown.
        """
        row = {name: place.get(name) for name in POIS.schema.names}
        mine = read_records(pa.Table.from_pylist([row], schema=POIS.schema))
        around = self._around(mine)
        asked = self._spellings.vectors(mine.spellings[0])
        found = np.unique(np.concatenate(list(self._routes(mine, asked))))
        if not len(found):
            return PlaceMatch(columns.NONE, ())
        theirs = _taken(self._records, found)
        lefts, rights = np.zeros(len(found), np.int64), np.arange(len(found))
        near = Surroundings(mine.points, theirs.points, around)
        cosines = _Cosines(self._spellings.cosine(asked, found))
        features = PairFeatures(
            mine,
            theirs,
            cosines,
            near,
            whole=self._whole,
            meanings=Meanings(mine, theirs, self._meant.encoder) if self._meant else None,
        ).matrix(lefts, rights)
        probability = self._scorer.probability(features, threads=1)
        order = np.lexsort((found, -probability))
        metres = near.metres(lefts, rights)
        decision = self._decision(float(probability[order[0]]))
        rows = self._table.take(found[order[:k]]).to_pylist()
        return PlaceMatch(
            decision,
            tuple(
                Candidate(
                    row,
                    float(probability[at]),
                    None if np.isnan(metres[at]) else float(metres[at]),
                )
                for row, at in zip(rows, order[:k].tolist(), strict=True)
            ),
        )

    def _decision(self, probability: float) -> str:
        thresholds = self._scorer.thresholds
        if probability >= thresholds.accept_above:
            return columns.ACCEPT
        return columns.ASK if probability >= thresholds.reject_below else columns.NONE

    def _around(self, mine: Records) -> Floats | None:
        return None if self._tree is None else nearest_metres(mine.points, self._tree)

    def _routes(self, mine: Records, asked: Any) -> Iterator[Indices]:
        """Places to compare, as :func:`nadeuri.match.candidates.candidate_pairs` finds them."""
        yield self._near(mine, asked)
        yield self._spellings.nearest(asked, ALIKE_NAMES)
        yield self._same_phone(mine.phones[0])
        yield self._alike_by_sound(mine)
        if self._meant is not None:
            yield self._same_meaning(mine, self._meant)

    def _near(self, mine: Records, asked: Any) -> Indices:
        if self._tree is None or np.isnan(mine.points[0, 0]):
            return np.zeros(0, np.int64)
        places = self._within(mine, self._tree, NEAR_METRES)
        metres = Surroundings(mine.points, self._records.points[places]).metres(
            np.zeros(len(places), np.int64), np.arange(len(places))
        )
        alike = self._spellings.cosine(asked, places) - FURTHER * metres
        return places[np.argsort(-alike, kind="stable")[:NEAR_NAMES]]

    def _within(self, mine: Records, tree: Any, metres: float) -> Indices:
        """Places around one that has a position."""
        inside = tree.query_ball_point(
            on_sphere(mine.points)[0], chord_of(metres), return_sorted=True
        )
        return self._located[np.array(inside, np.int64)]

    def _same_phone(self, phone: str) -> Indices:
        places = self._by_phone.get(phone[-PHONE_DIGITS:], []) if phone else []
        return np.array(places if len(places) <= SHARED_PHONE else [], np.int64)

    def _alike_by_sound(self, mine: Records) -> Indices:
        scripts = scripts_of(mine, 0)
        if len(scripts | self._every_script) < 2:
            return np.zeros(0, np.int64)
        asked = self._sounds.vectors(sound_texts(mine)[0])
        heard = self._sounds.nearest(asked, HEARD_NAMES).tolist()
        foreign = [place for place in heard if scripts.isdisjoint(self._scripts[place])]
        return np.array(foreign, np.int64)

    def _same_meaning(self, mine: Records, meant: _Meant) -> Indices:
        """Places whose main name is in another script; of these, those that mean most nearly it."""
        places = np.arange(len(self._records))
        if not np.isnan(mine.points[0, 0]):
            tree = self._tree
            places = places[:0] if tree is None else self._within(mine, tree, MEANT_METRES)
        main = mine.bundles[0].names[0]
        names = meant.names.slots[0][places]
        foreign = meant.names.scripts[names] != main.script
        places, names = places[foreign], names[foreign]
        cosines = meant.vectors[names].astype(np.float32) @ meant.encoder.encode([main.text])[0]
        best: Indices = places[np.argsort(-cosines, kind="stable")[:MEANT_NAMES]]
        return best

    def _opened_meanings(self) -> _Meant | None:
        """Raises: ArtifactError: they are of other names, or of another encoder."""
        if self._scorer.encoder is None:
            return None
        embedder = local_embedder(self._scorer.encoder)
        names = NameTable(self._records)
        file = self.artifact.file(MEANINGS_FILE)
        vectors = np.load(file, mmap_mode="r", allow_pickle=False)
        if vectors.shape != (len(names.texts), embedder.dim):
            raise ArtifactError(f"{file}: holds no vectors of these names; export the index again")
        return _Meant(names, vectors, WithKnown(embedder, names.texts, vectors))


@dataclass(frozen=True)
class _Meant:
    """Names of the table and their vectors, by number, and the encoder that made them."""

    names: NameTable
    vectors: npt.NDArray[np.float16]
    encoder: WithKnown


class _Cosines:
    """Those of one place with the places that it is compared with, in their order."""

    def __init__(self, cosines: npt.NDArray[np.float32]) -> None:
        self._cosines = cosines

    def cosine(self, li: Indices, ri: Indices) -> npt.NDArray[np.float32]:
        """Of the most alike spellings of each pair; float32 [n]."""
        del li  # it is always the one place
        return self._cosines[ri]


def _taken(records: Records, rows: Indices) -> Records:
    """Some of the places, in the order of ``rows``."""
    chosen = rows.tolist()
    taken: dict[str, Any] = {
        each.name: tuple(getattr(records, each.name)[row] for row in chosen)
        for each in fields(Records)
    }
    return Records(**{**taken, "points": records.points[rows]})
