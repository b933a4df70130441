"""Travellers' questions: the fast tier trained on the sample world's questions, and exported."""

from __future__ import annotations

import shutil
from pathlib import Path

from nadeuri.artifact import fetch_artifact
from nadeuri.demo.record import Record, Say, find, keep, key_of
from nadeuri.settings import Settings
from nadeuri.understand import bundle
from nadeuri.understand.compare_config import load_preset
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.parts import Parts, augmented, divide, fingerprint, read

RECORD = "questions.json"
PRESET = "characters"
OVERRIDES = ("train.epochs=6", "heads.ngrams=0")  # n-grams would take half as long again
FACTOR = 1
"""New questions for every labelled one, by augmentation."""
SEED = 1
ASKED = "일본 부모님과 갈만한 패키지 추천"


def build_questions(settings: Settings, sample: Path, say: Say) -> Path:
    """Make, or find again, the question model that is served; returns its artefact's folder.

    Args:
        sample: folder of the sample world.

    Raises:
        NadeuriError: what training and exporting raise.
    """
    config = load_preset(PRESET, OVERRIDES)
    parts = divide(read(sample).questions)
    key = key_of(f"{fingerprint(parts)} {FACTOR}", config)
    folder = settings.runs / f"{sample.name}-{bundle.DEFAULT_FOLDER}-{key[:10]}"
    artifact = settings.artifacts / bundle.DEFAULT_FOLDER
    if find(folder / RECORD, Record, key, artifact, bundle.KIND):
        say("Questions: done before, and nothing has changed.")
        return artifact
    say(f"Questions: {len(parts['train']):,} labelled, as many again by other names; {config.name}")
    version = _make(config, parts, folder, artifact, settings.tracking_uri)
    keep(folder / RECORD, Record(key, version))
    return artifact


def _make(
    config: ExperimentConfig, parts: Parts, folder: Path, artifact: Path, tracking_uri: str
) -> str:
    """Train (a finished training is read back) and export; returns the artefact's version."""
    from nadeuri.tracking import open_tracker
    from nadeuri.understand.names.builtin import builtin_gazetteer
    from nadeuri.understand.session import ARTIFACT, train_and_export

    gazetteer = builtin_gazetteer()
    train_and_export(
        config,
        augmented(parts, gazetteer, factor=FACTOR, seed=SEED),
        seed=SEED,
        folder=folder,
        tracker=open_tracker(tracking_uri),
        gazetteer=gazetteer,
    )

    def copy(draft: Path) -> Path:
        return Path(shutil.copytree(folder / ARTIFACT, draft / ARTIFACT))

    return fetch_artifact(artifact, copy).version
