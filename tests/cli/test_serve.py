"""What ``nadeuri serve`` opens where nothing is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Blueprint, Flask
from labelling_world import write_labelling_store
from packages_world import write_review_store

from nadeuri.artifact import write_artifact
from nadeuri.cli.serve import command
from nadeuri.serve import metrics  # noqa: F401  (imports prometheus_client)
from nadeuri.serve.keys import create_key
from nadeuri.serve.metrics_folder import FOLDER_VARIABLE
from nadeuri.serve.room import Annex, Room
from nadeuri.serve.wire import ServedModel

Serve = Callable[..., tuple[list[Path], list[Room]]]

MODEL = Room(
    Blueprint("model", __name__),
    (),
    ServedModel(
        kind="model",
        model="model",
        version="1",
        created="",
        code_revision=None,
        data_fingerprint=None,
        n_items=None,
        n_users=None,
    ),
)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Runs the command up to where it would listen; gives the artefacts and the further rooms."""
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path))
    monkeypatch.setattr("nadeuri.serve.server.run", lambda app, **options: None)
    monkeypatch.setattr("nadeuri.serve.logs.configure", lambda log_format: None)
    # the command sets it; prometheus_client was imported before, and so counts in this process
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    opened: list[Path] = []
    rooms: list[Room] = []

    def open_models(folders: Sequence[Path]) -> list[Room]:
        opened.extend(folders)
        return [MODEL for _ in folders]

    def build(all_rooms: Sequence[Room], **options: object) -> Flask:
        rooms.extend(room for room in all_rooms if room is not MODEL)
        return Flask("nothing")

    monkeypatch.setattr("nadeuri.serve.app.open_rooms", open_models)
    monkeypatch.setattr("nadeuri.serve.app.build_app", build)
    # what it opens is tried in tests/serve/test_guide_server.py
    monkeypatch.setattr("nadeuri.cli.guide.opening.prepared_guide", lambda *_, **__: None)

    def run(*arguments: str) -> tuple[list[Path], list[Room]]:
        done = CliRunner().invoke(command, [*arguments, "--workers", "1"])
        assert done.exit_code == 0, done.output
        return opened, rooms

    return run


def make_guide(folder: Path) -> None:
    """What the command looks at of a guide."""
    folder.mkdir(parents=True)
    (folder / "places.graph").touch()
    for name in ("reviews", "places"):
        write_artifact(
            folder / name, name, lambda to: (to / "x").touch(), metadata={"n_places": 30}
        )


@pytest.mark.parametrize(
    ("present", "opened"),
    [
        (["questions", "also-viewed", "for-you"], ["for-you", "also-viewed", "questions"]),
        (["for-you", "questions"], ["for-you", "questions"]),
        (["for-you"], ["for-you"]),
        (["questions"], ["questions"]),
        (["packages"], ["packages"]),
        ([], ["for-you"]),
    ],
)
def test_the_models_that_are_there(
    present: list[str], opened: list[str], tmp_path: Path, serve: Serve
) -> None:
    for name in present:
        (tmp_path / "artifacts" / name).mkdir(parents=True)
    assert serve() == ([tmp_path / "artifacts" / name for name in opened], [])


def make_recommender(folder: Path, model: str, kind: str = "recommender") -> None:
    """What the command looks at of a model."""
    write_artifact(folder, kind, lambda to: (to / "x").touch(), metadata={"model": model})


def test_further_recommenders_follow_the_first(tmp_path: Path, serve: Serve) -> None:
    artifacts = tmp_path / "artifacts"
    make_recommender(artifacts / "for-you", "meta_bert4rec")
    make_recommender(artifacts / "for-you-sasrec", "sasrec")
    make_recommender(artifacts / "for-you-bert4rec", "bert4rec")
    make_recommender(artifacts / "for-you-before", "meta_bert4rec")  # what is served already
    make_recommender(artifacts / "for-you-vectors", "prod2vec", kind="also-viewed")
    (artifacts / "for-you-nothing").mkdir()
    (artifacts / "questions").mkdir()
    names = ("for-you", "for-you-bert4rec", "for-you-sasrec", "questions")
    assert serve() == ([artifacts / name for name in names], [])


