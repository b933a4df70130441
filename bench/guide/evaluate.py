"""Quality of the guide on the sample world at size demo, with and without HyDE and top-up."""

from __future__ import annotations

from collections.abc import Sequence

from guide.wishes import Wish, by_chance, gain, qualities, wishes
from guide.world import SEED, World
from nadeuri.guide.evaluation.metrics import figures
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.read import PARTS, Questions, read_shipped
from nadeuri.guide.evaluation.report import report_of
from nadeuri.guide.evaluation.run import AnsweredTurn, answer_all
from nadeuri.guide.ladybug_reader import LadybugReader
from nadeuri.guide.parts import GRAPH, open_vectors
from nadeuri.guide.pipeline import open_guide
from speed.part import Part

HEADLINE = "held_back"
"""The part whose figures have no prefix: nobody tunes anything on it."""


def measure(world: World) -> Part:
    """Figures of both parts of the shipped questions, and what HyDE and top-up change."""
    part = Part("evaluate")
    tables = PlaceTables(world.tables)
    asked: dict[str, Questions] = {name: read_shipped(name) for name in PARTS}
    whole = {name: _answered(world, tables, some) for name, some in asked.items()}
    report = report_of(whole)
    for name, found in report.parts.items():
        prefix = "" if name == HEADLINE else f"{name}."
        part.add(
            {"measured": f"questions, {name}", "n": report.n[name], "kinds": report.kinds[name]},
            {f"{prefix}{figure}": value for figure, value in found.items()},
        )
    violations = sum(found["grounding_violations"] for found in report.parts.values())
    part.figures["grounding_violations"] = violations
    part.figures["questions"] = float(sum(report.n.values()))
    part.details.append(
        {"measured": "failures", "failures": [each.model_dump() for each in report.failures]}
    )
    _add_hyde(part, world, tables)
    short = {name: _answered(world, tables, some, tops_up=False) for name, some in asked.items()}
    _add_top_up(part, _all(short), _all(whole))
    return part


def _answered(
    world: World, tables: PlaceTables, asked: Questions, *, tops_up: bool = True
) -> list[AnsweredTurn]:
    vectors = open_vectors(world.guide, tops_up=tops_up)
    with (
        open_guide(world.guide, clock=lambda: asked.now, vectors=vectors) as guide,
        LadybugReader(world.guide / GRAPH) as reader,
    ):
        return list(answer_all(asked.conversations, guide, reader, tables))


def _add_hyde(part: Part, world: World, tables: PlaceTables) -> None:
    """What hypothetical reviews add to the qualities of the places, which no table shows."""
    asked = list(wishes(tables, SEED))
    quality: dict[str, list[float]] = {"chance": by_chance(asked)}
    for name, uses_hyde in (("off", False), ("on", True)):
        vectors = open_vectors(world.guide, uses_hyde=uses_hyde)
        with open_guide(world.guide, vectors=vectors) as guide:
            quality[name] = qualities(guide, asked)
    found, low, high = gain(quality["off"], quality["on"])
    means = {f"hyde.{name}.ndcg_at_3": sum(of) / len(of) for name, of in quality.items()}
    part.add(
        {"measured": "hyde", "wishes": len(asked), "by_trait": _by_trait(asked, quality)},
        {**means, "hyde.gain": found, "hyde.gain.low": low, "hyde.gain.high": high},
    )


def _by_trait(
    asked: Sequence[Wish], quality: dict[str, list[float]]
) -> dict[str, dict[str, float]]:
    """Mean nDCG@3 of the wishes for each trait."""
    found = {}
    for trait in dict.fromkeys(wish.trait for wish in asked):
        at = [number for number, wish in enumerate(asked) if wish.trait == trait]
        found[trait] = {
            name: round(sum(of[number] for number in at) / len(at), 4)
            for name, of in quality.items()
        }
    return found


def _add_top_up(part: Part, without: list[AnsweredTurn], whole: list[AnsweredTurn]) -> None:
    """How many more places are recommended, and what that costs in fit."""
    pairs = [
        (float(short.judgement.n_cards), float(full.judgement.n_cards))
        for short, full in zip(without, whole, strict=True)
        if short.judgement.n_fitting is not None
    ]
    found, low, high = gain([short for short, _ in pairs], [full for _, full in pairs])
    fit = {
        f"topup.{name}.{figure}": figures(turns)[figure]
        for name, turns in (("off", without), ("on", whole))
        for figure in ("n_recommended", "constraint_satisfaction", "hard_constraint_satisfaction")
    }
    part.add(
        {"measured": "top-up", "turns": len(pairs)},
        {**fit, "topup.gain": found, "topup.gain.low": low, "topup.gain.high": high},
    )


def _all(turns: dict[str, list[AnsweredTurn]]) -> list[AnsweredTurn]:
    return [turn for some in turns.values() for turn in some]
