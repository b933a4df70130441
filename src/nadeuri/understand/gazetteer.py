"""Gazetteer: names by entity label, looked up and linked to codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.errors import ArtifactError

CODE = "code"
ALIASES = "aliases"
QUIET = "quiet"
WEIGHT = "weight"
SCHEMA = pa.schema(
    [
        pa.field(columns.NAME, pa.string(), nullable=False),
        pa.field(columns.LABEL, pa.string(), nullable=False),
        (CODE, pa.string()),
        (columns.COUNTRY, pa.string()),
        pa.field(ALIASES, pa.list_(pa.string()), nullable=False),
        pa.field(QUIET, pa.list_(pa.string()), nullable=False),
        pa.field(WEIGHT, pa.float64(), nullable=False),
    ]
)
"""One row per :class:`Entry`; an artefact carries such a table, so that a server needs no source
of names."""

MIN_SIMILARITY = 0.79
"""Of jamo, for a fuzzy link: 다난 is still 다낭 (4 of 5), 파타 is no longer 파타야 (4 of 6)."""

_SHORT = 2  # syllables
_NEVER_DRAWN = re.compile(r"[^가-힣 ·&'-]")

LinkKind = Literal["exact", "alias", "fuzzy"]


@dataclass(frozen=True)
class Entry:
    """A named thing.

    Attributes:
        name: the canonical Korean name.
        label: entity label (:data:`nadeuri.columns.ENTITY_LABELS`).
        code: ISO 3166 alpha-2 of a country; the company's code of anything it sells, else the
            IATA code of a city or an airline.
        country: ISO 3166 alpha-2 of the country it is in.
        aliases: other spellings, common misspellings among them.
        quiet: keys of the surfaces that are ordinary words too or are too short to trust: they
            are looked up, but not drawn in augmentation.
        weight: population, or a stand-in for it.
    """

    name: str
    label: str
    code: str | None = None
    country: str | None = None
    aliases: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    weight: float = 1.0

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

    @property
    def keys(self) -> tuple[str, ...]:
        """Normalised surfaces, without repeats."""
        return tuple(dict.fromkeys(map(key_of, self.surfaces)))

    @property
    def drawable(self) -> tuple[str, ...]:
        """Surfaces that may stand in a sentence: Korean, and not quiet."""
        return tuple(
            surface
            for surface in self.surfaces
            if key_of(surface) not in self.quiet and not _NEVER_DRAWN.search(surface)
        )


@dataclass(frozen=True)
class Link:
    """What a recognised name stands for.

    Attributes:
        code: see :class:`Entry`; None where the gazetteer has none.
        name: canonical name.
        label: of the linked entry; another place label than asked for if only that is known.
        country: ISO 3166 alpha-2.
        kind: how it was linked.
        confidence: in (0, 1]: the similarity of the spelling, times the share of this entry in the
            weight of all entries that are spelt so.
    """

    code: str | None
    name: str
    label: str
    country: str | None
    kind: LinkKind
    confidence: float


class Gazetteer:
    """An index over entries. Make one with :meth:`of` or :meth:`read`."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        by_key: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for key in filter(None, entry.keys):
                by_key.setdefault(key, []).append(entry)
        self._by_key = {
            key: tuple(sorted(found, key=lambda entry: (entry.code is None, -entry.weight)))
            for key, found in by_key.items()
        }

    @classmethod
    def of(cls, *sources: Iterable[Entry]) -> Gazetteer:
        """Merge sources; of what they say about one thing the first source's word counts.

        Two entries are one thing if they share a label and a spelling and their countries do not
        contradict. Entries of one source with different codes stay apart.
        """
        merged: list[Entry] = []
        places: dict[tuple[str, str], list[int]] = {}
        for source in sources:
            before = len(merged)
            for entry in source:
                at = _same_thing(entry, merged, places, before)
                if at is None:
                    at = len(merged)
                    merged.append(entry)
                else:
                    merged[at] = _joined(merged[at], entry)
                for key in entry.keys:
                    known = places.setdefault((entry.label, key), [])
                    if at not in known:
                        known.append(at)
        return cls(merged)

    @classmethod
    def read(cls, path: Path) -> Gazetteer:
        """Read what :meth:`write` wrote.

        Raises:
            ArtifactError: it is missing or not such a table.
        """
        try:
            table = pq.read_table(path, schema=SCHEMA)
        except (OSError, pa.ArrowInvalid) as error:
            raise ArtifactError(
                f"{path}: not a gazetteer ({str(error).splitlines()[0]}); export the model again"
            ) from error
        names = table.column_names
        values = (table[name].to_pylist() for name in names)
        rows = (dict(zip(names, row, strict=True)) for row in zip(*values, strict=True))
        return cls(
            [
                Entry(**row | {ALIASES: tuple(row[ALIASES]), QUIET: tuple(row[QUIET])})
                for row in rows
            ]
        )

    def write(self, path: Path) -> None:
        """Write the entries as a Parquet table of :data:`SCHEMA`, whole or not at all."""
        rows = [{name: getattr(entry, name) for name in SCHEMA.names} for entry in self.entries]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(path.suffix + ".partial")
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), partial, compression="zstd")
        partial.replace(path)

    def labelled(self, label: str) -> tuple[Entry, ...]:
        """Entries that may be a span of ``label``; a place to leave from is a region."""
        return tuple(entry for entry in self.entries if entry.label == _kind_of(label))

    def lookup(self, surface: str, label: str | None = None) -> tuple[Entry, ...]:
        """Entries that are spelt so (case and spaces aside): those with a code, then heavy first.

        Args:
            label: only entries of this label.
        """
        found = self._by_key.get(key_of(surface), ())
        return found if label is None else tuple(e for e in found if e.label == _kind_of(label))

    def nearest(
        self,
        surface: str,
        label: str | None = None,
        *,
        limit: int = 5,
        min_similarity: float = MIN_SIMILARITY,
    ) -> list[tuple[Entry, float]]:
        """Entries spelt most alike, with the similarity of their jamo in [0, 1], best first.

        The similarity is 1 - (Damerau-Levenshtein distance / length of the longer).
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        kind = None if label is None else _kind_of(label)
        wanted = self._jamo.get(kind, {})
        hits = extract(
            _jamo_of(key_of(surface)),
            wanted,
            scorer=OSA.normalized_similarity,
            score_cutoff=min_similarity,
            limit=4 * limit,
        )
        best: dict[Entry, float] = {}
        for _, similarity, key in hits:
            for entry in self._by_key[key]:
                if kind is None or entry.label == kind:
                    best.setdefault(entry, float(similarity))
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], -pair[0].weight))
        return ranked[:limit]

    def link(self, surface: str, label: str) -> Link | None:
        """What a span of ``label`` stands for: by its name, by an alias, or by a near spelling.

        If no entry of the label is spelt so, an entry of another place label is taken (홍콩 is a
        country to some and a region to others). A short name is only taken for a misspelt one if
        that has a code: it is flown to, or sold.
        """
        found = self.lookup(surface, label)
        if not found and label in columns.PLACE_LABELS:
            found = tuple(e for e in self.lookup(surface) if e.label in columns.PLACE_LABELS)
        if found:
            first = found[0]
            kind: LinkKind = "exact" if key_of(first.name) == key_of(surface) else "alias"
            share = first.weight / sum(entry.weight for entry in found)
            return _link(first, kind, share)
        near = self.nearest(surface, label)
        if len(key_of(surface)) <= _SHORT:  # a slip from an ordinary word (골프 is nearly 궬프)
            near = [(entry, similarity) for entry, similarity in near if entry.code]
        return _link(near[0][0], "fuzzy", near[0][1]) if near else None

    @cached_property
    def _jamo(self) -> dict[str | None, dict[str, str]]:
        by_label: dict[str | None, dict[str, str]] = {None: {}}
        for key, entries in self._by_key.items():
            jamo = by_label[None][key] = _jamo_of(key)
            for entry in entries:
                by_label.setdefault(entry.label, {})[key] = jamo
        return by_label


def key_of(surface: str) -> str:
    """Normal form of a spelling: NFC, no case, no spaces."""
    return "".join(unicodedata.normalize("NFC", surface).casefold().split())


def _same_thing(
    entry: Entry, merged: Sequence[Entry], places: dict[tuple[str, str], list[int]], before: int
) -> int | None:
    for key in entry.keys:
        for at in places.get((entry.label, key), ()):
            other = merged[at]
            apart = at >= before and other.code != entry.code
            if not apart and (None in (a := (entry.country, other.country)) or a[0] == a[1]):
                return at
    return None


def _joined(first: Entry, second: Entry) -> Entry:
    known = set(first.keys)
    new = tuple(surface for surface in second.surfaces if key_of(surface) not in known)
    quiet = tuple(key for key in second.quiet if key not in known)
    return replace(
        first,
        code=first.code or second.code,
        country=first.country or second.country,
        aliases=first.aliases + tuple(dict.fromkeys(new)),
        quiet=first.quiet + quiet,
        weight=max(first.weight, second.weight),
    )


def _link(entry: Entry, kind: LinkKind, confidence: float) -> Link:
    return Link(entry.code, entry.name, entry.label, entry.country, kind, round(confidence, 4))


def _kind_of(label: str) -> str:
    return columns.REGION_LABEL if label == columns.DEPARTURE_LABEL else label


def _jamo_of(key: str) -> str:
    return unicodedata.normalize("NFD", key)
