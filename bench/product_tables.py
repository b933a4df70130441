"""The table of ``bench/results/product.json``: pages that work, and what a first try costs."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed

Figures = Mapping[str, float]

TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        "pages": "Pages driven in a real browser, wide and phone: all; failed",
        "axe": "Grave violations that axe-core finds on them",
        "first": "First meaningful content, slowest page on 2 cores: median; worst",
        "demo": "make demo on a clean clone: all; of which installing",
        "download": "What it downloads",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        "pages": "실제 브라우저에서 써 본 화면(넓은 창과 휴대폰): 전체, 실패",
        "axe": "axe-core가 찾은 심각한 접근성 문제",
        "first": "의미 있는 첫 화면, 코어 2개에서 가장 느린 화면: 중앙값, 최악",
        "demo": "새로 받은 저장소에서 make demo: 전체, 그중 설치",
        "download": "내려받는 양",
    },
}
ROWS: Rows = {
    "pages": ("{:.0f}; {:.0f}", ("pages.total", "pages.failed")),
    "axe": ("{:.0f}", ("axe.serious",)),
    "first": ("{:.2f} s; {:.2f} s", ("first_content_s", "first_content_worst_s")),
    "demo": ("{:.0f} s; {:.0f} s", ("demo.seconds", "demo.install_seconds")),
    "download": ("{:,.0f} MiB", ("demo.download_mib",)),
}


def product(figures: Figures, language: str) -> str:
    """One row per claim."""
    return listed(ROWS, figures, TEXT[language])
