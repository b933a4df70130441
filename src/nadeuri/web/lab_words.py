"""Korean names of models, figures and settings, and the colour that a model has in every chart."""

from __future__ import annotations

from collections.abc import Iterable

from nadeuri import columns
from nadeuri.web.model_names import model_name

COLOURS = {
    columns.POPULARITY: "#7b8494",
    columns.MARKOV: "#957058",
    columns.NCF: "#b47d12",
    columns.DEEPFM: "#5b8f35",
    columns.SASREC: "#0e8a9c",
    columns.BERT4REC: "#3381e0",
    columns.META_SASREC: "#a55fd0",
    columns.META_BERT4REC: "#d9630f",
    columns.COOCCURRENCE: "#7b8494",
    columns.PROD2VEC: "#3381e0",
    columns.META_PROD2VEC: "#d9630f",
}
"""By kind; each stands out by 3:1 from the paper of either theme."""
SPARE = ("#c9457f", "#2a9d6f", "#8a8a2a", "#6f6fe0")
"""For further models of a kind that is there already."""
PICKED, AS_IS, BEST, OTHER = "#d9630f", "#3381e0", "#2a9d6f", "#7b8494"
SERIES = ("#3381e0", "#d9630f", "#2a9d6f", "#a55fd0", "#b47d12", "#c9457f")
"""Of lines that are no models."""
SCHEDULES = {
    "constant": "일정",
    "exponential": "지수 감소",
    "multiplicative": "곱셈 감소",
    "cosine": "코사인",
    "one-cycle": "원사이클",
    "linear": "선형(준비 운동)",
}
STATES = {
    "FINISHED": "완료",
    "RUNNING": "실행 중",
    "FAILED": "실패",
    "KILLED": "중단",
    "SCHEDULED": "대기",
}
ENDINGS = {"complete": "완료", "pruned": "가지치기", "failed": "실패"}
REPORTS = {"comparison": "비교 보고서", "schedule": "학습률 탐색", "length-batch": "길이 탐색"}
FIELDS = {
    columns.CITY: "도시",
    columns.COUNTRY: "국가",
    columns.CATEGORY: "분류",
    columns.THEME: "테마",
    "price_band": "가격대",
}
LISTS = {
    columns.COVERAGE: ("추천에 나온 상품 비율", "한 번이라도 추천된 상품이 전체의 몇 %인지예요."),
    columns.POPULARITY_PERCENTILE: (
        "인기 쏠림",
        "추천된 상품의 평균 인기 순위예요. 1에 가까울수록 인기 상품만 보여 줘요.",
    ),
    columns.GINI: ("추천 불균형(지니)", "0이면 고르게, 1에 가까우면 몇몇 상품만 추천해요."),
}


def experiment_name(name: str, kind: str) -> str:
    """How a compared model is called: an experiment with a name of its own keeps it."""
    return model_name(kind) if name == kind else name


def colours(models: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A colour for each (name, kind), by name: the usual one of its kind, where that is free."""
    chosen: dict[str, str] = {}
    spare = list(SPARE)
    for name, kind in models:
        usual = COLOURS.get(kind, OTHER)
        taken = usual in chosen.values()
        chosen[name] = spare.pop(0) if taken and spare else usual
    return chosen


def list_words(figure: str) -> tuple[str, str]:
    """Title and explanation of a figure of recommendation lists."""
    if figure in LISTS:
        return LISTS[figure]
    kind, _, field = figure.partition("_")
    name = FIELDS.get(field, field)
    if kind == "coherence":
        return f"{name} 응집도", f"한 목록에서 가장 많은 {name}의 비율이에요. 높을수록 일관돼요."
    return f"{name} 다양도(엔트로피)", f"한 목록에 섞인 {name}의 다양함이에요(비트)."


def metric_name(name: str) -> str:
    """``ndcg_at_10`` is ``nDCG@10``; other names stay."""
    metric, found, k = name.partition("_at_")
    titles = {columns.NDCG: "nDCG", columns.RECALL: "Recall", columns.MRR: "MRR"}
    return f"{titles.get(metric, metric)}@{k}" if found else name


def schedule_name(value: object) -> str:
    """A schedule, in words."""
    return SCHEDULES.get(str(value), str(value))


def duration(seconds: float) -> str:
    """In words."""
    if seconds < 100:
        return f"{seconds:.1f}초" if seconds >= 0.1 else "0초"
    return f"{seconds / 60:.1f}분" if seconds < 6000 else f"{seconds / 3600:.1f}시간"


def value_text(value: object) -> str:
    """A value of an axis."""
    return f"{value:g}" if isinstance(value, float) else str(value)
