"""Review vectors: searched like brute force does, and the same however they came to be."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nadeuri import columns
from nadeuri.artifact import write_artifact
from nadeuri.embed import EmbeddingError, UseEmbedder, Vectors, readable
from nadeuri.errors import ArtifactError, DataError, QueryError
from nadeuri.guide import embed_reviews as building
from nadeuri.guide.embed_reviews import EmbedSummary, embed_reviews
from nadeuri.guide.reviews import ReviewVectors, dot, quantised

DIM = 24


class HashEmbedder:
    """Directions drawn by the digest of a text: exact, so that stores can be compared bit by bit.

    Attributes:
        fails_after: texts that are embedded before it breaks down; None for never.
        seen: every text that it embedded.
    """

    def __init__(self, name: str = "hash", dim: int = DIM, fails_after: int | None = None) -> None:
        self.name, self.dim, self.fails_after = name, dim, fails_after
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if self.fails_after is not None and len(self.seen) + len(texts) > self.fails_after:
            raise EmbeddingError("out of order")
        self.seen += texts
        rows = [
            np.random.default_rng(
                int.from_bytes(hashlib.sha256(readable(text).encode()).digest()[:8], "big")
            ).standard_normal(self.dim)
            for text in texts
        ]
        vectors = np.array(rows, dtype=np.float32).reshape(-1, self.dim)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


Rows = dict[str, tuple[str, str]]  # review id -> (place id, text)


def batches(rows: Rows, size: int = 5) -> list[pa.Table]:
    table = pa.table(
        {
            columns.REVIEW_ID: pa.array(rows, pa.string()),
            columns.PLACE_ID: pa.array([place for place, _ in rows.values()], pa.string()),
            columns.TEXT: pa.array([text for _, text in rows.values()], pa.string()),
        }
    )
    return [table.slice(at, size) for at in range(0, len(table), size)]


def world(n_places: int, n_reviews: int, seed: int = 0) -> Rows:
    random = np.random.default_rng(seed)
    places = random.integers(0, n_places, n_reviews)
    return {f"R{i:05}": (f"P{place:03}", f"후기 {i}") for i, place in enumerate(places)}


def build(
    folder: Path, rows: Rows, embedder: HashEmbedder | None = None
) -> tuple[ReviewVectors, EmbedSummary]:
    summary = embed_reviews(folder, batches(rows), embedder or HashEmbedder(), processes=1)
    return ReviewVectors(folder), summary


def content(store: ReviewVectors) -> tuple[list[str], list[str], bytes, bytes]:
    return (
        store.place_ids,
        store.reviews[columns.REVIEW_ID].to_pylist(),
        store.vectors.tobytes(),
        store.scales.tobytes(),
    )


# --- searching ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReviewVectors, Rows]:
    rows = world(40, 1_500)
    return build(tmp_path_factory.mktemp("store") / "reviews", rows)[0], rows


@cache
def _vectors_of(texts: tuple[str, ...]) -> Vectors:
    return HashEmbedder().encode(texts)


def brute_force(
    rows: Rows, query: Vectors, wanted: Iterable[str]
) -> dict[str, list[tuple[float, str]]]:
    """Cosines in float32 of the reviews of each place, best first."""
    vectors = _vectors_of(tuple(text for _, text in rows.values()))
    found: dict[str, list[tuple[float, str]]] = {place: [] for place in wanted}
    for (review, (place, _)), cosine in zip(rows.items(), vectors @ query, strict=True):
        if place in found:
            found[place].append((float(cosine), review))
    return {
        place: sorted(own, key=lambda pair: (-pair[0], pair[1]))
        for place, own in found.items()
        if own
    }


@pytest.mark.parametrize("wanted", [None, ["P003"], ["P017", "P004", "P005", "P039", "P006"]])
def test_agrees_with_brute_force(
    searched: tuple[ReviewVectors, Rows], wanted: list[str] | None
) -> None:
    store, rows = searched
    for number in range(20):
        query = HashEmbedder().encode([f"질문 {number}"])[0]
        gold = brute_force(rows, query, wanted or {place for place, _ in rows.values()})
        means = {place: sum(cosine for cosine, _ in own[:5]) / 5 for place, own in gold.items()}
        ranked = sorted(gold, key=lambda place: (-means[place], place))
        found = store.best(7 * query, wanted, n_places=6, per_place=2)
        assert len(found) == min(6, len(gold))
        for match, expected in zip(found, ranked, strict=False):
            assert match.similarity == pytest.approx(means[expected], abs=0.012)
            assert match.similarity == pytest.approx(means[match.place_id], abs=0.012)
            assert len(match.reviews) == 2
            cosines = {review: cosine for cosine, review in gold[match.place_id]}
            for review, own in zip(match.reviews, gold[match.place_id], strict=False):
                assert review.similarity == pytest.approx(own[0], abs=0.012)
                assert review.similarity == pytest.approx(cosines[review.review_id], abs=0.012)


def test_subset_and_whole_agree_exactly(searched: tuple[ReviewVectors, Rows]) -> None:
    store, _ = searched
    query = HashEmbedder().encode(["조용한 곳"])[0]
    every = store.best(query, n_places=40, per_place=3)
    assert [match.place_id for match in every] != store.place_ids
    subset = every[1::3]
    assert store.best(query, [m.place_id for m in subset], n_places=40, per_place=3) == subset
    twice = [m.place_id for m in reversed(subset)] * 2
    assert store.best(query, twice, n_places=40, per_place=3) == subset


def test_ties_are_in_the_order_of_ids(tmp_path: Path) -> None:
    same = {f"R{i}": (f"P{9 - i}", "똑같은 후기") for i in range(9)}
    same |= {f"R9{i}": ("P1", "똑같은 후기") for i in "ba"}
    same |= {f"R2{i}": ("P7", "똑같은 후기") for i in "ba"}
    store, summary = build(tmp_path / "r", same)
    assert summary.n_embedded == 1
    found = store.best(HashEmbedder().encode(["똑같은 후기"])[0], n_places=4)
    assert [match.place_id for match in found] == ["P1", "P7", "P2", "P3"]
    assert [review.review_id for review in found[0].reviews] == ["R8", "R9a"]
    assert len(found[2].reviews) == 1
    assert found[0].similarity == found[1].similarity == pytest.approx(3 / 5, abs=0.005)
    assert found[2].similarity == found[3].similarity == pytest.approx(1 / 5, abs=0.005)
    assert found[2].reviews[0].similarity == pytest.approx(1, abs=0.005)


def test_unknown_places_and_wrong_queries(searched: tuple[ReviewVectors, Rows]) -> None:
    store, _ = searched
    query = HashEmbedder().encode(["가"])[0]
    assert store.best(query, ["nowhere"]) == store.best(query, []) == []
    assert store.best(query, ["nowhere", "P003"])[0].place_id == "P003"
    for wrong in (query[:-1], np.zeros(DIM, np.float32), np.full(DIM, np.nan, np.float32)):
        with pytest.raises(QueryError, match="same encoder"):
            store.best(wrong)


@given(seed=st.integers(0, 2**32), n=st.integers(0, 30), dim=st.integers(1, 600))
def test_codes_are_near_and_products_exact(seed: int, n: int, dim: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes, scales = quantised(vectors)
    assert np.abs(codes * scales[:, None] - vectors).max(initial=0) <= scales.max(initial=0) * 0.51
    if n:
        exact = codes.astype(np.int64) @ codes[0].astype(np.int64)
        assert np.array_equal(dot(codes[0], codes).astype(np.int64), exact)


def test_real_reviews_of_what_was_asked_for(tmp_path: Path) -> None:
    said = {
        "P1": "부모님 모시고 갔는데 조용하고 정말 좋아하셨어요",
        "P2": "아이들이 뛰어놀 마당이 있어서 아이와 가기 좋아요",
        "P3": "주차장이 넓어서 주차하기 편해요",
        "P4": "강아지랑 같이 들어갈 수 있어요",
    }
    embedder = UseEmbedder()
    rows = {f"R-{place}": (place, text) for place, text in said.items()}
    embed_reviews(tmp_path / "r", batches(rows), embedder, processes=1)
    store = ReviewVectors(tmp_path / "r")
    assert store.encoder == embedder.name
    for place, asked in (
        ("P1", "부모님과 가기 좋은"),
        ("P3", "주차가 편해요"),
        ("P4", "강아지 동반"),
    ):
        assert store.best(embedder.encode([asked])[0])[0].place_id == place


# --- building -------------------------------------------------------------------------------------


def test_only_new_texts_are_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SHARD_TEXTS", 16)
    rows = world(10, 100)
    first, summary = build(tmp_path / "r", rows)
    assert (summary.n_reviews, summary.n_places, summary.n_embedded) == (100, 10, 100)
    version = first.artifact.version

    again = HashEmbedder()
    store, summary = build(tmp_path / "r", rows, again)
    assert again.seen == []
    assert store.artifact.version == version, "an artefact that is up to date stays"

    changed = dict(list(rows.items())[30:])
    changed |= {"R00099": ("P500", "다시 썼어요"), "N": ("P1", "새 후기")}
    store, summary = build(tmp_path / "r", changed, again)
    assert sorted(again.seen) == ["다시 썼어요", "새 후기"]
    assert (summary.n_reviews, summary.n_embedded, summary.n_resumed) == (71, 2, 0)
    assert content(store) == content(build(tmp_path / "scratch", changed)[0])

    moved = changed | {"N": ("P500", "새 후기")}
    assert content(build(tmp_path / "r", moved)[0]) != content(store)


def test_nothing_is_left_beside_the_artefact(tmp_path: Path) -> None:
    build(tmp_path / "r", world(3, 20))
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_another_encoder_starts_anew(tmp_path: Path) -> None:
    rows = world(3, 20)
    build(tmp_path / "r", rows)
    for other in (HashEmbedder("other"), HashEmbedder("other", DIM + 1)):
        store, summary = build(tmp_path / "r", rows, other)
        assert summary.n_embedded == 20
        assert (store.encoder, store.dim) == (other.name, other.dim)


def test_shards_of_another_encoder_or_half_written_are_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SHARD_TEXTS", 5)
    rows = world(3, 20)
    with pytest.raises(EmbeddingError):
        build(tmp_path / "r", rows, HashEmbedder(fails_after=12))
    shards = sorted((tmp_path / ".r.shards").iterdir())
    assert len(shards) == 2
    shards[0].write_bytes(shards[0].read_bytes()[:100])
    (tmp_path / ".r.shards" / "x.partial").write_bytes(b"half")
    store, summary = build(tmp_path / "r", rows)
    assert (summary.n_resumed, summary.n_embedded) == (5, 15)
    assert content(store) == content(build(tmp_path / "scratch", rows)[0])
    with pytest.raises(EmbeddingError):
        build(tmp_path / "q", rows, HashEmbedder(fails_after=12))
    _, summary = build(tmp_path / "q", rows, HashEmbedder("other"))
    assert (summary.n_resumed, summary.n_embedded) == (0, 20)


def test_faulty_input_is_refused(tmp_path: Path) -> None:
    rows = batches({"R1": ("P1", "가"), "R2": ("P1", "나")}, 1)
    with pytest.raises(DataError, match=r"more than once, first R2"):
        embed_reviews(tmp_path / "r", [*rows, rows[1]], HashEmbedder(), processes=1)
    for name in (columns.REVIEW_ID, columns.PLACE_ID, columns.TEXT):
        at = rows[1].column_names.index(name)
        without = rows[1].set_column(at, name, pa.array([None], pa.string()))
        with pytest.raises(DataError, match=f"row 1 of a batch has no {name}"):
            embed_reviews(tmp_path / "r", [rows[0], without], HashEmbedder(), processes=1)
    write_artifact(
        tmp_path / "other", "model", lambda f: (f / "x").write_text("x") and None, metadata={}
    )
    with pytest.raises(ArtifactError, match="model"):
        embed_reviews(tmp_path / "other", rows, HashEmbedder(), processes=1)


class Growth(RuleBasedStateMachine):
    """Reviews come, change and go, runs break down: the artefact is that of a run from scratch."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = Path(tempfile.mkdtemp())
        self.rows: Rows = {}
        self.built: Rows | None = None
        self.paid: set[str] = set()  # texts that have a vector for certain

    @rule(
        new=st.dictionaries(
            st.integers(0, 40).map("R{}".format),
            st.tuples(st.sampled_from(["P1", "P2", "P10"]), st.text("가나다 ", max_size=3)),
            max_size=15,
        )
    )
    def write_or_change(self, new: Rows) -> None:
        self.rows |= new

    @rule(data=st.data())
    @precondition(lambda self: bool(self.rows))
    def delete(self, data: st.DataObject) -> None:
        for review in data.draw(st.sets(st.sampled_from(sorted(self.rows)))):
            del self.rows[review]

    @rule(after=st.integers(0, 12))
    def break_down(self, after: int) -> None:
        embedder = HashEmbedder(fails_after=after)
        try:
            embed_reviews(self.folder / "r", batches(self.rows), embedder, processes=1)
        except EmbeddingError:
            return
        self.built = dict(self.rows)

    @rule()
    def build(self) -> None:
        embedder = HashEmbedder()
        embed_reviews(self.folder / "r", batches(self.rows, 7), embedder, processes=1)
        assert len(embedder.seen) == len({readable(text) for text in embedder.seen})
        self.built = dict(self.rows)

    @invariant()
    def is_what_a_run_from_scratch_makes(self) -> None:
        if self.built is None:
            return
        scratch = self.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        expected, _ = build(scratch, self.built)
        assert content(ReviewVectors(self.folder / "r")) == content(expected)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


