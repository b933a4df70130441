from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from nadeuri.artifact import Artifact, open_artifact
from nadeuri.cli import main
from nadeuri.recommend.coview.bundle import MAP_FILE


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["recommend", "map", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_page_a_picture_and_a_table(viewed_artifact: Artifact, tmp_path: Path) -> None:
    out = tmp_path / "maps" / "country.html"
    code, shown = invoke(viewed_artifact.path, "--field", "country", "--out", out)
    assert code == 0, shown
    assert {path.name for path in out.parent.iterdir()} == {"country.html", "country.png"}
    assert "separation by country" in shown
    assert "purity@10" in shown
    assert "Meta-Prod2Vec" in shown
    assert f"page: {out}" in shown


def test_the_map_can_go_into_the_artefact(viewed_artifact: Artifact, tmp_path: Path) -> None:
    served = tmp_path / "also-viewed"
    shutil.copytree(viewed_artifact.path, served)
    code, shown = invoke(served, "--out", tmp_path / "map.html", "--into", served)
    assert code == 0, shown
    artifact = open_artifact(served)
    assert MAP_FILE in artifact.manifest.files
    assert artifact.manifest.created >= viewed_artifact.manifest.created
    assert f"artefact: {served}, version {artifact.version}" in shown


def test_the_page_is_below_the_work_folder(
    viewed_artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path / "work"))
    assert invoke(viewed_artifact.path)[0] == 0
    assert (tmp_path / "work" / "map.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--field", "colour"), "it has: country, city, category"),
        (("--out", "map.png"), "ends in .html"),
    ],
)
def test_wrong_use_is_one_line(
    viewed_artifact: Artifact, arguments: tuple[str, ...], message: str
) -> None:
    code, shown = invoke(viewed_artifact.path, *arguments)
    assert code == 2
    assert message in shown
    assert "Traceback" not in shown


def test_no_artefact(travel_artifact: Artifact, tmp_path: Path) -> None:
    assert invoke()[0] == 2
    code, shown = invoke(tmp_path)
    assert (code, "not an artefact folder" in shown) == (2, True)
    code, shown = invoke(travel_artifact.path)
    assert (code, "but also-viewed is needed" in shown) == (2, True)
