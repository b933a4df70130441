"""What the demo makes. A stage is not repeated while its inputs stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.data.sequences import Dataset
from nadeuri.demo.guide import build_guide
from nadeuri.demo.labelling import build_labelling
from nadeuri.demo.places import PlaceFiles, build_places
from nadeuri.demo.questions import build_questions
from nadeuri.demo.record import Record, Say, find, keep, key_of, version_of
from nadeuri.demo.studies import build_studies
from nadeuri.demo.viewed import ViewedFiles, build_viewed
from nadeuri.recommend import bundle
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.settings import Settings

SHIPPED = "shipped.json"
SAMPLES = "samples.json"
"""Of the comparison's report; one that was made before these were written is made again."""


@dataclass(frozen=True)
class Shipped(Record):
    """What the comparison chose and what was exported.

    Attributes:
        chosen: name of the model that the comparison would ship.
        exported: name of the model that was exported: the chosen one, where it can be.
        report: file name of the comparison's page.
        beside: name of the folder of the model that is served beside it; None if there is none.
        beside_version: of that model.
    """

    chosen: str
    exported: str
    report: str
    beside: str | None
    beside_version: str | None

    def path_beside(self, artifact: Path) -> Path | None:
        """Folder of the model beside the one in the folder ``artifact``."""
        return None if self.beside is None else artifact.with_name(self.beside)

    def is_there(self, folder: Path, artifact: Path) -> bool:
        """Whether the comparison's files and the model beside the exported one are still there.

        Args:
            folder: of the comparison.
            artifact: of the exported model.
        """
        beside = self.path_beside(artifact)
        has_beside = beside is None or version_of(beside, bundle.KIND) == self.beside_version
        return has_beside and all((folder / name).is_file() for name in (self.report, SAMPLES))


@dataclass(frozen=True)
class Built:
    """The prepared sample world, and the files of what became of it.

    Attributes:
        report: page of the comparison.
        artifact: the model that it ships.
        beside: the one that is served beside it, if there is one.
        viewed: what others also viewed.
        questions: the model that understands questions.
        guide: folder that the place guide answers from.
        places: the mapping of two databases of places, and the packages.
        labelling: URL of the database of questions to be labelled.
        sample: folder of the sample world.
    """

    dataset: Dataset
    shipped: Shipped
    report: Path
    artifact: Path
    beside: Path | None
    viewed: ViewedFiles
    questions: Path
    guide: Path
    places: PlaceFiles
    labelling: str
    sample: Path


def build(settings: Settings, size: str, config: CompareConfig, say: Say) -> Built:
    """Make, or find again, everything that is shown and served.

    Args:
        size: of the sample world: tiny, demo or full.
        config: what to compare.
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
    key = key_of(dataset.fingerprint, config)
    shipped = find(folder / SHIPPED, Shipped, key, artifact, bundle.KIND)
    if shipped is None or not shipped.is_there(folder, artifact):
        from nadeuri.demo.ship import ship  # brings torch, which a second run does not need

        shipped = ship(key, config, dataset, folder, artifact, settings.tracking_uri, say)
        keep(folder / SHIPPED, shipped)
    else:
        say("Comparison and export: done before, and nothing has changed.")
    build_studies(settings, dataset, say)
    viewed = build_viewed(settings, dataset, say)
    questions = build_questions(settings, sample.path, say)
    guide = build_guide(settings, sample.path, say)
    places = build_places(settings, sample.path, dataset.catalogue, say)
    return Built(
        dataset=dataset,
        shipped=shipped,
        report=folder / shipped.report,
        artifact=artifact,
        beside=shipped.path_beside(artifact),
        viewed=viewed,
        questions=questions,
        guide=guide,
        places=places,
        labelling=build_labelling(settings, sample.path, say),
        sample=sample.path,
    )
