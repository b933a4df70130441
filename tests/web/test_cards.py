"""Cards as HTML."""

from __future__ import annotations

from html_page import HtmlPage
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.guide.answer import Card, Dish, Quote, Step
from nadeuri.web.cards import cards_html
from nadeuri.web.details import steps_html

CARD = Card(
    place_id="p1",
    name="애월 돌담집",
    category="흑돼지",
    address="제주시 애월읍 애월리 12",
    latitude=33.46,
    longitude=126.31,
    rating=4.26,
    n_reviews=1234,
    hours="매일 11:00–21:30, 수요일 휴무",
    menus=(Dish(name="흑돼지 오겹살", price=19_000), Dish(name="회", price=None)),
    reviews=(
        Quote(review_id="r1", source="네이버", date="2026-05-03", text="좋아요.\n또 올게요."),
    ),
    reason="60대 손님이 많아요.",
)


def test_what_a_card_shows() -> None:
    page = HtmlPage(cards_html([CARD, CARD.model_copy(update={"name": "곁집"})]))
    assert page.texts[:5] == ["1", "애월 돌담집", "흑돼지 · 애월읍", "★ 4.3", "후기 1,234"]
    assert CARD.reason in page.texts
    assert {"주소", CARD.address, "영업", CARD.hours} <= set(page.texts)
    assert page.texts.index("19,000원") == page.texts.index("흑돼지 오겹살") + 1
    assert page.texts.index("가격 문의") == page.texts.index("회") + 1
    assert (
        page.texts.index("네이버 후기 · 2026-05-03") == page.texts.index("좋아요.\n또 올게요.") + 1
    )
    assert page.texts.index("2") == page.texts.index("곁집") - 1


def test_what_is_unknown_is_left_out() -> None:
    bare = CARD.model_copy(
        update={"rating": None, "hours": None, "menus": (), "reviews": (), "address": "제주"}
    )
    page = HtmlPage(cards_html([bare]))
    assert not {"b", "li", "blockquote"} & set(page.tags)
    assert "영업" not in page.texts
    assert "흑돼지" in page.texts


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever the data say, there are the same elements, and the text is there as it was."""
    changed = dict.fromkeys(("name", "category", "address", "hours", "reason"), text)
    hostile = CARD.model_copy(
        update={
            **changed,
            "menus": (Dish(name=text, price=1),),
            "reviews": (Quote(review_id="r", source=text, date=text, text=text),),
        }
    )
    page = HtmlPage(cards_html([hostile]))
    allowed = HtmlPage(cards_html([CARD]))
    assert set(page.tags) <= set(allowed.tags)
    assert page.attributes <= allowed.attributes
    assert not text.strip() or sum(text in each for each in page.texts) >= 4


def test_steps_with_their_shares() -> None:
    html = steps_html(
        [
            Step(name="plan", ms=30.0, notes=("<b>쓴 대로</b>",)),
            Step(name="select", ms=90.0, by="language_model"),
        ]
    )
    page = HtmlPage(html)
    assert "b" not in page.tags
    assert "<b>쓴 대로</b>" in page.texts
    assert {"규칙", "언어 모델", "30.0 ms", "모두 120 ms"} <= set(page.texts)
    assert "width: 25.0%" in html
    assert "width: 75.0%" in html
    assert "width: 0.0%" in steps_html([Step(name="plan", ms=0.0)])
