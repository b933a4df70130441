"""Whatever comes in: a refusal, or a text that means the same to the parser and holds no write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guide.attacks import ATTACKS
from nadeuri.guide.guard import tree
from nadeuri.guide.guard.check import GuardedQuery, bounded, guard
from nadeuri.guide.guard.clauses import parse
from nadeuri.guide.guard.functions import FUNCTIONS
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import REASONS, Refusal
from nadeuri.guide.guard.tokens import NAME, tokens_of
from nadeuri.guide.guard.words import QUOTED, RESERVED, STATEMENT_WORDS
from nadeuri.guide.guard.write import written
from nadeuri.guide.schema import SCHEMA

LIMITS = Limits()
LOOSE = Limits(depth=60, query=100_000, tokens=20_000)
Quickly = Callable[[Callable[[], GuardedQuery | Refusal]], GuardedQuery | Refusal]
PARAMETERS = ("town",)

GOOD = (
    "MATCH (p:Place)-[:IN_TOWN]->(t:Town {name: $town}) WHERE p.rating >= 4.5 RETURN p LIMIT 3",
    "MATCH (p:Place)-[v:VISITED_WITH]->(c:Companion) WHERE c.name = '부모님' AND NOT p.name =~ 'x' "
    "WITH p, sum(v.n_visits) AS n ORDER BY n DESC LIMIT 5 RETURN p.name AS 이름, n",
    "MATCH (p:Place) WHERE EXISTS { MATCH (p)-[:SERVES]->(m:Menu) WHERE m.price < 9000 } "
    "OR any(d IN p.closed_days WHERE d = '월') RETURN DISTINCT p.town AS town, count(*) AS n",
    "MATCH (r:Review) WITH r.source AS s, collect(r.text) AS ts UNWIND ts AS t "
    "RETURN CASE WHEN size(t) > 10 THEN left(t, 10) ELSE t END AS x UNION RETURN 'y' AS x",
    "MATCH p = (a:Place)-[:NEAR*1..2]-(b) RETURN [n IN nodes(p) | n.name][0..2] AS x, -length(p)",
)
PUNCTUATION = (
    "( ) [ ] { } , ; : . .. | + - * / ^ % = <> < > <= =~ -> <- -[ ]-> -- /* */ // ` ' \" $ \\"
)
SOUP = (
    *sorted(STATEMENT_WORDS | RESERVED),
    *(word for text in GOOD for word in text.split()),
    *PUNCTUATION.split(" "),
    "\n",
    "\u200b",
    "ＭＡＴＣＨ",
    "\\u0027",
    "()",
    "(n)",
    "apoc.load.json('x')",
    "CALL {",
    "```",
)
pieces = st.sampled_from(SOUP) | st.text(max_size=3)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good query in which a few pieces were put, removed or exchanged."""
    words = draw(st.sampled_from(GOOD)).split(" ")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words)))
        until = at + draw(st.integers(0, 2))
        words[at:until] = draw(st.lists(pieces, max_size=2))
    return " ".join(words)


def check(text: str, quickly: Quickly) -> None:
    found = quickly(lambda: guard(text, SCHEMA, parameters=PARAMETERS))
    if isinstance(found, Refusal):
        assert found.reason in REASONS
        assert "\n" not in found.message
        return
    tokens = tokens_of(found.text, LOOSE)
    again = parse(tokens, LOOSE)
    assert written(again) == found.text
    assert bounded(again, LIMITS) == again
    assert not {token.word for token in tokens if token.kind == NAME} & STATEMENT_WORDS
    assert not any(token.text == ";" for token in tokens if token.kind != "text")
    second = guard(found.text, SCHEMA, parameters=PARAMETERS)
    assert not isinstance(second, Refusal)
    assert second.text == found.text
    assert second.parameters == found.parameters
    assert second.turned == ()


def test_the_good_queries_are_good() -> None:
    for text in GOOD:
        assert not isinstance(guard(text, SCHEMA, parameters=PARAMETERS), Refusal)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=mutated())
def test_good_queries_gone_wrong(text: str, quickly: Quickly) -> None:
    check(text, quickly)


@settings(max_examples=200, deadline=None)
@given(text=st.lists(pieces, max_size=60).map(" ".join))
@example(text="")
@example(text="RETURN [(x) IN [1]] AS y")
def test_soups_of_words(text: str, quickly: Quickly) -> None:
    check(text, quickly)


@settings(max_examples=200, deadline=None)
@given(
    attack=st.sampled_from(ATTACKS),
    good=st.sampled_from(GOOD),
    at=st.integers(0, 400),
    cut=st.booleans(),
)
def test_an_attack_inside_a_good_query(
    attack: tuple[str, str], good: str, at: int, cut: bool, quickly: Quickly
) -> None:
    rest = "" if cut else good[at:]
    check(f"{good[:at]} {attack[1][:2000]} {rest}", quickly)


