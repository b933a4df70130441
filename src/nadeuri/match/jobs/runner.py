"""Runs jobs by passes: each brings everything as far as it goes now, and may be killed anywhere.

**Order of writes.** What is written before a step says that the step may have happened; what is
written after it says that it has.

1. *Plan.* One transaction puts requests in flight with a new batch, which has a unique intent id.
2. *Upload.* The input file, named after the intent; then its id is written. Killed between the two:
   the file is an orphan that nothing refers to. The next pass deletes it if it finds it, and
   uploads again. A batch is only ever created over the file that was written down.
3. *Ask.* "Asked at" is written. Killed before: nothing was asked, the next pass asks.
4. *Create*, once and without retries, with the intent id in the metadata. A refusal takes the
   question back. With any other outcome (no response, 5xx, killed) the batch may or may not be.
5. *Created.* Its id is written. Killed between 4 and 5 is the same as a lost response:
6. *Reconcile.* The server's list is searched for intents asked for and not known. It is there: its
   id is written. It is not: servers list with a delay, and a slow request may still arrive. After
   a grace period its input file is deleted, so that it can be created no more (*fence*; written
   down); after another one in which it does not show up it is given up, and its requests wait
   again. So no question is sent a second time while the first may still be executed.
   A second batch of one intent, which gateways that retry make, or one that shows up even later, is
   cancelled, and collected like any other: answers in it are paid for.
7. *Poll, collect.* Files of a batch that is over are read whole, then one transaction takes the
   answers, puts the other requests back and closes the batch. Killed before it: the next pass reads
   the files again. They are read and taken whatever the batch ended as: completed, expired,
   cancelled or failed.

Steps 6 and 7 come before 1 to 5 in a pass, so that new batches hold only what is still needed. A
request is in one batch that is not over at most, waits in none, and is never sent once answered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nadeuri.llm_batch import BatchApi, BatchApiError, NotThereError, RefusedError, RemoteBatch
from nadeuri.match.jobs import states
from nadeuri.match.jobs.closing import Closing
from nadeuri.match.jobs.estimate import Estimate, Prices, estimate
from nadeuri.match.jobs.records import FailedRequest
from nadeuri.match.jobs.requests import Request
from nadeuri.match.jobs.results import Failure, read_results
from nadeuri.match.jobs.shards import Limits
from nadeuri.match.jobs.store import Batch, JobStore

WATCH_S = 48 * 3600.0
"""For how long a batch that was given up, or a second one, is looked for; twice its window."""
SKEW_S = 3600.0
"""By how much the server's clock may differ from ours."""

_TOKEN_LIMIT = "token_limit_exceeded"  # noqa: S105
_NOT_NOW = (401, 403, 409, 429)  # refusals that say nothing against the batch
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """Where things stand after a pass.

    Attributes:
        submitted: requests sent in this pass.
        collected: answers taken in this pass.
        answered, in_flight, waiting, failed: requests, in all.
        errors: what went wrong with the server, one line each; the next pass tries again.
    """

    submitted: int = 0
    collected: int = 0
    answered: int = 0
    in_flight: int = 0
    waiting: int = 0
    failed: int = 0
    errors: tuple[str, ...] = ()

    @property
    def outstanding(self) -> int:
        """Requests that another pass may bring an answer for."""
        return self.in_flight + self.waiting


