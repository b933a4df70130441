from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split, leave_one_out
from nadeuri.recommend.compare import Comparison, compare, judge
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.report import ReportFiles, chart_file, write_report
from nadeuri.recommend.samples import HUES, sample_users
from nadeuri.tracking import NullTracker

HOSTILE = "<script>alert('제주')</script>|x"
CONFIG = CompareConfig.model_validate(
    {
        "name": "여행 비교",
        "seeds": [1, 2],
        "sample_users": 4,
        "experiments": {
            "ids & names": {
                "model": {"kind": "bert4rec", "max_len": 8, "dim": 8, "blocks": 1},
                "train": {"epochs": 2, "eval_every": 1},
            }
        },
    }
)


@pytest.fixture(scope="module")
def dataset(travel_dataset: Dataset) -> Dataset:
    """The travel data set with a product whose name attacks the page."""
    changed = replace(travel_dataset)
    catalogue = travel_dataset.catalogue
    names = catalogue[columns.NAME].to_pylist()
    names[:5] = [HOSTILE] * 5  # the most popular ones
    position = catalogue.column_names.index(columns.NAME)
    vars(changed)["catalogue"] = catalogue.set_column(position, columns.NAME, pa.array(names))
    return changed


@pytest.fixture(scope="module")
def split(dataset: Dataset) -> Split:
    return leave_one_out(dataset.sequences)


@pytest.fixture(scope="module")
def comparison(
    dataset: Dataset, split: Split, tmp_path_factory: pytest.TempPathFactory
) -> Comparison:
    return compare(CONFIG, dataset, split, tmp_path_factory.mktemp("runs"), NullTracker())


@pytest.fixture(scope="module")
def files(
    comparison: Comparison,
    dataset: Dataset,
    split: Split,
    tmp_path_factory: pytest.TempPathFactory,
) -> ReportFiles:
    return write_report(comparison, dataset, split, tmp_path_factory.mktemp("report"))


def test_page_says_what_to_ship_and_shows_everything(
    files: ReportFiles, comparison: Comparison
) -> None:
    page = files.html.read_text(encoding="utf-8")
    assert f"Ship {comparison.choice.name}".replace("&", "&amp;") in page
    for model in ("popularity", "markov", "ids &amp; names"):
        assert model in page
    for text in ("오사카", "city: share in the modal value", "theme: share", "Gini", "floor"):
        assert text in page
    assert page.count('<article class="user">') == 4
    mean = comparison.model("markov").test[True]["recall_at_20"].mean
    assert f"{mean:.4f}" in page


def test_page_loads_nothing_and_runs_nothing(files: ReportFiles) -> None:
    page = files.html.read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[^\"'\s)<]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page


def test_markdown_cannot_be_broken_by_a_name(files: ReportFiles) -> None:
    text = files.markdown.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "alert('제주')" in text
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table
    assert len(tables) >= 3 + 4  # accuracy twice, tests, lists; one per user


def test_charts_of_the_markdown_exist(files: ReportFiles) -> None:
    text = files.markdown.read_text(encoding="utf-8")
    links = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert len(links) >= 2 + 3 + 4
    for link in links:
        ElementTree.parse(files.markdown.parent / link)


def test_curves_and_sample_users_are_values_as_well(
    files: ReportFiles, comparison: Comparison
) -> None:
    users = json.loads(files.samples.read_text(encoding="utf-8"))
    assert len(users) == comparison.config.sample_users
    assert {shown["model"] for shown in users[0]["lists"]} == set(comparison.runs)
    rows = pq.read_table(files.curves).to_pylist()
    points = {name: sum(len(run.curve) for run in runs) for name, runs in comparison.runs.items()}
    assert Counter(row["name"] for row in rows) == Counter(points)


def test_summary_is_json_with_the_figures(files: ReportFiles, comparison: Comparison) -> None:
    summary = json.loads(files.summary.read_text(encoding="utf-8"))
    assert summary["ship"] == comparison.choice.name
    assert {model["name"] for model in summary["models"]} == set(comparison.runs)
    bert = next(model for model in summary["models"] if model["name"] == "ids & names")
    figure = bert["test"]["filtered"]["ndcg_at_10"]
    assert figure["seeds"] == 2
    assert figure["low"] <= figure["mean"] <= figure["high"]


def test_a_field_may_have_any_name() -> None:
    assert chart_file("coherence_도시/코드 ..") == "coherence_도시_코드___.svg"


def test_sample_users_show_what_happened(
    comparison: Comparison, dataset: Dataset, split: Split
) -> None:
    users = sample_users(dataset, split, comparison.runs, filter_seen=True, n=5)
    for user in users:
        history = dataset.sequences.history(user.user)
        assert user.target.code == dataset.item_codes[history[-1] - 1]
        shown = [dataset.item_codes[item - 1] for item in history[:-1][-10:]]
        assert [card.code for card in user.history] == shown
        row = int(np.flatnonzero(split.test.users == user.user)[0])
        for column in user.lists:
            ranking = comparison.runs[column.model][0].test[True]
            codes = [dataset.item_codes[item - 1] for item in ranking.lists[row, :10]]
            assert [card.code for card in column.items] == codes
            hits = [place for place, card in enumerate(column.items, 1) if card.is_target]
            assert hits == ([column.rank] if column.rank else [])


def test_travellers_are_told_by_number_and_never_by_id(
    files: ReportFiles, dataset: Dataset
) -> None:
    assert "<h3>User " in files.html.read_text(encoding="utf-8")
    for file in files.summary.parent.glob("*.*"):
        content = file.read_bytes()
        assert [user for user in dataset.user_ids if user.encode() in content] == [], file


def test_sample_users_are_the_same_every_time_and_coloured_by_city(
    comparison: Comparison, dataset: Dataset, split: Split
) -> None:
    users = sample_users(dataset, split, comparison.runs, filter_seen=True, n=5)
    assert users == sample_users(dataset, split, comparison.runs, filter_seen=True, n=5)
    assert len(sample_users(dataset, split, comparison.runs, filter_seen=True, n=999)) == 40
    for user in users:
        hue_of = {card.values: card.hue for column in user.lists for card in column.items}
        assert len(set(hue_of.values())) == len(hue_of)  # four cities, four colours
        assert all(hue is not None and hue < HUES for hue in hue_of.values())


def test_floors_alone_on_data_without_metadata(
    comparison: Comparison, dataset: Dataset, split: Split, tmp_path: Path
) -> None:
    plain = replace(dataset, fields=())
    vars(plain)["catalogue"] = dataset.catalogue.select([columns.ITEM])
    runs = {name: comparison.runs[name] for name in ("popularity", "markov")}
    floors = judge(CONFIG.with_floors(), plain, split, runs)
    page = write_report(floors, plain, split, tmp_path).html.read_text(encoding="utf-8")
    assert "Does a list hang together" not in page
    assert "by epoch" not in page
    assert "P001" in page
