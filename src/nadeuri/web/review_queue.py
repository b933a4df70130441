"""One reviewer's way through the queue: what is shown, skipped, said and looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nadeuri.web.match_api import ConflictError, MatchApi
from nadeuri.web.match_types import Relation, Review

PART = 20
"""Places that are asked for at a time."""


@dataclass(frozen=True)
class Decision:
    """What the reviewer said last, and of what."""

    review: Review
    right: str | None
    relation: Relation


@dataclass
class Queue:
    """The queue as one session sees it.

    Attributes:
        n_open: how many places are left, whoever reviews them; None: not asked yet.
        last: the newest decision.
        notice: what the reviewer is to be told once.
    """

    n_open: int | None = None
    last: Decision | None = None
    notice: str = ""
    _part: Sequence[Review] = ()
    _again: Review | None = None
    _shown: Review | None = None
    _decided: set[str] = field(default_factory=set)
    _skipped: set[str] = field(default_factory=set)
    _said: dict[str, dict[str, Relation]] = field(default_factory=dict)

    @property
    def n_decided(self) -> int:
        """Places that this session said something of."""
        return len(self._decided)

    @property
    def n_skipped(self) -> int:
        """Places that were put off."""
        return len(self._skipped)

    def current(self, api: MatchApi) -> Review | None:
        """The place to be shown; None where none is left but those that were skipped.

        Raises:
            ApiError: no answer.
        """
        self._shown = self._again or self._next(api)
        return self._shown

    def said_of(self, review: Review) -> dict[str, Relation]:
        """What this session said of the place's candidates."""
        return self._said.get(review.left.place_id, {})

    def decide(
        self, api: MatchApi, review: Review, right: str | None, relation: Relation, reviewer: str
    ) -> None:
        """Keep what the reviewer says, and go on; a conflict is noticed and goes on, too.

        A second click that came before the next place was shown changes nothing.

        Raises:
            ApiError: no answer; nothing changes.
        """
        if review is not self._shown:
            return
        left = review.left.place_id
        try:
            kept = api.decide(left, right, relation, reviewer, review.version)
        except ConflictError as error:
            self.notice = str(error)
            self._said.pop(left, None)
            if self.last is not None and self.last.review.left.place_id == left:
                self.last = None
        else:
            self.n_open = kept.n_open
            self._decided.add(left)
            if right is not None:
                self._said.setdefault(left, {})[right] = relation
            newer = review.model_copy(update={"version": kept.version})
            self.last = Decision(newer, right, relation)
        self._part, self._again, self._shown = (), None, None

    def skip(self, review: Review) -> None:
        """Put the place off."""
        self._skipped.add(review.left.place_id)
        self._again = None

    def unskip(self) -> None:
        """Show again what was put off."""
        self._skipped.clear()
        self._part = ()

    def look_again(self) -> None:
        """Show what was decided last."""
        if self.last is not None:
            self._again = self.last.review
            self._said.pop(self._again.left.place_id, None)

    def _next(self, api: MatchApi) -> Review | None:
        waiting = self._not_skipped(self._part)
        if not waiting:
            self._part = self._ask(api)
            waiting = self._not_skipped(self._part)
        return waiting[0] if waiting else None

    def _not_skipped(self, reviews: Sequence[Review]) -> list[Review]:
        return [each for each in reviews if each.left.place_id not in self._skipped]

    def _ask(self, api: MatchApi) -> Sequence[Review]:
        """The first part of the queue in which something was not skipped."""
        offset = 0
        while True:
            told = api.reviews(PART, offset)
            self.n_open = told.n_open
            offset += len(told.reviews)
            if self._not_skipped(told.reviews) or not told.reviews or offset >= told.n_open:
                return told.reviews
