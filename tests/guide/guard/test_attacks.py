"""No attack passes, and each is refused for the reason it was written for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guide.attacks import ATTACKS, Attack
from guide.text2cypher import PARAMETERS
from nadeuri.guide.guard.check import guard
from nadeuri.guide.guard.refusals import REASONS, Refusal
from nadeuri.guide.schema import SCHEMA

Quickly = Callable[[Callable[[], object]], object]


def label(attack: Attack) -> str:
    return f"{attack.reason}-{attack.text[:40]!a}"


@pytest.mark.parametrize("attack", ATTACKS, ids=label)
def test_an_attack_is_refused_for_its_reason(attack: Attack, quickly: Quickly) -> None:
    found = quickly(lambda: guard(attack.text, SCHEMA, parameters=PARAMETERS))
    assert isinstance(found, Refusal)
    assert found.reason == attack.reason
    assert "\n" not in found.message
    assert len(found.message) < 500


@pytest.mark.parametrize("attack", ATTACKS, ids=label)
def test_a_fence_with_prose_around_it_helps_no_attack(attack: Attack) -> None:
    fenced = (
        f"물론이죠! 질의는 다음과 같습니다.\n```cypher\n{attack.text}\n```\n도움이 되길 바랍니다."
    )
    assert isinstance(guard(fenced, SCHEMA, parameters=PARAMETERS), Refusal)


def test_there_are_enough_attacks_for_every_reason() -> None:
    assert len({attack.text for attack in ATTACKS}) == len(ATTACKS) >= 200
    assert {attack.reason for attack in ATTACKS} == set(REASONS)
