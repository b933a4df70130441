"""Tables of the job store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table
from sqlalchemy import Text as LongText

METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up Integer keys only
_TIME = Float  # seconds since 1970, by the clock of the runner

REQUESTS = Table(
    "llm_requests",
    METADATA,
    Column("number", _NUMBER, primary_key=True),  # the order in which they are sent
    Column("custom_id", String(64), nullable=False, unique=True),
    Column("kind", String(31), nullable=False),
    Column("model", LongText, nullable=False),
    Column("body", LongText, nullable=False),
    Column("n_bytes", Integer, nullable=False),  # of its line in an input file
    Column("tokens", Integer, nullable=False),  # of its prompt, approximately
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),  # that came to nothing
    Column("batch", _NUMBER),  # that it is or was last sent with
    Column("reason", String(32)),  # of the last attempt that came to nothing
    Column("answer", LongText),
    Column("answered_by", LongText),  # id of a batch; empty: asked outside of batches
    Column("answered_at", _TIME),
    Column("prompt_tokens", Integer),  # as the server counted
    Column("completion_tokens", Integer),
    Index("llm_requests_state", "state", "number"),
    Index("llm_requests_batch", "batch", "number"),
    # that records are read from, without the bodies: a table of them is large
    Index("llm_requests_kind", "batch", "kind"),
    Index("llm_requests_answered", "answered_by", "prompt_tokens", "completion_tokens"),
)

BATCHES = Table(
    "llm_batches",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("intent", String(32), nullable=False),  # in the metadata of the server's batch
    Column("model", LongText, nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("enqueued_tokens", Integer, nullable=False),  # with those in flight when it was planned
    Column("planned_at", _TIME, nullable=False),
    Column("file_id", LongText),  # input, once it is known to be there
    Column("asked_at", _TIME),  # when its creation was asked for; null: it was not
    Column("fenced_at", _TIME),  # when its input was deleted, so that it cannot come to be any more
    Column("batch_id", LongText, unique=True),
    Column("unwanted", Boolean, nullable=False, default=False),  # a second one, or one too late
    Column("status", String(16)),  # states.REMOTE
    Column("output_file_id", LongText),
    Column("error_file_id", LongText),
    Column("missing_since", _TIME),  # the server does not know it or a file of it
    Column("collection", String(16), nullable=False),  # pending, collected or unavailable
    Column("closed_at", _TIME),
    Column("reason", String(32)),  # why it came to nothing: a code of states
    Column("detail", LongText),  # in the server's words
    Index("llm_batches_collection", "collection"),
    Index("llm_batches_intent", "intent"),
)

FAILURES = Table(
    "llm_failures",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("custom_id", LongText),  # null: a line that names no request
    Column("batch", _NUMBER),
    Column("at", _TIME, nullable=False),
    Column("reason", String(32), nullable=False),  # a code of states
    Column("detail", LongText, nullable=False),  # raw, shortened
    Index("llm_failures_custom_id", "custom_id"),
    Index("llm_failures_batch", "batch", "number"),
)
