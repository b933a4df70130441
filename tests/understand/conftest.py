"""Small encoders, randomly initialised, of the architectures that the configs name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

ENCODERS = ("distilbert", "electra", "roberta", "bert", "e5")
"""Of distilkobert, KcELECTRA, klue/roberta, BERT, and e5 (a BERT with a Unigram vocabulary)."""

COMMON = (
    "안녕하세요 다음 달에 부모님과 함께 갈 만한 제주도 여행 상품을 추천해 주세요",
    "일본 오사카 여행 상품을 알려 주세요",
    "베트남 다낭 호텔 예약은 어떻게 하나요",
    "가족과 함께 가는 제주도 호텔을 찾고 있어요",
    "도쿄에서 온천 여행을 하고 싶어요",
    "아이와 함께 하는 자유여행 패키지가 있나요",
    "스위스 기차 여행 상품의 가격이 궁금해요",
    "카메라를 가지고 이번 주말에 부산으로 가요",
    "하와이 트레킹 일정을 짜 주세요",
    "이도 저도 아닌 여행은 싫어요",
    "부모님과 오사카 온천 호텔에서 쉬고 싶어요",
    "다음 주 날씨는 어떤가요 비가 오나요",
    "예약을 취소하고 다른 날로 바꾸고 싶어요",
    "패키지 여행과 자유여행 가운데 무엇이 좋은가요",
    "도착하면 호텔까지 어떻게 가나요",
)
"""The words that the small vocabularies know; 훗, 얏, 케 and 줄 are not among their syllables."""


TAILS = ("여행", "호텔", "에서", "까지", "은", "는", "이", "가", "을", "를", "도", "로", "요")


@pytest.fixture(scope="session")
def common_sentences() -> tuple[str, ...]:
    """Sentences that the small vocabularies know every word of."""
    return COMMON


@pytest.fixture(params=ENCODERS)
def encoder_name(request: pytest.FixtureRequest) -> str:
    """Each of the architectures in turn."""
    name: str = request.param
    return name


@pytest.fixture
def small_encoder() -> Callable[[str], tuple[PreTrainedModel, PreTrainedTokenizerFast]]:
    """``small_encoder(name)``: a new encoder with its tokenizer, hidden size 16, two layers."""
    return _build


@pytest.fixture
def wordpiece() -> PreTrainedTokenizerFast:
    """A cased BERT tokenizer, to which '훗카이도', '스케줄' and '하얏트' are [UNK]."""
    return _wordpiece()


@pytest.fixture
def unigram() -> PreTrainedTokenizerFast:
    """A tokenizer as XLM-R and multilingual-e5 have."""
    return _unigram()


def _build(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    import torch
    from transformers import (
        BertConfig,
        BertModel,
        DistilBertConfig,
        DistilBertModel,
        ElectraConfig,
        ElectraModel,
        RobertaConfig,
        RobertaModel,
    )

    tokenizer = _unigram() if name == "e5" else _wordpiece()
    ids = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 80,
    }
    torch.manual_seed(0)
    model: PreTrainedModel
    if name == "distilbert":
        model = DistilBertModel(
            DistilBertConfig(
                **ids, dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=80
            )
        )
    elif name == "electra":
        model = ElectraModel(ElectraConfig(**ids, **sizes, embedding_size=8))
    elif name == "roberta":
        model = RobertaModel(RobertaConfig(**ids, **sizes, type_vocab_size=1))
    else:
        model = BertModel(BertConfig(**ids, **sizes))
    return model.eval(), tokenizer


def _wordpiece() -> PreTrainedTokenizerFast:
    from transformers import BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = sorted({word for sentence in COMMON for word in sentence.split()})
    first = [word[0] for word in words]
    continuing = [f"##{piece}" for word in words for piece in word[1:]]
    tails = [f"##{tail}" for tail in TAILS]
    pieces = dict.fromkeys([*special, *first, *continuing, *tails, *words])
    return BertTokenizer(
        vocab={piece: index for index, piece in enumerate(pieces)}, do_lower_case=False
    )


def _unigram() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    words = [f"▁{word}" for sentence in COMMON for word in sentence.split()]
    counts = Counter([*words, *"".join(words), *TAILS])
    total = counts.total()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    backend = Tokenizer(
        models.Unigram(
            [(token, 0.0) for token in special]
            + [(piece, math.log(count / total)) for piece, count in sorted(counts.items())],
            unk_id=special.index("<unk>"),
        )
    )
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )


@pytest.fixture
def encoder_folder(
    encoder_name: str,
    small_encoder: Callable[[str], tuple[PreTrainedModel, PreTrainedTokenizerFast]],
    tmp_path: Path,
) -> Path:
    """A folder with each of the architectures in turn, as Hugging Face's hub has them."""
    model, tokenizer = small_encoder(encoder_name)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return tmp_path
