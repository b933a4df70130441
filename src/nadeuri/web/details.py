"""What an answer rests on: the plan, the queries and what each step took."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from nadeuri.guide.answer import Answer, Step

_BY = {"default": "규칙", "language_model": "언어 모델"}


def show_details(answer: Answer) -> None:
    """An expander that is closed at first; nothing where there is nothing to tell."""
    if answer.plan is None and not answer.steps:
        return
    with st.expander("근거 보기", icon=":material/fact_check:"):
        if answer.plan is not None:
            st.html('<h2 class="nd-minor">이렇게 이해했어요</h2>')
            st.json(answer.plan.model_dump(mode="json", exclude_defaults=True))
        for query in answer.queries:
            st.html('<h2 class="nd-minor">그래프에 물어본 내용</h2>')
            st.code(query.cypher, language="cypher", wrap_lines=True)
            if query.parameters:
                st.json(query.parameters, expanded=False)
        if answer.steps:
            st.html(f'<h2 class="nd-minor">단계별 시간</h2>{steps_html(answer.steps)}')
        if answer.usage.calls:
            st.caption(
                f"언어 모델 {answer.usage.calls}회 호출, 토큰 "
                f"{answer.usage.prompt_tokens + answer.usage.completion_tokens:,}개"
            )


def steps_html(steps: Sequence[Step]) -> str:
    """A row for each step, with a bar for its share of the time."""
    total = sum(step.ms for step in steps)
    rows = "".join(_row(step, step.ms / total if total else 0.0) for step in steps)
    return f'<table class="nd-steps"><tbody>{rows}</tbody></table><p>모두 {total:,.0f} ms</p>'


def _row(step: Step, share: float) -> str:
    notes = "".join(f"<br><small>{escape(note)}</small>" for note in step.notes)
    return (
        f"<tr><th>{escape(step.name)}{notes}</th><td>{_BY[step.by]}</td>"
        f'<td class="nd-ms">{step.ms:,.1f} ms</td>'
        f'<td class="nd-bar"><span style="width: {share:.1%}"></span></td></tr>'
    )
