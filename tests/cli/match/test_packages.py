"""``nadeuri match export`` and ``nadeuri match packages``, from the sample world to a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.cli import main
from nadeuri.data.sample import write_sample
from nadeuri.match.store import labels
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.versions import Decision, publish

if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with the tiny sample world, mapped as it should be, but for one place."""
    home = tmp_path_factory.mktemp("home")
    write_sample(home / "sample", "tiny")
    gold = pq.read_table(home / "sample" / "match" / "gold.parquet").to_pylist()
    same = [row for row in gold if row[columns.RELATION] == columns.SAME]
    with MappingStore(url(home)) as store, store.begin() as connection:
        decided = {
            row[columns.LEFT]: Decision(
                row[columns.LEFT],
                row[columns.RIGHT],
                columns.ACCEPT,
                columns.SAME,
                0.99,
                columns.SCORER,
            )
            for row in same[1:]
        }
        publish(connection, decided, "run")
        left, right = same[0][columns.LEFT], same[0][columns.RIGHT]
        labels.add(connection, left, right, columns.SAME, "kim")
    done = run(home, "export", *inputs(home), "--data", str(home / "sample"))
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("(version 2)\n"), "what people said since is in it"
    assert f"{len(same):,} of them mapped" in done.stdout
    assert done.stderr == ""
    return home


def url(home: Path) -> str:
    return f"sqlite:///{home / 'match' / 'match.sqlite'}"


def inputs(home: Path) -> list[str]:
    folder = home / "sample" / "match"
    files = {"left": "agency_places", "right": "google_places", "stops": "package_stops"}
    named = [[f"--{option}", str(folder / f"{file}.parquet")] for option, file in files.items()]
    return [word for each in named for word in each]


def run(home: Path, *arguments: str) -> Result:
    return CliRunner(env={"NADEURI_HOME": str(home)}).invoke(main, ["match", *arguments])


def test_itineraries_find_the_package_they_were_made_from(home: Path) -> None:
    folder = home / "sample" / "match"
    truth = pq.read_table(folder / "itineraries.parquet").to_pylist()[:5]
    for row in truth:
        done = run(
            home,
            *("packages", str(folder / "itinerary_stops.parquet")),
            *("--itinerary", row[columns.ITINERARY], "--json", "-k", "2"),
        )
        assert done.exit_code == 0, done.output
        answer = json.loads(done.stdout)
        assert answer["packages"][0]["item"] == row[columns.PACKAGE]
        assert answer["packages"][0]["name"]
        assert answer["mapping_version"] == 2


def test_a_table_in_the_terminal(packages_artifact: Artifact, tmp_path: Path) -> None:
    file = tmp_path / "trip.csv"
    file.write_text("place_id,name,day,order\nG1,,1,1\nG2,,1,2\nG4,,2,1\n,민박,2,2\n")
    done = run(tmp_path, "packages", str(file), "--artifact", str(packages_artifact.path))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].split()[:3] == ["rate", "package", "city"]
    assert lines[2].split()[1:3] == ["POSA1", "OSA"]
    assert "오사카 핵심 3일" in lines[2]
    assert "2 of 4 stops compared (mapping version 3)" in done.output
    assert "left out: G4 Hozenji Yokocho, day 2 (in no mapping)" in done.output
    assert "left out: 민박, day 2 (no place is named)" in done.output
    other = run(
        tmp_path,
        *("packages", str(file), "--artifact", str(packages_artifact.path), "--city", "다낭"),
    )
    assert "no package shares a place" in other.output


def test_what_is_missing_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "stops.csv").write_text("package,day,order,place_id\nPNEW,1,1,A999\n")
    arguments = inputs(home)
    arguments[arguments.index("--stops") + 1] = str(tmp_path / "stops.csv")
    out = ("--out", str(tmp_path / "packages"), "--data", str(home / "sample"))
    done = run(home, "export", *arguments, *out)
    assert done.exit_code == 0, done.output
    assert "warning: 1 stops at places that" in done.stderr
    assert "warning: 1 packages that the catalogue lacks" in done.stderr


def test_bad_input_is_one_line_and_exit_code_2(home: Path, tmp_path: Path) -> None:
    stops = str(home / "sample" / "match" / "itinerary_stops.parquet")
    nowhere = f"sqlite:///{tmp_path / 'match.sqlite'}"
    for arguments, said in (
        (["packages", stops], "choose one: --itinerary I00001"),
        (["packages", stops, "--itinerary", "I9"], "no itinerary 'I9'"),
        (["packages", stops, "--itinerary", "I00001", "--artifact", str(tmp_path)], "not an art"),
        (["export", *inputs(home), "--store", nowhere], "nadeuri match run"),
        (["export", *inputs(home), "--data", str(tmp_path)], "neither a prepared data set"),
    ):
        done = run(home, *arguments)
        assert done.exit_code == 2, done.output
        assert said in done.stderr
        assert "Traceback" not in done.output
