from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from nadeuri.artifact import Artifact
from nadeuri.cli import main
from nadeuri.recommend.coview.predict import AlsoViewed, Query
from nadeuri.recommend.coview.table import SCHEMA, write_table


@pytest.mark.parametrize("k", [2, 10])
def test_every_product_has_the_list_of_its_page(
    make_viewed: Callable[..., AlsoViewed], tmp_path: Path, k: int
) -> None:
    model = make_viewed()
    out = tmp_path / "lists" / "viewed.parquet"
    n_products, n_rows = write_table(model, out, k=k)
    table = pq.read_table(out)
    assert table.schema.equals(SCHEMA)
    assert (n_products, n_rows) == (12, table.num_rows)
    found: dict[str, list[tuple[str, float, str]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["item"], []).append((row["neighbour"], row["score"], row["source"]))
        assert row["rank"] == len(found[row["item"]])
    for code in (f"P{i:02}" for i in range(1, 13)):
        answer = model.answer(Query(code, k=k))
        assert [each[0] for each in found[code]] == [each.item for each in answer.items]
        assert {each[2] for each in found[code]} == {answer.source}
        assert [each[1] for each in found[code]] == pytest.approx(
            [each.score for each in answer.items], abs=1e-5
        )
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["recommend", "also-viewed", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_shows_a_list(viewed_artifact: Artifact) -> None:
    code, shown = invoke("P003", "--artefact", viewed_artifact.path, "--k", 3)
    assert code == 0, shown
    first = AlsoViewed(viewed_artifact.path).answer(Query("P003", k=3)).items[0]
    assert first.item in shown
    assert str(first.name) in shown
    assert "함께 본 기록" in shown


def test_the_command_writes_all_lists(viewed_artifact: Artifact, tmp_path: Path) -> None:
    out = tmp_path / "viewed.parquet"
    code, shown = invoke("--all", "--artefact", viewed_artifact.path, "--out", out, "--k", 5)
    assert code == 0, shown
    assert "for 60 products" in shown
    assert pq.read_table(out).num_rows == 300


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a product code"),
        (("P003", "--all"), "give a product code"),
        (("--all",), "--all needs --out"),
        (("P003", "--out", "x.parquet"), "--out goes with --all"),
        (("P0O3",), "P003"),
    ],
)
def test_wrong_use_is_one_line(
    viewed_artifact: Artifact, arguments: tuple[str, ...], message: str
) -> None:
    code, shown = invoke(*arguments, "--artefact", viewed_artifact.path)
    assert code == 2
    assert message in shown
    assert "Traceback" not in shown
