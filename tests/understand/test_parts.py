"""Parts of labelled questions: as the data say, or split so that nothing leaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, Span, write_questions
from nadeuri.data.sample.questions import build_questions
from nadeuri.errors import DataError
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.parts import augmented, divide, fingerprint, names_of, read

QUESTIONS = build_questions(120, 0)


def counts(parts: dict[str, list[Question]]) -> dict[str, int]:
    return {part: len(questions) for part, questions in parts.items()}


def test_a_sample_world_is_read_by_its_table(tmp_path: Path) -> None:
    (tmp_path / "clicks.csv").write_text("user,item\n", encoding="utf-8")
    write_questions(tmp_path / "questions.parquet", QUESTIONS)
    assert read(tmp_path).questions == QUESTIONS


def test_data_without_a_usable_row_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text('{"id": 1, "text": " "}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"labelled\.jsonl: no usable question, 1 rejected"):
        read(file)


def test_parts_of_the_data_are_kept_and_dev_is_valid() -> None:
    renamed = [replace(q, split="dev" if q.split == "valid" else q.split) for q in QUESTIONS]
    parts = divide(renamed)
    for part in ("train", "valid", "test"):
        assert [q.id for q in parts[part]] == [q.id for q in QUESTIONS if q.split == part]


def test_without_parts_templates_stay_together() -> None:
    parts = divide([replace(question, split=None) for question in QUESTIONS])
    assert sum(counts(parts).values()) == len(QUESTIONS)
    assert all(counts(parts).values())
    homes = {(question.group, part) for part, found in parts.items() for question in found}
    assert len(homes) == len({group for group, _ in homes})


@pytest.mark.parametrize("lacking", ["valid", "test"])
def test_a_lacking_part_is_taken_from_training(lacking: str) -> None:
    kept = [question for question in QUESTIONS if question.split != lacking]
    parts = divide(kept)
    assert all(counts(parts).values())
    other = "test" if lacking == "valid" else "valid"
    assert [q.id for q in parts[other]] == [q.id for q in kept if q.split == other]
    assert sum(counts(parts).values()) == len(kept)


@pytest.mark.parametrize("wrong", ["holdout", None])
def test_a_part_that_cannot_be_told_is_named(wrong: str | None) -> None:
    with pytest.raises(DataError, match=f"question {QUESTIONS[3].id}: its part is {wrong!r}"):
        divide([*QUESTIONS[:3], replace(QUESTIONS[3], split=wrong), *QUESTIONS[4:]])


def test_augmentation_leaves_the_evaluation_and_its_names_alone() -> None:
    region = columns.REGION_LABEL
    names = Gazetteer([Entry(name, region) for name in ("오사카", "도쿄", "방콕", "파타야")])

    def asked(id: str, name: str, split: str) -> Question:
        return Question(id, f"{name} 날씨", (Span(0, len(name), region),), split=split)

    train, valid, test = (
        [asked("a", "오사카", "train")],
        [asked("b", "도쿄", "valid")],
        [asked("c", "방콕", "test")],
    )
    parts = augmented({"train": train, "valid": valid, "test": test}, names, factor=3, seed=0)
    assert (parts["valid"], parts["test"]) == (valid, test)
    assert names_of(parts["train"], [region]) == ["오사카", "파타야"]
    with pytest.raises(DataError, match="augmentation: no new question"):
        augmented(
            {"train": [Question("a", "안녕")], "valid": [], "test": []}, names, factor=1, seed=0
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda q: replace(q, text=q.text + "!"),
        lambda q: replace(q, intent="다른 의도"),
        lambda q: replace(q, spans=()),
    ],
)
def test_the_fingerprint_is_of_what_is_learned(change: Callable[[Question], Question]) -> None:
    parts = divide(QUESTIONS)
    at = next(i for i, question in enumerate(parts["train"]) if question.spans)
    changed = [*parts["train"]]
    changed[at] = change(changed[at])
    assert fingerprint({**parts, "train": changed}) != fingerprint(parts)
    renamed = [replace(question, id=f"x{question.id}") for question in parts["train"]]
    assert fingerprint({**parts, "train": renamed}) == fingerprint(parts)
