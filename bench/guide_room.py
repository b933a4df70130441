"""How good the guide's answers are, and what it costs at full size; writes ``results/guide.json``.

    python bench/guide_room.py evaluate   # the shipped questions; HyDE and top-up on and off
    python bench/guide_room.py full       # 9,252 places and 900,000 reviews (half an hour)

``evaluate`` is about the sample world at size demo, ``full`` about that at size full. Figures
without a prefix are of the questions that are held back. ``bench/guide`` has the guard's part and
that of the review vectors alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from guide import evaluate, full
from guide.world import make_world
from nadeuri.data.sample.sizes import SIZES, size_named
from nadeuri.errors import NadeuriError
from record import record
from speed.part import show

PARTS = {"evaluate": (evaluate.measure, "demo"), "full": (full.measure, "full")}
"""What measures a part, and the size of world that it is about."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--size", choices=SIZES, help="another size of world; not recorded")
    parser.add_argument("--keep", action="store_true", help="measure only; write no results")
    arguments = parser.parse_args()
    try:
        for name in arguments.parts:
            measure, size = PARTS[name]
            with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
                world = make_world(Path(folder), size_named(arguments.size or size))
                part = measure(world)
            show(part)
            if not arguments.keep and arguments.size in (None, size):
                command = f"python bench/guide_room.py {part.command}"
                path = record("guide", part.figures, part.details, command=command)
                print(f"recorded in {path}")
    except NadeuriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
