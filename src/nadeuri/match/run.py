"""The incremental job: two tables of places to a new version of the mapping, as far as it goes now.

What is written before the last transaction is answers (each one durable when it is there) and
batches (see :mod:`nadeuri.match.jobs.runner`). The last transaction takes everything else: the
decisions, which places were decided on, and what people are asked. A run that is killed leaves the
mapping as it was, and the next run comes to what this one would have come to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection

from nadeuri import columns
from nadeuri.match.jobs.estimate import Estimate, Prices
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.judge.cascade import Doubt
from nadeuri.match.judge.desk import Desk, Judged
from nadeuri.match.judge.prompts import Place
from nadeuri.match.mapping import score_pairs
from nadeuri.match.propose import (
    Candidates,
    Proposals,
    affected,
    by_judge,
    candidates_by_left,
    propose,
)
from nadeuri.match.scorer import PairScorer
from nadeuri.match.store import labels, reviews, seen, versions
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.evidence import evidence
from nadeuri.match.store.labels import Word
from nadeuri.match.store.publish import publish_labels
from nadeuri.match.store.reviews import Item
from nadeuri.match.store.settle import Settled, settle
from nadeuri.match.store.versions import Decision

DONE, PENDING, FAILED, LOCKED = 0, 3, 4, 5
"""Exit codes of a run; 2 is that of wrong input."""


@dataclass(frozen=True)
class Scored:
    """What the scorer makes of two tables.

    Attributes:
        mapped: as :func:`nadeuri.match.mapping.map_places` gives it.
        candidates: of every left place, the likeliest first.
        least: probability below which a pair is rejected.
        scorer: version of the scorer.
    """

    mapped: pa.Table
    candidates: Candidates
    least: float
    scorer: str


Score = Callable[[pa.Table, pa.Table], Scored]


def score_with(scorer: PairScorer) -> Score:
    """Scoring as :mod:`nadeuri.match.mapping` does it."""

    def score(left: pa.Table, right: pa.Table) -> Scored:
        pairs = score_pairs(left, right, scorer)
        return Scored(
            pairs.mapping(),
            candidates_by_left(pairs.candidates()),
            scorer.thresholds.reject_below,
            scorer.version,
        )

    return score


@dataclass(frozen=True)
class RunSummary:
    """What a run did, and how things stand after it.

    Attributes:
        version: of the mapping; None if there is none yet.
        published: whether this run made it.
        places: in the left table.
        decided: of these, decided about by this run.
        mapped, no_match, uncertain: places of the mapping by their decision.
        removed: places of the mapping that are no longer in the left table.
        asked: questions sent to the language model.
        pending: places whose question is on its way.
        failed: places whose question was given up.
        reviews: places that people are asked about.
        errors: of the batch server.
    """

    version: int | None
    published: bool
    places: int
    decided: int
    mapped: int
    no_match: int
    uncertain: int
    removed: int
    asked: int
    pending: int
    failed: int
    reviews: int
    errors: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """4: the batch server had trouble; 3: batches are on their way, call again; 4: some
        requests were given up; else 0.
        """
        if self.errors:
            return FAILED
        return PENDING if self.pending else FAILED if self.failed else DONE

    def line(self) -> str:
        """Everything on one line."""
        made = "new" if self.published else "unchanged"
        return (
            f"version {self.version or 0} ({made}): {self.mapped:,} mapped, {self.no_match:,} "
            f"without match, {self.uncertain:,} uncertain; {self.decided:,} of {self.places:,} "
            f"places decided, {self.removed:,} removed; {self.asked:,} questions asked, "
            f"{self.pending:,} places pending, {self.failed:,} failed; {self.reviews:,} to review"
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, with the exit code."""
        return {**asdict(self), "exit_code": self.exit_code}


