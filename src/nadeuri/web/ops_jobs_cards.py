"""Batch jobs, failed requests and versions of the mapping as HTML; all data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nadeuri.web.korea import moment
from nadeuri.web.ops_cards import row_html, table_html
from nadeuri.web.ops_types import Failure, Job, MappingVersion, RequestCounts
from nadeuri.web.ops_words import (
    CAUSES,
    COLLECTIONS,
    KINDS,
    REASONS,
    REQUEST_STATES,
    SOURCES,
    STATES,
    State,
)


def requests_html(counts: RequestCounts) -> str:
    """How all requests stand."""
    tiles = (
        ("보낼 요청", counts.waiting),
        ("처리 중", counts.in_flight),
        ("답을 받음", counts.answered),
        ("실패", counts.failed),
    )
    return (
        '<ul class="nd-tiles">'
        + "".join(f"<li><span>{name}</span><b>{n:,}</b></li>" for name, n in tiles)
        + "</ul>"
    )


def state_of(job: Job) -> State:
    """The words for its state, as text; one that is not known stays as it is."""
    return STATES.get(job.state, State(job.state, "", "nd-extra"))


def job_html(job: Job) -> str:
    """One job, in short."""
    state = state_of(job)
    purpose = ", ".join(escape(KINDS.get(each, each)) for each in job.kinds)
    duplicate = '<span class="nd-tag nd-extra">중복</span>' if job.is_duplicate else ""
    return (
        f'<div class="nd-job"><header><h3>작업 {escape(job.id)}</h3>'
        f'<span class="nd-tag {state.tone}">{escape(state.name)}</span>{duplicate}</header>'
        f"<p>{f'{purpose} · ' if purpose else ''}요청 {job.n_requests:,}건 · {_outcome(job)}</p>"
        f'<p class="nd-kind">{moment(job.created)} 시작</p></div>'
    )


def job_facts_html(job: Job) -> str:
    """All that is known of one job."""
    state = state_of(job)
    why = _why(job)
    facts = (
        ("뜻", f"{state.meaning} {COLLECTIONS.get(job.collection, '')}".strip()),
        ("까닭", why),
        ("용도", ", ".join(escape(KINDS.get(each, each)) for each in job.kinds)),
        ("언어 모델", escape(job.model)),
        ("요청", f"{job.n_requests:,}건, {_outcome(job)}"),
        ("토큰", _tokens(job)),
        ("계획한 때", moment(job.created)),
        ("맡긴 때", moment(job.asked) if job.asked else ""),
        ("마무리한 때", moment(job.closed) if job.closed else ""),
        ("서버의 이름", escape(job.batch or "")),
        ("중복", "같은 요청의 두 번째 작업이라 취소해요." if job.is_duplicate else ""),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts if value)
    return f'<dl class="nd-facts nd-job-facts">{rows}</dl>'


def failures_html(failures: Sequence[Failure], *, with_state: bool) -> str:
    """What went wrong, one entry each.

    Args:
        with_state: say what became of the request since.
    """
    return (
        '<ul class="nd-failures">'
        + "".join(_failure(each, with_state=with_state) for each in failures)
        + "</ul>"
    )


def versions_html(versions: Sequence[MappingVersion]) -> str:
    """Versions of the mapping, the current one marked."""
    rows = "".join(_version(each) for each in versions)
    return table_html(("버전", "까닭", "바뀐 곳", "연결", "짝 없음", "검토 중", "정한 쪽"), rows)


def _outcome(job: Job) -> str:
    if job.collection == "pending":
        return "결과 대기"
    if job.state == "dropped":
        return "보내지 않음"
    return f"답 {job.n_answered:,}건 · 실패 {job.n_failed:,}건"


def _why(job: Job) -> str:
    if not job.reason:
        return ""
    words = escape(REASONS.get(job.reason, job.reason))
    return f"{words}<br><small>{escape(job.detail)}</small>" if job.detail else words


def _tokens(job: Job) -> str:
    planned = f"보낼 때 어림 {job.estimated_prompt_tokens:,}"
    if job.prompt_tokens is None:
        return planned
    return f"{planned} · 실제 질문 {job.prompt_tokens:,}, 답 {job.completion_tokens or 0:,}"


def _failure(failure: Failure, *, with_state: bool) -> str:
    words = escape(REASONS.get(failure.reason, failure.reason))
    parts = [
        escape(KINDS.get(failure.kind or "", failure.kind or "")),
        f"시도 {failure.attempts}번" if failure.attempts else "",
        f"작업 {escape(failure.job)}" if failure.job else "바로 물어봄",
        moment(failure.at),
        REQUEST_STATES.get(failure.state or "", "") if with_state else "",
    ]
    named = f'<code class="nd-version">{escape(failure.request)}</code>' if failure.request else ""
    return (
        f"<li><b>{words}</b><small>{' · '.join(part for part in parts if part)}</small>"
        f"<p>{escape(failure.detail)}</p>{named}</li>"
    )


def _version(version: MappingVersion) -> str:
    current = ' <span class="nd-tag nd-exact">지금 쓰는 버전</span>' if version.is_current else ""
    cause = CAUSES.get(version.cause, escape(version.cause))
    if version.restores:
        cause += f" (버전 {version.restores}처럼)"
    if version.note:
        cause += f"<br><small>{escape(version.note)}</small>"
    by = "".join(
        f"<div>{SOURCES.get(each.source, escape(each.source))} {each.n_places:,}곳"
        + (f' <small class="nd-path">{escape(each.model)}</small>' if each.model else "")
        + "</div>"
        for each in version.decided_by
    )
    return row_html(
        f'{version.number}{current}<small class="nd-path">{moment(version.made)}</small>',
        (
            ("까닭", cause),
            ("바뀐 곳", f"{version.n_changed:,}"),
            ("연결", f"{version.n_mapped:,}"),
            ("짝 없음", f"{version.n_no_match:,}"),
            ("검토 중", f"{version.n_uncertain:,}"),
            ("정한 쪽", by or "-"),
        ),
    )
