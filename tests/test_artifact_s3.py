"""Publishing to S3 and fetching from it, against a server on loopback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from nadeuri.artifact import MANIFEST, Artifact, open_artifact, write_artifact
from nadeuri.artifact_s3 import CHAMPION, ArtifactStore, Reference
from nadeuri.errors import ArtifactError, ConfigError, MissingExtraError

pytest_plugins = ("aws_server",)

NAME = "for-you"
FILES = {
    "model.onnx": bytes(range(256)) * 40,
    "metrics.json": b'{"ndcg_at_10": 0.25}',
    "deep/notes.txt": "도시".encode(),
}


def export(folder: Path, **changed: bytes) -> Artifact:
    def write(to: Path) -> None:
        for name, content in {**FILES, **changed}.items():
            (to / name).parent.mkdir(exist_ok=True)
            (to / name).write_bytes(content)

    return write_artifact(folder, "recommender", write, metadata={})


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    return export(tmp_path / "exported")


@pytest.fixture
def store(bucket: str) -> ArtifactStore:
    return ArtifactStore(f"s3://{bucket}/team/nadeuri/")


def content_of(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def keys(s3: Any, bucket: str) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_what_is_published_is_fetched(
    store: ArtifactStore, artifact: Artifact, tmp_path: Path, bucket: str, s3: Any
) -> None:
    reference = store.publish(artifact.path, NAME)
    assert str(reference) == f"{NAME}@{artifact.version}"
    fetched = store.fetch(reference, tmp_path / "served" / NAME)
    assert content_of(fetched.path) == content_of(artifact.path)
    assert open_artifact(fetched.path).version == artifact.version
    assert [path.name for path in (tmp_path / "served").iterdir()] == [NAME], "no draft is left"
    below = f"team/nadeuri/{NAME}/{artifact.version}"
    assert set(keys(s3, bucket)) == {f"{below}/{name}" for name in (*FILES, MANIFEST)}
    assert store.versions(NAME) == [artifact.version]
    assert store.names() == [NAME]


def test_a_large_file_goes_in_parts(store: ArtifactStore, tmp_path: Path, s3: Any) -> None:
    large = export(tmp_path / "large", **{"model.onnx": bytes(range(256)) * 40_000})
    fetched = store.fetch(store.publish(large.path, NAME), tmp_path / "served")
    assert content_of(fetched.path) == content_of(large.path)


def test_publishing_twice_changes_nothing(
    store: ArtifactStore, artifact: Artifact, bucket: str, s3: Any
) -> None:
    store.publish(artifact.path, NAME)
    before = s3.list_objects_v2(Bucket=bucket)["Contents"]
    store.publish(artifact.path, NAME)
    assert s3.list_objects_v2(Bucket=bucket)["Contents"] == before


def test_a_version_never_changes(store: ArtifactStore, artifact: Artifact, tmp_path: Path) -> None:
    store.publish(artifact.path, NAME)
    manifest = artifact.manifest.model_copy(update={"metadata": {"other": 1}}).sealed()
    (artifact.path / MANIFEST).write_text(manifest.model_dump_json())
    with pytest.raises(ArtifactError, match="exists and differs"):
        store.publish(artifact.path, NAME)
    assert store.fetch(Reference(NAME, artifact.version), tmp_path / "f").metadata == {}


class DyingClient:
    """boto3's client in a process that dies before the upload number ``failing``."""

    def __init__(self, client: Any, failing: int) -> None:
        self._client = client
        self._left = failing

    def __getattr__(self, name: str) -> Any:
        if name in ("upload_file", "put_object"):
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        return getattr(self._client, name)


