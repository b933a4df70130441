"""Second turns: what a question has to do with the plan before and the places shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from nadeuri.guide.plan import MOST_NAMES, Area, Near, Plan, Without
from nadeuri.guide.rules.text import Text
from nadeuri.guide.vocabulary import key_of

Named = TypeVar("Named")

_ORDINALS = (
    ("첫번째|첫째|1번|1번째|처음", 1),
    ("두번째|둘째|2번|2번째", 2),
    ("세번째|셋째|3번|3번째", 3),
)
_LAST = re.compile("마지막|맨끝|맨아래")
_POINTING = re.compile(
    "거기|그집|그곳|그가게|그식당|그카페|여기|이집|이곳|저기|그중|이중|둘중|셋중|방금|아까|위에(?:곳|집)|걔네|둘다|셋다"
)
_OTHERS = re.compile(
    "(?:거기|그집|그곳|여기|이집|이거|그거|이곳|저기|방금거|아까거|그런데|둘다|셋다)(?:는|은|들)?(?:말고|말구|빼고|제외|싫|별로)"
    "|다른(?:데|곳|집|거|가게|식당|카페|맛집|건|것)|더(?:[가-힣]{1,6})?(?:없|보여|추천)|또(?:없|추천|다른)"
)
_CHANGING = re.compile(
    "말고|말구|다른|더|다시|그럼|그러면|대신|바꿔|바꾸|로는|이번엔|빼줘|빼고|거기서|추가"
)
_RESTART = re.compile("처음부터|초기화|리셋|새로시작")
_LONGEST_FRAGMENT = 25


def read_positions(squeezed: str, shown: Sequence[str]) -> tuple[int, ...]:
    """Positions, from 1, that are pointed at by number; all of them for 거기 and 그중."""
    found = [
        position
        for words, position in _ORDINALS
        if position <= len(shown) and re.search(words, squeezed)
    ]
    if shown and _LAST.search(squeezed):
        found.append(len(shown))
    if found:
        return tuple(found)
    return tuple(range(1, len(shown) + 1)) if _POINTING.search(squeezed) else ()


def mask_shown(text: Text, shown: Sequence[str]) -> tuple[Text, tuple[int, ...]]:
    """The text without the names of shown places, and the positions of those it named."""
    found: list[int] = []
    for position, name in enumerate(shown, start=1):
        key = key_of(name)
        at = text.squeezed.find(key) if key else -1
        if at >= 0:
            found.append(position)
            text = text.masked(at, at + len(key))
    return text, tuple(found)


def is_restart(squeezed: str) -> bool:
    """처음부터 다시."""
    return _RESTART.search(squeezed) is not None


def is_pointing(squeezed: str) -> bool:
    """거기, 그 집, 그중에, ..."""
    return _POINTING.search(squeezed) is not None


def wants_others(squeezed: str) -> bool:
    """거기 말고, 다른 데, 더 없어, ..."""
    return _OTHERS.search(squeezed) is not None


def is_change(squeezed: str, wish: Plan, *, wants_places: bool) -> bool:
    """Whether a question changes the plan before instead of making a new one.

    It does if it says so (다른, 말고, 더, 그럼), unless it is a whole request of its own, and it
    does if it is but a part of one (한경면은?).
    """
    has_where, has_what = bool(wish.areas or wish.near), bool(wish.categories or wish.menus)
    if wants_others(squeezed):
        return True
    if has_where and has_what and wants_places:
        return False
    if _CHANGING.search(squeezed):
        return True
    is_whole = (has_where or has_what) if wants_places else (has_where and has_what)
    return not is_whole and len(squeezed) <= _LONGEST_FRAGMENT and bool(wish.stated)


def measured(before: Plan, wish: Plan, metres: int | None) -> Plan | None:
    """``wish`` with a distance from the sight of the plan before, where it names no other place."""
    if metres is None or before.near is None or wish.areas or wish.near:
        return None
    near = Near(attraction=before.near.attraction, metres=metres)
    return wish.model_copy(update={"near": near, "areas": before.areas})


def merged(before: Plan, wish: Plan, *, others: bool) -> Plan:
    """The plan before with what ``wish`` says in the place of what it said.

    A new area or sight replaces both, a new category or dish likewise; qualities add up. What is
    no longer wanted is taken out.

    Args:
        others: whether places shown before are refused.
    """
    has_where, has_what = wish.areas or wish.near, wish.categories or wish.menus
    where, what = (wish if has_where else before), (wish if has_what else before)
    refused = _joined(before.without, wish.without, where.areas, (*what.categories, *what.menus))
    return Plan(
        intent=before.intent,
        relation="refine",
        statistic=before.statistic,
        areas=tuple(area for area in where.areas if area not in refused.areas),
        near=where.near,
        categories=tuple(name for name in what.categories if name not in refused.categories),
        menus=tuple(name for name in what.menus if name not in refused.menus),
        price=wish.price or before.price,
        companions=wish.companions or before.companions,
        purposes=wish.purposes or before.purposes,
        segments=wish.segments or before.segments,
        party_size=wish.party_size or before.party_size,
        open_at=wish.open_at or before.open_at,
        qualities=_union(before.qualities, wish.qualities),
        no_waiting=before.no_waiting or wish.no_waiting,
        reservation=wish.reservation or before.reservation,
        without=refused.model_copy(update={"shown": others}),
        sort=wish.sort or before.sort,
        n_wanted=wish.n_wanted if "n_wanted" in wish.stated else before.n_wanted,
        places=wish.places or before.places,
    )


def _joined(
    before: Without, after: Without, areas: Sequence[Area], kinds: Sequence[str]
) -> Without:
    """What is refused now: more than before, but not what is asked for again."""
    return Without(
        areas=_union([area for area in before.areas if area not in areas], after.areas),
        categories=_union([n for n in before.categories if n not in kinds], after.categories),
        menus=_union([n for n in before.menus if n not in kinds], after.menus),
        places=_union(before.places, after.places),
    )


def _union(before: Sequence[Named], after: Sequence[Named]) -> tuple[Named, ...]:
    """Both without repeats; of very many the latest."""
    every = list(dict.fromkeys([*before, *after]))
    return tuple(every[-MOST_NAMES:])