def test_without_a_first_there_is_none_beside_it(tmp_path: Path, serve: Serve) -> None:
    make_recommender(tmp_path / "artifacts" / "for-you-bert4rec", "bert4rec")
    assert serve() == ([tmp_path / "artifacts" / "for-you"], [])


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        ([], True),
        (["--no-travellers"], False),
        (["--host", "0.0.0.0"], False),
        (["--host", "0.0.0.0", "--travellers"], True),
        (["--host", "0.0.0.0", "--keys", "keys.json"], True),
    ],
)
def test_travellers_are_told_of_here_or_to_who_has_a_key(
    options: list[str],
    is_told: bool,
    tmp_path: Path,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    create_key(tmp_path / "keys.json", "first")
    annexes = tuple(
        Annex(Blueprint(name, __name__), (), is_personal=name == "travellers")
        for name in ("products", "travellers")
    )
    monkeypatch.setattr(
        "nadeuri.serve.app.open_rooms", lambda folders: [replace(MODEL, annexes=annexes)]
    )
    _, (room,) = serve(*options)
    assert [each.blueprint.name for each in room.annexes] == ["products", "travellers"][
        : 1 + is_told
    ]


def test_the_guide_that_is_there(tmp_path: Path, serve: Serve) -> None:
    make_guide(tmp_path / "guide")
    models, (room,) = serve()
    assert models == [], "no model is missed where there is a guide"
    served = json.loads(room.served.model_dump_json())
    assert (served["kind"], served["model"], served["n_items"]) == ("guide", "rules", 30)


def test_the_guide_beside_models(tmp_path: Path, serve: Serve) -> None:
    make_guide(tmp_path / "guide")
    (tmp_path / "artifacts" / "questions").mkdir(parents=True)
    models, rooms = serve()
    assert (models, len(rooms)) == ([tmp_path / "artifacts" / "questions"], 1)


@pytest.mark.parametrize("part", ["places.graph", "reviews", "places"])
def test_half_a_guide_is_none(part: str, tmp_path: Path, serve: Serve) -> None:
    make_guide(tmp_path / "guide")
    (tmp_path / "guide" / part).rename(tmp_path / "elsewhere")
    assert serve() == ([tmp_path / "artifacts" / "for-you"], [])


def test_only_what_is_named(tmp_path: Path, serve: Serve) -> None:
    make_guide(tmp_path / "guide")
    make_guide(tmp_path / "other")
    (tmp_path / "artifacts" / "questions").mkdir(parents=True)
    models, rooms = serve("--guide", str(tmp_path / "other"))
    assert (models, len(rooms)) == ([], 1)
    models, rooms = serve(str(tmp_path / "artifacts" / "questions"))
    assert (models, len(rooms)) == ([tmp_path / "artifacts" / "questions"], 1), "no further room"


def test_the_review_queue_that_is_there(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "match").mkdir()
    write_review_store(tmp_path / "match")
    models, (room, jobs) = serve()
    assert models == [], "no model is missed where people can review"
    assert (room.served.kind, room.served.version, room.served.n_items) == ("reviews", "1", None)
    assert (jobs.served.kind, jobs.served.version) == ("jobs", "1")


def test_only_the_review_queue_that_is_named(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "artifacts" / "packages").mkdir(parents=True)
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    models, (room, jobs) = serve("--match-db", url)
    assert (models, room.served.version) == ([], "0"), "nothing was mapped yet"
    assert jobs.served.version == "0", "nothing was asked yet"


@pytest.mark.parametrize("folder", ["labelling", "elsewhere"])
def test_the_questions_to_be_labelled(folder: str, tmp_path: Path, serve: Serve) -> None:
    (tmp_path / folder).mkdir()
    url = write_labelling_store(tmp_path / folder)
    models, (room,) = serve(*(["--labelling-db", url] if folder == "elsewhere" else []))
    assert models == [], "no model is missed where people can label"
    assert room.served.kind == "labelling"


@pytest.mark.parametrize("option", ["--match-db", "--labelling-db"])
def test_a_database_that_is_none_is_an_error(option: str, serve: Serve) -> None:
    done = CliRunner().invoke(command, [option, "nonsense"])
    assert done.exit_code != 0
    assert "no URL of a database" in str(done.exception)


def test_a_model_of_language_is_named(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_guide(tmp_path / "guide")
    monkeypatch.setenv("NADEURI_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("NADEURI_LLM_MODEL", "some-model")
    _, (room,) = serve()
    assert room.served.model == "some-model"


def test_a_folder_that_is_no_guide_is_an_error(tmp_path: Path, serve: Serve) -> None:
    done = CliRunner().invoke(command, ["--guide", str(tmp_path / "nothing")])
    assert done.exit_code != 0
    assert "not an artefact folder" in str(done.exception)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--workers", "0"], 'neither a number from 1 nor "auto"'),
        (["--threads", "many"], 'neither a number from 1 nor "auto"'),
        (["--json"], "--json goes with --explain"),
    ],
)
def test_options_that_make_no_sense(options: list[str], reason: str) -> None:
    done = CliRunner().invoke(command, options)
    assert done.exit_code == 2
    assert reason in done.output
