"""Ask a running API what it serves; plain HTTP, with the API key if there is one."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from load.client import Server
from nadeuri.errors import NadeuriError

TIMEOUT_S = 60.0


class ApiError(NadeuriError):
    """The API did not answer, or not as it should."""


@dataclass(frozen=True)
class Api:
    """An API by its address, such as ``http://127.0.0.1:8000``."""

    url: str
    key: str | None = field(default=None, repr=False)

    @property
    def server(self) -> Server:
        """Where its requests go.

        Raises:
            ApiError: the address is none of plain HTTP.
        """
        parts = urlsplit(self.url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ApiError(f"{self.url}: not an address such as http://127.0.0.1:8000")
        return Server(parts.hostname, parts.port or 80, self.key)

    def get(self, path: str, **query: object) -> Any:
        """The JSON at ``path``.

        Raises:
            ApiError: no answer, or one that reports an error.
        """
        return self._ask(f"{quote(path)}?{urlencode(query)}" if query else quote(path), None)

    def post(self, path: str, body: object) -> Any:
        """The JSON that answers ``body``.

        Raises:
            ApiError: as for :meth:`get`.
        """
        return self._ask(quote(path), json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.url.rstrip("/") + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            raise ApiError(f"{self.url}{path}: status {error.code}: {said[:200]}") from error
        except (OSError, ValueError) as error:
            raise ApiError(f"{self.url}{path}: {error}") from error
