"""Also-viewed models against each other and against gensim; writes ``results/coview.json``.

    python bench/coview.py                          # all parts
    python bench/coview.py quality --sets beauty    # one part, one data set

Parts: ``quality`` (Prod2Vec, Meta-Prod2Vec, gensim without and with metadata tokens, all tuned over
one grid on validation with seed 1, and co-occurrence; 3 seeds on the test part), ``epoch`` (seconds
of an epoch in turns with gensim, one thread each), ``scale`` (training on 10M clicks on 100k
products), ``top20`` (neighbours of all of those) and ``index`` (those of one of a million products,
with faiss, hnswlib and usearch).

Peers run in virtual environments of their own below ``NADEURI_HOME``. Finished measurements of
quality are kept there: the same command measures what is missing; ``--again`` starts over.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from nadeuri.data.sample.world import write_sample
from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from record import RESULTS, ROOT, record
from speed.part import Part, show
from speed.setting import Setting
from viewed import cost, quality, retrieval
from viewed.sets import Viewed

CLICKS = ROOT.parent / "shared" / "data" / "clicks"
PARTS = ("quality", "epoch", "scale", "top20", "index")
SETS = ("beauty", "nyc", "flickr-trips", "sample")
EPOCH_SET = "beauty"


def measured(name: str, setting: Setting, arguments: argparse.Namespace) -> Iterator[Part]:
    """The results of a part; those of ``quality`` come set by set."""
    sample = (setting.settings.home / "coview" / "sample-demo").absolute()
    write_sample(sample, "demo", seed=1)
    sets: dict[str, Viewed] = {
        viewed.name: viewed for viewed in quality.default_sets(arguments.clicks, sample)
    }
    match name:
        case "quality":
            for wanted in arguments.sets or SETS:
                yield quality.measure(setting, sets[wanted])
        case "epoch":
            yield cost.measure_epoch(setting, sets[EPOCH_SET], arguments.rounds)
        case "scale":
            yield cost.measure_scale(setting)
        case "top20":
            yield retrieval.measure_top20(setting)
        case "index":
            yield retrieval.measure_index(setting)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is given")
    parser.add_argument("--clicks", type=Path, default=CLICKS, help="folder of the data sets")
    parser.add_argument("--sets", nargs="+", choices=SETS, help="quality: only these")
    parser.add_argument("--rounds", type=int, default=3, help="epoch: measured turns of the peer")
    parser.add_argument("--again", action="store_true", help="measure again what is there")
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"unknown part {name!r}; one of {', '.join(PARTS)}")
    setting = Setting(Settings.from_env(), arguments.clicks, arguments.again)
    try:
        for name in arguments.parts or PARTS:
            for part in measured(name, setting, arguments):
                show(part)
                command = f"python bench/coview.py {part.command}"
                print(
                    record("coview", part.figures, part.details, command=command, results=RESULTS)
                )
    except NadeuriError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
