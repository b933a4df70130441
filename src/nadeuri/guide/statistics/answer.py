"""The answer to a statistic question: asked of the graph, told in Korean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from nadeuri import columns
from nadeuri.guide.cypher import Query
from nadeuri.guide.plan import Plan
from nadeuri.guide.statistics.asked import Asked, asked_of
from nadeuri.guide.statistics.compile import (
    HIGH,
    KEYWORD,
    LOW,
    MENU,
    N_PLACES,
    N_TAKING,
    SHARE,
    VALUE,
    compile_statistic,
)
from nadeuri.guide.statistics.selected import selected
from nadeuri.guide.statistics.wording import (
    amount,
    extremes,
    hours_of,
    is_it,
    joined,
    measure_name,
    number_of_places,
    said_of,
    superlative,
)
from nadeuri.guide.store import GraphReader, Row
from nadeuri.korean import josa

_MOST_DISHES = 6
_MOST_KEYWORDS = 3


@dataclass(frozen=True)
class StatisticAnswer:
    """What the graph says.

    Attributes:
        text: in Korean.
        rows: the graph's answer, the first place first; see :func:`compile_statistic`.
        query: that was run.
        place_ids: the places that the text names, in its order.
    """

    text: str
    rows: tuple[Row, ...]
    query: Query
    place_ids: tuple[str, ...]


def answer_statistic(
    plan: Plan, reader: GraphReader, *, shown: Sequence[str] = ()
) -> StatisticAnswer:
    """Answer a plan of intent ``statistic``.

    Args:
        shown: ids of the places shown before, in their order.

    Raises:
        GraphError: the graph cannot be asked.
    """
    asked = asked_of(plan, shown)
    query = compile_statistic(plan, asked)
    rows = reader.query(query.cypher, query.parameters)
    if asked.only is not None and asked.form == "each":
        order = {place_id: at for at, place_id in enumerate(asked.only)}
        rows.sort(key=lambda row: order[str(row[columns.PLACE_ID])])
    text = " ".join([*_told(plan, asked, rows), *_unheeded(plan, asked)])
    ids = dict.fromkeys(str(row[columns.PLACE_ID]) for row in rows if columns.PLACE_ID in row)
    return StatisticAnswer(text, tuple(rows), query, tuple(ids))


def _told(plan: Plan, asked: Asked, rows: Sequence[Row]) -> Iterable[str]:
    """Sentences."""
    where = selected(plan, asked)
    if asked.only == ():
        return ["아직 보여 드린 가게가 없어요. 가게 이름을 알려 주세요."]
    match asked.form:
        case "count":
            return _count(where, rows[0])
        case "towns":
            return _towns(where, asked, rows)
        case "ranking":
            return _ranking(where, plan, asked, rows)
        case "average":
            return _average(where, plan, asked, rows[0])
        case "each":
            return _each(where, plan, asked, rows)


def _count(where: str, row: Row) -> list[str]:
    if not row[VALUE]:
        return [f"{josa(where, '은', '는')} 찾지 못했어요."]
    return [f"{josa(where, '은', '는')} {number_of_places(row[VALUE])}이에요."]


def _towns(where: str, asked: Asked, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return [f"{josa(where, '은', '는')} 찾지 못했어요."]
    word = "적은" if asked.ascending else "많은"
    named = [(str(row[columns.TOWN]), number_of_places(row[VALUE])) for row in rows]
    town, number = named[0]
    first = f"{josa(where, '이', '가')} 가장 {word} 읍·면·동은 {is_it(town)}. {number}이에요."
    return [first, *_next(named)]


def _ranking(where: str, plan: Plan, asked: Asked, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return _nothing(where, plan, asked)
    named = [(str(row[columns.NAME]), amount(asked.measure, row[VALUE])) for row in rows]
    name, number = named[0]
    if asked.measure == "hours":
        told = f"{number}에 열어요." if asked.ascending else f"{number}까지 열어요."
        return [f"{where} 중 {superlative(asked)}은 {is_it(name)}.", told, *_next(named)]
    measure = josa(measure_name(plan, asked.measure), "이", "가")
    if rows[0][VALUE] == 0 and not asked.ascending:
        return [f"{josa(where, '은', '는')} {measure} 모두 {is_it(number)}."]
    return [
        f"{where} 중 {measure} {superlative(asked)}은 {is_it(name)}.",
        f"{said_of(plan, asked.measure, rows[0])}.",
        *_next(named),
    ]


def _next(named: Sequence[tuple[str, str]]) -> list[str]:
    """Those behind the first: equal ones, then others with their numbers."""
    (_, best), *others = named
    sentences = []
    if same := [name for name, number in others if number == best]:
        sentences.append(f"{joined(same)}도 같아요.")
    behind = [f"{name}({number})" for name, number in others if number != best]
    if len(behind) == 1:
        sentences.append(f"그다음은 {is_it(behind[0])}.")
    elif behind:
        sentences.append(f"그다음은 {', '.join(behind)} 순이에요.")
    return sentences


def _average(where: str, plan: Plan, asked: Asked, row: Row) -> list[str]:
    if row[VALUE] is None:
        return _nothing(where, plan, asked)
    name, number = measure_name(plan, asked.measure), amount(asked.measure, row[VALUE])
    places = number_of_places(row[N_PLACES])
    sentences = []
    if asked.measure == "reservation":
        taking = round(float(str(row[N_TAKING])))
        some = f"{places} 가운데 {number_of_places(taking)}이 예약을 받아요."
        sentences.append(f"{where} {some if taking else '중에 예약을 받는 곳이 없어요.'}")
    if row[N_PLACES] == 1:
        return [*sentences, f"{where} {places}의 {josa(name, '은', '는')} {is_it(number)}."]
    sentences.append(f"{where} {places}의 {josa(name, '은', '는')} 평균 {is_it(number)}.")
    low, high = (amount(asked.measure, row[end]) for end in (LOW, HIGH))
    if low != high:
        most, least = extremes(asked.measure)
        sentences.append(f"가장 {least} 곳은 {low}, 가장 {most} 곳은 {is_it(high)}.")
    return sentences


def _each(where: str, plan: Plan, asked: Asked, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return _nothing(where, plan, asked)
    sentences = []
    places = groupby(rows, key=lambda row: row[columns.PLACE_ID])
    for _, of_place in places:
        lines = list(of_place)
        name = josa(str(lines[0][columns.NAME]), "은", "는")
        sentences.append(f"{name} {_fact(plan, asked, lines)}.")
    missing = len(asked.only or ()) - len(sentences)
    if missing > 0:
        sentences.append(f"나머지 {missing}곳은 정보가 없어요.")
    return sentences


def _fact(plan: Plan, asked: Asked, lines: Sequence[Row]) -> str:
    """What is said of a place, by its rows."""
    row = lines[0]
    match asked.measure:
        case "hours":
            return hours_of(row)
        case "address":
            return f"{row[columns.ADDRESS]}에 있어요"
        case "menus":
            return _dishes(lines)
        case "reviews":
            said = [
                f"'{line[KEYWORD]}'({amount('quality', line[SHARE])})"
                for line in lines[:_MOST_KEYWORDS]
            ]
            return f"리뷰에 {', '.join(said)} 평이 많아요"
        case "reservation":
            takes = row[columns.TAKES_RESERVATIONS]
            if takes is False:
                return "예약을 받지 않아요"
            rest = said_of(plan, asked.measure, row)
            return f"예약을 받아요. {rest}" if takes else rest
        case _:
            return said_of(plan, asked.measure, row)


def _dishes(lines: Sequence[Row]) -> str:
    shown = []
    for line in lines[:_MOST_DISHES]:
        price = line[columns.PRICE]
        shown.append(f"{line[MENU]} {amount('price', price)}" if price else str(line[MENU]))
    more = len(lines) - len(shown)
    return f"{', '.join(shown)}{f' 등 메뉴 {len(lines)}가지가' if more > 0 else ' 메뉴가'} 있어요"


def _nothing(where: str, plan: Plan, asked: Asked) -> list[str]:
    return [f"{where}에 대한 {_what(plan, asked)} 정보가 없어요."]


def _what(plan: Plan, asked: Asked) -> str:
    facts = {"hours": "영업시간", "address": "주소", "menus": "메뉴", "reviews": "리뷰"}
    return facts.get(asked.measure) or measure_name(plan, asked.measure)


def _unheeded(plan: Plan, asked: Asked) -> list[str]:
    """A month that is asked for and that the numbers do not have."""
    has_month = plan.statistic is not None and plan.statistic.month is not None
    if has_month and asked.measure != "usage_share":
        return ["(월별로는 손님 구성만 알 수 있어서 전체 기간으로 말씀드렸어요.)"]
    return []