@pytest.mark.parametrize("failing", range(len(FILES) + 1))
def test_a_broken_publication_leaves_no_version_and_can_be_repeated(
    failing: int,
    store: ArtifactStore,
    artifact: Artifact,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = Reference(NAME, artifact.version)
    with monkeypatch.context() as patch:
        patch.setattr(store, "_s3", DyingClient(store._s3, failing))
        with pytest.raises(KeyboardInterrupt):
            store.publish(artifact.path, NAME)
    assert store.versions(NAME) == []
    with pytest.raises(ArtifactError, match=artifact.version):
        store.fetch(reference, tmp_path / "served")
    with pytest.raises(ArtifactError, match="there is no"):
        store.promote(store.alias(NAME), artifact.version)
    assert not (tmp_path / "served").exists()
    assert store.publish(artifact.path, NAME) == reference
    assert store.fetch(reference, tmp_path / "served").version == artifact.version


def test_a_damaged_artefact_is_not_published(
    store: ArtifactStore, artifact: Artifact, bucket: str, s3: Any
) -> None:
    (artifact.path / "metrics.json").write_bytes(b"{}")
    with pytest.raises(ArtifactError, match=r"metrics\.json has changed"):
        store.publish(artifact.path, NAME)
    assert keys(s3, bucket) == []


@pytest.mark.parametrize("file", [*FILES, MANIFEST])
@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_a_damaged_object_is_named_and_what_was_served_stays(
    file: str,
    damage: str,
    store: ArtifactStore,
    artifact: Artifact,
    tmp_path: Path,
    bucket: str,
    s3: Any,
) -> None:
    served = export(tmp_path / "served", **{"metrics.json": b"{}"})
    reference = store.publish(artifact.path, NAME)
    key = f"team/nadeuri/{NAME}/{artifact.version}/{file}"
    content = bytearray(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    if damage == "delete":
        s3.delete_object(Bucket=bucket, Key=key)
    else:
        content[-1] ^= 1
        s3.put_object(Bucket=bucket, Key=key, Body=content if damage == "flip" else content[:-5])
    with pytest.raises(ArtifactError, match=Path(file).name) as error:
        store.fetch(reference, served.path)
    assert "\n" not in str(error.value)
    assert open_artifact(served.path).version == served.version
    assert {path.name for path in tmp_path.iterdir()} == {"exported", "served"}


def test_a_manifest_cannot_lead_out_of_the_folder(
    store: ArtifactStore, artifact: Artifact, tmp_path: Path, bucket: str, s3: Any
) -> None:
    reference = store.publish(artifact.path, NAME)
    files = {"../../../escaped": artifact.manifest.files["metrics.json"]}
    hostile = artifact.manifest.model_copy(update={"files": files}).sealed()
    s3.put_object(
        Bucket=bucket,
        Key=f"team/nadeuri/{NAME}/{artifact.version}/{MANIFEST}",
        Body=hostile.model_dump_json().encode(),
    )
    with pytest.raises(ArtifactError, match="leads out"):
        store.fetch(reference, tmp_path / "served")
    assert not list(tmp_path.rglob("escaped"))


def test_a_version_under_another_name_is_refused(
    store: ArtifactStore, artifact: Artifact, tmp_path: Path, bucket: str, s3: Any
) -> None:
    store.publish(artifact.path, NAME)
    stolen = "20200101T000000Z-00000000"
    for key in keys(s3, bucket):
        s3.copy_object(
            Bucket=bucket,
            Key=key.replace(artifact.version, stolen),
            CopySource={"Bucket": bucket, "Key": key},
        )
    with pytest.raises(ArtifactError, match=f"holds version {artifact.version}"):
        store.fetch(Reference(NAME, stolen), tmp_path / "served")


def test_an_alias_moves_and_moves_back(
    store: ArtifactStore, artifact: Artifact, tmp_path: Path
) -> None:
    other = export(tmp_path / "other", **{"metrics.json": b"{}"})
    for each in (artifact, other):
        store.publish(each.path, NAME)
    with pytest.raises(ArtifactError, match="for-you has no champion; see: nadeuri artifact list"):
        store.resolve(Reference(NAME))
    first = store.promote(store.alias(NAME), artifact.version)
    assert (first.version, first.previous) == (artifact.version, None)
    store.promote(store.alias(NAME), other.version)
    assert store.fetch(Reference(NAME), tmp_path / "served").version == other.version
    back = store.promote(store.alias(NAME), artifact.version)
    assert (back.version, back.previous) == (artifact.version, other.version)
    same = store.promote(store.alias(NAME), artifact.version)
    assert same.previous == other.version, "a delivery of the champion keeps the way back"
    assert store.resolve(Reference(NAME)) == Reference(NAME, artifact.version)
    assert store.versions(NAME) == sorted([artifact.version, other.version])
    assert store.alias(NAME, "challenger").pointer is None, "aliases are apart"


def test_of_two_who_move_an_alias_one_is_told(
    store: ArtifactStore, artifact: Artifact, tmp_path: Path
) -> None:
    other = export(tmp_path / "other", **{"metrics.json": b"{}"})
    for each in (artifact, other):
        store.publish(each.path, NAME)
    for _ in range(2):  # the alias is made, the alias is moved
        seen_by_both = store.alias(NAME)
        store.promote(seen_by_both, other.version)
        with pytest.raises(ArtifactError, match=f"moved by somebody else.*{other.version}"):
            store.promote(seen_by_both, artifact.version)
        assert store.resolve(Reference(NAME)).which == other.version


def test_a_lost_answer_is_no_lost_race(
    store: ArtifactStore, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service did it, the answer was lost, and boto3 asked again."""
    store.publish(artifact.path, NAME)
    swap = store._swap

    def twice(*arguments: Any) -> bool:
        swap(*arguments)
        return swap(*arguments)

    monkeypatch.setattr(store, "_swap", twice)
    assert store.promote(store.alias(NAME), artifact.version).version == artifact.version


def test_a_broken_alias_is_reported(store: ArtifactStore, bucket: str, s3: Any) -> None:
    key = f"team/nadeuri/{NAME}/aliases/{CHAMPION}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps({"version": 3}).encode())
    with pytest.raises(ArtifactError, match="is not an alias's file"):
        store.alias(NAME)


def test_files_are_read_one_by_one_and_checked(
    store: ArtifactStore, artifact: Artifact, bucket: str, s3: Any
) -> None:
    reference = store.publish(artifact.path, NAME)
    assert store.read_json(reference, "metrics.json") == {"ndcg_at_10": 0.25}
    assert store.read_manifest(reference) == artifact.manifest
    with pytest.raises(ArtifactError, match=r"has no other\.json"):
        store.read_json(reference, "other.json")
    key = f"team/nadeuri/{NAME}/{artifact.version}/metrics.json"
    s3.put_object(Bucket=bucket, Key=key, Body=b'{"ndcg_at_10": 9.25}')
    with pytest.raises(ArtifactError, match=r"metrics\.json has changed"):
        store.read_json(reference, "metrics.json")


def test_without_a_prefix(bucket: str, artifact: Artifact, tmp_path: Path) -> None:
    store = ArtifactStore(f"s3://{bucket}")
    store.fetch(store.publish(artifact.path, NAME), tmp_path / "served")
    assert store.names() == [NAME]


def test_a_bucket_that_is_not_there(aws: str, artifact: Artifact) -> None:
    with pytest.raises(ConfigError, match="s3://no-such-bucket/x") as error:
        ArtifactStore("s3://no-such-bucket/x").publish(artifact.path, NAME)
    assert "\n" not in str(error.value)


def test_a_store_that_cannot_be_reached(
    bucket: str, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("nadeuri.artifact_s3._ATTEMPTS", 1)
    with pytest.raises(ConfigError, match=bucket):
        ArtifactStore(f"s3://{bucket}").publish(artifact.path, NAME)


def test_without_credentials(
    bucket: str, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match="credentials"):
        ArtifactStore(f"s3://{bucket}").publish(artifact.path, NAME)


@pytest.mark.parametrize("address", ["models", "s3://", "http://x/y", "s3://No_Such/x", "s3://a/"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ConfigError, match="s3://bucket/prefix"):
        ArtifactStore(address)


@pytest.mark.parametrize("text", ["", "@champion", "a/b", "a@", "a@../b", "A", "a@b@c", "가"])
def test_references_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="NAME@ALIAS"):
        Reference.parse(text)


def test_references() -> None:
    assert Reference.parse("for-you") == Reference(NAME, CHAMPION)
    assert not Reference.parse("for-you@blue").is_version
    assert Reference.parse("for-you@20260102T030405Z-0a1b2c3d").is_version


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtraError, match=r"nadeuri\[aws\]"):
        ArtifactStore("s3://models/x")
