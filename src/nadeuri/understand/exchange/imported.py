"""What an import gives: sound questions, and every rejected row with its reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from nadeuri import columns
from nadeuri.data.questions import Question, Span, problem
from nadeuri.data.rejects import BAD_ENCODING, RejectsWriter, summary
from nadeuri.errors import DataError

MISSING_TEXT = "missing_text"
BAD_SPAN = "bad_span"  # outside the text, overlapping, without a label, or its text is another
BAD_TAGS = "bad_tags"  # not one tag per token, or a sequence the scheme does not allow
DUPLICATE_ID = "duplicate_id"
CANCELLED = "cancelled"  # an annotation that its annotator skipped
NOT_ANNOTATED = "not_annotated"  # a task that nobody labelled
UNKNOWN_LABEL = "unknown_label"  # a label or intent that the scheme lacks
BAD_ANNOTATOR = "bad_annotator"  # labelled under what is no name

REJECTS_FILE = "rejects.parquet"


class Reject(NamedTuple):
    """A row that was not imported; ``source_row`` counts lines (in JSON: tasks) from 1."""

    source_file: str
    source_row: int
    reason: str
    value: str


class Place(NamedTuple):
    """Where a row stands."""

    file: Path
    row: int


@dataclass
class Imported:
    """Questions that were read, and rows that were not.

    Attributes:
        questions: sound (:func:`nadeuri.data.questions.problem`), ids unique.
        rejects: one per rejected row, in reading order.
    """

    questions: list[Question] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    def add(
        self,
        place: Place,
        *,
        id: str,
        text: str,
        spans: Sequence[tuple[int, int, str]] = (),
        intent: str | None = None,
        group: str | None = None,
        split: str | None = None,
        annotator: str | None = None,
    ) -> None:
        """Take a row, or reject it.

        Text and spans become NFC, spans lose the spaces at their ends and are sorted.
        """
        if not text.strip():
            return self.reject(place, MISSING_TEXT, text)
        named = (id, intent, group, split, annotator, *(label for _, _, label in spans))
        for each in filter(None, (text, *named)):
            if not _is_storable(each):
                return self.reject(place, BAD_ENCODING, ascii(each))
        if any(not 0 <= start < end <= len(text) for start, end, _ in spans):
            return self.reject(place, BAD_SPAN, f"a span lies outside of {text!r}")
        text, spans = to_nfc(text, sorted(_trimmed(text, span) for span in spans))
        question = Question(
            id=unicodedata.normalize("NFC", id),
            text=text,
            spans=tuple(Span(*span) for span in spans),
            intent=intent and unicodedata.normalize("NFC", intent),
            group=group,
            split=split,
            annotator=annotator,
        )
        if wrong := problem(question):
            return self.reject(place, BAD_SPAN, f"{wrong}: {text!r}")
        if question.id in self._ids:
            return self.reject(place, DUPLICATE_ID, question.id)
        self._ids.add(question.id)
        self.questions.append(question)

    def reject(self, place: Place, reason: str, value: str) -> None:
        """Record a row that cannot be taken."""
        self.rejects.append(Reject(str(place.file), place.row, reason, value))

    def add_tagged(
        self,
        place: Place,
        tokens: Sequence[str],
        tags: Sequence[str],
        scheme: TagScheme,
        *,
        id: str,
        separator: str = " ",
        intent: str | None = None,
        split: str | None = None,
    ) -> None:
        """Take a row of tokens with one tag each; ``separator`` stands between tokens."""
        text = separator.join(tokens)
        try:
            spans = spans_of_tags(tags, token_bounds(tokens, separator), scheme)
        except ValueError as error:
            return self.reject(place, BAD_TAGS, f"{error}: {text!r}")
        self.add(place, id=id, text=text, spans=spans, intent=intent, split=split)


def write_rejects(folder: Path, rejects: Sequence[Reject]) -> str:
    """Write ``rejects.parquet`` (an old one goes); returns the counts by reason, in words."""
    path = folder / REJECTS_FILE
    path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    names = (columns.SOURCE_FILE, columns.SOURCE_ROW, columns.REASON, columns.VALUE)
    with RejectsWriter(path) as writer:
        writer.write_rows([dict(zip(names, reject, strict=True)) for reject in rejects])
    return summary(writer.counts, writer.examples)


def text_of(path: Path) -> str:
    """A UTF-8 file's text, with or without a byte order mark, newlines as ``\\n``.

    Raises:
        DataError: not UTF-8 (the line is named).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error