class Rows:
    """Rows of a table of places by their id."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        ids = table[columns.PLACE_ID].to_pylist()
        self._number = {place: number for number, place in enumerate(ids)}

    def __call__(self, place: str) -> Place:
        row: dict[str, Any] = self._table.slice(self._number[place], 1).to_pylist()[0]
        return row


def run(
    left: pa.Table,
    right: pa.Table,
    store: MappingStore,
    jobs: JobStore,
    score: Score,
    *,
    desk: Desk | None = None,
    new_only: bool = False,
) -> RunSummary:
    """Bring the mapping up to date with two tables of points of interest.

    Args:
        left, right: complete tables; places that are no longer in them leave the mapping.
        desk: where doubts are judged; None to ask people.
        new_only: decide only about places that are new or changed, or whose match is.

    Raises:
        LockedError: another run is at work.
    """
    with jobs.exclusive():
        collected = desk.collect() if desk is not None else None
        with store.begin() as connection:
            publish_labels(connection)
        job = _Job(left, right, store, score(left, right))
        lefts = job.affected() if new_only else set(job.contents)
        proposals, doubts = job.propose(lefts)
        judged = Judged()
        if desk is not None:
            judged = desk.judge(doubts, Rows(left), Rows(right))
        summary = job.publish(proposals, judged, None if desk is None else desk.model)
    if collected is not None:
        summary = replace(summary, errors=(*collected.errors, *summary.errors))
    return summary


def estimate(
    left: pa.Table,
    right: pa.Table,
    store: MappingStore,
    score: Score,
    desk: Desk,
    prices: Prices | None = None,
    *,
    new_only: bool = False,
) -> Estimate:
    """What the questions of a run would cost at most; nothing is sent, and nothing written."""
    job = _Job(left, right, store, score(left, right))
    _, doubts = job.propose(job.affected() if new_only else set(job.contents))
    return desk.estimate(doubts, Rows(left), Rows(right), prices)


class _Job:
    """What a run knows while it is going on."""

    def __init__(
        self, left: pa.Table, right: pa.Table, store: MappingStore, scored: Scored
    ) -> None:
        self.left, self.right = left, right
        self.store = store
        self.scored = scored
        self.contents = seen.contents(left)
        self.right_contents = seen.contents(right)

    def affected(self) -> set[str]:
        """Left places that are new or changed, or whose match may be."""
        with self.store.reading() as connection:
            known = seen.seen(connection, "right")
            changed = {
                place
                for place, content in self.right_contents.items()
                if known.get(place) != content
            }
            return affected(
                self.contents,
                seen.seen(connection, "left"),
                versions.decisions(connection),
                changed,
                self.right_contents.keys(),
                self.scored.candidates,
                self._words(connection),
                reviews.open_lefts(connection),
            )

    def propose(self, lefts: set[str]) -> tuple[dict[str, Decision], list[Doubt]]:
        """What the scorer says of places, and which of them are in doubt."""
        with self.store.reading() as connection:
            words = self._words(connection)
        proposals: Proposals = propose(
            self.scored.mapped,
            self.scored.candidates,
            lefts,
            words,
            least=self.scored.least,
            scorer=self.scored.scorer,
        )
        return proposals.decisions, proposals.doubts

    def publish(
        self, proposed: Mapping[str, Decision], judged: Judged, model: str | None
    ) -> RunSummary:
        """Settle what was proposed and judged, and publish it in one transaction."""
        decided = {
            place: decision for place, decision in proposed.items() if place not in judged.pending
        }
        for place, verdict in judged.verdicts.items():
            decided[place] = by_judge(verdict, self.scored.candidates, model or "")
        with self.store.begin() as connection:
            held = versions.decisions(connection)
            lost = held.keys() - self.contents.keys()
            stale = {
                place
                for place in judged.pending & held.keys()
                if held[place].is_mapped and held[place].right not in self.right_contents
            }
            kept = {place: each for place, each in held.items() if place not in lost | stale}
            settled = settle(
                decided,
                kept,
                self._words(connection),
                undecided=reviews.open_lefts(connection),
            )
            changes = {**settled.decisions, **dict.fromkeys(lost | stale)}
            number = versions.publish(connection, changes, "run")
            version = number or versions.latest(connection)
            self._mark(connection, decided.keys(), judged, version or 0)
            self._ask_people(connection, settled, judged)
            labels.mark_published(
                connection, labels.unpublished(connection) & settled.decisions.keys(), version or 0
            )
            after = versions.decisions(connection)
            open_reviews = reviews.open_lefts(connection)
        by_decision = [each.decision for each in after.values()]
        return RunSummary(
            version=version,
            published=number is not None,
            places=len(self.contents),
            decided=len(decided),
            mapped=by_decision.count(columns.ACCEPT),
            no_match=by_decision.count(columns.NONE),
            uncertain=by_decision.count(columns.ASK),
            removed=len(lost),
            asked=judged.asked,
            pending=len(judged.pending),
            failed=len(judged.failed),
            reviews=len(open_reviews),
            errors=judged.errors,
        )

    def _words(self, connection: Connection) -> dict[str, Word]:
        """People's last words, but those that give a place what is not in the table any more."""
        words = labels.words(connection)
        for word in words.values():
            if word.same is not None and word.same.right is not None:
                word.same = word.same if word.same.right in self.right_contents else None
        return words

    def _mark(
        self, connection: Connection, decided: Collection[str], judged: Judged, version: int
    ) -> None:
        """Note what was decided on; places that wait for an answer count as new."""
        waiting = judged.pending | judged.failed.keys()
        known = seen.seen(connection, "left")
        gone = (known.keys() - self.contents.keys()) | (known.keys() & waiting)
        seen.forget(connection, "left", gone)
        done = {place: self.contents[place] for place in decided if place not in waiting}
        seen.mark(connection, "left", done, version)
        known = seen.seen(connection, "right")
        seen.forget(connection, "right", known.keys() - self.right_contents.keys())
        seen.mark(connection, "right", self.right_contents, version)

    def _ask_people(self, connection: Connection, settled: Settled, judged: Judged) -> None:
        """What is uncertain now goes into the queue, and what no longer is leaves it."""
        left, right = Rows(self.left), Rows(self.right)
        items = []
        certain = reviews.open_lefts(connection) - self.contents.keys()
        for place, decision in settled.decisions.items():
            if decision.decision != columns.ASK:
                certain.add(place)
                continue
            verdict = judged.verdicts.get(place)
            some = self.scored.candidates.get(place, ())
            known = evidence(left(place), some, right, verdict)
            fault = judged.failed.get(place) or judged.unusable.get(place)
            reason = (
                "contested"
                if place in settled.contested
                else "failed"
                if place in judged.failed
                else "unusable"
                if place in judged.unusable
                else "uncertain"
            )
            if place in settled.contested:
                known["lost_to"] = settled.contested[place]
            if fault:
                known["fault"] = fault
            items.append(Item(place, reason, _doubt(decision), known))
        reviews.close(connection, certain & reviews.open_lefts(connection))
        reviews.put(connection, items)


def _doubt(decision: Decision) -> float:
    """1 where both answers have the same probability, 0 where one is certain."""
    if decision.probability is None:
        return 1.0
    return round(1.0 - abs(2.0 * decision.probability - 1.0), 6)
