"""The guard on an attack list and on the LLM-written queries of text2cypher (Claude Opus).

    python bench/guide/text2cypher.py --data ../shared/data/guide/text2cypher [--record]

A query of the data set counts as valid where its makers flagged no syntax error, no name that is
absent from the schema, and no time-out; all of them only read. The flags do not judge directions
and pairs of labels. Each valid query is also tried with a writing clause put into it.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from guide.attacks import ATTACKS
from guide.schemas import GraphSchema, read_schemas
from nadeuri.guide.guard.check import guard
from nadeuri.guide.guard.refusals import Refusal
from nadeuri.guide.guard.schema import Schema
from nadeuri.guide.schema import SCHEMA
from record import record
from tables import table

PARAMETERS = ("town",)
"""Parameters that attacks find given."""

WRITES = (
    "CREATE (:Evil)",
    "MERGE (evil:Evil)",
    "SET evil = 1",
    "DETACH DELETE evil",
    "REMOVE evil.name",
    "FOREACH (x IN [1] | CREATE (:Evil))",
    "CALL { CREATE (:Evil) }",
    "LOAD CSV FROM 'file:///etc/passwd' AS line",
)


class Query(NamedTuple):
    """A query of the data set. ``returned``: it gave rows on its makers' database."""

    text: str
    database: str
    returned: bool


@dataclass(frozen=True)
class Verdicts:
    """What the guard said to some texts.

    Attributes:
        n: how many there were.
        refusals: text and refusal of those that it refused.
        turned: how many passed with an arrow turned.
        microseconds: CPU time for one, mean.
    """

    n: int
    refusals: Sequence[tuple[str, Refusal]]
    turned: int
    microseconds: float

    @property
    def passed(self) -> int:
        """How many it let through."""
        return self.n - len(self.refusals)

    @property
    def refused_share(self) -> float:
        """Of all."""
        return len(self.refusals) / self.n

    def by_reason(self) -> Counter[str]:
        """Refusals by reason."""
        return Counter(refusal.reason for _, refusal in self.refusals)


def read_queries(folder: Path) -> list[Query]:
    """The valid queries of the data set."""
    csv.field_size_limit(sys.maxsize)
    with (folder / "text2cypher_claudeopus.csv").open(encoding="utf-8", newline="") as file:
        return [
            Query(row["cypher"], row["database"], row["returns_results"] == "True")
            for row in csv.DictReader(file)
            if row["syntax_error"] == "False"
            and not row["false_schema"]
            and row["timeout"] == "False"
        ]


def with_writes(queries: Iterable[Query]) -> list[Query]:
    """Each query with a writing clause before its last RETURN, behind it, and in its place."""
    written = []
    for number, query in enumerate(queries):
        write = WRITES[number % len(WRITES)]
        at = query.text.upper().rindex("RETURN")
        for text in (
            f"{query.text[:at]} {write} {query.text[at:]}",
            f"{query.text} {write}",
            f"{query.text[:at]} {write}",
            f"{write} WITH 1 AS one {query.text}",
        ):
            written.append(query._replace(text=text))
    return written


def judge(texts: Iterable[tuple[str, Schema]]) -> Verdicts:
    """Show texts to the guard."""
    refusals: list[tuple[str, Refusal]] = []
    n = turned = 0
    start = time.process_time()
    for text, schema in texts:
        n += 1
        found = guard(text, schema, parameters=PARAMETERS)
        if isinstance(found, Refusal):
            refusals.append((text, found))
        else:
            turned += bool(found.turned)
    return Verdicts(n, refusals, turned, (time.process_time() - start) / n * 1e6)


def judge_queries(queries: Iterable[Query], schemas: Mapping[str, GraphSchema]) -> Verdicts:
    """Show queries of the data set to the guard, each with the schema of its database."""
    return judge((query.text, schemas[query.database]) for query in queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the two CSV files")
    parser.add_argument("--show", action="store_true", help="print every refused valid query")
    parser.add_argument("--record", action="store_true", help="write bench/results/guide.json")
    options = parser.parse_args()
    schemas = read_schemas(options.data / "text2cypher_schemas.csv")
    queries = read_queries(options.data)
    attacks = judge((attack.text, SCHEMA) for attack in ATTACKS)
    valid = judge_queries(queries, schemas)
    returned = judge_queries([query for query in queries if query.returned], schemas)
    writes = judge_queries(with_writes(queries), schemas)
    rows = [
        _row("attacks", attacks),
        _row("valid queries with a write put in", writes),
        _row("valid read queries", valid),
        _row("of these, those that returned rows", returned),
    ]
    print(table(["texts", "n", "passed", "refused %", "arrow turned", "CPU µs a text"], rows))
    print()
    counts = valid.by_reason().most_common()
    print(table(["refused for", "valid queries"], [[why, str(n)] for why, n in counts]))
    if options.show:
        for text, refusal in valid.refusals:
            print(f"\n{refusal.reason}: {refusal.message}\n{text}")
    if options.record:
        figures = {
            "guard.attacks": attacks.n,
            "guard.attacks_passed": attacks.passed,
            "guard.writes": writes.n,
            "guard.writes_passed": writes.passed,
            "guard.valid": valid.n,
            "guard.valid_refused_share": round(valid.refused_share, 4),
            "guard.valid_turned_share": round(valid.turned / valid.n, 4),
            "guard.microseconds": round(valid.microseconds),
        }
        print(record("guide", figures, [{"measured": "guard", "refused": dict(counts)}]))


def _row(name: str, verdicts: Verdicts) -> list[str]:
    return [
        name,
        f"{verdicts.n:,}",
        f"{verdicts.passed:,}",
        f"{100 * verdicts.refused_share:.2f}",
        f"{verdicts.turned:,}",
        f"{verdicts.microseconds:.0f}",
    ]


if __name__ == "__main__":
    main()