def test_any_history_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    monkeypatch.setattr(building, "SHARD_TEXTS", 4)
    run_state_machine_as_test(
        Growth,
        settings=settings(
            max_examples=15,
            stateful_step_count=6,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import numpy as np
from nadeuri.guide import embed_reviews as building
import test_reviews as tests

class Slow(tests.HashEmbedder):
    def encode(self, texts, *, query=False):
        time.sleep(0.05)
        return super().encode(texts)

building.SHARD_TEXTS = 10
rows = tests.world(10, 400)
print("begun", flush=True)
building.embed_reviews(Path(sys.argv[1]), tests.batches(rows), Slow(), processes=1)
"""


def test_killed_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, shards = tmp_path / "r", tmp_path / ".r.shards"
    command = [sys.executable, "-c", KILLED, str(target), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        deadline = time.monotonic() + 60
        while len(list(shards.glob("*.npz")) if shards.exists() else []) < 5:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert not target.exists()
    monkeypatch.setattr(building, "SHARD_TEXTS", 10)
    rows = world(10, 400)
    store, summary = build(target, rows)
    assert summary.n_resumed >= 50
    assert summary.n_resumed + summary.n_embedded == 400
    assert content(store) == content(build(tmp_path / "scratch", rows)[0])
    assert not shards.exists()
