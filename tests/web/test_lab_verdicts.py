"""The lab page's verdicts as sentences: particles fit figures, and differences read well."""

from __future__ import annotations

import pytest

from nadeuri.web import lab_compare, lab_lengths, lab_schedules
from nadeuri.web.lab_types import (
    Candidate,
    Comparison,
    Convergence,
    Estimate,
    Model,
    PairedTest,
    Study,
)

NAMES = {"bert4rec": "BERT4Rec", "meta_bert4rec": "Meta-BERT4Rec"}


def model(kind: str, ndcg: float) -> Model:
    figures = {"ndcg_at_10": Estimate(mean=ndcg, low=ndcg, high=ndcg)}
    return Model(
        name=kind,
        kind=kind,
        seeds=(1,),
        train_seconds=1.0,
        best_epochs=(1,),
        valid=figures,
        test={"filtered": figures},
        lists={},
    )


def against(difference: float, p_value: float = 0.012) -> PairedTest:
    return PairedTest(
        a="meta_bert4rec",
        b="bert4rec",
        difference=difference,
        low=difference - 0.001,
        high=difference + 0.001,
        p_value=p_value,
    )


def comparison(ndcg: float, *tests: PairedTest) -> Comparison:
    return Comparison(
        dataset="d",
        split="s",
        cases={"test": 1234},
        filter_seen=True,
        ship="meta_bert4rec",
        models=(model("meta_bert4rec", ndcg), model("bert4rec", 0.1)),
        paired_tests=tests,
    )


def candidate(name: str, ndcg: float, setting: tuple[int | float | str, ...]) -> Candidate:
    return Candidate.model_validate(
        {"name": name, "state": "complete", "setting": setting, "valid_ndcg_at_10": ndcg}
    )


def study(picked: Candidate, as_is: Candidate, **more: object) -> Study:
    return Study.model_validate(
        {
            "dataset": "d",
            "cases": {},
            "picked": picked,
            "as_is": as_is,
            "candidates": (picked, as_is),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("figure", "told"), [(0.1236, "0.1236으로"), (0.1231, "0.1231로"), (0.125, "0.1250으로")]
)
def test_a_figure_has_the_particle_of_its_last_digit(figure: float, told: str) -> None:
    assert f"{told}, 비교한" in lab_compare.reasons(comparison(figure), NAMES)[0]
    rated = study(candidate("a", figure, ("cosine", 0.1)), candidate("b", 0.1, ("constant", 0.1)))
    assert f"{told} 가장 높아요" in lab_schedules.reasons(rated)[0]
    sized = study(
        candidate("a", figure, (8, 16)),
        candidate("b", 0.1, (4, 16)),
        best="a",
        tolerance=0.01,
    )
    assert f"{told} 가장 높고" in lab_lengths.reasons(sized)[0]


@pytest.mark.parametrize(
    ("difference", "p_value", "told"),
    [
        (
            0.0123,
            0.012,
            "BERT4Rec보다 0.0123 높아요 (95% 구간 +0.0113 ~ +0.0133, p = 0.012). 차이가 뚜렷해요.",
        ),
        (
            -0.0123,
            0.3,
            "BERT4Rec보다 0.0123 낮아요 (95% 구간 −0.0133 ~ −0.0113, p = 0.300). "
            "뚜렷한 차이는 아니에요.",
        ),
    ],
)
def test_a_model_beside_its_twin(difference: float, p_value: float, told: str) -> None:
    said = lab_compare.reasons(comparison(0.2, against(difference, p_value)), NAMES)
    assert f"테스트 nDCG는 {told}" in said


def test_a_simpler_model_that_is_as_good() -> None:
    found = comparison(0.2).model_copy(
        update={"not_worse_on_validation": (PairedTest(
            a="bert4rec", b="meta_bert4rec", difference=0.0, low=0.0, high=0.0, p_value=0.4
        ),)}
    )  # fmt: skip
    said = lab_compare.reasons(found, NAMES)
    assert said[1].startswith("더 단순한 BERT4Rec도 검증에서는 뚜렷한 차이가 없어요 (p = 0.400).")


def test_a_schedule_beside_the_one_that_is_used() -> None:
    end = Convergence(epoch=3, stopped=5, at_most=9, runs=1)
    rated = study(
        candidate("a", 0.1012, ("cosine", 0.1)),
        candidate("b", 0.1, ("constant", 0.01)),
        valid_against_as_is=against(0.0012),
        convergence={"a": end, "b": end},
    )
    said = lab_schedules.reasons(rated)
    assert "지금 설정(일정 · 0.01)의 0.1000보다 0.0012 높아요 (+1.2%, p = 0.012)." in said
