"""A deterministic, synthetic travel agency: catalogue and click log, at three sizes.

It exists to run and to show the software; quality claims come from real data sets.
"""

from nadeuri.data.sample.sizes import SIZES
from nadeuri.data.sample.world import SampleSummary, write_sample

__all__ = ["SIZES", "SampleSummary", "write_sample"]
