"""What people said of questions as HTML; whatever comes from data is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from nadeuri.web.label_types import Agreement, Counts, Label, MarkedSpan, Pair, Person

_ENOUGH = 0.8
"""Of F1 and kappa: below it a definition is unclear (docs/labelling.md)."""


def version_html(text: str, label: Label, others: Sequence[Label]) -> str:
    """One person's version of a question, and what only this person says."""
    return (
        f'<article class="nd-label-version"><h2>{escape(label.annotator)}</h2>'
        f'<p class="nd-label-version-text">{marked_html(text, label.spans)}</p>'
        f"<p>의도 <b>{escape(label.intent or '없음')}</b></p>{_only(text, label, others)}</article>"
    )


def marked_html(text: str, spans: Sequence[MarkedSpan]) -> str:
    """A question with its entities, each with its label behind it."""
    pieces, last = [], 0
    for span in spans:
        pieces.append(escape(text[last : span.start]))
        words = escape(text[span.start : span.end])
        pieces.append(f"<mark>{words}<small>{escape(span.label)}</small></mark>")
        last = span.end
    return "".join([*pieces, escape(text[last:])])


def people_html(people: Sequence[Person]) -> str:
    """A row for each person."""
    rows = "".join(
        f"<tr><th>{escape(each.annotator)}</th><td>{each.labelled:,}</td>"
        f"<td>{each.skipped:,}</td><td>{_seconds(each.seconds)}</td></tr>"
        for each in people
    )
    return _table(("이름", "라벨", "건너뜀", "문항당"), rows)


def agreement_html(agreement: Agreement) -> str:
    """A row for each two people, and what to do where they do not agree enough."""
    rows = "".join(
        f"<tr><th>{escape(pair.first)} · {escape(pair.second)}</th><td>{pair.n_questions:,}</td>"
        f"<td>{_figure(pair.span_f1)}</td><td>{_figure(pair.word_kappa)}</td>"
        f"<td>{_figure(pair.intent_kappa)}</td></tr>"
        for pair in agreement.pairs
    )
    low = any(_is_low(pair) for pair in agreement.pairs)
    advice = (
        '<p class="nd-label-low">0.8보다 낮은 값이 있어요. 뜻이 갈리는 라벨을 함께 이야기하고 '
        "지침에 예를 더해 주세요.</p>"
        if low
        else ""
    )
    header = ("두 사람", "문항", "개체 F1", "낱말 κ", "의도 κ")
    return _table(header, rows) + advice


def counts_html(counts: Counts) -> str:
    """The figures at a glance."""
    figures = (
        ("전체", counts.tasks),
        ("라벨링함", counts.labelled),
        ("둘이 볼 문항", counts.double),
        ("이견", counts.disputed),
        ("확정", counts.settled),
        ("뺀 문항", counts.withdrawn),
    )
    cells = "".join(f"<div><dt>{name}</dt><dd>{n:,}</dd></div>" for name, n in figures)
    return f'<dl class="nd-label-figures">{cells}</dl>'


def used_html(used: Mapping[str, int]) -> str:
    """How often each name was given, as bars; the numbers are there as well."""
    most = max(used.values(), default=0)
    rows = "".join(
        f"<li><span>{escape(name)}</span>"
        f'<i aria-hidden="true"><b style="width: {n / most if most else 0:.1%}"></b></i>'
        f"<span>{n:,}</span></li>"
        for name, n in used.items()
    )
    return f'<ul class="nd-label-used">{rows}</ul>'


def _only(text: str, label: Label, others: Sequence[Label]) -> str:
    shared = [set(other.spans) for other in others]
    alone = [span for span in label.spans if not all(span in spans for spans in shared)]
    said = ", ".join(f"{text[span.start : span.end]} {span.label}" for span in alone)
    return f'<p class="nd-label-soft">이 판에만: {escape(said)}</p>' if said else ""


def _table(header: Sequence[str], rows: str) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' for name in header)
    table = f"<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="nd-label-wide"><table class="nd-label-table">{table}</table></div>'


def _is_low(pair: Pair) -> bool:
    figures = (pair.span_f1, pair.word_kappa, pair.intent_kappa)
    return any(figure is not None and figure < _ENOUGH for figure in figures)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}초"
