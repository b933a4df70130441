"""nadeuri label: questions in, how things stand, and what was labelled out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from nadeuri.artifact import Artifact
from nadeuri.cli import main
from nadeuri.data.questions import read_questions
from nadeuri.understand.labelling.assign import next_task
from nadeuri.understand.labelling.database import LabellingStore

Invoke = Callable[..., Result]
MINJI = '{"id": 1, "text": "괌 얼마", "label": [[0, 1, "지역"]], "cats": ["가격 문의"]'


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path / "home"))

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["label", *map(str, arguments)])

    return run


def test_from_text_to_table(invoke: Invoke, tmp_path: Path) -> None:
    texts = tmp_path / "questions.txt"
    texts.write_text("괌 얼마\n\n다낭 날씨\n괌 얼마\n", encoding="utf-8")
    done = invoke("import", texts)
    assert done.exit_code == 0, done.output
    assert "3 questions, 2 of them new; 0 labels taken in" in done.output
    assert "0 of them new" in invoke("import", texts).output
    nothing = invoke("export", "--out", tmp_path / "out.parquet")
    assert (nothing.exit_code, "nothing is labelled yet" in nothing.output) == (2, True)

    labelled = tmp_path / "minji.jsonl"
    labelled.write_text(
        f'{MINJI}, "username": "minji"}}\n{{"id": 2, "text": "달 여행", "label": [[0, 1, "천체"]], '
        '"username": "minji"}\nbroken\n',
        encoding="utf-8",
    )
    done = invoke("import", labelled, "--double", "1")
    assert "2 questions, 1 of them new; 1 labels taken in" in done.output
    assert "1 malformed_row" in done.output
    assert "1 unknown_label" in done.output
    rejects = pq.read_table(tmp_path / "home" / "labelling" / "rejects.parquet").to_pylist()
    assert "unknown label '천체'" in rejects[1]["value"]

    status = json.loads(invoke("status", "--json").output)
    assert (status["tasks"], status["labelled"], status["double"]) == (3, 1, 1)
    assert "minji" in invoke("status").output
    done = invoke("export", "--out", tmp_path / "out.parquet")
    assert "1 rows" in done.output
    (question,) = read_questions(tmp_path / "out.parquet")
    assert (question.annotator, question.entities) == ("minji", (("괌", "지역"),))


def test_labels_without_a_name_need_one(invoke: Invoke, tmp_path: Path) -> None:
    labelled = tmp_path / "labels.jsonl"
    labelled.write_text(f"{MINJI}}}\n", encoding="utf-8")
    nobody = invoke("import", labelled, "--annotator", "")
    assert (nobody.exit_code, "annotator ''" in nobody.output) == (2, True)
    assert "1 labelled questions do not say by whom" in invoke("import", labelled).output
    done = invoke("import", labelled, "--annotator", "준호")
    assert "1 labels taken in" in done.output
    assert "준호" in invoke("status").output


def test_a_model_says_what_comes_first(
    invoke: Invoke, tmp_path: Path, question_artifact: Artifact
) -> None:
    url = f"sqlite:///{tmp_path / 'labels.sqlite'}"
    texts = tmp_path / "questions.txt"
    texts.write_text("오사카 얼마\nㅋㅋㅋㅋ ㅎㅎ\n", encoding="utf-8")
    assert invoke("import", texts, "--store", url).exit_code == 0
    done = invoke("rank", "--model", question_artifact.path, "--store", url)
    assert "2 questions ranked" in done.output, done.output
    with LabellingStore(url) as store, store.begin() as connection:
        first, second = (next_task(connection, name, 0.0) for name in ("지민", "하나"))
    assert first is not None
    assert second is not None
    assert first.confidence is not None
    assert second.confidence is not None
    assert first.confidence <= second.confidence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "none.txt"), "no such file"),
        (("import", "none.txt", "--format", "csv"), "not one of auto"),
        (("export", "--out", "labels.csv"), "name it .parquet, .jsonl, .json"),
        (("status", "--store", "nonsense"), "no URL of a database"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    invoke: Invoke, arguments: tuple[str, ...], words: str
) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert words in done.output
