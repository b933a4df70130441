"""One reviewer's way through the queue."""

from __future__ import annotations

import pytest
from match_double import MatchDouble

from nadeuri.web.door import ApiError
from nadeuri.web.match_api import MatchApi
from nadeuri.web.match_types import Review
from nadeuri.web.review_queue import Queue


@pytest.fixture
def match(double: MatchDouble) -> MatchApi:
    return MatchApi(double.url)


def shown(queue: Queue, match: MatchApi) -> Review:
    review = queue.current(match)
    assert review is not None
    return review


def test_one_after_the_other(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    for left, right in (("A1", "G1"), ("A2", "G3"), ("A3", "G7")):
        review = shown(queue, match)
        assert review.left.place_id == left
        queue.decide(match, review, right, "same", "지민")
    assert queue.current(match) is None
    assert (queue.n_open, queue.n_decided) == (0, 3)
    assert double.asked.count("/v1/places/reviews") == 4, "once for each place, and for the end"


def test_a_refused_pair_leaves_the_others(match: MatchApi) -> None:
    queue = Queue()
    queue.decide(match, shown(queue, match), "G1", "contains", "지민")
    again = shown(queue, match)
    assert (again.left.place_id, again.version) == ("A1", 2)
    assert queue.said_of(again) == {"G1": "contains"}
    queue.decide(match, again, None, "different", "지민")
    assert shown(queue, match).left.place_id == "A2"
    assert queue.n_decided == 1


def test_a_second_click_does_nothing(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    review = shown(queue, match)
    queue.decide(match, review, "G1", "same", "지민")
    queue.decide(match, review, "G1", "same", "지민")
    queue.decide(match, review, "G2", "same", "지민")
    assert [each["right"] for each in double.decided] == ["G1"]
    assert not queue.notice


def test_somebody_was_faster(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    review = shown(queue, match)
    double.touch("A1")
    queue.decide(match, review, "G1", "same", "지민")
    assert "다른 분이 먼저" in queue.notice
    assert queue.last is None
    assert queue.n_decided == 0
    assert shown(queue, match).version == 2, "as it is now"


def test_the_last_one_again(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    queue.look_again()
    assert shown(queue, match).left.place_id == "A1"
    queue.decide(match, shown(queue, match), "G1", "same", "지민")
    assert shown(queue, match).left.place_id == "A2"
    queue.look_again()
    again = shown(queue, match)
    assert again.left.place_id == "A1"
    queue.decide(match, again, "G2", "same", "지민")
    assert not queue.notice
    assert [each["right"] for each in double.decided] == ["G1", "G2"]
    assert shown(queue, match).left.place_id == "A2"


def test_the_last_one_again_after_somebody_else(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    queue.decide(match, shown(queue, match), "G1", "same", "지민")
    double.touch("A1")
    queue.look_again()
    queue.decide(match, shown(queue, match), "G2", "same", "지민")
    assert "다른 분이 먼저" in queue.notice
    assert queue.last is None


def test_putting_off(match: MatchApi) -> None:
    queue = Queue()
    for left in ("A1", "A2", "A3"):
        review = shown(queue, match)
        assert review.left.place_id == left
        queue.skip(review)
    assert queue.current(match) is None
    assert queue.n_skipped == 3
    queue.unskip()
    assert shown(queue, match).left.place_id == "A1"


def test_beyond_a_part_that_was_put_off(
    match: MatchApi, double: MatchDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nadeuri.web.review_queue.PART", 2)
    queue = Queue()
    for _ in range(2):
        queue.skip(shown(queue, match))
    assert shown(queue, match).left.place_id == "A3"
    assert double.asked.count("/v1/places/reviews") == 3
    queue.decide(match, shown(queue, match), "G7", "same", "지민")
    assert queue.current(match) is None
    assert queue.n_open == 2


def test_no_answer_changes_nothing(match: MatchApi, double: MatchDouble) -> None:
    queue = Queue()
    review = shown(queue, match)
    double.stop()
    with pytest.raises(ApiError, match="연결하지 못했어요"):
        queue.decide(match, review, "G1", "same", "지민")
    assert queue.current(match) == review
    double.start()
    queue.decide(match, review, "G1", "same", "지민")
    assert queue.n_open == 2