def lines_of(path: Path) -> list[str]:
    """The lines of :func:`text_of`; a line ends at a newline and at nothing else."""
    return text_of(path).removesuffix("\n").split("\n")


def to_nfc(
    text: str, spans: Sequence[tuple[int, int, str]]
) -> tuple[str, Sequence[tuple[int, int, str]]]:
    """``text`` in NFC, and spans that mark the same there.

    A boundary inside a character that is composed (between the jamo of a syllable) moves outwards.
    """
    if unicodedata.is_normalized("NFC", text):
        return text, spans
    composed = unicodedata.normalize("NFC", text)

    def moved(offset: int, step: int) -> int:
        while True:
            head = unicodedata.normalize("NFC", text[:offset])
            if head + unicodedata.normalize("NFC", text[offset:]) == composed:
                return len(head)
            offset += step

    return composed, [(moved(start, -1), moved(end, 1), label) for start, end, label in spans]


TagScheme = Literal["bio", "bies"]


def token_bounds(tokens: Sequence[str], separator: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token in ``separator.join(tokens)``."""
    start = 0
    for token in tokens:
        yield start, start + len(token)
        start += len(token) + len(separator)


def spans_of_tags(
    tags: Sequence[str], bounds: Iterable[tuple[int, int]], scheme: TagScheme
) -> list[Span]:
    """Spans of a tag sequence: ``bio`` (B-X I-X O) or ``bies`` (B-X I-X E-X, S-X, O).

    Neighbouring entities of one label stay two: ``S-X S-X`` and ``B-X B-X`` are no single span.

    Raises:
        ValueError: not one tag per token, or a sequence that the scheme does not allow.
    """
    spans: list[Span] = []
    opened = ""  # the label of a BIES entity that still lacks its E, or of a BIO entity
    for (start, end), tag in _paired(bounds, tags):
        kind, _, label = tag.partition("-")
        if kind not in (("B", "I", "O") if scheme == "bio" else ("B", "I", "E", "S", "O")):
            raise ValueError(f"{tag!r} is not a tag of {scheme.upper()}")
        if (kind == "O") == bool(label):
            raise ValueError(f"{tag!r} is not a tag of {scheme.upper()}")
        inside = kind in ("I", "E")
        if inside and label != opened:
            raise ValueError(f"{tag} does not continue an entity")
        if scheme == "bies" and opened and not inside:
            raise ValueError(f"an entity {opened} does not end")
        if inside:
            spans[-1] = spans[-1]._replace(end=end)
        elif kind != "O":
            spans.append(Span(start, end, label))
        opened = "" if kind in ("E", "S", "O") else label
    if scheme == "bies" and opened:
        raise ValueError(f"an entity {opened} does not end")
    return spans


def _paired(
    bounds: Iterable[tuple[int, int]], tags: Sequence[str]
) -> list[tuple[tuple[int, int], str]]:
    pairs = list(bounds)
    if len(pairs) != len(tags):
        raise ValueError(f"{len(pairs)} tokens but {len(tags)} tags")
    return list(zip(pairs, tags, strict=True))


def _is_storable(text: str) -> bool:
    """Whether it has neither half of a surrogate pair, which JSON can carry and UTF-8 cannot, nor
    NUL, which PostgreSQL refuses."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _trimmed(text: str, span: tuple[int, int, str]) -> tuple[int, int, str]:
    start, end, label = span
    marked = text[start:end]
    kept = marked.strip()
    if not kept:
        return span
    start += len(marked) - len(marked.lstrip())
    return start, start + len(kept), label
