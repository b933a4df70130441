"""The colours and the font that Streamlit's own widgets take: one set for light, one for dark.

The same colours are CSS variables in ``style/base.css``; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Mapping

FONT = "Pretendard, 'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif"
"""Fonts with Korean that systems come with, from the best to the one that Debian has."""
CODE_FONT = "D2Coding, NanumGothicCoding, ui-monospace, Menlo, Consolas, monospace"

LIGHT: Mapping[str, str] = {
    "primaryColor": "#ae4d0b",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f7f4ef",
    "textColor": "#23262d",
    "borderColor": "#ddd7cc",
    "linkColor": "#ae4d0b",
}
DARK: Mapping[str, str] = {
    "primaryColor": "#ff9a52",
    "backgroundColor": "#14161b",
    "secondaryBackgroundColor": "#20232b",
    "textColor": "#eceae6",
    "borderColor": "#3a3f4a",
    "linkColor": "#ff9a52",
}
"""Every text colour has a contrast of 4.5 and more to both backgrounds of its theme."""


def theme_options() -> dict[str, str]:
    """The theme as options of Streamlit."""
    shared = {"font": FONT, "headingFont": FONT, "codeFont": CODE_FONT, "baseRadius": "0.7rem"}
    return {
        **{f"theme.{name}": value for name, value in shared.items()},
        **{f"theme.light.{name}": value for name, value in LIGHT.items()},
        **{f"theme.dark.{name}": value for name, value in DARK.items()},
    }
