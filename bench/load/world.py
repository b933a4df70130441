"""What a server of our own serves: the models, guide and mapping that the demo left in a folder."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nadeuri.artifact import MANIFEST, read_manifest
from nadeuri.errors import ConfigError
from nadeuri.guide.parts import GRAPH, PLACES, REVIEWS
from nadeuri.recommend import bundle
from nadeuri.serve.app import ROOMS

MATCH_FILE, LABELLING_FILE = "match.sqlite", "labelling.sqlite"
N_USERS = 1000


@dataclass(frozen=True)
class World:
    """Folders and files to serve.

    Attributes:
        guide: folder of the place guide, if there is one.
        match: database of the place mapping, if there is one.
        labelling: database of questions to be labelled, if there is one.
    """

    artefacts: tuple[Path, ...]
    guide: Path | None = None
    match: Path | None = None
    labelling: Path | None = None

    def arguments(self) -> list[str]:
        """What ``nadeuri serve`` is told to serve it."""
        told = [str(path) for path in self.artefacts]
        told += ["--guide", str(self.guide)] if self.guide else []
        told += ["--match-db", f"sqlite:///{self.match}"] if self.match else []
        return told + (["--labelling-db", f"sqlite:///{self.labelling}"] if self.labelling else [])

    def artefact(self, kind: str) -> Path | None:
        """The folder of the artefact of a kind."""
        return next((path for path in self.artefacts if read_manifest(path).kind == kind), None)

    def users(self, seed: int = 0) -> list[str]:
        """Ids of travellers whom the recommender knows, at most ``N_USERS``."""
        path = self.artefact(bundle.KIND)
        if path is None:
            return []
        store = bundle.UserStore(path / bundle.USERS_FILE)
        ids = [user for batch in store for user in batch.ids.to_pylist()]
        return random.Random(seed).sample(ids, min(N_USERS, len(ids)))

    def copied(self, folder: Path) -> World:
        """A copy below ``folder``, for tests that change or break what is served."""

        def copy(path: Path) -> Path:
            copied = folder / path.name
            if path.is_dir():
                shutil.copytree(path, copied)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copied)
            return copied

        return World(
            tuple(copy(path) for path in self.artefacts),
            copy(self.guide) if self.guide else None,
            copy(self.match) if self.match else None,
            copy(self.labelling) if self.labelling else None,
        )


def find_world(home: Path) -> World:
    """What lies in the work folder of ``nadeuri demo``.

    Raises:
        ConfigError: nothing.
    """
    manifests = sorted((home / "artifacts").glob(f"*/{MANIFEST}"))
    artefacts = tuple(each.parent for each in manifests if read_manifest(each.parent).kind in ROOMS)
    guides = (
        folder
        for folder in sorted(home.glob("guide*"))
        if all((folder / part).exists() for part in (GRAPH, REVIEWS, PLACES))
    )
    matches = iter(sorted(home.glob(f"match*/{MATCH_FILE}")))
    labellings = iter(sorted(home.glob(f"labelling*/{LABELLING_FILE}")))
    world = World(artefacts, next(guides, None), next(matches, None), next(labellings, None))
    if not world.arguments():
        raise ConfigError(f"{home}: no models there; make demo makes them")
    return world


def made_world(home: Path, *, size: str = "demo") -> World:
    """That of ``home``, made by ``nadeuri demo`` (minutes) if nothing is there.

    Raises:
        ConfigError: the demo failed.
    """
    if not (home / "artifacts").is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "nadeuri", "demo", "--size", size, "--home", str(home)],
            env={**os.environ, "DEMO_ONCE": "1"},
            check=False,
        )
        if done.returncode:
            raise ConfigError(f"nadeuri demo --home {home} ended with {done.returncode}")
    return find_world(home)
