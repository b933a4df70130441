"""Where a benchmark finds its data, keeps its files and builds the peers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from speed.shelf import Shelf

VALID_USERS = 1000
"""Validation cases by which a time to quality is decided; the same sample on both sides."""

PEERS = {
    "rectools": (("torch==2.13.0",), ("rectools[torch]==0.19.*",)),
    "recbole": (
        ("torch==2.13.0",),
        ("setuptools<81", "numpy<2", "pandas<2.3", "scipy<1.13", "recbole==1.2.1"),
    ),
    "gensim": (("gensim==4.4.*",),),
    "crf": (("sklearn-crfsuite==0.5.*", "scikit-learn>=1.6"),),
    "splink": (("splink==5.0.*",),),
    "ann": (("faiss-cpu==1.15.*", "hnswlib==0.8.*", "usearch==2.26.*"),),
}
"""Virtual environments: what is installed, in this order (torch first: all else fits it)."""


@dataclass(frozen=True)
class Setting:
    """What the parts of the benchmark share.

    Attributes:
        settings: of Nadeuri; its home holds data, peers and finished measurements.
        clicks: folder of the research data sets.
        again: measure again what is already there.
    """

    settings: Settings
    clicks: Path
    again: bool = False

    @property
    def home(self) -> Path:
        """Files of this benchmark."""
        return (self.settings.home / "training").absolute()

    @cached_property
    def shelf(self) -> Shelf:
        """Finished measurements."""
        return Shelf(self.home / "measured", again=self.again)

    def dataset(self, name: str) -> Dataset:
        """A research data set, prepared when it is first asked for."""
        return open_or_prepare((self.clicks / name).absolute(), self.settings.data_cache.absolute())

    def sequences(self, name: str) -> Path:
        """The same data as a file that any peer can read, with leave-one-out ends and cases.

        ``offsets`` int64 [n_users + 1], ``items`` int32 [n_clicks], ``train_ends`` int64 [n_users];
        ``users`` and ``targets``: the validation cases that decide a time to quality.
        """
        dataset = self.dataset(name)
        path = self.home / "sequences" / f"{name}-{dataset.fingerprint[:8]}.npz"
        if not path.is_file():
            split = leave_one_out(dataset.sequences)
            cases = split.valid.sample(VALID_USERS, seed=0)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"partial-{path.name}")
            np.savez(
                partial,
                offsets=dataset.sequences.offsets,
                items=dataset.sequences.items,
                train_ends=split.train_ends,
                users=cases.users,
                targets=cases.targets,
            )
            partial.replace(path)
        return path

    def peer(self, name: str) -> Path:
        """The Python of a peer's virtual environment, built when it is first asked for.

        Raises:
            NadeuriError: it cannot be built.
        """
        folder = (self.settings.home / "peers" / name).absolute()
        steps = PEERS[name]
        stamp = hashlib.sha256(repr(steps).encode()).hexdigest()
        installed = folder / "installed"
        if not (installed.is_file() and installed.read_text(encoding="ascii") == stamp):
            print(f"building the virtual environment of {name} in {folder} (minutes)")
            _run(sys.executable, "-m", "venv", str(folder))
            for packages in steps:
                _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages)
            installed.write_text(stamp, encoding="ascii")
        return folder / "bin" / "python"


def _run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise NadeuriError(f"could not run: {' '.join(command)}")
