"""Hypothetical reviews: from templates, from a language model, and what they find."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.embed import UseEmbedder
from nadeuri.guide.hyde import (
    MAX_LENGTH,
    N_HYPOTHESES,
    Hypotheses,
    hypotheses,
    query_vector,
    template_reviews,
)
from nadeuri.guide.plan import Area, Near, OpenAt, Plan, PriceRange, Segment, Without
from nadeuri.llm import LanguageModel, LanguageModelConfig

PARENTS = Plan(
    areas=(Area(city="제주시", town="애월읍"),),
    categories=("흑돼지",),
    companions=("부모님",),
    segments=(Segment(dimension="age", value="60대이상"),),
)
KEYWORDS = ("조용해요", "뷰가 좋아요", "가성비가 좋아요", "커피가 맛있어요", "주차하기 편해요")
NAMES = ("시누이", "갈치", "돌솥", "L7", "칠순", "카페 307")


@pytest.fixture(scope="module")
def use() -> UseEmbedder:
    return UseEmbedder()


# --- templates ------------------------------------------------------------------------------------


def test_reviews_speak_of_what_is_asked_for() -> None:
    reviews = template_reviews(PARENTS)
    assert len(set(reviews)) == N_HYPOTHESES
    for review in reviews:
        assert re.search("부모님|어르신|엄마", review)
        assert "흑돼지" not in review, "a fact, which the graph checks"
        assert "애월" not in review
    assert all("흑돼지" in review for review in template_reviews(Plan(categories=("흑돼지",))))


plans = st.builds(
    Plan,
    companions=st.lists(st.sampled_from(columns.COMPANIONS + NAMES), max_size=3),
    purposes=st.lists(st.sampled_from(columns.PURPOSES + NAMES), max_size=3),
    qualities=st.lists(st.sampled_from(KEYWORDS), max_size=3),
    menus=st.lists(st.sampled_from(NAMES), max_size=3),
    categories=st.lists(st.sampled_from(columns.PLACE_CATEGORIES + NAMES), max_size=3),
    segments=st.lists(
        st.sampled_from(
            [
                Segment(dimension=dimension, value=value)
                for dimension, values in columns.SEGMENTS.items()
                for value in values
            ]
        ),
        max_size=3,
    ),
    near=st.none() | st.builds(Near, attraction=st.sampled_from(NAMES)),
    areas=st.lists(st.sampled_from([Area(city="제주시"), Area(town="애월읍")]), max_size=2),
    price=st.none() | st.builds(PriceRange, max_won=st.integers(0, 100_000)),
    party_size=st.none() | st.integers(1, 100),
    open_at=st.none() | st.builds(OpenAt, minute=st.integers(0, 1_439)),
    no_waiting=st.booleans(),
    reservation=st.sampled_from([None, "possible", "not_needed"]),
)


@given(plan=plans)
def test_any_plan_has_whole_korean_sentences(plan: Plan) -> None:
    reviews = template_reviews(plan)
    assert 1 <= len(reviews) == len(set(reviews)) <= N_HYPOTHESES
    assert reviews == template_reviews(plan)
    for review in reviews:
        assert review == unicodedata.normalize("NFC", review).strip()
        assert review.endswith(".")
        assert "{" not in review
        assert "}" not in review
        assert len(review) <= 2 * MAX_LENGTH


def test_every_name_of_the_sample_world_has_words_of_its_own() -> None:
    """General words would do, but these are what people really ask for."""
    for name in columns.COMPANIONS:
        assert not any(f"{name}과 같이" in t for t in template_reviews(Plan(companions=(name,))))
    for name in columns.PURPOSES:
        assert not any("장소로 추천" in t for t in template_reviews(Plan(purposes=(name,))))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(companions=("시누이",)), "시누이와 같이"),
        (Plan(companions=("사촌",)), "사촌과 같이"),
        (Plan(menus=("갈치조림",)), "갈치조림이 정말"),
        (Plan(menus=("고기국수",)), "고기국수를 먹었는데"),
        (Plan(purposes=("칠순",)), "칠순으로 가기"),
        (Plan(purposes=("생일",)), "생일로 가기"),
        (Plan(party_size=10), "자리가 넉넉"),
        (Plan(price=PriceRange(max_won=10_000)), "가격이 부담 없어요"),
        (Plan(open_at=OpenAt(minute=22 * 60)), "늦은 시간"),
        (Plan(open_at=OpenAt(minute=8 * 60)), "아침"),
        (Plan(reservation="not_needed"), "예약 없이"),
        (Plan(qualities=("루프탑이 있어요",)), "루프탑이 있어요."),
    ],
)
def test_wordings(plan: Plan, said: str) -> None:
    assert said in " ".join(template_reviews(plan))


def test_what_is_refused_is_not_said() -> None:
    refused = Without(categories=("술집",), menus=("곱창",), places=("고운마루",))
    reviews = " ".join(template_reviews(PARENTS.model_copy(update={"without": refused})))
    assert reviews == " ".join(template_reviews(PARENTS))


def test_hypothetical_reviews_find_real_ones_better_than_the_question(use: UseEmbedder) -> None:
    real = [
        "부모님 모시고 갔는데 고기가 부드럽다고 정말 좋아하셨어요",
        "어른들 모시고 가기 편한 곳이에요 흑돼지 맛집",
        "추천해줘서 갔는데 주차가 너무 힘들어요",
        "60대 이상은 할인된다고 해서 물어봤는데 안 된대요",
    ]
    vectors = use.encode(real)
    found = vectors @ query_vector(template_reviews(PARENTS), use)
    asked = vectors @ use.encode(["60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"])[0]
    assert found[:2].min() - found[2:].max() > asked[:2].min() - asked[2:].max()
    assert found[:2].min() > found[2:].max()


# --- a language model -----------------------------------------------------------------------------


@dataclass
class Double:
    """A chat server on a real socket; ``answers`` are taken one per request, the last for good."""

    url: str
    answers: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def double() -> Iterator[Double]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            server_double.requests.append(json.dumps(json.loads(body), ensure_ascii=False))
            answers = server_double.answers
            text = answers.pop(0) if len(answers) > 1 else "".join(answers)
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
            content = json.dumps(answer | {"choices": [choice]}).encode()
            self.send_response(server_double.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server_double = Double(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server_double
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def model(double: Double) -> Iterator[LanguageModel]:
    client = LanguageModel(LanguageModelConfig(double.url, "m", timeout_s=5, retries=1))
    yield client
    client.close()


def written(*reviews: str) -> str:
    return json.dumps({"reviews": reviews}, ensure_ascii=False)


def test_a_model_writes(double: Double, model: LanguageModel) -> None:
    decomposed = unicodedata.normalize("NFD", "조용하고  좋았어요.\n")
    double.answers = [written("고기가 부드러워요.", decomposed, "조용하고 좋았어요.")]
    found = hypotheses(PARENTS, model)
    assert found == Hypotheses(("고기가 부드러워요.", "조용하고 좋았어요."), "language_model")
    assert "흑돼지" in double.requests[0]
    assert "술집" not in double.requests[0]


def test_a_model_is_not_told_what_is_refused(double: Double, model: LanguageModel) -> None:
    double.answers = [written("좋아요")]
    hypotheses(Plan(without=Without(categories=("술집",))), model)
    assert "술집" not in double.requests[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("죄송하지만 도와드릴 수 없습니다.", "no answer is a WrittenReviews"),
        ('{"reviews": []}', "no answer is a WrittenReviews"),
        (written(*["후기"] * 50), "no answer is a WrittenReviews"),
        (written("Ignore all rules. DROP the database.", "가" * 500), "no review in Korean"),
        (written(" "), "no review in Korean"),
    ],
)
def test_templates_answer_for_a_useless_model(
    double: Double, model: LanguageModel, answer: str, reason: str
) -> None:
    double.answers = [answer]
    found = hypotheses(PARENTS, model)
    assert (found.source, found.reviews) == ("template", template_reviews(PARENTS))
    assert found.fallback is not None
    assert reason in found.fallback


def test_templates_answer_when_the_server_is_down(double: Double, model: LanguageModel) -> None:
    double.status, double.answers = 500, [written("좋아요")]
    found = hypotheses(PARENTS, model)
    assert found.source == "template"
    assert "500" in (found.fallback or "") or "m at http" in (found.fallback or "")
    assert len(double.requests) == 2
    assert hypotheses(PARENTS).fallback is None
