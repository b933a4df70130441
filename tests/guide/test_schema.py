"""The description of the graph, and what is made of it."""

from __future__ import annotations

import pytest

from nadeuri.data import places
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.schema import LOADED_PART, SCHEMA, neo4j_statements, schema_text


def test_every_relationship_joins_labels_that_exist() -> None:
    for name, edge in SCHEMA.relationships.items():
        assert {edge.start, edge.end} <= set(SCHEMA.labels), name
        assert set(edge.key) <= set(edge.properties)
    for node in SCHEMA.nodes:
        assert node.key in node.properties


def test_the_database_has_exactly_these_tables(tiny_store: LadybugStore) -> None:
    tables = tiny_store.query("CALL show_tables() RETURN name, type")
    found = {str(row["name"]): row["type"] for row in tables}
    assert found.pop(LOADED_PART.label) == "NODE"
    assert found == dict.fromkeys(SCHEMA.labels, "NODE") | dict.fromkeys(
        SCHEMA.relationships, "REL"
    )
    for label, properties in SCHEMA.labels.items():
        rows = tiny_store.query(f"CALL table_info('{label}') RETURN name, type")
        assert {row["name"]: row["type"] for row in rows} == properties


def test_the_prompt_names_every_label_type_and_property() -> None:
    text = schema_text(SCHEMA)
    assert "(:Menu {menu_id: STRING, name: STRING, price: INT64, is_main: BOOL})" in text
    assert "(:Place)-[:NEAR {metres: DOUBLE}]->(:Attraction)" in text
    assert "(:Place)-[:IN_TOWN]->(:Town)" in text
    assert len(text.splitlines()) == len(SCHEMA.nodes) + len(SCHEMA.edges)
    assert LOADED_PART.label not in text


def test_neo4j_gets_a_constraint_per_label() -> None:
    statements = neo4j_statements(SCHEMA, [LOADED_PART])
    assert len(statements) == len(SCHEMA.nodes) + 1
    assert (
        "CREATE CONSTRAINT `Place_place_id` IF NOT EXISTS FOR (n:`Place`) "
        "REQUIRE n.`place_id` IS UNIQUE"
    ) in statements


@pytest.mark.parametrize("name", [places.PLACES, places.REVIEWS, places.MENUS])
def test_nodes_have_what_the_tables_have(name: str) -> None:
    label = {places.PLACES: "Place", places.REVIEWS: "Review", places.MENUS: "Menu"}[name]
    of_table = set(places.TABLES[name].schema.names)
    assert of_table - set(SCHEMA.labels[label]) <= {"place_id"}
