"""Others also viewed: vectors without metadata and with it, the latter exported, a map of both."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.demo.record import Record, Say, find, keep, key_of
from nadeuri.recommend.config import ExperimentConfig, load_config
from nadeuri.recommend.coview import bundle
from nadeuri.settings import Settings

VIEWED = "viewed.json"
MAP = "demo-map.html"
SERVED = columns.META_PROD2VEC
"""The one that also has vectors of products which nobody clicked yet."""
PRESETS = (columns.PROD2VEC, SERVED)
SEED = 1


@dataclass(frozen=True)
class ViewedFiles:
    """The exported vectors, and the page with the map, whose picture is beside it."""

    artifact: Path
    map: Path

    def has_map(self) -> bool:
        """Whether the page, its picture and the artefact's own map are there."""
        page = self.map.is_file() and self.map.with_suffix(".png").is_file()
        return page and (self.artifact / bundle.MAP_FILE).is_file()


def build_viewed(settings: Settings, dataset: Dataset, say: Say) -> ViewedFiles:
    """Make, or find again, the vectors that are served and the map.

    Raises:
        NadeuriError: what training, exporting and drawing raise.
    """
    configs = [load_preset(name) for name in PRESETS]
    key = key_of(dataset.fingerprint, *configs)
    folder = settings.runs / f"{dataset.name}-{bundle.DEFAULT_FOLDER}-{key[:10]}"
    files = ViewedFiles(settings.artifacts / bundle.DEFAULT_FOLDER, settings.home / MAP)
    if find(folder / VIEWED, Record, key, files.artifact, bundle.KIND) and files.has_map():
        say("Also viewed and its map: done before, and nothing has changed.")
    else:
        version = _make(configs, dataset, folder, files, settings.tracking_uri, say)
        keep(folder / VIEWED, Record(key, version))
    return files


def load_preset(name: str) -> ExperimentConfig:
    """The settings that are shipped for a model of product vectors; ``configs/`` links to them."""
    folder = resources.files("nadeuri.recommend.coview") / "presets"
    with resources.as_file(folder / f"{name}.toml") as path:
        return load_config(path)


def _make(
    configs: list[ExperimentConfig],
    dataset: Dataset,
    folder: Path,
    files: ViewedFiles,
    tracking_uri: str,
    say: Say,
) -> str:
    """Train each model (a finished training is read back), then export and draw.

    The export comes before the page: one of other vectors is never taken for theirs.

    Args:
        folder: gets a run of each, as with ``nadeuri recommend train``.

    Returns:
        Version of the exported artefact.
    """
    from nadeuri.recommend.coview.map import build_map
    from nadeuri.recommend.coview.map_file import publish_with_map
    from nadeuri.recommend.coview.map_page import write_page
    from nadeuri.recommend.coview.map_plot import write_picture
    from nadeuri.recommend.session import ARTIFACT, train_and_export
    from nadeuri.tracking import open_tracker

    tracker = open_tracker(tracking_uri)
    for position, config in enumerate(configs, start=1):
        say(f"[{position}/{len(configs)}] {config.name}, seed {SEED}")
        train_and_export(config, dataset, seed=SEED, folder=folder / config.name, tracker=tracker)

    say(f"Exporting {SERVED} and drawing the map of both.")
    drawn = build_map([folder / config.name / ARTIFACT for config in configs])
    version = publish_with_map(folder / SERVED / ARTIFACT, drawn, files.artifact).version
    write_page(drawn, files.map)
    write_picture(drawn, files.map.with_suffix(".png"))
    return version
