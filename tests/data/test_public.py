"""The research data sets: published counts, order and metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nadeuri.data import public
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sequences import Dataset
from nadeuri.data.source import load_source
from nadeuri.data.splits import leave_one_out
from nadeuri.errors import DataError

SETS = Path(__file__).parents[2].parent / "shared" / "data" / "clicks"

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def dataset(name: str, cache: Path) -> Dataset:
    if not (SETS / name).is_dir():
        pytest.skip(f"{SETS / name} is absent")
    return open_or_prepare(SETS / name, cache)


@pytest.mark.parametrize(
    ("name", "n_clicks", "n_users", "n_items", "has_times"),
    [
        ("ml-1m", 999_611, 6_040, 3_416, False),
        ("ml-100k", 100_000, 943, 1_682, True),
        ("beauty", 198_502, 22_363, 12_101, False),
        ("nyc", 147_938, 1_083, 5_135, True),
        ("flickr-trips", 26_827, 4_451, 199, True),
    ],
)
def test_counts_are_those_published(
    cache: Path, name: str, n_clicks: int, n_users: int, n_items: int, has_times: bool
) -> None:
    prepared = dataset(name, cache)
    assert prepared.sequences.n_clicks == n_clicks
    assert (prepared.n_users, prepared.n_items) == (n_users, n_items)
    assert prepared.has_times == has_times
    assert prepared.manifest["clicks"]["rejected"] == {}
    assert prepared.manifest["catalogue"]["rejected"] == {}


def test_ml_1m_keeps_the_order_of_the_file(cache: Path) -> None:
    prepared = dataset("ml-1m", cache)
    expected: dict[str, list[str]] = {}
    for line in (SETS / "ml-1m" / "ml-1m.txt").read_text().splitlines():
        user, item = line.split()
        expected.setdefault(user, []).append(item)
    codes = np.array(["", *prepared.item_codes])
    for number, user in enumerate(prepared.user_ids):
        assert codes[prepared.sequences.history(number)].tolist() == expected[user]
    assert len(leave_one_out(prepared.sequences).test) == 6_040


def test_ml_1m_metadata(cache: Path) -> None:
    prepared = dataset("ml-1m", cache)
    assert prepared.catalogue.slice(0, 1).to_pylist() == [
        {
            "item": "1",
            "name": "Raiders of the Lost Ark",
            "genres": ["Action", "Adventure"],
            "decade": "1980s",
            "release_year": 1981.0,
        }
    ]
    values = {field["name"]: field["values"] for field in prepared.manifest["fields"]}
    assert values["genres"] == 18
    assert values["decade"] == 10


def test_beauty_metadata(cache: Path) -> None:
    prepared = dataset("beauty", cache)
    values = {field["name"]: field["values"] for field in prepared.manifest["fields"]}
    assert values == {"attributes": 637}
    first = int((SETS / "beauty" / "Beauty.txt").read_text().split()[1])
    user = prepared.user_ids.index("1")
    assert prepared.item_codes[prepared.sequences.history(user)[0] - 1] == str(first)


def test_nyc_metadata(cache: Path) -> None:
    prepared = dataset("nyc", cache)
    values = {field["name"]: field["values"] for field in prepared.manifest["fields"]}
    assert values["region"] == 393
    assert [field.kind for field in prepared.fields] == ["categorical", "numeric", "numeric"]
    for start, end in zip(
        prepared.sequences.offsets[:-1], prepared.sequences.offsets[1:], strict=True
    ):
        assert (np.diff(prepared.sequences.times[start:end]) >= 0).all()


def test_flickr_trips_are_the_sessions(cache: Path) -> None:
    prepared = dataset("flickr-trips", cache)
    trips = {
        (path.name, row.split(",")[1])
        for path in (SETS / "flickr-trips").glob("traj-*.csv")
        for row in path.read_text().splitlines()[1:]
    }
    store = prepared.sequences
    last = store.sessions[store.offsets[1:] - 1]
    # Trips that overlap in time are cut where they alternate, so there may be a few more sessions.
    assert len(trips) <= int((last + 1).sum()) < 1.02 * len(trips)


@pytest.mark.parametrize("name", public.NAMES)
def test_a_set_is_recognised_by_its_files(name: public.PublicName, tmp_path: Path) -> None:
    if not (SETS / name).is_dir():
        pytest.skip(f"{SETS / name} is absent")
    assert load_source(SETS / name).public == name
    (tmp_path / "source.toml").write_text(
        f'name = "core"\npublic = "{name}"\n[cleaning]\nmin_item_clicks = 5\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match=f"no such file; the public data set {name} needs it"):
        load_source(tmp_path).input_files()
