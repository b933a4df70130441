"""Place mapping and packages beside their baselines; writes ``results/places.json``.

    python bench/places.py mapping        # Geo-ER, Pittsburgh, Fodors-Zagats; Splink beside them
    python bench/places.py scale          # 100,000 x 100,000 places: seconds and memory
    python bench/places.py cross-lingual judge batch packages
    python bench/places.py default        # train the scorer that comes with the package

See :mod:`places.command`; this file and the package of that name live side by side.
"""

import sys

from places.command import main

if __name__ == "__main__":
    sys.exit(main(__doc__ or ""))
