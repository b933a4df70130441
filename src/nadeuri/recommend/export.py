"""From a trained sequence model to an artefact that is served without torch.

The item table (id embeddings fused with metadata) depends on no input once training is over, so it
is computed here once and the exported network reads it as a constant: serving with metadata costs
what serving without costs. Input and output embeddings are tied; the file must hold them once.
"""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from pydantic import Field, TypeAdapter
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nadeuri import columns
from nadeuri.artifact import Artifact, write_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ArtifactError, ConfigError
from nadeuri.onnx import open_session
from nadeuri.recommend import bundle
from nadeuri.recommend.base import Recommender
from nadeuri.recommend.config import Bert4RecConfig, SasRecConfig
from nadeuri.recommend.family import build_network
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.popularity import training_clicks
from nadeuri.recommend.sequential import SequentialNetwork, SequentialRecommender

GRAPH_OVERHEAD_BYTES = 1 << 18
"""Allowance for everything in ``model.onnx`` that is not weights."""
_RELATIVE_TOLERANCE = 1e-3
_ABSOLUTE_TOLERANCE = 1e-4
_MODEL_CONFIG: TypeAdapter[Bert4RecConfig | SasRecConfig] = TypeAdapter(
    Annotated[Bert4RecConfig | SasRecConfig, Field(discriminator="kind")]
)


def export_recommender(
    model: Recommender,
    dataset: Dataset,
    split: Split,
    out: Path,
    *,
    config: dict[str, Any],
    metrics: dict[str, Any],
) -> Artifact:
    """Write ``model`` as an artefact folder (:mod:`nadeuri.recommend.bundle` lists its files).

    Args:
        split: its training part is what the popularity fallback counts.
        out: the artefact folder; one already there is replaced in one step.
        config: the resolved experiment, as JSON values.
        metrics: the evaluation's results, as JSON values.

    Raises:
        ConfigError: a model that cannot be served this way.
        ArtifactError: the exported network disagrees with the trained one, or is too large.
    """
    if not isinstance(model, SequentialRecommender):
        raise ConfigError(
            f"model.kind: {model.kind} cannot be exported; "
            f"export one of {', '.join(columns.SEQUENTIAL)}"
        )

    def write(folder: Path) -> None:
        save_file(_tensors(model.network), folder / bundle.WEIGHTS_FILE)
        export_onnx(model.network, folder / bundle.MODEL_FILE)
        write_items(dataset, split, folder / bundle.ITEMS_FILE)
        bundle.write_users(dataset, folder / bundle.USERS_FILE)
        write_json(
            {"experiment": config, "model": model.config.model_dump(mode="json")},
            folder / bundle.CONFIG_FILE,
        )
        write_json(metrics, folder / bundle.METRICS_FILE)

    return write_artifact(
        out,
        bundle.KIND,
        write,
        data_fingerprint=dataset.fingerprint,
        metadata={
            "model": model.kind,
            "max_history": model.network.max_history,
            "n_items": dataset.n_items,
            "n_users": dataset.n_users,
            "dataset": dataset.name,
            "fields": [{"name": field.name, "kind": field.kind} for field in dataset.fields],
        },
    )


def load_recommender(artifact: Artifact) -> SequentialRecommender:
    """The trained model of an artefact, in torch again: to train on, or to compare with."""
    described = artifact.read_json(bundle.CONFIG_FILE)["model"]
    config = _MODEL_CONFIG.validate_python(described)
    tensors = load_file(artifact.file(bundle.WEIGHTS_FILE))
    known = [field["name"] for field in artifact.metadata["fields"]]
    fields = _fields(known if config.fields == "all" else config.fields, tensors)
    network = build_network(int(artifact.metadata["n_items"]), config, fields)
    network.load_state_dict(tensors, strict=False)  # buffers came in with the fields
    return SequentialRecommender(network.eval(), config)


class FrozenTable(nn.Module):
    """Stands in for an :class:`~nadeuri.recommend.items.ItemTable` whose training is over."""

    items: Tensor

    def __init__(self, table: nn.Module) -> None:
        super().__init__()
        with torch.no_grad():
            self.register_buffer("items", table().contiguous())

    def forward(self) -> Tensor:
        """float32 [n_items + 2, dim]."""
        return self.items


