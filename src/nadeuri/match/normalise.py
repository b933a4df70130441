"""Names, addresses and telephone numbers made comparable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from nadeuri.match.names.scripts import HANGUL, SPACELESS, script_of
from nadeuri.match.names.types import Piece, pieces_of, types_among

_SPECIAL = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "đ": "d",
        "ı": "i",
        "þ": "th",
        "ð": "d",
        "&": " and ",
    }
)
_APOSTROPHES = re.compile("[’'‘`´ʻʼ′]")
_ELISION = re.compile(r"\b(?:l|d|dell|all|nell|sull|dall)'(?=\w)")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|（([^（）]*)）|【([^【】]*)】")
_PUNCTUATION = re.compile(r"[^\w#@]+|_+")
_AT = re.compile(r"\s*@\s*")
_MARKS_STRIPPED_BELOW = "\u0590"  # Latin, Greek, Cyrillic and Armenian letters
_ARTICLES = frozenset(
    ["the", "le", "la", "les", "el", "los", "las", "il", "lo", "gli", "der", "die", "das", "het"]
)
_LINKS = _ARTICLES | frozenset(
    [
        "of",
        "de",
        "di",
        "del",
        "della",
        "dei",
        "du",
        "des",
        "von",
        "da",
        "do",
        "dos",
        "and",
        "y",
        "et",
        "und",
    ]
)
_ABBREVIATIONS = {
    "mt": "mount",
    "mtn": "mountain",
    "ft": "fort",
    "ave": "avenue",
    "av": "avenue",
    "rd": "road",
    "blvd": "boulevard",
    "sq": "square",
    "ctr": "center",
    "cntr": "center",
    "natl": "national",
    "intl": "international",
    "univ": "university",
    "bldg": "building",
    "stn": "station",
    "hwy": "highway",
    "pkwy": "parkway",
    "dr": "drive",
    "ln": "lane",
    "dept": "department",
    "govt": "government",
    "ste": "sainte",
}
_SAINT, _STREET, _EITHER = "saint", "street", "st"

_BRANCH_NUMBER = re.compile(r"^(?:제?\d+호점|\d+호|#\d+|\d+号店)$")
_KOREAN_BRANCH = re.compile(r"^.+(?:점|지점)$")
_NO_BRANCH = re.compile(
    r"(?:백화|면세|편의|음식|전문|할인|상|매|주|반|제과|분식|서|대리|정|관|요|초|빙|맹|책)점$"
)
_CJK_BRANCH = re.compile(r"^.+(?:本店|支店|分店|[^書商]店)$")
_BRANCH_WORDS = frozenset(("branch", "outlet"))

_POINT = re.compile(r"(\d)\s*(?:丁目|番地|番|号|번지|번길|호)\s*")
_FLOOR = re.compile(
    r"\b(?:b?\d+\s*(?:층|f|fl|floor|/f)\b|(?:level|floor|unit|suite)\s*\d+\b)|#\d+(?:-\d+)?", re.I
)
_STREET_WORDS = {
    **_ABBREVIATIONS,
    "st": "street",
    "str": "street",
    "pl": "place",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "서울시": "서울",
    "부산시": "부산",
    "제주도": "제주",
    "경기도": "경기",
    "강원도": "강원",
}
_REGION_SUFFIX = re.compile(r"^(.{2,})(?:특별자치시|특별자치도|특별시|광역시)$")
_NUMBER = re.compile(r"\d+")

_EXTENSION = re.compile(r"(?:ext\.?|extension|내선|#|;|x)\s*\d{1,5}\s*$", re.I)
_MIN_DIGITS = 5


@dataclass(frozen=True)
class Name:
    """A name of a place.

    Attributes:
        text: folded: lower case, without accents, notes in brackets and punctuation.
        tokens: its words, without articles.
        core: without words for types of places and without the branch; ``""`` where nothing else
            is left.
        branch: which of several shops: ``강남점``, ``2호점``, ``#12``, or ``""``.
        types: concepts of the types of places it names.
        script: the script most of its letters have (:mod:`nadeuri.match.names.scripts`).
        pieces: words with all that they may mean; articles, prepositions and the branch left out.
    """

    text: str
    tokens: tuple[str, ...]
    core: str
    branch: str
    types: frozenset[str]
    script: str
    pieces: tuple[Piece, ...] = field(repr=False)


@dataclass(frozen=True)
class Address:
    """An address.

    Attributes:
        tokens: its words, long forms for abbreviations; floors and rooms left out.
        house_numbers: the numbers among them: of house, plot, block and street.
    """

    tokens: tuple[str, ...]
    house_numbers: frozenset[str]


def normalise_name(text: str) -> Name:
    """Read any text as a name; the name of a name's ``text`` is the same name again."""
    folded = _fold(_without_notes(text))
    words = _expand([word for word in folded.split() if word.strip("#@")])
    kept, branch = _split_branch(words)
    tokens = tuple(word for word in words if word not in _ARTICLES) or tuple(words)
    pieces = pieces_of([word for word in kept if word not in _LINKS] or kept)
    types = types_among(concept for piece in pieces for concept in piece.concepts)
    return Name(
        text=" ".join(words),
        tokens=tokens,
        core=_core(pieces),
        branch=branch,
        types=types,
        script=script_of(" ".join(words)),
        pieces=pieces,
    )


