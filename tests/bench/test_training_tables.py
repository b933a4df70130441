"""README tables of the training benchmark."""

from __future__ import annotations

import pytest

from figures import render


@pytest.mark.parametrize("language", ["en", "ko"])
def test_peers_stand_beside_ours_and_absent_figures_are_said(language: str) -> None:
    figures = {
        "ml-1m.epoch_cpu_s": 6.75,
        "ml-1m.rectools.epoch_cpu_s": 135.0,
        "ml-1m.epoch_speedup_vs_rectools": 20.0,
        "ml-1m.epoch_speedup_vs_rectools.fp32": 9.14,
        "ml-100k.epoch_speedup_vs_recbole": 543.97,
        "ml-100k.epoch_speedup_vs_recbole.fp32": 99.94,
        "ml-1m.sasrec.epoch_peak_rss_mib": 500.0,
        "ml-1m.sasrec.rectools.epoch_peak_rss_mib": 2400.0,
    }
    new = render("<!-- figures:training -->\n<!-- /figures -->", figures, language)
    rows = [line.split(" | ") for line in new.splitlines()[3:9]]
    assert rows[0][1] == "135 → 6.75"
    assert rows[1][1] == "**20.0×** (9.1×)"
    assert rows[1][3].startswith("**544×** (99.9×)")
    assert rows[5][1] == "2,400 MiB → 500 MiB"
    absent = {"en": "not measured", "ko": "측정 전"}[language]
    assert rows[0][2] == rows[2][1] == absent


def test_a_lower_bound_is_called_one() -> None:
    name = "ml-1m.time_to_ndcg_0.12"
    figures = {
        f"{name}_speedup_vs_rectools": 30.0,
        f"{name}_speedup_vs_rectools.is_lower_bound": 1.0,
        f"{name}_cpu_s": 120.0,
        "ml-1m.rectools.time_to_ndcg_0.12_cpu_s": 3600.0,
        "gemm_share_fp32": 0.41,
        "gemm_share_bf16": 0.2,
        "amp.time_ratio_d64": 1.234,
        "amp.ndcg_difference_d64": -0.0004,
        "amp.ndcg_difference_d64.sd": 0.001,
        "stall.rate_without": 0.55,
        "stall.rate_with": 0.05,
    }
    new = render("<!-- figures:speed -->\n<!-- /figures -->", figures, "en")
    assert "| at least 60 → 2.0 min, at least **30.0×** |" in new
    assert "| 41%, 20% |" in new
    assert "| 1.23×; -0.0004 ± 0.0010 |" in new
    assert "| 55% → 5% |" in new
    exact = figures | {f"{name}_speedup_vs_rectools.is_lower_bound": 0.0}
    assert "| 60 → 2.0 min, **30.0×** |" in render(
        "<!-- figures:speed -->\n<!-- /figures -->", exact, "en"
    )
