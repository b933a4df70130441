"""The second candidates: a few places by their reviews, filled up with places that are alike."""

from __future__ import annotations

from collections.abc import Sequence

from nadeuri import columns
from nadeuri.embed import EmbeddingError
from nadeuri.guide.cypher import Query
from nadeuri.guide.hyde import hypotheses, query_vector
from nadeuri.guide.neighbours import N_CANDIDATES, top_up
from nadeuri.guide.nodes.candidates import WISHES, allowed_places
from nadeuri.guide.nodes.node import By, Context, Done
from nadeuri.guide.reviews import PlaceMatch
from nadeuri.guide.state import Json, State, plan_of

SECOND, TOP_UP = "second", "top_up"

_RANK_OFFSET = 60  # as in the paper; it keeps either order from deciding alone


def choose_by_reviews(state: State, context: Context) -> Done:
    """The best candidates by the graph and by how like their reviews are to hypothetical ones.

    Both orders are joined by reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009):
    shares and similarities have no common scale. Where an order is asked for, such as the cheapest,
    reviews do not change who comes first.
    """
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    reviews, embedder = context.parts.vectors.reviews, context.parts.vectors.embedder
    ids = [row[columns.PLACE_ID] for row in state["rows"]]
    if plan.sort is not None:
        ids = ids[:N_CANDIDATES]
    best_by_graph = [_from_graph(place_id) for place_id in ids[:N_CANDIDATES]]
    if reviews is None or embedder is None:
        return Done({"chosen": best_by_graph})
    model, notes = context.model()
    written = hypotheses(plan, model)
    if written.fallback:
        notes = (*notes, f"language model not used: {written.fallback}")
    by: By = "language_model" if written.source == "language_model" else "default"
    try:
        vector = query_vector(written.reviews, embedder)
    except EmbeddingError as error:
        notes = (*notes, f"reviews were not compared: {error}")
        return Done({"chosen": best_by_graph}, notes=notes)
    matches = _fused(ids, reviews.best(vector, ids, n_places=len(ids)) if ids else [])
    if not matches:
        notes = (*notes, "reviews were not compared: none of the places has one")
        return Done({"chosen": best_by_graph}, by, notes)
    chosen: list[Json] = [
        {
            "place_id": match.place_id,
            "origin": "reviews",
            "similarity": match.similarity,
            "reviews": [review.review_id for review in match.reviews],
        }
        for match in matches
    ]
    if plan.sort is not None:
        chosen.sort(key=lambda each: ids.index(each["place_id"]))
    return Done({"chosen": chosen}, by, notes)


def _fused(ids: Sequence[str], matches: Sequence[PlaceMatch]) -> list[PlaceMatch]:
    """The best of ``matches`` by their place in it and in ``ids`` together; equal ones by id."""
    by_graph = {place_id: rank for rank, place_id in enumerate(ids)}
    scores = {
        match.place_id: 1 / (_RANK_OFFSET + rank) + 1 / (_RANK_OFFSET + by_graph[match.place_id])
        for rank, match in enumerate(matches)
    }
    best = sorted(matches, key=lambda match: (-scores[match.place_id], match.place_id))
    return best[:N_CANDIDATES]


def fill_up(state: State, context: Context) -> Done:
    """Fill up to six with places that are alike in the graph and meet all hard conditions."""
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    assert context.parts.vectors.neighbours is not None  # or there would be no such node
    chosen = state["chosen"]
    ids = [each["place_id"] for each in chosen]
    found = [row[columns.PLACE_ID] for row in state["rows"]]
    if plan.stated.intersection(WISHES):
        allowed, query = allowed_places(plan, set(state["refused"]), context)
        queries: tuple[Query, ...] = (query,)
    else:
        allowed, queries = set(found), ()  # nothing but hard conditions: the graph has told
    filled = top_up(ids, context.parts.vectors.neighbours, allowed)
    known = {each["place_id"]: each for each in chosen}
    more: list[Json] = [
        known.get(place_id) or {**_from_graph(place_id), "origin": _origin(place_id, found)}
        for place_id in filled
    ]
    return Done({"chosen": more}, queries=queries)


def _origin(place_id: str, found: list[str]) -> str:
    return "graph" if place_id in found else "neighbours"


def _from_graph(place_id: str) -> Json:
    return {"place_id": place_id, "origin": "graph", "similarity": None, "reviews": []}