def normalise_address(text: str) -> Address:
    """Read any text as an address; 丁目, 번지, St. and Ave. become one form each."""
    plain = _FLOOR.sub(" ", unicodedata.normalize("NFKC", text))
    folded = _fold(_POINT.sub(r"\1 ", plain)).replace("#", " ").replace("@", " ")
    tokens = tuple(_street_word(word) for word in folded.split())
    numbers = frozenset(
        number.lstrip("0") or "0" for token in tokens for number in _NUMBER.findall(token)
    )
    return Address(tokens, numbers)


def normalise_phone(text: str) -> str:
    """The national number: digits without country code, trunk zero and extension.

    A number without ``+`` or ``00`` is taken for a national one. ``""`` for what has too few digits
    to be a number.
    """
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", text)).strip()
    digits = "".join(c for c in plain if c.isascii() and c.isdigit())
    if len(digits) < _MIN_DIGITS:
        return ""
    if plain.startswith(("+", "00")):
        digits = _national(digits.removeprefix("00"))
    return digits.lstrip("0")


def _national(digits: str) -> str:
    """``digits`` with a country code, without it; as they are where there is no such code."""
    import phonenumbers

    try:
        return str(phonenumbers.parse("+" + digits, None).national_number)
    except phonenumbers.NumberParseException:
        return digits


def _fold(text: str) -> str:
    """Lower case without accents, apostrophes and punctuation, single spaces between words."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = _APOSTROPHES.sub("'", _strip_accents(folded).translate(_SPECIAL))
    folded = _ELISION.sub(" ", folded).replace("'", "")
    words = _PUNCTUATION.sub(" ", folded)
    return " ".join(_AT.sub(" @", words).split())


def _strip_accents(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character):
            if base < _MARKS_STRIPPED_BELOW:
                continue
        else:
            base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _without_notes(text: str) -> str:
    """``text`` without what is in brackets, except branches, unless nothing else is left."""

    def keep_branch(match: re.Match[str]) -> str:
        note = next(group for group in match.groups() if group is not None).strip()
        is_branch = " " not in note and _is_branch(note)
        return f" {note} " if is_branch else " "

    bare = _BRACKETS.sub(keep_branch, unicodedata.normalize("NFC", text))
    return bare if any(map(str.isalnum, bare)) else text


def _core(pieces: Sequence[Piece]) -> str:
    """The pieces that name no type; what was one word stays one."""
    core = ""
    for piece in pieces:
        if not types_among(piece.concepts):
            core += piece.text if piece.glued or not core else " " + piece.text
    return core


def _expand(words: list[str]) -> list[str]:
    """Long forms of English abbreviations; ``st`` is a street at the end and a saint elsewhere."""
    last = len(words) - 1
    return [
        (_STREET if 0 < i == last else _SAINT if i < last else word)
        if word == _EITHER
        else _ABBREVIATIONS.get(word, word)
        for i, word in enumerate(words)
    ]


def _split_branch(words: list[str]) -> tuple[list[str], str]:
    """Words of the name, and the branch that stands behind them."""
    for index, word in enumerate(words):
        if index and word.startswith("@"):
            return words[:index], " ".join(words[index:]).lstrip("@ ")
    if len(words) > 2 and words[-1] in _BRANCH_WORDS:
        return words[:-2], " ".join(words[-2:])
    if len(words) > 1 and _is_branch(words[-1]):
        return words[:-1], words[-1]
    return words, ""


def _is_branch(word: str) -> bool:
    if _BRANCH_NUMBER.match(word):
        return True
    script = script_of(word)
    if script == HANGUL:
        return bool(_KOREAN_BRANCH.match(word)) and not _NO_BRANCH.search(word)
    return script in SPACELESS and bool(_CJK_BRANCH.match(word))


def _street_word(word: str) -> str:
    region = _REGION_SUFFIX.match(word)
    return region.group(1) if region else _STREET_WORDS.get(word, word)
