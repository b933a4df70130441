"""What the demo makes. A stage is not repeated while its inputs stay the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from nadeuri import __version__
from nadeuri.artifact import open_artifact
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError
from nadeuri.recommend import bundle
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.settings import Settings

SHIPPED = "shipped.json"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Shipped:
    """What the comparison chose and what was exported.

    Attributes:
        key: hash of everything that the comparison depends on.
        chosen: name of the model that the comparison would ship.
        exported: name of the model that was exported: the chosen one, where it can be.
        version: of the exported artefact.
        report: file name of the comparison's page.
    """

    key: str
    chosen: str
    exported: str
    version: str
    report: str


@dataclass(frozen=True)
class Built:
    """The prepared sample world, and the files of what became of it."""

    dataset: Dataset
    shipped: Shipped
    report: Path
    artifact: Path


def build(settings: Settings, size: str, config: CompareConfig, say: Say) -> Built:
    """Make, or find again, everything that is shown and served.

    Args:
        size: of the sample world: tiny, demo or full.
        say: told what is happening, one line at a time.

    Raises:
        NadeuriError: what a stage raises.
    """
    sample = write_sample(settings.home / f"sample-{size}", size)
    say(f"Sample world (synthetic): {sample.n_users:,} users, {sample.n_items:,} products.")
    dataset = open_or_prepare(sample.path, settings.data_cache)
    say(f"Prepared: {dataset.sequences.n_clicks:,} clicks of {dataset.n_users:,} users.")
    folder = settings.comparisons / f"{dataset.name}-{config.split.kind}"
    artifact = settings.artifacts / bundle.DEFAULT_FOLDER
    key = _key(dataset, config)
    shipped = _find(folder, artifact, key)
    if shipped is None:
        from nadeuri.demo.ship import ship  # brings torch, which a second run does not need

        shipped = ship(key, config, dataset, folder, artifact, settings.tracking_uri, say)
        _keep(folder, shipped)
    else:
        say("Comparison and export: done before, and nothing has changed.")
    return Built(dataset, shipped, folder / shipped.report, artifact)


def _key(dataset: Dataset, config: CompareConfig) -> str:
    described = f"{__version__}\n{dataset.fingerprint}\n{config.model_dump_json()}"
    return hashlib.sha256(described.encode()).hexdigest()


def _find(folder: Path, artifact: Path, key: str) -> Shipped | None:
    """What an earlier call with the same inputs left, if all of it is still there and whole."""
    try:
        shipped = Shipped(**json.loads((folder / SHIPPED).read_text(encoding="utf-8")))
        version = open_artifact(artifact, bundle.KIND).version
    except (OSError, ValueError, TypeError, ArtifactError):
        return None
    same = (shipped.key, shipped.version) == (key, version)
    return shipped if same and (folder / shipped.report).is_file() else None


def _keep(folder: Path, shipped: Shipped) -> None:
    partial = folder / f"{SHIPPED}.partial"
    partial.write_text(json.dumps(asdict(shipped), indent=1) + "\n", encoding="utf-8")
    partial.replace(folder / SHIPPED)
