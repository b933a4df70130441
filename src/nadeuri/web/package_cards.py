"""Packages beside a plan as HTML; whatever comes from data is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from nadeuri.web.match_types import MatchedStop, Package, Stop
from nadeuri.web.place_words import distance

_REASONS = {
    "no_id": "이름만 아는 곳",
    "unknown": "장소 데이터베이스에 없는 곳",
    "no_mapping": "여행사 장소와 아직 연결되지 않은 곳",
}
_NAMELESS = "이름 없는 장소"
_ALL, _MOST, _HALF = 0.995, 0.66, 0.33
_DAYS = (
    (_ALL, "하루하루의 구성이 그대로예요"),
    (_MOST, "하루에 갈 곳이 대부분 같은 날에 있어요"),
    (_HALF, "하루에 갈 곳의 절반쯤이 같은 날에 있어요"),
    (0.0, "날짜별 구성은 많이 달라요"),
)
_ORDERS = (
    (_ALL, "가는 순서는 같아요"),
    (_MOST, "가는 순서가 거의 같아요"),
    (_HALF, "가는 순서가 꽤 달라요"),
    (0.0, "가는 순서는 많이 달라요"),
)


def package_html(package: Package, number: int, city: str | None, *, is_open: bool) -> str:
    """A package in a few lines; all its stops beside the plan's if it is open."""
    return (
        f'<article class="nd-package"><header><span class="nd-number">{number}</span>'
        f"<div><h3>{escape(package.name or package.item)}</h3>"
        f'<p class="nd-kind">{escape(_kind(package, city))}</p></div>'
        f'<p class="nd-rate"><b>{package.rate:.0%}</b><span>일치율</span></p></header>'
        f'<div class="nd-meter"><span style="width: {package.rate:.1%}"></span></div>'
        f'<p class="nd-counts">{_counts(package)}</p>'
        f'<p class="nd-reason">{_words(package)}</p>'
        f"{_details(package) if is_open else ''}</article>"
    )


def unmapped_html(stops: Sequence[Stop]) -> str:
    """The places that took no part in the comparison, and why."""
    items = "".join(
        f"<li>{_name(stop)} <small>{stop.day}일차"
        f"{f' · {escape(reason)}' if (reason := _REASONS.get(stop.reason or '')) else ''}"
        "</small></li>"
        for stop in stops
    )
    return (
        '<div class="nd-unmapped"><h3 class="nd-minor">'
        f"매핑되지 않아 비교에서 뺀 장소 {len(stops)}곳</h3><ul>{items}</ul></div>"
    )


def _kind(package: Package, city: str | None) -> str:
    facts = [
        city or package.city or "",
        f"{package.nights}박 {package.nights + 1}일" if package.nights is not None else "",
        f"{package.price:,.0f}원" if package.price is not None else "",
        package.item,
    ]
    return " · ".join(filter(None, facts))


def _counts(package: Package) -> str:
    n_exact = sum(each.exact for each in package.matched)
    counts = (
        ("같은 곳", n_exact, "exact"),
        ("근처", len(package.matched) - n_exact, "near"),
        ("빠진 곳", len(package.missing), "missing"),
        ("더 가는 곳", len(package.extra), "extra"),
    )
    return "".join(
        f'<span class="nd-tag nd-{kind}">{label} {n}</span>' for label, n, kind in counts if n
    )


def _words(package: Package) -> str:
    """How days and order agree; one place alone has no order."""
    said = [f"{_say(_DAYS, package.day_coverage)} ({package.day_coverage:.0%})"]
    if len(package.matched) > 1:
        said.append(f"{_say(_ORDERS, package.order_agreement)} ({package.order_agreement:.0%})")
    return ", ".join(said) + "."


def _say(steps: Iterable[tuple[float, str]], share: float) -> str:
    return next(words for least, words in steps if share >= least or least == 0.0)


def _details(package: Package) -> str:
    rows = [
        *((each.stop, _matched(each)) for each in package.matched),
        *((stop, _row(_name(stop), "빠진 곳", "missing")) for stop in package.missing),
    ]
    rows.sort(key=lambda row: (row[0].day, row[0].order))
    days = "".join(
        f"<h4>내 일정 {day}일차</h4><ul>{''.join(html for _, html in group)}</ul>"
        for day, group in groupby(rows, lambda row: row[0].day)
    )
    extra = sorted(package.extra, key=lambda stop: (stop.day, stop.order))
    more = "".join(
        f"<dt>{day}일차</dt><dd>{', '.join(map(_name, stops))}</dd>"
        for day, stops in groupby(extra, lambda stop: stop.day)
    )
    if more:
        more = f'<h4>패키지가 더 가는 곳</h4><dl class="nd-facts">{more}</dl>'
    return f'<div class="nd-stops">{days}{more}</div>'


def _matched(each: MatchedStop) -> str:
    name, where = _name(each.stop), f"패키지 {each.package_stop.day}일차"
    if each.exact:
        return _row(name, "같은 곳", "exact", where)
    return _row(
        name, f"근처 {distance(each.metres)}", "near", f"{where} · {_name(each.package_stop)}"
    )


def _row(name: str, label: str, kind: str, note: str = "") -> str:
    small = f"<small>{note}</small>" if note else ""
    return f'<li><span class="nd-tag nd-{kind}">{label}</span><span>{name}{small}</span></li>'


def _name(stop: Stop) -> str:
    return escape(stop.name or _NAMELESS)
