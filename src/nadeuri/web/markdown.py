"""Text in places where Streamlit reads Markdown: labels of buttons, captions."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")


def plain(text: str) -> str:
    """Markdown that shows ``text`` as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