@pytest.mark.parametrize(
    "text",
    [
        f"MATCH (p:Place) WHERE {' OR '.join(['p.rating = 1'] * 95)} RETURN p",
        f"MATCH (p:Place){', (p)<-[:SERVES]-()' * 7} "
        f"WHERE {' OR '.join(['p.name = 1'] * 75)} RETURN p",
        f"RETURN {' + '.join(['(' * 18 + '1' + ')' * 18] * 15)} AS x",
        f"RETURN {' + '.join(['[' + ', '.join(['1'] * 100) + ']'] * 2)} AS x",
        f"WITH {', '.join(f'1 AS a{number}' for number in range(120))} {'WITH * ' * 14} RETURN *",
        f"RETURN {'COUNT { MATCH (p:Place {name: $town}) } + ' * 7} 1 AS x",
    ],
)
def test_the_largest_queries_pass_quickly(text: str, quickly: Quickly) -> None:
    found = quickly(lambda: guard(text, SCHEMA, parameters=PARAMETERS))
    assert isinstance(found, GuardedQuery), found
    check(found.text, quickly)


# --- trees ------------------------------------------------------------------------------------
names = st.sampled_from(
    ["p", "이름", "a b", *sorted(QUOTED - STATEMENT_WORDS)[:20], "CREATE", "x1"]
)
plain = st.sampled_from(["p", "q", "이름"])
labels = st.lists(st.sampled_from(["Place", "Town", "set"]), max_size=2, unique=True).map(tuple)
atoms = st.one_of(
    st.text(st.characters(categories=("L", "N", "P", "S")), max_size=8)
    .filter(lambda text: "\\" not in text)
    .map(tree.Text),
    st.integers(0, 10**9).map(lambda number: tree.Number(str(number))),
    st.sampled_from(["1.5", "2e5", "0.25e-3"]).map(tree.Number),
    st.sampled_from(["TRUE", "FALSE", "NULL"]).map(tree.Constant),
    plain.map(tree.Variable),
    plain.map(tree.Parameter),
    st.just(tree.CountRows()),
    st.builds(tree.LabelTest, plain, names),
)


def deeper(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression]:
    """Expressions made of expressions."""
    maybe = st.none() | inner
    entries = st.lists(st.tuples(names, inner), max_size=2).map(tuple)
    node = st.builds(tree.Node, st.none() | plain, labels, entries)
    relation = st.builds(
        tree.Relation,
        st.none() | plain,
        labels,
        st.sampled_from(["left", "right", "both"]),
        st.none() | st.sampled_from([(0, 1), (1, 3), (2, 2)]),
        entries,
    )
    path = st.builds(
        lambda start, relation, end: tree.Path(None, (start, end), (relation,)),
        node,
        relation,
        node,
    )
    match = st.builds(tree.Match, st.booleans(), path.map(lambda one: (one,)), maybe)
    operators = {
        tree.OR: ("OR",),
        tree.XOR: ("XOR",),
        tree.AND: ("AND",),
        tree.COMPARE: ("=", "<", "=~", "IN", "STARTS WITH", "CONTAINS"),
        tree.ADD: ("+", "-"),
        tree.MULTIPLY: ("*", "/", "%"),
        tree.POWER: ("^",),
    }
    chains = [
        st.builds(
            tree.Chain,
            st.just(level),
            inner,
            st.lists(st.tuples(st.sampled_from(words), inner), min_size=1, max_size=3).map(tuple),
        )
        for level, words in operators.items()
    ]
    null_test = st.sampled_from(["IS NULL", "IS NOT NULL"]).map(lambda word: ((word, None),))
    return st.one_of(
        *chains,
        st.builds(tree.Chain, st.just(tree.COMPARE), inner, null_test),
        st.builds(tree.Not, inner),
        st.builds(tree.Negative, inner),
        st.builds(tree.Property, inner, names),
        st.builds(tree.Index, inner, inner),
        st.builds(tree.Slice, inner, maybe, maybe),
        st.lists(inner, max_size=3).map(lambda items: tree.ListLiteral(tuple(items))),
        entries.map(tree.MapLiteral),
        st.builds(
            lambda inside, distinct: tree.Call("collect", (inside,), distinct), inner, st.booleans()
        ),
        st.builds(
            tree.Case,
            maybe,
            st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple),
            maybe,
        ),
        st.builds(tree.Loop, st.just("list"), plain, inner, maybe, maybe),
        st.builds(tree.Loop, st.sampled_from(["any", "none"]), plain, inner, inner, st.none()),
        st.builds(tree.PatternList, path, maybe, inner),
        st.builds(
            tree.Subquery, st.sampled_from(["EXISTS", "COUNT"]), match.map(lambda one: (one,))
        ),
    )


expressions = st.recursive(atoms, deeper, max_leaves=8)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions, names, st.booleans(), st.none() | st.integers(0, 50))
def test_a_tree_survives_being_written(
    expression: tree.Expression, name: str, descending: bool, limit: int | None
) -> None:
    projection = tree.Projection(
        descending, False, ((expression, name),), ((expression, descending),), None, limit
    )
    query = tree.Query(((tree.Return(projection),),), ())
    text = written(query)
    assert parse(tokens_of(text, LOOSE), LOOSE) == query, text


def test_functions_are_written_as_databases_know_them() -> None:
    assert all(name.lower() == lower for lower, (name, _, _) in FUNCTIONS.items())
