"""How travellers' questions are understood, beside peers; writes ``results/understand.json``.

    python bench/understand.py                                  # all parts (hours)
    python bench/understand.py quality --sets atis --models e5  # one of them

Parts: ``quality`` (every model on Kochat, KLUE-NER, ATIS and the sample world, 3 seeds, and a CRF
beside them), ``unseen`` (augmentation off and on), ``unknown`` (vocabulary off and on) and
``speed`` (one question in torch, ONNX and int8; questions per second; sizes).

Finished measurements are kept below ``NADEURI_HOME``: the same command measures what is missing;
``--again`` starts over.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from asked import cost, quality, unknown, unseen
from asked.sets import MODELS, SEEDS, sets
from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from record import RESULTS, ROOT, record
from speed.part import Part, show
from speed.setting import Setting

REVIEWS = Path("guide") / "nsmc" / "nsmc_sample.jsonl"
QUESTIONS = ROOT.parent / "shared" / "data" / "questions"
PARTS = ("quality", "unseen", "unknown", "speed")
SETS = ("kochat", "kochat-sentences", "klue-ner", "atis", "sample")


def measured(name: str, setting: Setting, arguments: argparse.Namespace) -> Iterator[Part]:
    """The results of a part; those of ``quality`` come set by set."""
    available = sets(arguments.questions)
    match name:
        case "quality":
            for wanted in arguments.sets or SETS:
                yield quality.measure(setting, available[wanted], arguments.models, arguments.seeds)
        case "unseen":
            yield unseen.measure(setting, available["sample"])
        case "unknown":
            reviews = arguments.questions.parent / REVIEWS
            yield unknown.measure(setting, available["sample"], reviews)
        case "speed":
            yield cost.measure(setting, available["sample"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is given")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", choices=SETS, help="quality: only these")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--again", action="store_true", help="measure again what is there")
    parser.add_argument("--keep", action="store_true", help="measure only; write no results")
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"unknown part {name!r}; one of {', '.join(PARTS)}")
    setting = Setting(Settings.from_env(), arguments.questions, arguments.again)
    try:
        for name in arguments.parts or PARTS:
            for part in measured(name, setting, arguments):
                show(part)
                if not arguments.keep:
                    command = f"python bench/understand.py {part.command}"
                    record("understand", part.figures, part.details, command=command)
    except NadeuriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"\nwritten to {RESULTS / 'understand.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
