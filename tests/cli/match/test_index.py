"""``nadeuri match index``."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv
from click.testing import CliRunner
from packages_world import google_places

from nadeuri import columns
from nadeuri.cli import main
from nadeuri.match.place_index import PlaceIndex


def test_an_index_of_a_file_whose_columns_have_other_names(tmp_path: Path) -> None:
    table = google_places().rename_columns({columns.NAME: "title"})
    pyarrow.csv.write_csv(table, tmp_path / "google.csv")
    arguments = ["--right", str(tmp_path / "google.csv"), "--right-column", "name=title"]
    done = CliRunner().invoke(
        main, ["match", "index", *arguments], env={"NADEURI_HOME": str(tmp_path)}
    )
    folder = tmp_path / "artifacts" / "place-index"
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{folder}: 7 places\n"
    assert PlaceIndex(folder).n_places == 7
