"""The door to the Batch API of an OpenAI-compatible server: its files and its batches.

A thin client that decides nothing. What it adds to the SDK: errors that say whether the server may
have done what was asked (:class:`BatchApiError`) or certainly has not (:class:`RefusedError`), and
no second attempt at creating anything, as the SDK's own retries made two batches of one whose
response was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nadeuri.errors import ConfigError, NadeuriError
from nadeuri.llm import LanguageModelConfig, connect

if TYPE_CHECKING:
    pass

ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
WINDOW: Literal["24h"] = "24h"
INTENT = "nadeuri_intent"
"""Key of a batch's metadata that says which submission of ours it is."""

_PAGE = 100  # the most that the API lists at once
_MAYBE_DONE = (408,)  # of the statuses below 500: the server may have begun


class BatchApiError(NadeuriError):
    """No usable response: what was asked for may have been done all the same.

    Attributes:
        status: HTTP status; None when no response came at all.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RefusedError(BatchApiError):
    """The server has not done it, and says why (a status from 400 to 499)."""


class NotThereError(RefusedError):
    """The server does not know the batch or the file."""


@dataclass(frozen=True)
class Fault:
    """Why a server refused a whole batch; ``line`` of its input, from 1, where it names one."""

    code: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class RemoteBatch:
    """A batch, as the server describes it.

    Attributes:
        intent: our id of the submission; None: somebody else's batch.
        status: one of eight words, if the server keeps to its documentation.
        created_at: seconds since 1970, by the server's clock.
        n_completed, n_failed: rows in the output and in the error file.
    """

    batch_id: str
    intent: str | None
    status: str
    created_at: float
    output_file_id: str | None = None
    error_file_id: str | None = None
    n_completed: int = 0
    n_failed: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class RemoteFile:
    """A file, as the server describes it."""

    file_id: str
    name: str


class BatchApi:
    """A client of the server.

    All methods raise BatchApiError when no usable response came, RefusedError when the server
    refused, and NotThereError when it does not know the id. Reading is retried as ``config`` says,
    creating never.
    """

    def __init__(self, config: LanguageModelConfig) -> None:
        """Raises: ConfigError: no address; MissingExtraError: no ``openai``."""
        if not config.base_url.startswith(("http://", "https://")):
            raise ConfigError(
                f"no language model at {config.base_url!r}: set NADEURI_LLM_BASE_URL (http://host/v1)"
            )
        self.config = config
        self._client = connect(config)
        self._once = self._client.with_options(max_retries=0)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def upload(self, name: str, content: bytes) -> str:
        """Id of a new input file of batches with this content."""
        with self._errors(f"upload of {name}"):
            file = self._once.files.create(file=(name, content), purpose="batch")
            return _text(file, "id")

    def create(self, file_id: str, intent: str) -> RemoteBatch:
        """A new batch over an input file, with our id of the submission in its metadata."""
        with self._errors(f"batch over {file_id}"):
            batch = self._once.batches.create(
                input_file_id=file_id,
                endpoint=ENDPOINT,
                completion_window=WINDOW,
                metadata={INTENT: intent},
            )
            return _remote(batch)

    def retrieve(self, batch_id: str) -> RemoteBatch:
        """What has become of a batch."""
        with self._errors(f"batch {batch_id}"):
            return _remote(self._client.batches.retrieve(batch_id))

    def cancel(self, batch_id: str) -> RemoteBatch:
        """Ask the server to end a batch; rows that are done stay done."""
        with self._errors(f"cancellation of {batch_id}"):
            return _remote(self._once.batches.cancel(batch_id))

    def list_batches(self, since: float = 0.0) -> list[RemoteBatch]:
        """Batches of the account that were created at ``since`` or later.

        Reading ends at the first older one if the server lists the newest first, as documented;
        if it does not, all is read: who misses a batch here pays for another.
        """
        batches = []
        last, descended, ascended = None, False, False
        with self._errors("list of batches"):
            for batch in _items(self._client.batches.list(limit=_PAGE)):
                remote = _remote(batch)
                if last is not None:
                    descended = descended or remote.created_at < last
                    ascended = ascended or remote.created_at > last
                last = remote.created_at
                if remote.created_at >= since:
                    batches.append(remote)
                elif descended and not ascended:
                    break
        return batches

    def list_files(self) -> list[RemoteFile]:
        """Input files of batches, in the account."""
        with self._errors("list of files"):
            found = _items(self._client.files.list(purpose="batch", limit=_PAGE))
            return [RemoteFile(_text(file, "id"), _text(file, "filename")) for file in found]

    def content(self, file_id: str) -> bytes:
        """All of a file."""
        with self._errors(f"file {file_id}"):
            return bytes(self._client.files.content(file_id).read())

    def delete_file(self, file_id: str) -> None:
        """Delete a file; one that is not there any more is as good as deleted."""
        try:
            with self._errors(f"deletion of {file_id}"):
                self._client.files.delete(file_id)
        except NotThereError:
            return

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            status = error.status_code
            message = f"{what}: {self.config.base_url} says {status} ({_first_line(error)})"
            if status == 404:
                raise NotThereError(message, status) from error
            if 400 <= status < 500 and status not in _MAYBE_DONE:
                raise RefusedError(message, status) from error
            raise BatchApiError(message, status) from error
        except (openai.OpenAIError, httpx2.HTTPError, _Unusable, *_UNCHECKED) as error:
            raise BatchApiError(
                f"{what}: no usable response of {self.config.base_url} ({_cause(error)})"
            ) from error


class _Unusable(Exception):  # noqa: N818
    """A response with status 200 that is none of this API."""


_UNCHECKED = (AttributeError, TypeError, ValueError)
"""What the SDK stumbles with over JSON that is none of this API, and over what is no JSON."""


def _items(first_page: Any) -> Iterator[Any]:
    """Items of all pages; a page without a list is an error, not a list of nothing."""
    for page in first_page.iter_pages():
        if not isinstance(getattr(page, "data", None), list):
            raise _Unusable("a list without data")
        yield from page.data


def _remote(batch: Any) -> RemoteBatch:
    """The SDK takes any JSON for a batch: what is read from it is looked at."""
    metadata = getattr(batch, "metadata", None)
    counts = getattr(batch, "request_counts", None)
    faults = getattr(getattr(batch, "errors", None), "data", None)
    created_at = getattr(batch, "created_at", None)
    if not isinstance(created_at, int | float):
        raise _Unusable("a batch without created_at")
    return RemoteBatch(
        batch_id=_text(batch, "id"),
        intent=metadata.get(INTENT) if isinstance(metadata, dict) else None,
        status=_text(batch, "status"),
        created_at=created_at,
        output_file_id=getattr(batch, "output_file_id", None) or None,
        error_file_id=getattr(batch, "error_file_id", None) or None,
        n_completed=getattr(counts, "completed", None) or 0,
        n_failed=getattr(counts, "failed", None) or 0,
        faults=tuple(
            Fault(str(each.code or "unknown"), str(each.message or ""), each.line)
            for each in faults or ()
        ),
    )


def _text(value: Any, name: str) -> str:
    text = getattr(value, name, None)
    if not isinstance(text, str) or not text:
        raise _Unusable(f"a response without {name}")
    return text


def _cause(error: Exception) -> str:
    """The SDK's own words for a failed connection do not say what has failed."""
    cause = error.__cause__
    return _first_line(cause if isinstance(cause, Exception) else error)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
