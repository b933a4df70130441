"""Sources: TOML in, one clear line out when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.data.source import load_source
from nadeuri.errors import ConfigError, DataError, NadeuriError

MINIMAL = 'name = "spring"\n[clicks]\nfiles = ["*.csv"]\n'


def test_a_source_is_found_as_a_file_and_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text(MINIMAL, encoding="utf-8")
    by_folder = load_source(tmp_path)
    assert by_folder == load_source(tmp_path / "source.toml")
    assert by_folder.root == tmp_path
    assert by_folder.clicks is not None
    assert by_folder.clicks.columns == {"user": "user", "item": "item", "time": "time"}


def test_without_a_time_column_the_order_counts(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text(MINIMAL + 'columns = { user = "u" }\n', encoding="utf-8")
    clicks = load_source(tmp_path).clicks
    assert clicks is not None
    assert clicks.columns == {"user": "u", "item": "item"}


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("speed = 3\n", "clicks.speed: Extra inputs are not permitted"),
        ('timezone = "Mars/Base"\n', "clicks.timezone: 'Mars/Base' is not an IANA time zone"),
        ('time_format = "fast"\n', "clicks.time_format: 'fast' is none of iso"),
        ('columns = { buyer = "x" }\n', "clicks.columns: unknown column 'buyer'"),
        ('delimiter = ";;"\n', "clicks.delimiter"),
        ('encoding = "klingon"\n', "clicks.encoding: 'klingon' is not a known text encoding"),
        ('encoding = "utf-16"\n', "clicks.encoding: 'utf-16' cannot be read line by line"),
        ("[cleaning]\nmin_user_clicks = 0\n", "cleaning.min_user_clicks"),
        ("[cleaning]\nmin_user_clicks = \n", "not valid TOML"),
        ('[catalogue]\nfile = "x"\nfields = { item = "multi" }\n', "'item' is the product code"),
        ('[catalogue]\nfile = "x"\nfields = { city = "colour" }\n', "catalogue.fields.city"),
        (
            '[catalogue]\nfile = "x"\nfields = { city = "multi" }\ndisplay = ["city"]\n',
            "'city' is in fields and in display",
        ),
        (
            '[catalogue]\nfile = "x"\ncolumns = { city = "c" }\n',
            "columns names 'city', which is in neither fields nor display",
        ),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, addition: str, message: str) -> None:
    file = tmp_path / "source.toml"
    file.write_text(MINIMAL + addition, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_source(tmp_path)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\n', "give either [clicks] or public"),
        (MINIMAL.replace("[clicks]", 'public = "ml-1m"\n[clicks]'), "give either [clicks] or"),
        ('name = "x"\nroot = "/"\npublic = "nyc"\n', "root: unknown setting"),
        ('name = "../x"\npublic = "nyc"\n', "name"),
        (
            'name = "x"\npublic = "nyc"\n[catalogue]\nfile = "a.csv"\n',
            "brings its own catalogue",
        ),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "source.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_source(tmp_path)
    assert message in str(caught.value)


def test_a_folder_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nor one of the public data sets ml-1m"):
        load_source(tmp_path)
    with pytest.raises(NadeuriError, match="no such file or folder"):
        load_source(tmp_path / "absent")


def test_files_that_do_not_exist_are_named(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text(
        MINIMAL + '[catalogue]\nfile = "products.csv"\n', encoding="utf-8"
    )
    source = load_source(tmp_path)
    with pytest.raises(DataError, match=r"\*\.csv: no such file; check \[clicks\] files"):
        source.click_files()
    with pytest.raises(DataError, match=r"products\.csv: no such file; check \[catalogue\] file"):
        source.catalogue_file()


def test_overlapping_globs_read_a_file_once(tmp_path: Path) -> None:
    tmp_path = tmp_path / "[2026]"  # brackets in the folder's own name are no pattern
    tmp_path.mkdir()
    (tmp_path / "source.toml").write_text(
        'name = "x"\n[clicks]\nfiles = ["b*.csv", "**/*.csv"]\n', encoding="utf-8"
    )
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).touch()
    assert load_source(tmp_path).click_files() == [tmp_path / "a.csv", tmp_path / "b.csv"]
