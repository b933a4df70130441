"""What the demo makes. A stage is not repeated while its inputs stay the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from nadeuri import __version__
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.data.sequences import Dataset
from nadeuri.recommend.compare_config import CompareConfig

SHIPPED = "shipped.json"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Shipped:
    """What the comparison chose and what was exported; paths are relative to the demo's folder.

    Attributes:
        key: hash of everything that the comparison depends on.
        chosen: name of the model that the comparison would ship.
        exported: name of the model in ``artifact``: the chosen one, where it can be exported.
        report: the comparison's HTML page.
        artifact: folder of the exported model.
    """

    key: str
    chosen: str
    exported: str
    report: str
    artifact: str


@dataclass(frozen=True)
class Built:
    """The prepared sample world and what became of it."""

    dataset: Dataset
    shipped: Shipped
    report: Path
    artifact: Path


def build(folder: Path, size: str, config: CompareConfig, tracking_uri: str, say: Say) -> Built:
    """Make, or find again, everything that is shown and served.

    Args:
        folder: of this demo; sample world, data, runs, report and artefact go below it.
        size: of the sample world: tiny, demo or full.
        tracking_uri: where the trainings are tracked.
        say: told what is happening, one line at a time.

    Raises:
        NadeuriError: what a stage raises.
    """
    sample = write_sample(folder / "sample", size)
    say(f"Sample world (synthetic): {sample.n_users:,} users, {sample.n_items:,} products.")
    dataset = open_or_prepare(sample.path, folder / "data")
    say(f"Prepared: {dataset.sequences.n_clicks:,} clicks of {dataset.n_users:,} users.")
    key = _key(dataset, config)
    shipped = _find(folder, key)
    if shipped is None:
        from nadeuri.demo.ship import ship  # brings torch, which a second run does not need

        shipped = ship(folder, key, config, dataset, tracking_uri, say)
        _keep(folder, shipped)
    else:
        say("Comparison and export: done before, and nothing has changed.")
    return Built(dataset, shipped, folder / shipped.report, folder / shipped.artifact)


def _key(dataset: Dataset, config: CompareConfig) -> str:
    described = f"{__version__}\n{dataset.fingerprint}\n{config.model_dump_json()}"
    return hashlib.sha256(described.encode()).hexdigest()


def _find(folder: Path, key: str) -> Shipped | None:
    """What an earlier call with the same inputs left, if all of it is still there."""
    try:
        shipped = Shipped(**json.loads((folder / SHIPPED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    there = (folder / shipped.report).is_file() and (folder / shipped.artifact).is_dir()
    return shipped if there and shipped.key == key else None


def _keep(folder: Path, shipped: Shipped) -> None:
    partial = folder / f"{SHIPPED}.partial"
    partial.write_text(json.dumps(asdict(shipped), indent=1) + "\n", encoding="utf-8")
    partial.replace(folder / SHIPPED)