class Runner:
    """Passes over a store and a server; for one thread."""

    def __init__(
        self,
        store: JobStore,
        api: BatchApi,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock``: seconds since 1970."""
        self._store = store
        self._api = api
        self._limits = limits or Limits()
        self._clock = clock

    def enqueue(self, requests: Iterable[Request], kind: str) -> int:
        """Have requests wait that were never asked; returns how many. Nothing is sent yet.

        Args:
            kind: what they are for; the word that may stand before their ids.

        Raises:
            DataError: a body is no request, or an id not that of its body.
            LockedError: another run is at work.
        """
        return self._store.add(requests, kind, self._limits.max_bytes, self._clock())

    def advance(self) -> Summary:
        """One pass: reconcile, poll, collect, and submit what waits. Idempotent.

        Trouble with the server does not raise: it is in the summary, and the next pass goes on.

        Raises:
            LockedError: another run is at work.
        """
        with self._store.exclusive():
            job = _Pass(self._store, self._api, self._limits, self._clock)
            job.reconcile()
            job.collect()
            job.submit()
            counts = self._store.counts()
        return Summary(
            submitted=job.n_submitted,
            collected=job.n_collected,
            answered=counts.get(states.ANSWERED, 0),
            in_flight=counts.get(states.IN_FLIGHT, 0),
            waiting=counts.get(states.WAITING, 0),
            failed=counts.get(states.GIVEN_UP, 0),
            errors=tuple(job.errors),
        )

    def answers(self, custom_ids: Iterable[str]) -> dict[str, str]:
        """Answers that are there, by custom_id."""
        return self._store.answers(custom_ids)

    def failed(self) -> list[FailedRequest]:
        """Requests given up, with the reason."""
        return self._store.failed()

    def retry(self) -> int:
        """Have the requests given up wait again; returns how many.

        Raises:
            LockedError: another run is at work.
        """
        return self._store.retry()

    def estimate(self, requests: Iterable[Request], prices: Prices | None = None) -> Estimate:
        """What asking ``requests`` would cost; nothing is sent or written."""
        return estimate(self._store, requests, self._limits, prices)


@dataclass
class _Pass:
    """One pass."""

    store: JobStore
    api: BatchApi
    limits: Limits
    clock: Callable[[], float]
    errors: list[str] = field(default_factory=list)
    n_submitted: int = 0
    n_collected: int = 0

    # --- reconcile --------------------------------------------------------------------------------

    def reconcile(self) -> None:
        """Find batches whose id is not known, and those there should not be."""
        watched = self.store.watched(self.clock() - WATCH_S)
        asked = [batch for batch in watched if batch.asked_at is not None]
        if not asked:
            return
        with self._reported() as listing:
            since = min(batch.planned_at for batch in asked) - SKEW_S
            remotes = self.api.list_batches(since)
            self._adopt(asked, remotes)
        if listing.failed:
            return  # who has not looked cannot say that something is not there
        for batch in self.store.pending():
            if batch.batch_id is None and batch.asked_at is not None:
                with self._reported():
                    self._wait_for(batch, batch.asked_at)

    def _adopt(self, asked: list[Batch], remotes: list[RemoteBatch]) -> None:
        by_intent = {batch.intent: batch for batch in asked if not batch.unwanted}
        known = {batch.batch_id for batch in asked}
        for remote in sorted(remotes, key=lambda each: (each.created_at, each.batch_id)):
            batch = by_intent.get(remote.intent or "")
            if batch is None or remote.batch_id in known:
                continue
            if batch.batch_id is None and batch.collection == states.PENDING:
                self.store.created(batch, remote)
                by_intent[batch.intent] = self._reread(batch)
            else:
                logger.warning("%s is a second batch of %s", remote.batch_id, batch.intent)
                self.store.add_unwanted(batch, remote)

    def _reread(self, batch: Batch) -> Batch:
        return next(each for each in self.store.pending() if each.number == batch.number)

    def _wait_for(self, batch: Batch, asked_at: float) -> None:
        """Not on the list: wait, then see to it that it cannot be created, then give it up."""
        now = self.clock()
        if batch.fenced_at is None:
            if now - asked_at >= self.limits.grace_s and batch.file_id is not None:
                self.api.delete_file(batch.file_id)
                self.store.fenced(batch, self.clock())
        elif now - batch.fenced_at >= self.limits.grace_s:
            never = Failure(states.NEVER_CREATED, "asked for, and never seen on the server")
            self._finish(batch, Closing(states.UNAVAILABLE, never, counted=False))

    # --- poll and collect -------------------------------------------------------------------------

    def collect(self) -> None:
        """Ask what has become of each batch, and take what is there of those that are over."""
        for batch in self.store.pending():
            if batch.batch_id is None:
                continue
            with self._reported() as poll:
                self._poll(batch, batch.batch_id)
            if poll.unreachable:
                return

    def _poll(self, batch: Batch, batch_id: str) -> None:
        try:
            remote = self.api.retrieve(batch_id)
        except NotThereError as error:
            gone = Failure(states.BATCH_GONE, str(error))
            self._miss(batch, Closing(states.UNAVAILABLE, gone))
            return
        if remote.status not in states.REMOTE:
            raise BatchApiError(f"batch {batch_id}: unknown status {remote.status!r}")
        self.store.seen(batch, remote)
        if remote.status in states.OVER:
            self._collect(batch, remote)
        elif batch.unwanted and remote.status != states.CANCELLING:
            self.api.cancel(batch_id)

    def _collect(self, batch: Batch, remote: RemoteBatch) -> None:
        contents, gone = [], []
        for file_id, n_rows in (
            (remote.output_file_id, remote.n_completed),
            (remote.error_file_id, remote.n_failed),
        ):
            try:
                if file_id is not None:
                    contents.append(self.api.content(file_id))
                elif n_rows:
                    gone.append(f"{n_rows} rows of {remote.batch_id} are in no file")
            except NotThereError as error:
                gone.append(str(error))
        results = read_results(*contents)
        if not gone:
            closing = _verdict(batch, remote)
            self._finish(batch, replace(closing, results=results))
            return
        collection = states.COLLECTED if results.answers else states.UNAVAILABLE
        lost = Failure(states.FILES_GONE, "; ".join(gone))
        self._miss(batch, Closing(collection, lost, results=results))

    def _miss(self, batch: Batch, closing: Closing) -> None:
        """Something is not there: perhaps not yet, so a grace period passes before it counts."""
        self.store.missed(batch, self.clock())
        since = batch.missing_since
        if since is not None and self.clock() - since >= self.limits.grace_s:
            self._finish(batch, closing)
        else:
            self.errors.append(f"{closing.rest.detail}; waiting for it")

    def _finish(self, batch: Batch, closing: Closing) -> None:
        self.n_collected += self.store.finish(batch, closing, self.limits, self.clock())

    # --- submit -----------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send what earlier passes left unsent, then what waits, until there is trouble."""
        for batch in self._unsent():
            with self._reported() as sending:
                self._send(batch)
            if sending.failed:
                return

    def _unsent(self) -> Iterator[Batch]:
        for batch in self.store.pending():
            if batch.batch_id is None and batch.asked_at is None:
                if batch.file_id is None:
                    with self._reported():
                        self._delete_orphans(batch)
                yield batch
        while (planned := self.store.plan(self.limits, self.clock())) is not None:
            yield planned

    def _delete_orphans(self, batch: Batch) -> None:
        for file in self.api.list_files():
            if file.name == batch.file_name:
                self.api.delete_file(file.file_id)

    def _send(self, batch: Batch) -> None:
        try:
            file_id = batch.file_id or self._upload(batch)
            if file_id is None:
                return
            self.store.asking(batch, self.clock())
            remote = self.api.create(file_id, batch.intent)
        except RefusedError as error:
            if error.status in _NOT_NOW:
                self.store.not_created(batch)
            else:
                refused = Failure(states.REFUSED, str(error))
                self._finish(batch, Closing(states.UNAVAILABLE, refused))
            raise
        self.store.created(batch, remote)
        self.n_submitted += batch.n_rows

    def _upload(self, batch: Batch) -> str | None:
        """Id of the input file; None if there is nothing left to ask."""
        content = self.store.lines(batch)
        if not content:
            not_needed = Failure(states.NOT_NEEDED, "")
            self._finish(batch, Closing(states.UNAVAILABLE, not_needed))
            return None
        file_id = self.api.upload(batch.file_name, content)
        self.store.uploaded(batch, file_id)
        return file_id

    # --- trouble ----------------------------------------------------------------------------------

    @contextmanager
    def _reported(self) -> Iterator[_Step]:
        """A step whose trouble with the server is reported, and not raised."""
        step = _Step()
        try:
            yield step
        except BatchApiError as error:
            step.failed = True
            step.unreachable = error.status is None
            self.errors.append(str(error))
            logger.warning("%s", error)


@dataclass
class _Step:
    """How a step went."""

    failed: bool = False
    unreachable: bool = False  # no response at all: others would wait in vain, too


def _verdict(batch: Batch, remote: RemoteBatch) -> Closing:
    """What the end of a batch means for requests that its files say nothing of."""
    if remote.status in (states.EXPIRED, states.CANCELLED):
        ended = Failure(states.NOT_EXECUTED, f"{remote.batch_id} {remote.status}")
        return Closing(states.COLLECTED, ended)
    if remote.status == states.COMPLETED:
        no_line = Failure(states.MISSING_LINE, f"no line in the files of {remote.batch_id}")
        return Closing(states.COLLECTED, no_line)
    words = "; ".join(f"{fault.code}: {fault.message}" for fault in remote.faults[:10])
    if any(fault.code == _TOKEN_LIMIT for fault in remote.faults):
        alone = batch.n_rows == 1 and batch.tokens == batch.enqueued_tokens
        return Closing(states.COLLECTED, Failure(states.TOKEN_LIMIT, words), counted=alone)
    return Closing(
        states.COLLECTED,
        Failure(states.BATCH_FAILED, words or f"{remote.batch_id} failed, without a reason"),
        invalid={
            fault.line: Failure(states.INVALID, f"{fault.code}: {fault.message}")
            for fault in remote.faults
            if fault.line is not None
        },
    )
