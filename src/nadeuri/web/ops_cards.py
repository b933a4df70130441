"""The state of the service as HTML: models, figures, operations, memory; all data is escaped."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from nadeuri.web.korea import moment
from nadeuri.web.ops_metrics import Counts, Process, Reading, Traffic
from nadeuri.web.ops_types import Model, Ready, Refused
from nadeuri.web.ops_words import (
    MODELS,
    OPERATIONS,
    RELOADS,
    SHED,
    time_span,
    written_moment,
)

_WIDTH, _HEIGHT = 120, 28
_STROKE = "#d9630f"
_MIB = 1 << 20
_NONE = '<span class="nd-unknown">없음</span>'


def models_html(ready: Ready) -> str:
    """What is served, and what is not and why."""
    rows = "".join(_model(each) for each in ready.models)
    refused = "".join(_refused(each) for each in ready.refused)
    return table_html(("쓰임", "모델", "버전", "만든 때", "아는 것"), rows) + (
        f'<div class="nd-said-by"><h3>거절한 새 모델</h3><ul>{refused}</ul></div>'
        if refused
        else ""
    )


def tiles_html(reading: Reading, series: Sequence[Traffic], now: Traffic | None) -> str:
    """The four figures to look at first, each with its course in this visit."""
    tiles = (
        (
            "초당 요청",
            "-" if now is None else f"{now.per_second:.1f}",
            [each.per_second for each in series],
        ),
        (
            "오류 비율",
            "-" if now is None else f"{now.failed:.1%}",
            [each.failed for each in series],
        ),
        (
            "느린 5%의 응답",
            "-" if now is None else duration(now.p95),
            [each.p95 or 0.0 for each in series],
        ),
        ("처리 중", f"{reading.in_flight:.0f}", None),
    )
    return (
        '<ul class="nd-tiles">'
        + "".join(
            f"<li><span>{name}</span><b>{value}</b>{_course(name, course)}</li>"
            for name, value, course in tiles
        )
        + "</ul>"
    )


def operations_html(operations: Mapping[str, Counts], recent: Mapping[str, Traffic]) -> str:
    """Each operation that was ever asked for, the busiest first; speed and faults are recent."""
    busy = sorted(recent, key=lambda path: (-operations[path].n, path))
    rows = "".join(
        row_html(
            f'{escape(OPERATIONS.get(path, path))}<small class="nd-path">{escape(path)}</small>',
            (
                ("모든 요청", f"{operations[path].n:,.0f}"),
                ("초당", f"{recent[path].per_second:.2f}"),
                ("오류", _share(recent[path].failed)),
                ("절반이 이 안에", duration(recent[path].p50)),
                ("95%가 이 안에", duration(recent[path].p95)),
            ),
        )
        for path in busy
    )
    heads = ("기능", "모든 요청", "초당", "오류", "절반이 이 안에", "95%가 이 안에")
    return table_html(heads, rows, is_numeric=True)


def memory_html(processes: Iterable[Process], limit: float | None) -> str:
    """Private memory of each process; of workers also the share of the limit."""
    rows = "".join(
        row_html(
            f"{'일꾼' if each.role == 'worker' else '관리자'}"
            f'<small class="nd-path">프로세스 {escape(each.pid)}</small>',
            (
                ("혼자 쓰는 메모리", _mebibytes(each.private)),
                ("나눠 쓰는 몫까지", _mebibytes(each.proportional)),
                ("한도", _limit(each, limit)),
            ),
        )
        for each in sorted(processes, key=lambda each: (each.role != "master", each.pid))
    )
    return table_html(
        ("프로세스", "혼자 쓰는 메모리", "나눠 쓰는 몫까지", "한도"), rows, is_numeric=True
    )


def counters_html(reading: Reading) -> str:
    """What happened since the server started: callers sent away, and reloads."""
    shed = _counted(reading.shed, SHED) or "없음"
    reloads = _counted(reading.reloads, RELOADS) or "없음"
    up = time_span(max(0.0, reading.at - reading.started))
    return (
        '<dl class="nd-facts"><dt>켜진 지</dt><dd>' + up + "</dd>"
        f"<dt>바빠서 돌려보낸 요청</dt><dd>{shed}</dd>"
        f"<dt>모델 교체</dt><dd>{reloads}</dd></dl>"
    )


def table_html(heads: Sequence[str], rows: str, *, is_numeric: bool = False) -> str:
    """A table that becomes a list of cards on a phone."""
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    kind = " nd-numbers" if is_numeric else ""
    return (
        f'<table class="nd-table{kind}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def row_html(head: str, cells: Iterable[tuple[str, str]]) -> str:
    """A row: HTML of its head, and of its cells with the names that a phone shows beside them."""
    told = "".join(f'<td data-label="{name}"><div>{value}</div></td>' for name, value in cells)
    return f'<tr><th scope="row">{head}</th>{told}</tr>'


def duration(seconds: float | None) -> str:
    """In milliseconds or seconds."""
    if seconds is None:
        return "-"
    if math.isinf(seconds):
        return "10초 넘음"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f}초"


def _model(model: Model) -> str:
    known = [
        f"{name} {n:,}" for name, n in (("항목", model.n_items), ("여행자", model.n_users)) if n
    ]
    return row_html(
        escape(MODELS.get(model.kind, model.kind)),
        (
            ("모델", escape(model.model)),
            ("버전", f'<code class="nd-version">{escape(model.version)}</code>'),
            ("만든 때", escape(written_moment(model.created))),
            ("아는 것", ", ".join(known) or _NONE),
        ),
    )


def _refused(refused: Refused) -> str:
    name = " ".join(part for part in (refused.model, refused.version) if part)
    return (
        f"<li><b>{escape(MODELS.get(refused.kind, refused.kind))}</b> {escape(name)} "
        f"<small>{moment(refused.refused)}</small><br>{escape(refused.reason)}</li>"
    )


def _course(name: str, values: Sequence[float] | None) -> str:
    """A line of the values, each as wide as the next; room for it where there are less than two.

    A picture, as Streamlit takes SVG out of HTML; it is as orange as the accent in both themes.
    """
    if values is None or len(values) < 2:
        return '<div class="nd-course"></div>'
    finite = [0.0 if math.isinf(each) else each for each in values]
    top = max(finite) or 1.0
    step = _WIDTH / (len(finite) - 1)
    points = " ".join(
        f"{step * at:.1f},{_HEIGHT - 2 - (_HEIGHT - 4) * each / top:.1f}"
        for at, each in enumerate(finite)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'preserveAspectRatio="none"><polyline points="{points}" fill="none" stroke="{_STROKE}" '
        'stroke-width="1.5" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return f'<img class="nd-course" src="{source}" alt="{name}, 이번에 본 흐름">'


def _share(share: float) -> str:
    return f'<b class="nd-alarm">{share:.1%}</b>' if share else "0%"


def _limit(process: Process, limit: float | None) -> str:
    if process.role != "worker" or not limit:
        return "없음"
    return f"{_mebibytes(limit)} ({process.private / limit:.0%})"


def _mebibytes(size: float) -> str:
    return f"{size / _MIB:,.0f} MiB"


def _counted(counts: Mapping[str, float], words: Mapping[str, str]) -> str:
    return ", ".join(
        f"{escape(words.get(name, name))} {n:,.0f}건" for name, n in sorted(counts.items()) if n
    )
