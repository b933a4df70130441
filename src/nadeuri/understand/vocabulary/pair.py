"""A model and its tokenizer as one folder, which is refused where they do not belong together."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.artifact import MANIFEST, Artifact, open_artifact, write_artifact
from nadeuri.errors import ArtifactError
from nadeuri.understand.vocabulary.pieces import vocabulary_size

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

KIND = "encoder"
PAIR = "pair.json"
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
_PROBE = "나들이 여행, KTX 2박3일 Café 日本!"


class Pair(BaseModel):
    """``pair.json``: the tokenizer that a model was saved with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer_sha256: str
    vocabulary_size: int
    embedding_rows: int


def save_pair(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Artifact:
    """Publish a model and its tokenizer as an artefact, whole or not at all.

    Raises:
        ArtifactError: the model lacks rows for the tokenizer's ids, or ``folder`` is no
            artefact.
    """
    return write_artifact(
        folder,
        KIND,
        lambda draft: write_pair(draft, model, tokenizer),
        metadata={"vocabulary_size": vocabulary_size(tokenizer)},
    )


def write_pair(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write both into a folder, for an artefact that holds more than them.

    Raises:
        ArtifactError: the model lacks rows for the tokenizer's ids.
    """
    rows = model.config.get_text_config().vocab_size
    _require_rows(folder, rows, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    pair = _pair(rows, tokenizer)
    (folder / PAIR).write_text(pair.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_pair(
    folder: Path, architecture: type[PreTrainedModel] | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Load a model and its tokenizer from a local folder; never from the network.

    A folder from elsewhere, without the fingerprint that :func:`write_pair` leaves, is judged
    by its sizes alone.

    Args:
        architecture: class of the model; by default the bare encoder that the folder names.

    Raises:
        ArtifactError: no such folder, it cannot be read, a file was changed, or the tokenizer is
            not the one the model was saved with.
    """
    from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerFast

    if not (folder / "config.json").is_file():
        raise ArtifactError(f"{folder}: not a folder of a Hugging Face model (no config.json)")
    if not any(file for pattern in _VOCABULARIES for file in folder.glob(pattern)):
        # transformers would make up a tokenizer of special tokens alone
        raise ArtifactError(f"{folder}: no vocabulary; put the tokenizer's files beside the model")
    if (folder / MANIFEST).is_file():
        open_artifact(folder)
    tokenizer = _load(folder, AutoTokenizer)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ArtifactError(
            f"{folder}: no tokenizer.json, a {type(tokenizer).__name__} cannot be used; "
            "save it as a fast tokenizer"
        )
    rows = _load(folder, AutoConfig).get_text_config().vocab_size
    _require_rows(folder, rows, tokenizer)
    _require_pair(folder, rows, tokenizer)
    return _load(folder, architecture or AutoModel), tokenizer


def fingerprint(tokenizer: PreTrainedTokenizerFast) -> str:
    """sha256 over every token with its id, and the ids of a probe that tells normalisers apart.

    ``tokenizer.json`` itself is no measure: its layout depends on the library's version.
    """
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    known = [tokens, tokenizer(_PROBE)["input_ids"]]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _load(folder: Path, loader: Any) -> Any:
    try:
        return loader.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ArtifactError(
            f"{folder}: {loader.__name__} cannot load it ({reason}); export or fetch it again"
        ) from error


def _require_pair(folder: Path, rows: int, tokenizer: PreTrainedTokenizerFast) -> None:
    if not (file := folder / PAIR).is_file():
        return
    try:
        pair = Pair.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise ArtifactError(f"{file}: cannot be read; export the model again") from error
    if pair != _pair(rows, tokenizer):
        raise ArtifactError(
            f"{folder}: the tokenizer ({vocabulary_size(tokenizer)} ids) is not the one that this "
            f"model ({rows} rows) was saved with ({pair.vocabulary_size} ids); restore the folder "
            "as it was exported, or export model and tokenizer together again"
        )


def _pair(rows: int, tokenizer: PreTrainedTokenizerFast) -> Pair:
    return Pair(
        tokenizer_sha256=fingerprint(tokenizer),
        vocabulary_size=vocabulary_size(tokenizer),
        embedding_rows=rows,
    )


def _require_rows(folder: Path, rows: int, tokenizer: PreTrainedTokenizerFast) -> None:
    if rows < (size := vocabulary_size(tokenizer)):
        raise ArtifactError(
            f"{folder}: the tokenizer has {size} ids but the model only {rows} embedding rows; "
            "extend both together (nadeuri understand vocabulary) and save them together"
        )
