"""Artefact folders: published whole, verified on opening."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nadeuri.artifact import MANIFEST, Artifact, code_revision, open_artifact, write_artifact
from nadeuri.errors import ArtifactError

FILES = {"config.json": b'{"a": 1}', "items.bin": bytes(range(256)) * 20, "deep/notes.txt": b"x"}


def write(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    return write_artifact(
        tmp_path / "model", "toy", write, metadata={"도시": "서울"}, data_fingerprint="f00d"
    )


def test_what_was_written_is_read(artifact: Artifact) -> None:
    opened = open_artifact(artifact.path, "toy")
    assert opened.manifest == artifact.manifest
    assert opened.metadata == {"도시": "서울"}
    assert opened.manifest.data_fingerprint == "f00d"
    assert opened.manifest.code_revision == code_revision()
    assert opened.read_json("config.json") == {"a": 1}
    assert opened.file("items.bin").read_bytes() == FILES["items.bin"]
    assert "서울" in (artifact.path / MANIFEST).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
@pytest.mark.parametrize("position", [0, -1])
def test_a_flipped_bit_is_found_in_each_file(artifact: Artifact, name: str, position: int) -> None:
    file = artifact.path / name
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match=name) as error:
        open_artifact(artifact.path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file_is_named(artifact: Artifact, name: str) -> None:
    (artifact.path / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        open_artifact(artifact.path)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named(artifact: Artifact, name: str) -> None:
    (artifact.path / name).write_bytes(FILES[name][:-1])
    with pytest.raises(ArtifactError, match=f"{name} has changed"):
        open_artifact(artifact.path)


def test_an_unlisted_file_is_named(artifact: Artifact) -> None:
    (artifact.path / "extra.txt").write_text("?")
    with pytest.raises(ArtifactError, match=r"extra\.txt is not listed"):
        open_artifact(artifact.path)


def edit_size(manifest: dict) -> None:
    manifest["files"]["items.bin"]["size_bytes"] += 1


def edit_metadata(manifest: dict) -> None:
    manifest["metadata"]["도시"] = "부산"


def edit_schema(manifest: dict) -> None:
    manifest["schema_version"] = 99


def drop_kind(manifest: dict) -> None:
    del manifest["kind"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (edit_size, "seal"),
        (edit_metadata, "seal"),
        (edit_schema, "schema version 99"),
        (drop_kind, "kind"),
    ],
)
def test_an_edited_manifest_is_refused(
    artifact: Artifact, edit: Callable[[dict], None], message: str
) -> None:
    manifest = json.loads((artifact.path / MANIFEST).read_text(encoding="utf-8"))
    edit(manifest)
    (artifact.path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ArtifactError, match=message):
        open_artifact(artifact.path)


def test_file_names_stay_inside_the_folder(artifact: Artifact) -> None:
    (artifact.path.parent / "secret").write_text("s")
    files = {"../secret": artifact.manifest.files["config.json"]}
    forged = artifact.manifest.model_copy(update={"files": files}).sealed()
    (artifact.path / MANIFEST).write_text(forged.model_dump_json(), encoding="utf-8")
    with pytest.raises(ArtifactError, match="leads out"):
        open_artifact(artifact.path)


def test_another_kind_is_refused(artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="holds a toy artefact, but other is needed"):
        open_artifact(artifact.path, "other")


def test_absent_folder_and_absent_file(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="not an artefact folder"):
        open_artifact(tmp_path / "nothing")
    with pytest.raises(ArtifactError, match=r"without weights\.bin"):
        artifact.file("weights.bin")


def test_an_artefact_is_replaced_whole(artifact: Artifact) -> None:
    def other(folder: Path) -> None:
        (folder / "only.txt").write_text("new")

    reader = (artifact.path / "items.bin").open("rb")
    replaced = write_artifact(artifact.path, "toy", other, metadata={})
    with reader:
        assert reader.read() == FILES["items.bin"]
    assert set(open_artifact(artifact.path).manifest.files) == {"only.txt"}
    assert replaced.version != artifact.version
    assert [p.name for p in artifact.path.parent.iterdir()] == ["model"]


def test_a_failed_write_leaves_the_old_artefact(artifact: Artifact) -> None:
    def fail(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        write_artifact(artifact.path, "toy", fail, metadata={})
    assert open_artifact(artifact.path).version == artifact.version
    assert [p.name for p in artifact.path.parent.iterdir()] == ["model"]


def test_other_peoples_folders_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(ArtifactError, match="not an artefact"):
        write_artifact(tmp_path / "thesis", "toy", write, metadata={})
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_an_empty_folder_may_be_the_target_and_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArtifactError, match="at least one file"):
        write_artifact(tmp_path / "empty", "toy", lambda folder: None, metadata={})
    write_artifact(tmp_path / "empty", "toy", write, metadata={})
    assert open_artifact(tmp_path / "empty", "toy").kind == "toy"
