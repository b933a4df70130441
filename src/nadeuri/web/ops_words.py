"""Korean words for what the operations page shows: models, operations, states and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from nadeuri.web.korea import moment


class State(NamedTuple):
    """A state of a job: its name, what it means, and the colour of its tag."""

    name: str
    meaning: str
    tone: str


_GOOD, _BUSY, _BAD, _QUIET = "nd-exact", "nd-near", "nd-missing", "nd-extra"
STATES: Mapping[str, State] = {
    "unconfirmed": State(
        "확인 전", "보낼 작업을 적어 두었고, 배치 서버의 확인을 기다려요.", _BUSY
    ),
    "validating": State("입력 검사 중", "배치 서버가 입력 파일을 검사하고 있어요.", _BUSY),
    "in_progress": State(
        "처리 중", "언어 모델이 답하고 있어요. 24시간 안에 끝나거나 시간이 초과돼요.", _BUSY
    ),
    "finalizing": State("결과 정리 중", "답은 모두 나왔고, 결과 파일을 만들고 있어요.", _BUSY),
    "completed": State("완료", "배치 서버가 모든 요청을 끝까지 처리했어요.", _GOOD),
    "failed": State("실패", "입력 검사에서 거절되어 아무 요청도 처리되지 않았어요.", _BAD),
    "expired": State("시간 초과", "24시간 안에 다 끝내지 못했어요.", _BAD),
    "cancelling": State("취소하는 중", "취소를 요청했고, 하던 일이 멈추기를 기다려요.", _BUSY),
    "cancelled": State("취소됨", "도중에 취소됐어요.", _QUIET),
    "dropped": State(
        "보내지 못함", "배치 서버에 만들어지지 않았어요. 담겼던 요청은 다음 실행에서 다시 보내요.",
        _BAD,
    ),
}  # fmt: skip
COLLECTIONS: Mapping[str, str] = {
    "pending": "결과를 아직 받지 않았어요.",
    "collected": "결과를 받았어요.",
    "unavailable": "받을 결과가 없어요.",
}
KINDS: Mapping[str, str] = {
    "select": "후보 고르기",
    "relation": "관계 확인",
    "yes_no": "예·아니요 확인",
}
REQUEST_STATES: Mapping[str, str] = {
    "waiting": "다음 실행에서 다시 보내요",
    "in_flight": "다시 보내서 처리 중이에요",
    "answered": "그 뒤에 답을 받았어요",
    "failed": "더 보내지 않아요",
}
REASONS: Mapping[str, str] = {
    "row_error": "이 요청만 오류가 났어요",
    "not_executed": "차례가 오기 전에 작업이 끝났어요",
    "missing_line": "결과 파일에 이 요청의 줄이 없었어요",
    "unusable": "답에 쓸 수 있는 내용이 없었어요",
    "invalid": "요청의 형식이 거절됐어요",
    "batch_failed": "작업 전체가 거절됐어요",
    "token_limit": "한꺼번에 보낼 수 있는 토큰 수를 넘었어요",
    "files_gone": "결과 파일이 사라졌어요",
    "batch_gone": "배치 서버가 이 작업을 몰라요",
    "refused": "서버가 요청을 거절했어요",
    "too_large": "요청 하나가 파일 한도보다 커요",
    "never_created": "작업이 끝내 만들어지지 않았어요",
    "not_needed": "보내기 전에 모두 답을 얻었어요",
    "unparsable_line": "읽을 수 없는 결과 줄이에요",
    "unknown_id": "모르는 요청의 결과예요",
    "duplicate_line": "같은 요청의 결과가 두 번 왔어요",
    "late_answer": "두 번째 답이라 쓰지 않았어요",
}
CAUSES: Mapping[str, str] = {"run": "매칭 실행", "review": "사람의 검토", "rollback": "되돌리기"}
SOURCES: Mapping[str, str] = {"scorer": "점수 모델", "llm": "언어 모델", "person": "사람"}
MODELS: Mapping[str, str] = {
    "recommender": "맞춤 추천",
    "also-viewed": "함께 본 상품",
    "questions": "질문 이해",
    "packages": "패키지 추천",
    "place_index": "장소 찾기",
    "guide": "맛집 챗",
    "reviews": "매칭 검토",
    "jobs": "배치 작업",
    "labelling": "라벨링",
}
OPERATIONS: Mapping[str, str] = {
    "/v1/recommendations": "맞춤 추천",
    "/v1/recommendations/{model}": "맞춤 추천 (모델별)",
    "/v1/recommendations/batch": "맞춤 추천 묶음",
    "/v1/products": "상품 찾기",
    "/v1/products/{code}": "상품",
    "/v1/products/map": "상품 지도",
    "/v1/products/{code}/also-viewed": "함께 본 상품",
    "/v1/travellers": "여행자 목록",
    "/v1/travellers/{user}": "여행자",
    "/v1/questions": "질문 이해",
    "/v1/questions/batch": "질문 이해 묶음",
    "/v1/packages/match": "패키지 추천",
    "/v1/places": "장소 검색",
    "/v1/places/match": "장소 매칭",
    "/v1/places/cities": "도시 목록",
    "/v1/places/reviews": "검토 목록",
    "/v1/places/reviews/{left}": "검토 결정",
    "/v1/guide/chat": "맛집 챗",
    "/v1/guide/threads/{thread}": "지난 대화",
    "/v1/jobs": "배치 작업 목록",
    "/v1/jobs/{id}": "배치 작업",
    "/v1/failed-requests": "실패한 요청",
    "/v1/mapping/versions": "매핑 버전",
    "/v1/labelling/next": "라벨링할 다음 질문",
    "/v1/labelling/tasks/{task}": "라벨링할 질문",
    "/v1/labelling/tasks/{task}/label": "라벨 저장",
    "/v1/labelling/tasks/{task}/skip": "라벨링 건너뛰기",
    "/v1/labelling/tasks/{task}/verdict": "이견 결정",
    "/v1/labelling/disagreements": "라벨 이견",
    "/v1/labelling/progress": "라벨링 진행",
    "/v1/labelling/export": "라벨 내보내기",
    "/openapi.json": "API 설명서",
    "other": "없는 주소",
}
RELOADS: Mapping[str, str] = {
    "swapped": "새 모델로 바꿈",
    "refused": "거절함",
    "rolled_back": "되돌림",
}
SHED: Mapping[str, str] = {"full": "자리가 모두 참", "waited": "기다리다 넘김", "slow": "느린 요청"}


def written_moment(text: str) -> str:
    """Date and time in Korea of a time as it is written; what is no time stays as it is."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(when) if when.tzinfo else text


def time_span(seconds: float) -> str:
    """Roughly: ``12초``, ``3분``, ``5시간``, ``2일``."""
    for unit, name in ((86_400, "일"), (3_600, "시간"), (60, "분")):
        if seconds >= unit:
            return f"{seconds / unit:,.0f}{name}"
    return f"{seconds:.0f}초"