class ServedNetwork(nn.Module):
    """The network as it is served: item table computed, next-item scores as ``forward``."""

    def __init__(self, network: SequentialNetwork) -> None:
        super().__init__()
        network = copy.deepcopy(network).cpu().float().eval()
        network.table = FrozenTable(network.table)  # type: ignore[assignment]
        self.network = network
        self.eval()

    def forward(self, items: Tensor) -> Tensor:
        """items: int64 [B, L] -> scores float32 [B, n_items + 1]."""
        return self.network.forward_next(items)


def export_onnx(network: SequentialNetwork, file: Path) -> None:
    """Write the network to ``file`` and check it against the original.

    Raises:
        ArtifactError: the file's scores differ, or the file is larger than its weights allow.
    """
    served = ServedNetwork(network)
    max_history = network.max_history
    length = {1: torch.export.Dim("length", min=1, max=max_history)} if max_history > 1 else {}
    example = torch.ones(2, min(max_history, 4), dtype=torch.int64)
    with _quiet_exporter():
        program = torch.onnx.export(
            served,
            (example,),
            input_names=[bundle.MODEL_INPUT],
            output_names=[bundle.MODEL_OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=1 << 16), **length},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # dynamo=True returns a program
    model = program.model_proto
    for annotated in (*model.graph.node, *model.graph.value_info, *model.graph.input):
        annotated.ClearField("metadata_props")  # traces with this machine's paths
    file.write_bytes(model.SerializeToString())
    _check_size(served, file)
    _check_scores(network, file)


def _check_size(served: ServedNetwork, file: Path) -> None:
    weights = sum(t.numel() * t.element_size() for t in served.state_dict().values())
    size = file.stat().st_size
    if size > weights + GRAPH_OVERHEAD_BYTES:
        raise ArtifactError(
            f"{file.name}: {size} bytes for {weights} bytes of weights; "
            "the item table has probably been written twice"
        )


def _check_scores(network: SequentialNetwork, file: Path) -> None:
    """Compare with the trained network: one item, padded rows, the longest history."""
    session = open_session(file)
    random = np.random.default_rng(0)
    longest = network.max_history
    original = copy.deepcopy(network).cpu().float().eval()
    for rows, length in ((1, 1), (3, (longest + 1) // 2), (2, longest)):
        items = random.integers(1, network.n_items + 1, (rows, length))
        items[0, : length // 2] = 0
        (found,) = session.run([bundle.MODEL_OUTPUT], {bundle.MODEL_INPUT: items})
        with torch.no_grad():
            expected = original.forward_next(torch.from_numpy(items)).numpy()
        if found.shape != expected.shape or not np.allclose(
            found, expected, rtol=_RELATIVE_TOLERANCE, atol=_ABSOLUTE_TOLERANCE
        ):
            raise ArtifactError(
                f"{file.name}: scores differ from the trained network's for {rows} histories of "
                f"length {length}; report this with your torch, onnxscript and onnxruntime versions"
            )


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """The exporter warns about torch's own internals and about torchvision's absence."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)


def _tensors(network: SequentialNetwork) -> dict[str, Tensor]:
    """Parameters, and buffers too: a field's bags come from the training catalogue."""
    named = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    return {name: tensor.detach().cpu().contiguous() for name, tensor in named.items()}


def _fields(names: Sequence[str], tensors: dict[str, Tensor]) -> tuple[FieldBags, ...]:
    """The fields as the network holds them (their values' labels play no part in it)."""
    fields = []
    for number, name in enumerate(names):
        prefix = f"table.fields.{number}."
        fields.append(
            FieldBags(
                name=name,
                kind=columns.CATEGORICAL,
                values=("",) * len(tensors[f"{prefix}embedding"]),
                offsets=tensors[f"{prefix}offsets"].numpy(),
                indices=tensors[f"{prefix}indices"].numpy(),
                weights=tensors[f"{prefix}weights"].numpy(),
            )
        )
    return tuple(fields)


def write_items(dataset: Dataset, split: Split, file: Path) -> None:
    """Write the catalogue with a column of training clicks."""
    clicks = pa.array(training_clicks(dataset.sequences, split, dataset.n_items)[1:])
    table = dataset.catalogue
    if columns.CLICKS in table.column_names:
        table = table.drop_columns([columns.CLICKS])
    pq.write_table(table.append_column(columns.CLICKS, clicks), file)


def write_json(value: dict[str, Any], file: Path) -> None:
    """Write a JSON file for people to read."""
    file.write_text(
        json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8"
    )
