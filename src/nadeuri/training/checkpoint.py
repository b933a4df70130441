"""The file that keeps a training run: nothing is lost when the run is killed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nadeuri.errors import ArtifactError
from nadeuri.training.state import CurvePoint, Progress

CHECKPOINT = "checkpoint.safetensors"

Tensors = Mapping[str, Mapping[str, Tensor]]
"""Named groups of named tensors: the network's, the optimiser's and so on."""


def save(path: Path, identity: str, progress: Progress, tensors: Tensors) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        identity: describes configuration and data.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(
        {
            f"{group}.{name}": tensor.contiguous()
            for group, named in tensors.items()
            for name, tensor in named.items()
        },
        partial,
        metadata={"identity": identity, "progress": json.dumps(asdict(progress))},
    )
    partial.replace(path)


def load(path: Path, identity: str) -> tuple[Progress, dict[str, dict[str, Tensor]]]:
    """Read a checkpoint back.

    Raises:
        ArtifactError: damaged, or of another identity.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ArtifactError(
            f"{path}: damaged checkpoint ({error}); delete it to start again"
        ) from error
    if metadata["identity"] != identity:
        raise ArtifactError(
            f"{path}: checkpoint of another configuration or data set; "
            "delete it or train into another folder"
        )
    raw = json.loads(metadata["progress"])
    raw["curve"] = tuple(CurvePoint(**point) for point in raw["curve"])
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        group, _, rest = name.partition(".")
        groups.setdefault(group, {})[rest] = tensor
    return Progress(**raw), groups
