"""The one vocabulary: every column, field kind and metric name is written here and nowhere else."""

from __future__ import annotations

# --- clicks -----------------------------------------------------------------------------------
USER = "user"
ITEM = "item"  # a product code, in clicks and in the catalogue alike
TIME = "time"
SESSION = "session"

# --- catalogue --------------------------------------------------------------------------------
NAME = "name"
COUNTRY = "country"
CITY = "city"
CATEGORY = "category"
THEME = "theme"
PRICE_BAND = "price_band"
PRICE = "price"
NIGHTS = "nights"

ON_SALE = "on_sale"  # "Y" or "N"; a product without a word is on sale
TRIP = "trip"  # equal for products that differ by nothing but the departure
YES = "Y"

CLICKS = "clicks"  # training clicks on an item, in an exported catalogue

COHERENCE_FIELDS = (CITY, COUNTRY, CATEGORY)
"""The fields in which the mission asks a list to be coherent."""

# --- recommendations --------------------------------------------------------------------------
RANK = "rank"  # from 1
SCORE = "score"
HISTORY = "history"  # item indices, oldest first

# --- questions --------------------------------------------------------------------------------
ID = "id"
TEXT = "text"
SPANS = "spans"
START = "start"  # character offset of a span's first character
END = "end"  # character offset behind a span's last character
LABEL = "label"
INTENT = "intent"
GROUP = "group"  # the template or source document of a question; splits keep groups whole
SPLIT = "split"
ANNOTATOR = "annotator"

# --- entity labels of travellers' questions: written guidelines in understand/labels.toml ---------
COUNTRY_LABEL = "국가"
REGION_LABEL = "지역"
SIGHT_LABEL = "관광지"
THEME_LABEL = "테마"
COMPANION_LABEL = "동행"
PRODUCT_TYPE_LABEL = "상품 유형"
DATE_LABEL = "날짜"
DURATION_LABEL = "기간"
PARTY_LABEL = "인원"
BUDGET_LABEL = "예산"
HOTEL_LABEL = "호텔"
AIRLINE_LABEL = "항공"
DEPARTURE_LABEL = "출발지"
ENTITY_LABELS = (
    COUNTRY_LABEL,
    REGION_LABEL,
    SIGHT_LABEL,
    THEME_LABEL,
    COMPANION_LABEL,
    PRODUCT_TYPE_LABEL,
    DATE_LABEL,
    DURATION_LABEL,
    PARTY_LABEL,
    BUDGET_LABEL,
    HOTEL_LABEL,
    AIRLINE_LABEL,
    DEPARTURE_LABEL,
)
PLACE_LABELS = (COUNTRY_LABEL, REGION_LABEL, SIGHT_LABEL, DEPARTURE_LABEL)

# --- intents of travellers' questions -------------------------------------------------------------
PRODUCT_INTENT = "상품 추천"
ITINERARY_INTENT = "일정 추천"
DESTINATION_INTENT = "여행지 추천"
PRICE_INTENT = "가격 문의"
BOOKING_INTENT = "예약 문의"
INFORMATION_INTENT = "여행 정보"
WEATHER_INTENT = "날씨"
CHAT_INTENT = "잡담"
OUT_OF_SCOPE_INTENT = "범위 밖"
INTENTS = (
    PRODUCT_INTENT,
    ITINERARY_INTENT,
    DESTINATION_INTENT,
    PRICE_INTENT,
    BOOKING_INTENT,
    INFORMATION_INTENT,
    WEATHER_INTENT,
    CHAT_INTENT,
    OUT_OF_SCOPE_INTENT,
)

# --- places: columns of the tables of data/places.py, properties of the guide's graph ---------
PLACE_ID = "place_id"
ADDRESS = "address"
TOWN = "town"  # 읍, 면 or 동
VILLAGE = "village"  # 리; a 동 has none
LATITUDE = "latitude"
LONGITUDE = "longitude"
OPENS = "opens"  # minutes after midnight
CLOSES = "closes"  # minutes after midnight of the day it opened on; more than 1440 past midnight
CLOSED_DAYS = "closed_days"
TAKES_RESERVATIONS = "takes_reservations"
RESERVATION_SHARE = "reservation_share"  # of the visits
WAITING_SHARE = "waiting_share"  # of the visits
WAITING_MINUTES = "waiting_minutes"  # mean wait, of the visits with one
RATING = "rating"
N_RATINGS = "n_ratings"
N_REVIEWS = "n_reviews"
SOURCE = "source"  # a map service
MENU_ID = "menu_id"
IS_MAIN = "is_main"
REVIEW_ID = "review_id"
DATE = "date"
KEYWORDS = "keywords"
KIND = "kind"
N_VISITS = "n_visits"
SHARE = "share"
MONTH = "month"  # YYYY-MM
DIMENSION = "dimension"
SEGMENT_ID = "segment_id"
ATTRACTION_ID = "attraction_id"
METRES = "metres"

PURPOSE, COMPANION = "purpose", "companion"
VISIT_KINDS = (PURPOSE, COMPANION)
PURPOSES = ("데이트", "가족 모임", "혼밥", "회식", "기념일", "여행", "친목", "작업", "산책")
COMPANIONS = (
    "혼자",
    "연인",
    "배우자",
    "부모님",
    "아이",
    "친구",
    "동료",
    "반려동물",
    "단체",
)

