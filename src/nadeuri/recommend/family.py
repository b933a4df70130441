"""The sequence models by configuration: one family, one place that knows all its members."""

from __future__ import annotations

from collections.abc import Sequence

from nadeuri.recommend.bert4rec import Bert4RecNetwork
from nadeuri.recommend.config import Bert4RecConfig, SasRecConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.sasrec import SasRecNetwork
from nadeuri.recommend.sequential import SequentialNetwork


def build_network(
    n_items: int, config: Bert4RecConfig | SasRecConfig, fields: Sequence[FieldBags] = ()
) -> SequentialNetwork:
    """The untrained network that ``config`` describes."""
    if isinstance(config, SasRecConfig):
        return SasRecNetwork(n_items, config, fields)
    return Bert4RecNetwork(n_items, config, fields)
