"""The two state machines of a batch, and the states of a request.

What the server says of a batch (:data:`REMOTE`) and whether its results are here
(pending, collected, unavailable) are kept apart: a batch may be over and not collected yet, or may
have been cancelled and hold answers that are paid for.
"""

from __future__ import annotations

# --- of a batch, by the server -------------------------------------------------------------------
VALIDATING = "validating"
IN_PROGRESS = "in_progress"
FINALIZING = "finalizing"
COMPLETED = "completed"
FAILED = "failed"
EXPIRED = "expired"
CANCELLING = "cancelling"
CANCELLED = "cancelled"

REMOTE = (
    VALIDATING,
    IN_PROGRESS,
    FINALIZING,
    COMPLETED,
    FAILED,
    EXPIRED,
    CANCELLING,
    CANCELLED,
)
OVER = frozenset({COMPLETED, FAILED, EXPIRED, CANCELLED})
"""States that a batch never leaves: its files are final."""

_AGE = {VALIDATING: 0, IN_PROGRESS: 1, FINALIZING: 2, CANCELLING: 3} | dict.fromkeys(OVER, 4)

# --- of a batch, here ----------------------------------------------------------------------------
PENDING = "pending"
COLLECTED = "collected"
UNAVAILABLE = "unavailable"  # there will be no results: never created, vanished, or files gone

# --- of a request --------------------------------------------------------------------------------
WAITING = "waiting"
IN_FLIGHT = "in_flight"
ANSWERED = "answered"
GIVEN_UP = "failed"  # after as many attempts as allowed; retry() has it wait again

# --- why an attempt came to nothing; logged with the request ----------------------------------
ROW_ERROR = "row_error"
NOT_EXECUTED = "not_executed"  # its batch expired or was cancelled before its turn
MISSING_LINE = "missing_line"
UNUSABLE = "unusable"  # executed, but its line has no text of an answer
INVALID = "invalid"  # the server names it as the reason why a whole batch was refused
BATCH_FAILED = "batch_failed"
TOKEN_LIMIT = "token_limit"  # noqa: S105
FILES_GONE = "files_gone"
BATCH_GONE = "batch_gone"
REFUSED = "refused"
TOO_LARGE = "too_large"
NEVER_CREATED = "never_created"
NOT_NEEDED = "not_needed"  # of a batch: all of its requests were answered before it was sent
# of lines that say nothing of an open request; logged as well
UNPARSABLE_LINE = "unparsable_line"
UNKNOWN_ID = "unknown_id"
DUPLICATE_LINE = "duplicate_line"
LATE_ANSWER = "late_answer"  # a second answer: the first is kept
ODDITIES = (UNPARSABLE_LINE, UNKNOWN_ID, DUPLICATE_LINE, LATE_ANSWER)


def advanced(old: str | None, new: str) -> str:
    """The state of a batch known as ``old`` after the server said ``new``.

    Servers answer from replicas: what is older than what is known is not believed, so that a batch
    never goes back and is never brought back from the dead.
    """
    if old is None:
        return new
    return new if old not in OVER and _AGE[new] >= _AGE[old] else old
