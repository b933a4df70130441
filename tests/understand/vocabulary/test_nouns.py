from __future__ import annotations

from nadeuri.understand.vocabulary.nouns import nouns


def test_nouns_come_without_their_particles() -> None:
    found = list(nouns()("다낭에서 호텔을 예약하고 cafe에 들렀어요"))
    assert found == ["다낭", "호텔", "예약", "cafe"]