WEEKDAY, HOUR, AGE, GENDER, RESIDENCE = "weekday", "hour", "age", "gender", "residence"
SEGMENTS = {
    WEEKDAY: ("월", "화", "수", "목", "금", "토", "일"),
    HOUR: ("00-06", "06-11", "11-14", "14-17", "17-21", "21-24"),
    AGE: ("10대이하", "20대", "30대", "40대", "50대", "60대이상"),
    GENDER: ("여성", "남성"),
    RESIDENCE: ("현지인", "방문객"),
}
"""Whose visits a share of usage counts, and the values of each dimension in their order."""

PLACE_CATEGORIES = (
    "카페",
    "베이커리",
    "디저트",
    "브런치",
    "전통찻집",
    "한식",
    "한정식",
    "흑돼지",
    "고기구이",
    "해물탕",
    "횟집",
    "해산물",
    "갈치·고등어",
    "국수",
    "고기국수",
    "국밥",
    "해장국",
    "초밥",
    "일식",
    "중식",
    "양식",
    "피자",
    "버거",
    "분식",
    "치킨",
    "아시아음식",
    "뷔페",
    "술집",
    "와인바",
    "채식",
)
"""Categories of the sample world; a company's places may have others."""

# --- match: points of interest of two databases, and which of them are the same -----------------
NAME_EN = "name_en"
NAME_LOCAL = "name_local"  # in the language of the country
POSTAL_CODE = "postal_code"
PHONE = "phone"
LEFT = "left"  # id of a place in the agency's table
RIGHT = "right"  # id of a place in the other table; null: it has no match there
RELATION = "relation"
PROBABILITY = "probability"  # that two places are the same, calibrated
DECISION = "decision"

SAME, CONTAINS, NEARBY, DIFFERENT = "same", "contains", "nearby", "different"
RELATIONS = (SAME, CONTAINS, NEARBY, DIFFERENT)
"""How two places relate; contains: one lies in the other, or is a part of it."""

ACCEPT, ASK, NONE = "accept", "ask", "none"
DECISIONS = (ACCEPT, ASK, NONE)
"""What the scorer says of a place: mapped, uncertain (a model or a person is asked), no match."""

SCORER, LLM, PERSON = "scorer", "llm", "person"  # values of SOURCE: who decided about a place
MODEL = "model"  # name of the language model that decided
PROMPT = "prompt"  # version of what it was told
REVIEWER = "reviewer"  # name of the person who decided
DECIDED = "decided"  # when, ISO 8601 in UTC

PACKAGE = "package"  # a product code that has a day plan
ITINERARY = "itinerary"  # id of a traveller's plan
DAY = "day"  # of a trip, from 1
ORDER = "order"  # of a stop within its day, from 1
SPELLINGS = "spellings"  # what a place is searched by

# --- kinds of metadata field ------------------------------------------------------------------
CATEGORICAL = "categorical"
MULTI = "multi"
NUMERIC = "numeric"

# --- rejects files ----------------------------------------------------------------------------
REASON = "reason"
SOURCE_FILE = "source_file"
SOURCE_ROW = "source_row"
FIELD = "field"
VALUE = "value"

# --- models -----------------------------------------------------------------------------------
POPULARITY = "popularity"
MARKOV = "markov"
NCF = "ncf"
DEEPFM = "deepfm"
BERT4REC = "bert4rec"
META_BERT4REC = "meta_bert4rec"
SASREC = "sasrec"
META_SASREC = "meta_sasrec"
COOCCURRENCE = "cooccurrence"
PROD2VEC = "prod2vec"
META_PROD2VEC = "meta_prod2vec"
FOR_YOU = (POPULARITY, MARKOV, NCF, DEEPFM, SASREC, BERT4REC, META_SASREC, META_BERT4REC)
"""Models of what a traveller does next; simpler ones first."""
ALSO_VIEWED = (COOCCURRENCE, PROD2VEC, META_PROD2VEC)
"""Models of what is viewed beside a product; simpler ones first."""
MODELS = (*FOR_YOU, *ALSO_VIEWED)
ID_TWINS = {META_SASREC: SASREC, META_BERT4REC: BERT4REC, META_PROD2VEC: PROD2VEC}
"""Each model that reads metadata, and the same model without."""
SEQUENTIAL = (SASREC, BERT4REC, META_SASREC, META_BERT4REC)
"""The models that are a transformer over the sequence; the server can run these."""

# --- metrics (names without '@': an MLflow registry refuses it) ----------------------------------
NDCG = "ndcg"
RECALL = "recall"
MRR = "mrr"
COVERAGE = "coverage"
POPULARITY_PERCENTILE = "popularity_percentile"
GINI = "gini"


def at(metric: str, k: int) -> str:
    """``at("ndcg", 10) == "ndcg_at_10"``."""
    return f"{metric}_at_{k}"


def coherence(field: str) -> str:
    """Name of the share of a list that lies in its modal value of ``field``."""
    return f"coherence_{field}"


def entropy(field: str) -> str:
    """Name of the entropy (bits) of ``field`` in a list."""
    return f"entropy_{field}"
