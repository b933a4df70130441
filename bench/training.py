"""Training speed: against the peers, and where it comes from; writes ``results/training.json``.

    python bench/training.py                        # all parts (hours)
    python bench/training.py epoch --sets ml-1m     # one part, one data set
    python bench/training.py quality --cap-s 20000  # give the peer up after 20,000 CPU seconds

Parts: ``epoch`` (seconds and memory of an epoch, peers and Nadeuri taking turns with one thread
each), ``quality`` (time to a validation nDCG@10 of .12), ``gemm`` (share of the machine's
matrix-product rate), ``amp`` (bf16 against fp32), ``scaling`` (length, batch, catalogue, clicks),
``mission`` (precision, length and batch together at held quality).

Peers run in virtual environments of their own below ``NADEURI_HOME``, built when first needed.
Finished measurements are kept there: the same command measures what is missing; ``--again`` starts
over (the peer's run to a quality excepted, which depends on no code of ours).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from record import RESULTS, ROOT, record
from speed import amp, epoch, gemm, mission, quality, scaling
from speed.part import Part
from speed.setting import Setting

CLICKS = ROOT.parent / "shared" / "data" / "clicks"
IMAGES = ROOT / "docs" / "images"
CAP_S = 4 * 3600.0

SETS = tuple(dict.fromkeys(comparison.data for comparison in epoch.COMPARISONS))
PARTS = ("epoch", "quality", "gemm", "amp", "scaling", "mission")


def measured(name: str, setting: Setting, arguments: argparse.Namespace) -> Iterator[Part]:
    """The results of a part; those of ``epoch`` come set by set."""
    match name:
        case "epoch":
            for data in arguments.sets or SETS:
                yield epoch.measure(setting, data, arguments.rounds)
        case "quality":
            epoch_s = epoch.rectools_epoch_s(setting, quality.DATA, arguments.rounds)
            yield quality.measure(setting, cap_s=arguments.cap_s, epoch_s=epoch_s)
        case "gemm":
            yield gemm.measure(setting)
        case "amp":
            yield amp.measure(setting)
        case "scaling":
            yield scaling.measure(setting, images=IMAGES)
        case "mission":
            yield mission.measure(setting)


def show(part: Part) -> None:
    """The table a person looks at."""
    print(f"\n{part.command}")
    width = max(map(len, part.figures), default=0)
    for name, value in part.figures.items():
        print(f"  {name:{width}}  {value:,.6g}")


def keep(part: Part, results: Path = RESULTS) -> Path:
    """Write figures and details to the results file."""
    command = f"python bench/training.py {part.command}"
    return record("training", part.figures, part.details, command=command, results=results)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is given")
    parser.add_argument("--clicks", type=Path, default=CLICKS, help="folder of the data sets")
    parser.add_argument("--sets", nargs="+", help="epoch: only these data sets")
    parser.add_argument("--rounds", type=int, default=1, help="epoch: measured turns of the peer")
    parser.add_argument("--cap-s", type=float, default=CAP_S, help="quality: the peer's CPU limit")
    parser.add_argument("--again", action="store_true", help="measure again what is there")
    parsed = parser.parse_args(arguments)
    for name in parsed.parts:
        if name not in PARTS:
            parser.error(f"unknown part {name!r}; one of {', '.join(PARTS)}")
    for name in parsed.sets or ():
        if name not in SETS:
            parser.error(f"unknown set {name!r}; one of {', '.join(SETS)}")
    return parsed


def main() -> int:
    arguments = parse(sys.argv[1:])
    setting = Setting(Settings.from_env(), arguments.clicks, arguments.again)
    try:
        for name in arguments.parts or PARTS:
            for part in measured(name, setting, arguments):
                show(part)
                print(keep(part))
    except NadeuriError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
