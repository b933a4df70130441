"""Paraphrases of labelled questions by a language model, with their spans projected and checked."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, Field

from nadeuri.data.questions import Question, Span, problem
from nadeuri.llm import LanguageModel, LanguageModelError, Message
from nadeuri.progress import progress
from nadeuri.understand.gazetteer import key_of

ANNOTATOR = "paraphrase"
MAX_LENGTH = 200
"""Characters; the longest new question is also no longer than three times its source."""

MIN_HANGUL = 0.5
"""Share of Hangul among the letters."""

BROKEN_MARKERS = "markers are broken"
OTHER_ENTITIES = "entities are not those of the source"
UNMARKED_ENTITY = "an entity occurs without markers"
TOO_LONG = "too long"
NOT_KOREAN = "not Korean"
DUPLICATE = "known already"
NO_ANSWER = "no answer"

_SYSTEM = """\
너는 한국어 여행 질문을 다시 쓰는 사람이다. 뜻과 의도는 그대로 두고 말투, 어순, 표현을 바꾼다.
규칙:
- <이름>...</이름> 표시와 그 안의 글자는 하나도 바꾸지 않고, 모두 정확히 한 번씩 쓴다.
- 새로운 표시, 새로운 장소·날짜·숫자를 넣지 않는다.
- 표시 바로 뒤의 조사는 자연스럽게 맞춘다.
- 실제 여행자가 입력할 법한 한 문장으로, 서로 다르게 쓴다.
- {"paraphrases": ["...", ...]} 꼴의 JSON으로만 답한다."""
_MARKER = re.compile("<(/?)([^<>]+)>")
_HANGUL = re.compile("[가-힣]")
_PATIENCE = 5  # questions in a row without an answer, after which the server counts as down


class Paraphrases(BaseModel):
    """What the language model is asked for."""

    paraphrases: list[str] = Field(min_length=1)


@dataclass
class ParaphraseResult:
    """What :func:`paraphrase` made: new questions, and rejected answers by reason."""

    questions: list[Question] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)


def paraphrase(
    questions: Sequence[Question],
    model: LanguageModel,
    store: Path,
    *,
    per_question: int = 3,
    workers: int = 4,
) -> ParaphraseResult:
    """Ask for paraphrases of each question and keep those whose entities are all in place.

    Answers are appended to ``store`` (JSON lines) as they come, by source and prompt, and are not
    asked for again: a run that was killed goes on where it was. Questions left without an answer
    are counted, and asked for by the next run.

    Args:
        questions: labelled; group, intent and split of a new question are its source's, its id is
            the source's with ``+p1``, ``+p2``, ...
        model: a language model.
        store: of answers.
        per_question: paraphrases to ask for.
        workers: questions asked at the same time.

    Raises:
        LanguageModelError: the model answers no more; what it answered is in ``store``.
    """
    answers = _stored(store)
    prompts = {question.id: _prompt(question, per_question) for question in questions}
    keys = {id_: _key(id_, model.config.model, prompt) for id_, prompt in prompts.items()}
    asked = {id_: prompt for id_, prompt in prompts.items() if keys[id_] not in answers}
    with _appending(store) as lines:
        for id_, texts in progress(_ask(asked, model, workers), "paraphrases", len(asked)):
            answers[keys[id_]] = texts
            line = {"key": keys[id_], "id": id_, "model": model.config.model, "answers": texts}
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            lines.flush()
    result = ParaphraseResult()
    known = {key_of(question.text) for question in questions}
    for question in questions:
        if keys[question.id] not in answers:
            result.rejected[NO_ANSWER] += 1
        for number, text in enumerate(answers.get(keys[question.id], ()), 1):
            made = project(question, text)
            if isinstance(made, str):
                result.rejected[made] += 1
            elif key_of(made.text) in known:
                result.rejected[DUPLICATE] += 1
            else:
                known.add(key_of(made.text))
                id_ = f"{question.id}+p{number}"
                result.questions.append(replace(made, id=id_, annotator=ANNOTATOR))
    return result


def marked(question: Question) -> str:
    """The text with its entities in markers: ``<국가>일본</국가> 패키지``."""
    text, at = "", 0
    for start, end, label in question.spans:
        text += f"{question.text[at:start]}<{label}>{question.text[start:end]}</{label}>"
        at = end
    return text + question.text[at:]


def project(question: Question, answer: str) -> Question | str:
    """The question that ``answer``, a marked text, is; or the reason why it is refused.

    Every entity of the source must be in it, in markers and exactly as often; no other marker, and
    no entity's name outside of markers.
    """
    parsed = _unmarked(" ".join(unicodedata.normalize("NFC", answer).split()))
    if parsed is None:
        return BROKEN_MARKERS
    text, spans = parsed
    made = replace(question, text=text, spans=spans)
    if problem(made):
        return BROKEN_MARKERS
    if Counter(made.entities) != Counter(question.entities):
        return OTHER_ENTITIES
    bare = _without(text, spans)
    if any(surface in bare for surface, _ in question.entities):
        return UNMARKED_ENTITY
    if len(text) > min(MAX_LENGTH, 3 * len(question.text)):
        return TOO_LONG
    letters = [char for char in text if char.isalpha()]
    if sum(map(bool, map(_HANGUL.match, letters))) < MIN_HANGUL * max(len(letters), 1):
        return NOT_KOREAN
    return made


def _ask(
    prompts: dict[str, list[Message]], model: LanguageModel, workers: int
) -> Iterator[tuple[str, list[str]]]:
    """Id and answers, as they come."""
    failures = 0
    with ThreadPoolExecutor(workers) as pool:
        futures: dict[Future[Paraphrases], str] = {
            pool.submit(model.parse, prompt, Paraphrases): id_ for id_, prompt in prompts.items()
        }
        try:
            for future in as_completed(futures):
                try:
                    answer = future.result()
                except LanguageModelError:
                    failures += 1
                    if failures >= _PATIENCE:
                        raise
                else:
                    failures = 0
                    yield futures[future], answer.paraphrases
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _prompt(question: Question, per_question: int) -> list[Message]:
    request = f"{marked(question)}\n\n위 질문을 서로 다르게 {per_question}가지로 다시 써 줘."
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": request}]


def _key(id_: str, model: str, prompt: list[Message]) -> str:
    content = json.dumps([id_, model, prompt], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _stored(store: Path) -> dict[str, list[str]]:
    """Answers by key; a line that a killed run left half-written is passed over."""
    answers: dict[str, list[str]] = {}
    if store.is_file():
        for line in store.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                row = json.loads(line)
                answers[row["key"]] = [str(text) for text in row["answers"]]
            except (json.JSONDecodeError, KeyError, TypeError):
                continue
    return answers


def _appending(store: Path) -> TextIO:
    """The store, open for whole lines: what a killed run left of a line gets an end."""
    store.parent.mkdir(parents=True, exist_ok=True)
    torn = store.is_file() and (content := store.read_bytes()) and not content.endswith(b"\n")
    lines = store.open("a", encoding="utf-8")
    if torn:
        lines.write("\n")
    return lines


def _unmarked(answer: str) -> tuple[str, tuple[Span, ...]] | None:
    """Text and spans; None if the markers do not pair up or are nested."""
    text, at = "", 0
    spans: list[Span] = []
    opened: tuple[str, int] | None = None
    for marker in _MARKER.finditer(answer):
        text += answer[at : marker.start()]
        at = marker.end()
        closes, label = marker.groups()
        if not closes and opened is None:
            opened = (label, len(text))
        elif closes and opened is not None and opened[0] == label:
            spans.append(Span(opened[1], len(text), label))
            opened = None
        else:
            return None
    text += answer[at:]
    return None if opened or "<" in text or ">" in text else (text, tuple(spans))


def _without(text: str, spans: Iterable[Span]) -> str:
    bare, at = "", 0
    for start, end, _ in spans:
        bare += text[at:start] + "\n"
        at = end
    return bare + text[at:]
