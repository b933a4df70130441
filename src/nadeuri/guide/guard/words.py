"""Words of Cypher that mean something to a parser, ours or a database's."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Words with spaces between them, as a set."""
    return frozenset(words.split())


STATEMENT_WORDS = word_set(
    "ALTER ATTACH BEGIN CALL CHECKPOINT COMMIT COPY CREATE CYPHER DELETE DENY DETACH DROP EXPLAIN "
    "EXPORT FINISH FOREACH GRANT IMPORT INSERT INSTALL LOAD MERGE NODETACH PROFILE REMOVE REVOKE "
    "ROLLBACK SET SHOW TERMINATE UNINSTALL USE USING YIELD"
)
"""Words of statements that write, read files, run procedures or administrate. The parser knows
none of them: they are listed so that the refusal can say what it is about."""

RESERVED = word_set(
    "AND AS ASC ASCENDING BY CASE CONTAINS DESC DESCENDING DISTINCT ELSE END ENDS EXISTS FALSE IN "
    "IS LIMIT MATCH NOT NULL OFFSET OPTIONAL OR ORDER RETURN SKIP STARTS THEN TRUE UNION UNWIND "
    "WHEN WHERE WITH XOR"
)
"""Words of the read-only subset: no variable is called so."""

QUOTED = (
    STATEMENT_WORDS
    | RESERVED
    | word_set(
        "ACYCLIC ADD ALL ANY ASSERT COLLECT COLUMN COMMENT CONSTRAINT COUNT DATABASE DEFAULT DO "
        "EXTENSION FILTER FOR FROM GLOB GRAPH GROUP HEADERS HINT INDEX INSTALL JOIN KEY LET MACRO "
        "MANDATORY NODE NONE ON ONLY OPTIONS PRIMARY PROJECT READ REL RENAME REQUIRE SCALAR "
        "SEQUENCE SHORTEST SINGLE START STOP TABLE TO TRAIL TRANSACTION TYPE UNIQUE UPDATE WRITE "
        "WSHORTEST"
    )
)
"""Names that are written in backticks, so that no database takes them for a keyword."""
