"""Text as the numbers a network reads, and the units of text that its labels belong to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, pre_tokenizers

from nadeuri.errors import ArtifactError, ConfigError
from nadeuri.understand.segments import CHARACTERS, N_TAGS, Segment, characters, segmenter

Ints = npt.NDArray[np.int64]
Marker = Callable[[str], Sequence[int]]
"""A mark for every character of a text."""

TOKENIZER_FILE = "tokenizer.json"
SPACE_MARK = "▁"
LAST_CODE_POINT = 0xFFFF
"""Characters beyond it (emoji, rare Hanja) are read as one and the same."""
MAX_PIECES = 510
"""Most ids of a row: pretrained encoders have 512 positions or a few more."""
REPLACEMENT = 0xFFFD
"""What a null character is read as: 0 is padding."""


@dataclass(frozen=True)
class Encoding:
    """One text.

    Attributes:
        ids: what the network reads, special tokens included.
        tags: part of speech and spacing of each id, plus ``N_TAGS`` times the mark of its name
            (:mod:`nadeuri.understand.marks`); 0 at special tokens.
        units: index into ``ids`` of each unit's first piece; labels belong to units.
        starts, ends: character offsets of the units in the text.
    """

    ids: list[int]
    tags: list[int]
    units: list[int]
    starts: list[int]
    ends: list[int]


class TextEncoder(Protocol):
    """From text to numbers.

    Attributes:
        pad: the id that fills up short rows.
        marker: of the names in a text.
    """

    pad: int
    marker: Marker

    def __call__(self, text: str) -> Encoding: ...

    def save(self, folder: Path) -> None:
        """Write what :func:`load_encoder` needs beside the settings."""


def load_encoder(
    folder: Path, segments: str, label_words: bool, marker: Marker | None = None
) -> TextEncoder:
    """The encoder of a folder: characters need no file, others ``tokenizer.json``.

    Args:
        segments: how text is cut before it is tokenized.
        label_words: labels belong to words, not to pieces.
        marker: of the names that the network was trained to see.

    Raises:
        ArtifactError: the tokenizer's file is absent or damaged.
    """
    if segments == CHARACTERS:
        return CharacterEncoder(label_words=label_words, marker=marker)
    file = folder / TOKENIZER_FILE
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises bare Exception
        raise ArtifactError(f"{file}: cannot be read as a tokenizer ({error})") from error
    return SubwordEncoder(tokenizer, segments, label_words=label_words, marker=marker)


def padded(rows: Sequence[Sequence[int]], pad: int) -> Ints:
    """Rows of unequal length as int64 [B, L]."""
    out = np.full((len(rows), max(map(len, rows))), pad, np.int64)
    for number, row in enumerate(rows):
        out[number, : len(row)] = row
    return out


class CharacterEncoder:
    """Code points as they are: every character is known, and none is [UNK]."""

    pad = 0

    def __init__(self, *, label_words: bool = False, marker: Marker | None = None) -> None:
        self._label_words = label_words
        self.marker = marker or _unmarked

    def __call__(self, text: str) -> Encoding:
        ids = [min(ord(char), LAST_CODE_POINT) or REPLACEMENT for char in text]
        segments = characters(text)
        marks = self.marker(text)
        tags = [0] * len(ids)
        for segment in segments:
            tags[segment.start] = segment.tag + N_TAGS * marks[segment.start]
        starts = [segment.start for segment in segments]
        encoding = Encoding(ids, tags, starts, starts, [segment.end for segment in segments])
        return _by_word(encoding) if self._label_words else encoding

    def save(self, folder: Path) -> None:
        """Nothing: Unicode is the vocabulary."""


class SubwordEncoder:
    """A Hugging Face tokenizer applied to segments, so that no piece runs across two of them.

    With SentencePiece vocabularies the mark of a space stands before a segment where the text has a
    space, and nowhere else: that is what their encoders were trained on.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        segments: str,
        *,
        label_words: bool = False,
        marker: Marker | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.marker = marker or _unmarked
        self._segment = segmenter(segments)
        self._label_words = label_words
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self._marks_spaces = _marks_spaces(tokenizer)
        if self._marks_spaces:
            self.tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
        self.pad = _pad_id(tokenizer)

    def __call__(self, text: str) -> Encoding:
        segments = self._segment(text)
        marks = self.marker(text)
        marked = [self._marked(text, segment) for segment in segments]
        encoded = self.tokenizer.encode(marked, is_pretokenized=True)
        numbers = [*encoded.word_ids, None]
        encoding, reached = Encoding([], [], [], [], []), 0
        for at, (piece, offsets) in enumerate(zip(encoded.ids, encoded.offsets, strict=True)):
            number = numbers[at]
            if number is None:
                encoding.ids.append(piece)
                encoding.tags.append(0)
                continue
            segment = segments[number]
            mark = len(marked[number]) - (segment.end - segment.start)
            start, end = (segment.start + max(0, offset - mark) for offset in offsets)
            if start == end and numbers[at + 1] == number:
                continue  # a lone space mark: the tag of the next piece says the same
            if piece == self.pad:
                continue  # somebody wrote [PAD]: inside a row it would hide what follows
            encoding.ids.append(piece)
            encoding.tags.append(segment.tag + N_TAGS * marks[min(start, segment.end - 1)])
            start = max(start, reached)  # several pieces may share a character
            if end > start:
                encoding.units.append(len(encoding.ids) - 1)
                encoding.starts.append(start)
                encoding.ends.append(end)
                reached = end
        return _by_word(encoding) if self._label_words else encoding

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json``."""
        self.tokenizer.save(str(folder / TOKENIZER_FILE))

    def _marked(self, text: str, segment: Segment) -> str:
        written = text[segment.start : segment.end]
        is_spaced = segment.start == 0 or text[segment.start - 1].isspace()
        return SPACE_MARK + written if self._marks_spaces and is_spaced else written


def _unmarked(text: str) -> Sequence[int]:
    return [0] * len(text)


def _by_word(encoding: Encoding) -> Encoding:
    """The same ids with one unit a word: its first piece stands for it."""
    units: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for unit, start, end in zip(encoding.units, encoding.starts, encoding.ends, strict=True):
        if ends and ends[-1] == start:
            ends[-1] = end
            continue
        units.append(unit)
        starts.append(start)
        ends.append(end)
    return Encoding(encoding.ids, encoding.tags, units, starts, ends)


def _marks_spaces(tokenizer: Tokenizer) -> bool:
    """Whether its vocabulary marks spaces; alone, or behind a split at spaces as XLM-R's."""
    specification = json.loads(tokenizer.to_str())["pre_tokenizer"] or {}
    steps = specification.get("pretokenizers", [specification])
    return any(step.get("type") == "Metaspace" for step in steps)


def _pad_id(tokenizer: Tokenizer) -> int:
    for token in ("[PAD]", "<pad>"):
        number = tokenizer.token_to_id(token)
        if number is not None:
            return int(number)
    raise ConfigError("encoder: its tokenizer has neither [PAD] nor <pad>")
