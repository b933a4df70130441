"""Questions as HTML: offsets in code points, everything escaped, whatever the API says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.question_cards import (
    entities_html,
    has_entities,
    intent_html,
    load_labels,
    sentence_html,
)
from nadeuri.web.question_types import Entity, Intent, Link, Understood

ODD = st.text(st.characters(exclude_categories=()), max_size=40)


class Reader(HTMLParser):
    """Collects the tags and the text of the marks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.marked: list[str] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "bdi" in self._open:
            self.marked.append(data)
        if "small" not in self._open:
            self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def entity(start: int, end: int, text: str = "", label: str = "지역", **more: Any) -> Entity:
    told = {"value": None, "link": None, "confidence": 0.996} | more
    return Entity(text=text, label=label, start=start, end=end, **told)


def understood(text: str, *entities: Entity) -> Understood:
    return Understood(text=text, intent=None, entities=entities)


def test_a_sentence_and_its_marks() -> None:
    said = understood("🏝️ 다낭 가족 여행", entity(3, 5), entity(6, 8, label="테마"))
    html = sentence_html(said)
    assert read(html).marked == ["다낭", "가족"]
    assert "지역 · 확신 99%" in html
    assert "<small>테마</small>" in html


def test_offsets_are_code_points_and_directions_are_kept_apart() -> None:
    text = "👨\u200d👩\u200d👧 \u202eעברית é 오사카"
    start = text.index("오사카")
    assert read(sentence_html(understood(text, entity(start, start + 3)))).marked == ["오사카"]
    assert 'dir="auto"' in sentence_html(understood(text))


def test_what_does_not_fit_the_text_is_left_out() -> None:
    said = understood(
        "오사카", entity(0, 2), entity(1, 3), entity(2, 9), entity(2, 2), entity(-1, 1)
    )
    assert read(sentence_html(said)).text == "오사카"
    assert read(entities_html(said)).marked in ([], ["오사"])
    assert not has_entities(understood("오사카", entity(0, 4)))


@given(
    text=ODD, label=ODD, name=ODD, code=ODD, at=st.tuples(st.integers(0, 40), st.integers(0, 40))
)
def test_anything_from_outside_is_only_text(
    text: str, label: str, name: str, code: str, at: tuple[int, int]
) -> None:
    said = understood(text, entity(*at, label=label, link=Link(code=code or None, name=name)))
    sentence = read(sentence_html(said))
    assert set(sentence.tags) <= {"p", "mark", "bdi", "small"}
    table = read(entities_html(said))
    assert set(table.tags) <= {
        "table", "thead", "tbody", "tr", "th", "td", "bdi", "span", "code"
    }  # fmt: skip
    intent = read(intent_html(Intent(name=label, confidence=0.5)))
    assert set(intent.tags) <= {"div", "h2", "p", "span"}
    for html in (sentence_html(said), entities_html(said)):
        html.encode()


def test_an_intent_with_its_guideline() -> None:
    html = intent_html(Intent(name="상품 추천#가격 문의", confidence=0.72))
    assert "<h2>상품 추천 · 가격 문의</h2>" in html
    assert html.count("지침: ") == 2
    assert "72% · 거의 확실해요" in html
    assert "읽을 수 있는 말이 없어서" in intent_html(None)


def test_the_table_tells_the_link() -> None:
    html = entities_html(understood("오사카", entity(0, 3, link=Link(code="OSA", name="오사카"))))
    assert "<code>OSA</code>" in html
    assert 'data-head="연결"' in html


@pytest.mark.parametrize("label", [*load_labels(), "모르는 라벨"])
def test_every_label_has_a_colour(label: str) -> None:
    html = sentence_html(understood("말", entity(0, 1, label=label)))
    assert re.search(r"--nd-hue: \d+", html)


def test_labels_differ_in_colour() -> None:
    text = "가" * len(load_labels())
    marks = [entity(n, n + 1, label=label) for n, label in enumerate(load_labels())]
    hues = re.findall(r"--nd-hue: (\d+)", sentence_html(understood(text, *marks)))
    assert len(set(hues)) == len(load_labels())
