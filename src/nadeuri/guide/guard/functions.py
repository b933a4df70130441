"""Functions that a query may call: those of both databases that read what they are given.

None of them reads a file, the network or a setting, runs text as code, or makes a long value out
of a short one (``repeat``, ``lpad`` and ``reduce`` are missing for that reason).
"""

from __future__ import annotations

from nadeuri.guide.guard.words import word_set

COLLECT = "collect"
HEAD, LAST, TAIL, REVERSE, COALESCE = "head", "last", "tail", "reverse", "coalesce"
NODES, RELATIONSHIPS, RELS = "nodes", "relationships", "rels"
START_NODE, END_NODE, PROPERTIES = "startNode", "endNode", "properties"
RANGE = "range"
REPLACE = "replace"
SIZE = "size"

AGGREGATES = frozenset(
    {
        "avg",
        COLLECT,
        "count",
        "max",
        "min",
        "percentileCont",
        "percentileDisc",
        "stDev",
        "stDevP",
        "sum",
    }
)

_ANY = 20
_ARITY: dict[str, tuple[int, int]] = {
    # aggregates
    **dict.fromkeys(AGGREGATES, (1, 1)),
    "percentileCont": (2, 2),
    "percentileDisc": (2, 2),
    # lists and what is in them
    **dict.fromkeys((HEAD, LAST, TAIL, REVERSE, SIZE, "length"), (1, 1)),
    COALESCE: (1, _ANY),
    RANGE: (2, 3),
    "list_contains": (2, 2),
    # nodes, relationships and paths
    **dict.fromkeys(
        (
            "elementId",
            END_NODE,
            "id",
            "keys",
            "label",
            "labels",
            NODES,
            PROPERTIES,
            RELATIONSHIPS,
            RELS,
            START_NODE,
            "type",
        ),
        (1, 1),
    ),
    # numbers
    **dict.fromkeys(("abs", "ceil", "exp", "floor", "log", "log10", "sign", "sqrt"), (1, 1)),
    **dict.fromkeys(("acos", "asin", "atan", "cos", "radians", "sin", "tan"), (1, 1)),
    "atan2": (2, 2),
    "pi": (0, 0),
    "round": (1, 2),
    # strings
    **dict.fromkeys(
        ("lower", "ltrim", "rtrim", "toLower", "toUpper", "trim", "upper"),
        (1, 1),
    ),
    **dict.fromkeys(("left", "right", "split", "string_split"), (2, 2)),
    **dict.fromkeys(("contains", "ends_with", "starts_with"), (2, 2)),
    REPLACE: (3, 3),
    "substring": (2, 3),
    # conversions
    **dict.fromkeys(
        ("toBoolean", "toFloat", "toInteger", "toString", "to_double", "to_int64", "string"), (1, 1)
    ),
    # dates and times
    **dict.fromkeys(("date", "datetime", "localdatetime", "localtime", "time"), (0, 1)),
    **dict.fromkeys(("duration", "interval", "timestamp"), (1, 1)),
    "date_part": (2, 2),
    "duration.between": (2, 2),
    "duration.inDays": (2, 2),
    # places
    "point": (1, 1),
    "point.distance": (2, 2),
}

FUNCTIONS: dict[str, tuple[str, int, int]] = {
    name.lower(): (name, least, most) for name, (least, most) in _ARITY.items()
}
"""Name in lower case -> how it is written, least and most arguments."""

COMPONENTS = word_set(
    "year month day hour minute second quarter week dayofweek weekday dayofyear ordinalday "
    "years months days hours minutes seconds epochseconds epochmillis "
    "latitude longitude x y z srid"
)
"""What may follow the point of a value that is no node, relationship or map: parts of dates,
durations and positions, in lower case."""
