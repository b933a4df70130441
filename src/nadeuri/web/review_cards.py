"""A place beside one of its candidates as HTML; whatever comes from data is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from nadeuri.web.match_types import Candidate, Place, Relation, Review, Said
from nadeuri.web.place_words import distance

RELATION_NAMES: Mapping[str, str] = {
    "same": "같은 곳",
    "contains": "포함",
    "nearby": "근처의 다른 곳",
    "different": "다른 곳",
}
NONE_NAME = "모두 아님"
_FIELDS = (
    ("name", "이름"),
    ("name_en", "영어"),
    ("name_local", "현지어"),
    ("category", "분류"),
    ("address", "주소"),
    ("postal_code", "우편번호"),
    ("phone", "전화"),
)
_REASONS = {
    "uncertain": "점수만으로는 확실하지 않아요.",
    "unusable": "언어 모델의 답을 쓸 수 없었어요.",
    "failed": "언어 모델에게서 답을 받지 못했어요.",
    "contested": "여행사의 다른 장소가 이미 이 후보와 연결되어 있어요",
}
_UNKNOWN = '<span class="nd-unknown">없음</span>'


def pair_html(left: Place, candidate: Candidate, number: int) -> str:
    """Both places, field by field; fields that neither has are left out."""
    rows = "".join(
        f"<tr><th>{label}</th><td>{_value(left, name)}</td><td>{_value(candidate, name)}</td></tr>"
        for name, label in _FIELDS
        if getattr(left, name) or getattr(candidate, name)
    )
    return (
        '<table class="nd-pair"><thead><tr><th></th>'
        '<th><i class="nd-own">★</i> 여행사 장소</th>'
        f"<th><i>{number}</i> 후보</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="nd-likely">같은 곳일 확률 <b>{likelihood(candidate.probability)}</b>'
        f"거리 {distance(candidate.metres)}</p>"
        f'<div class="nd-meter"><span style="width: {candidate.probability or 0:.1%}"></span></div>'
    )


def evidence_html(review: Review) -> str:
    """Why people are asked, and what a language model said, in sentences."""
    numbers = {each.place_id: number for number, each in enumerate(review.candidates, 1)}
    said = "".join(f"<li>{_sentence(said, numbers)}</li>" for said in review.evidence.said)
    return _said_by("검토가 필요한 까닭", f"<p>{_reason(review)}</p>") + (
        _said_by("언어 모델의 의견", f"<ul>{said}</ul>") if said else ""
    )


def candidate_label(candidate: Candidate, number: int, said: Relation | None) -> str:
    """One line of text for the choice of a candidate."""
    parts = [f"확률 {likelihood(candidate.probability)}", f"거리 {distance(candidate.metres)}"]
    if said is not None:
        parts.append(f"✓ {RELATION_NAMES[said]}")
    return f"{number}. {candidate.name} — {', '.join(parts)}"


def likelihood(probability: float | None) -> str:
    """As a percentage, if the pair was scored."""
    return "모름" if probability is None else f"{probability:.0%}"


def names(places: Sequence[Place]) -> str:
    """For the description of a map."""
    return ", ".join(place.name for place in places)


def _said_by(title: str, html: str) -> str:
    return f'<div class="nd-said-by"><h2 class="nd-minor">{title}</h2>{html}</div>'


def _value(place: Place, name: str) -> str:
    value = getattr(place, name)
    return escape(value) if value else _UNKNOWN


def _reason(review: Review) -> str:
    evidence = review.evidence
    lost = f" ({escape(evidence.lost_to)})." if evidence.lost_to else "."
    reason = _REASONS.get(evidence.reason, "사람의 확인이 필요해요.")
    return reason + lost if evidence.reason == "contested" else reason


def _sentence(said: Said, numbers: dict[str, int]) -> str:
    if said.right is None:
        return "후보 가운데 같은 곳이 없다고 했어요."
    number = numbers.get(said.right)
    which = f"후보 {number}번" if number else "지금은 후보가 아닌 곳"
    if said.relation is None:
        return f"<b>{which}</b>을 골랐어요."
    name = RELATION_NAMES.get(said.relation, said.relation)
    return f"<b>{which}</b>은 ‘{escape(name)}’이라고 했어요."
