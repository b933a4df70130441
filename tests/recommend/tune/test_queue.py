from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.tune.length_batch import make_space
from nadeuri.recommend.tune.queue import Plan, TrialQueue
from nadeuri.recommend.tune.space import Job, all_settings


@pytest.fixture
def plan(base: ExperimentConfig) -> Plan:
    """Nothing wanted yet, six settings possible."""
    return Plan("search", make_space(base, [4, 6, 8], [8, 16], "sqrt"), ())


def wanted(plan: Plan, count: int) -> Plan:
    jobs = [Job(setting, seed=1) for setting in all_settings(plan.space.axes)]
    return replace(plan, jobs=tuple(jobs[:count]))


def test_every_job_is_taken_once_whoever_asks(tmp_path: Path, plan: Plan) -> None:
    plan = wanted(plan, 4)
    queues = [TrialQueue(tmp_path, plan) for _ in range(2)]
    for queue in queues:
        queue.fill()
    held = [queues[turn % 2].take() for turn in range(6)]
    assert [taken.job for taken in held if taken] == list(plan.jobs)
    assert held[4:] == [None, None]
    assert not queues[0].has_work()
    assert queues[0].unfinished() == 4
    for taken in held[:4]:
        assert taken
        taken.complete(0.5)
        taken.close()
    assert queues[1].unfinished() == 0
    assert {trial.state for trial in queues[1].trials()} == {"complete"}


def test_a_trial_that_lost_its_process_is_taken_over(tmp_path: Path, plan: Plan) -> None:
    queue = TrialQueue(tmp_path, wanted(plan, 2))
    queue.fill()
    lost = queue.take()
    assert lost
    assert not lost.should_stop(1, 0.1)
    lost.close()  # what the kernel does when a process dies
    assert queue.has_work()
    again = TrialQueue(tmp_path, wanted(plan, 2)).take()
    assert again
    assert (again.number, again.job, again.folder) == (lost.number, lost.job, lost.folder)
    assert not again.should_stop(1, 0.9)  # noted before: neither an error nor overwritten
    again.complete(0.5)
    again.close()
    assert [trial.state for trial in queue.trials()] == ["complete", "waiting"]


def test_a_failed_trial_is_tried_again_only_if_that_may_help(tmp_path: Path, plan: Plan) -> None:
    queue = TrialQueue(tmp_path, wanted(plan, 2))
    queue.fill()
    for may_retry in (True, False):
        taken = queue.take()
        assert taken
        taken.fail("out of memory" if may_retry else "the loss is nan", may_retry=may_retry)
        taken.close()
    assert queue.unfinished() == 0
    queue.fill()
    assert [trial.job for trial in queue.trials() if trial.state == "waiting"] == [
        wanted(plan, 1).jobs[0]
    ]
    assert queue.trials()[0].reason == "out of memory"


def test_a_trial_that_keeps_dying_is_given_up(tmp_path: Path, plan: Plan) -> None:
    queue = TrialQueue(tmp_path, wanted(plan, 1))
    queue.fill()
    taken = queue.take()
    assert taken
    queue.abandon(taken.number, "killed")
    assert queue.trials()[0].state == "running"  # somebody runs it
    taken.close()
    queue.abandon(taken.number, "killed")
    assert (queue.trials()[0].state, queue.trials()[0].reason) == ("failed", "killed")


def test_sampled_settings_never_repeat_and_end_with_the_space(tmp_path: Path, plan: Plan) -> None:
    plan = replace(wanted(plan, 1), sampled=99)
    queue = TrialQueue(tmp_path, plan)
    queue.fill()
    seen = []
    while taken := queue.take():
        seen.append(taken.job.setting)
        taken.complete(0.1 * len(seen))
        taken.close()
    assert sorted(seen) == sorted(all_settings(plan.space.axes))
    assert seen[0] == plan.jobs[0].setting
    assert queue.unfinished() == 0


def test_pruning_needs_company_and_spares_the_setting_in_use(tmp_path: Path, plan: Plan) -> None:
    plan = replace(wanted(plan, 6), pruner="median")
    plan = replace(plan, jobs=(*plan.jobs[:5], replace(plan.jobs[5], prunable=False)))
    queue = TrialQueue(tmp_path, plan)
    queue.fill()
    stopped = []
    for position in range(6):
        taken = queue.take()
        assert taken
        metric = 0.5 if position < 4 else 0.1
        stopped.append(any(taken.should_stop(epoch, metric) for epoch in (1, 2, 3)))
        if stopped[-1]:
            taken.prune()
        else:
            taken.complete(metric)
        taken.close()
    assert stopped == [False, False, False, False, True, False]
    assert [trial.state for trial in queue.trials()] == ["complete"] * 4 + ["pruned", "complete"]


def test_folders_of_odd_names_stay_in_the_study(tmp_path: Path, base: ExperimentConfig) -> None:
    odd = base.model_copy(update={"name": "../여행 a/b"})
    space = make_space(odd, [], [], "sqrt")
    queue = TrialQueue(tmp_path, Plan("search", space, (Job(space.as_is, 1),)))
    queue.fill()
    (trial,) = queue.trials()
    assert trial.folder == tmp_path / "runs" / ".._여행_a_b-8-16-seed1"
