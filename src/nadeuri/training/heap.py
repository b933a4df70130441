"""The C library's heap during a training: nothing given back within an epoch, all of it after one.

A training step frees hundreds of megabytes and wants them again in the next. glibc gives them back
to the system in between and gets them zeroed, page by page. Without a break, on the other hand,
blocks of ever other sizes, as batches have, leave holes: gigabytes in an hour.

Only glibc knows these calls (``mallopt(3)``, ``malloc_trim(3)``); elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
NEVER = 2**31 - 1
LARGEST_ON_HEAP = 32 * 2**20
"""Bytes: glibc takes no more for ``M_MMAP_THRESHOLD``."""


def keep_free_pages() -> None:
    """From now on, keep pages that are free (``MALLOC_TRIM_THRESHOLD_`` for this process)."""
    _call("mallopt", M_MMAP_THRESHOLD, LARGEST_ON_HEAP)
    _call("mallopt", M_TRIM_THRESHOLD, NEVER)


def give_back_free_pages() -> None:
    """Give the system every page that is free now."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None) if os.name == "posix" else None
    if function:
        function(*arguments)
