"""A place and its candidates as HTML."""

from __future__ import annotations

from html_page import HtmlPage
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.match_types import Candidate, Evidence, Place, Review, Said
from nadeuri.web.review_cards import RELATION_NAMES, candidate_label, evidence_html, pair_html

LEFT = Place(
    place_id="A1", name="오사카성", name_en="Osaka Castle", phone="+816", category="castle"
)
RIGHT = Candidate(
    place_id="G1", name="大阪城", address="1-1 Osakajo", probability=0.624, metres=35.2
)


def review(*said: Said, reason: str = "uncertain", lost_to: str | None = None) -> Review:
    evidence = Evidence(reason=reason, said=said, lost_to=lost_to)
    return Review(left=LEFT, candidates=(RIGHT,), evidence=evidence, version=1)


def test_field_by_field() -> None:
    texts = HtmlPage(pair_html(LEFT, RIGHT, 2)).texts
    assert texts[:4] == ["★", " 여행사 장소", "2", " 후보"]
    assert texts[4:10] == ["이름", "오사카성", "大阪城", "영어", "Osaka Castle", "없음"]
    assert "주소" in texts
    assert "현지어" not in texts, "nobody knows one"
    assert texts[-3:] == ["같은 곳일 확률 ", "62%", "거리 35 m"]


def test_what_was_not_measured() -> None:
    unknown = RIGHT.model_copy(update={"probability": None, "metres": None})
    assert HtmlPage(pair_html(LEFT, unknown, 1)).texts[-2:] == ["모름", "거리 모름"]
    assert candidate_label(unknown, 1, None) == "1. 大阪城 — 확률 모름, 거리 모름"


def test_a_candidate_in_a_line() -> None:
    far = RIGHT.model_copy(update={"metres": 38_100.0})
    assert candidate_label(far, 3, "nearby") == (
        "3. 大阪城 — 확률 62%, 거리 38.1 km, ✓ 근처의 다른 곳"
    )


def test_what_a_language_model_said() -> None:
    said = (
        Said(right="G1"),
        Said(right="G1", relation="contains"),
        Said(right="G9", relation="different"),
        Said(right=None),
    )
    texts = "".join(HtmlPage(evidence_html(review(*said))).texts)
    assert "후보 1번을 골랐어요." in texts
    assert "후보 1번은 ‘포함’이라고 했어요." in texts
    assert "지금은 후보가 아닌 곳은 ‘다른 곳’이라고 했어요." in texts
    assert "같은 곳이 없다고 했어요." in texts


def test_why_people_are_asked() -> None:
    assert "언어 모델의 의견" not in evidence_html(review())
    assert "확실하지 않아요" in evidence_html(review())
    contested = evidence_html(review(reason="contested", lost_to="<A7>"))
    assert "이미 이 후보와 연결되어 있어요 (&lt;A7&gt;)." in contested
    assert "사람의 확인이 필요해요." in evidence_html(review(reason="?"))


def test_every_name_of_a_relation_ends_in_a_consonant() -> None:
    """So that ``이라고`` fits."""
    assert all((ord(name[-1]) - 0xAC00) % 28 for name in RELATION_NAMES.values())


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_no_text_becomes_markup(text: str) -> None:
    fields = dict.fromkeys(
        ("name", "name_en", "name_local", "category", "address", "postal_code", "phone"), text
    )
    hostile = LEFT.model_copy(update=fields)
    page = HtmlPage(pair_html(hostile, RIGHT.model_copy(update=fields), 1))
    allowed = HtmlPage(pair_html(LEFT, RIGHT, 1))
    assert set(page.tags) <= {*allowed.tags, "span"}
    assert page.attributes <= allowed.attributes
    said = HtmlPage(evidence_html(review(Said(right="G1", relation=text or "x"), lost_to=text)))
    assert set(said.tags) <= {"div", "h2", "p", "ul", "li", "b"}
