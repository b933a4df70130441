"""What the served API holds on this machine; writes ``results/serving.json``.

    python bench/serving.py saturation    # every endpoint, ONNX beside torch, preload (10 minutes)
    python bench/serving.py soak          # 15 minutes at 70% of the least seen, swaps (22 minutes)
    python bench/serving.py chaos         # killed worker, damaged model, full disk, slow backends,
                                          # ten times the load (5 minutes)

Serves what ``nadeuri demo`` left in the work folder, and makes that first if it is not there
(minutes). The callers run on the same machine as the server; what they take of it is in the
details. Runs that are shorter than the ones above show their figures and record nothing. See
:mod:`serving.command`; this file and the package of that name live side by side.
"""

import sys

from serving.command import main

if __name__ == "__main__":
    sys.exit(main(__doc__ or ""))
