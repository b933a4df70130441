"""Answers from an exported question model: ONNX Runtime, tokenizers, Kiwi and NumPy; no torch."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.onnx import open_session
from nadeuri.understand import bundle
from nadeuri.understand.bio import Floats
from nadeuri.understand.encoding import Ints, load_encoder
from nadeuri.understand.gazetteer import Gazetteer, Link
from nadeuri.understand.marks import NameMarker
from nadeuri.understand.microbatch import MicroBatcher
from nadeuri.understand.parse import MAX_CHUNK, Parse, Scorer, parse
from nadeuri.understand.values.normalise import Value, normalise, value_json

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

CACHED = 4096
"""Texts whose parse is kept: travellers ask alike."""

MAX_LINKED = 100
"""Only so many entities of one question are linked: a near spelling takes milliseconds to find."""

_MAX_BATCH = 8  # more saves little time, and in long texts takes much memory
_MAX_WAIT_S = 0.05
_WARM_UP = (("추석 연휴", columns.DATE_LABEL), ("오오사카시", columns.REGION_LABEL))


@dataclass(frozen=True)
class Entity:
    """One entity of a question.

    Attributes:
        text: as written; ``start``, ``end``: its character offsets in the NFC text.
        confidence: calibrated probability that span and label are right.
        value: what a date, period, party or budget comes to; None where it cannot be told.
        link: the place, hotel or airline of the gazetteer; None where there is none, and behind
            the first ``MAX_LINKED`` entities.
    """

    text: str
    label: str
    start: int
    end: int
    confidence: float
    value: Value | None
    link: Link | None


@dataclass(frozen=True)
class Answer:
    """A question understood.

    Attributes:
        text: NFC; offsets refer to it.
        intent: None where the model knows none or the text has nothing to read.
    """

    text: str
    intent: str | None
    intent_confidence: float
    entities: tuple[Entity, ...]

    def as_json(self) -> dict[str, object]:
        """As the API and the command line give it."""
        intent = {"name": self.intent, "confidence": self.intent_confidence}
        return {
            "text": self.text,
            "intent": intent if self.intent else None,
            "entities": [
                {
                    **vars(entity),
                    "value": entity.value and value_json(entity.value),
                    "link": entity.link and asdict(entity.link),
                }
                for entity in self.entities
            ],
        }


class QuestionParser:
    """An opened question artefact, ready to answer. Safe to use from several threads.

    Args:
        path: the artefact's folder.
        threads: of ONNX Runtime; with one, the session survives a fork.

    Raises:
        ArtifactError: not a question artefact, or a damaged file.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.artifact: Artifact = open_artifact(path, bundle.KIND)
        metadata = self.artifact.metadata
        self.head = bundle.read_head(self.artifact.file(bundle.HEAD_FILE))
        self.gazetteer: Gazetteer | None = None
        if bundle.GAZETTEER_FILE in self.artifact.manifest.files:
            self.gazetteer = Gazetteer.read(self.artifact.file(bundle.GAZETTEER_FILE))
        marker = NameMarker(self.gazetteer) if self.gazetteer and metadata["marks_names"] else None
        self._encoder = load_encoder(path, metadata["segments"], metadata["label_words"], marker)
        self._score = onnx_scorer(open_session(self.artifact.file(bundle.MODEL_FILE), threads))
        # int8 activations share one scale, so that an answer would depend on who else is asking
        self._batch_size = 1 if metadata["precision"] == bundle.INT8 else _MAX_BATCH
        batched = MicroBatcher(self.parse, max_batch=_MAX_BATCH, max_wait_s=_MAX_WAIT_S)
        self._parse_short = lru_cache(CACHED)(self._parse_one if self._batch_size == 1 else batched)
        self._link = lru_cache(CACHED)(self._link_one)

    def warm_up(self) -> None:
        """Load now what is loaded when first used, so that forked workers share it."""
        self.parse([surface for surface, _ in _WARM_UP])
        for surface, label in _WARM_UP:
            normalise(surface, label, today=date.today())
            self._link_one(surface, label)

    def answer(self, text: str, *, today: date) -> Answer:
        """Understand one question; a parse that was made lately is not made again.

        What several threads ask at the same time is read as one batch, where the weights are
        fp32. Long texts are read on their own, and not kept.

        Args:
            today: what "다음 달" is reckoned from.
        """
        text = unicodedata.normalize("NFC", text)
        is_long = len(text) > MAX_CHUNK
        found = self._parse_one(text) if is_long else self._parse_short(text)
        return self.described(text, found, today=today)

    def answer_all(self, texts: Sequence[str], *, today: date) -> list[Answer]:
        """Understand many questions, in batches of similar length where the weights are fp32."""
        normal = [unicodedata.normalize("NFC", text) for text in texts]
        parses = self.parse(normal)
        return [
            self.described(text, found, today=today)
            for text, found in zip(normal, parses, strict=True)
        ]

    def parse(self, texts: Sequence[str]) -> list[Parse]:
        """Spans and intent of NFC texts, without values and links."""
        return parse(texts, self._encoder, self._score, self.head, batch_size=self._batch_size)

    def described(self, text: str, found: Parse, *, today: date) -> Answer:
        """A parse of ``text`` with values and links."""
        entities: list[Entity] = []
        for span, confidence in zip(found.spans, found.confidences, strict=True):
            surface = text[span.start : span.end]
            value = normalise(surface, span.label, today=today)
            is_linked = value is None and len(entities) < MAX_LINKED
            link = self._link(surface, span.label) if is_linked else None
            entities.append(
                Entity(surface, span.label, span.start, span.end, confidence, value, link)
            )
        return Answer(text, found.intent, found.intent_confidence, tuple(entities))

    def _parse_one(self, text: str) -> Parse:
        return self.parse([text])[0]

    def _link_one(self, surface: str, label: str) -> Link | None:
        return self.gazetteer.link(surface, label) if self.gazetteer else None


def onnx_scorer(session: InferenceSession) -> Scorer:
    """The scorer of an opened ONNX model."""

    present = {each.name for each in session.get_inputs()}  # tags are left out where unused

    def score(ids: Ints, tags: Ints) -> tuple[Floats, Floats]:
        inputs = {bundle.IDS: ids, bundle.TAGS: tags}
        emissions, intents = session.run(
            [bundle.EMISSIONS, bundle.INTENTS],
            {name: array for name, array in inputs.items() if name in present},
        )
        return emissions, intents

    return score
