from __future__ import annotations

import json
from pathlib import Path

import pytest

from nadeuri.data.questions import Question, Span
from nadeuri.data.rejects import BAD_ENCODING, MALFORMED_ROW
from nadeuri.understand.exchange import doccano
from nadeuri.understand.exchange.imported import BAD_SPAN

TEXT = "😀 일본 패키지"
SPANS = (Span(2, 4, "국가"), Span(5, 8, "상품 유형"))


@pytest.mark.parametrize(
    ("record", "intent", "annotator"),
    [
        (
            {
                "id": 7,
                "text": TEXT,
                "label": [[2, 4, "국가"], [5, 8, "상품 유형"]],
                "cats": ["가격 문의", "상품 추천"],
                "Comments": [],
            },
            "가격 문의#상품 추천",
            None,
        ),
        (
            {
                "id": 7,
                "text": TEXT,
                "relations": [],
                "entities": [
                    {"id": 1, "start_offset": 5, "end_offset": 8, "label": "상품 유형"},
                    {"id": 2, "start_offset": 2, "end_offset": 4, "label": "국가"},
                ],
            },
            None,
            None,
        ),
        (
            {
                "doc_id": 7,
                "text": TEXT,
                "labels": [[2, 4, "국가"], [5, 8, "상품 유형"], "날씨"],
                "username": "kim",
            },
            "날씨",
            "kim",
        ),
        ({"id": 7, "data": TEXT, "label": [[2, 4, "국가"], [5, 8, "상품 유형"]]}, None, None),
    ],
)
def test_exports_of_all_releases(
    tmp_path: Path, record: dict[str, object], intent: str | None, annotator: str | None
) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text(json.dumps(record) + "\r\n\r\n", encoding="utf-8-sig", newline="")
    [question] = doccano.read([file]).questions
    assert question == Question("7", TEXT, SPANS, intent, annotator=annotator)


def test_files_of_several_annotators_are_named_after_them(tmp_path: Path) -> None:
    line = json.dumps({"id": 1, "text": "일본", "label": [], "cats": []})
    for name in ("kim", "lee", "unknown"):
        (tmp_path / f"{name}.jsonl").write_text(line + "\n", encoding="utf-8")
    imported = doccano.read(sorted(tmp_path.glob("*.jsonl")))
    assert [(question.id, question.annotator) for question in imported.questions] == [
        ("1/kim", "kim"),
        ("1/lee", "lee"),
        ("1", None),
    ]


def test_rows_that_cannot_be_read_are_rejected(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    lines = [
        "{",
        "[]",
        '{"text": 3}',
        '{"text": "일본", "label": [[0, 2]]}',
        '{"text": "일본", "label": [[0, 9, "국가"]]}',
        '{"text": "일본", "entities": [{"start": 0}]}',
        '{"text": "일본", "label": {"a": 1}}',
        '{"text": "일본", "label": [3]}',
        '{"text": "일본", "label": null, "group": 7}',
        r'{"text": "\ud83d 일본"}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    imported = doccano.read([file])
    assert [reject.reason for reject in imported.rejects] == [
        *[MALFORMED_ROW] * 3,
        *[BAD_SPAN] * 5,
        BAD_ENCODING,
    ]
    assert [reject.source_row for reject in imported.rejects] == [*range(1, 9), 10]
    assert [(q.id, q.group) for q in imported.questions] == [("all-9", "7")]
