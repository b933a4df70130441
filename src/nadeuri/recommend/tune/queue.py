"""The trials of a study in an SQLite file that many processes share: the only importer of Optuna.

A process that runs a trial holds the lock of the trial's folder. A trial that is marked as running
while its lock is free therefore lost its process, and whoever looks next takes it over under its
old number, with its checkpoint: a killed trial is neither lost nor done twice, and no clock decides
who is dead. Optuna samples settings, prunes, and keeps the trials in a documented schema.

Optuna (Akiba et al., KDD 2019); TPE (Bergstra et al., NIPS 2011); Hyperband (Li et al., JMLR
2018); the median rule (Golovin et al., "Google Vizier", KDD 2017).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from nadeuri.recommend.tune.locks import locked, try_lock
from nadeuri.recommend.tune.space import Job, Setting, Space, all_settings, setting_name

STORAGE, LOCK, RUNS = "study.db", "lock", "runs"
JOB, REASON, RETRY = "job", "reason", "retry"
"""Attributes of a stored trial: what it trains; why it failed; whether to try again."""
WAIT_S = 120
"""How long a process waits for another one that is writing to the storage."""
STARTUP_TRIALS = 4
"""Finished trials before pruning starts, and random ones before TPE models anything."""
WARMUP_SHARE = 0.3
"""Share of the epochs in which the median rule prunes nobody: BERT4Rec starts on a plateau."""

PrunerName = Literal["median", "hyperband", "none"]
State = Literal["waiting", "running", "complete", "pruned", "failed"]
STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True)
class Plan:
    """What a study tries.

    Attributes:
        name: of the study within the storage.
        space: all settings.
        jobs: trainings that are wanted.
        sampled: trials in all, those beyond ``jobs`` being chosen by TPE.
        seed: of the sampled trials, and of TPE.
        pruner: how hopeless trials are recognised.
    """

    name: str
    space: Space
    jobs: tuple[Job, ...]
    sampled: int = 0
    seed: int = 1
    pruner: PrunerName = "none"


@dataclass(frozen=True)
class Trial:
    """A trial as the storage knows it."""

    number: int
    state: State
    job: Job
    folder: Path
    reason: str | None
    may_retry: bool

    @property
    def last_holder(self) -> int | None:
        """Id of the process that runs this trial, or that ran it last."""
        path = self.folder / LOCK
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        return int(text) if text else None


class Taken:
    """A trial that this process runs until it is closed."""

    def __init__(
        self, study: optuna.Study, trial: Trial, frozen: FrozenTrial, lock: IO[str]
    ) -> None:
        self.number, self.job, self.folder = trial.number, trial.job, trial.folder
        self._study = study
        self._trial = optuna.Trial(study, frozen._trial_id)
        self._known = set(frozen.intermediate_values)
        self._lock = lock
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()

    def should_stop(self, epoch: int, metric: float) -> bool:
        """Note the metric of an epoch; is the trial hopeless? Epochs noted before are skipped."""
        if epoch in self._known:
            return False
        self._known.add(epoch)
        self._trial.report(metric, epoch)
        return self.job.prunable and self._trial.should_prune()

    def complete(self, value: float) -> None:
        """The trial ended with this value."""
        self._study.tell(self.number, value)

    def prune(self) -> None:
        """The trial was given up."""
        self._study.tell(self.number, state=TrialState.PRUNED)

    def fail(self, reason: str, *, may_retry: bool) -> None:
        """The trial has no result; it may have one when the command is started again."""
        self._trial.set_user_attr(REASON, reason)
        self._trial.set_user_attr(RETRY, may_retry)
        self._study.tell(self.number, state=TrialState.FAIL)

    def close(self) -> None:
        """Let go of the trial; one without an end is taken over by the next who looks."""
        self._lock.close()


class TrialQueue:
    """The trials of a plan, stored in ``folder``."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._folder = folder
        self._plan = plan
        with locked(folder / LOCK):
            self._study = optuna.create_study(
                storage=optuna.storages.RDBStorage(
                    f"sqlite:///{(folder / STORAGE).absolute()}",
                    engine_kwargs={"connect_args": {"timeout": WAIT_S}},
                ),
                study_name=plan.name,
                load_if_exists=True,
                direction="maximize",
                pruner=_pruner(plan),
            )
            # a process samples once or twice: the same seed in each would repeat itself
            self._study.sampler = optuna.samplers.TPESampler(
                seed=plan.seed * 1_000_003 + len(self._study.trials),
                n_startup_trials=STARTUP_TRIALS,
            )

    def fill(self) -> None:
        """Put in the jobs that are not there; failed ones that may be tried again go in again."""
        with locked(self._folder / LOCK):
            trials = self.trials()
            again = {trial.job for trial in trials if trial.may_retry}
            there = {trial.job for trial in trials if not trial.may_retry}
            for job in dict.fromkeys((*self._plan.jobs, *again)):
                if job not in there:
                    self._enqueue(job)

    def trials(self) -> tuple[Trial, ...]:
        """All trials of the plan in the order in which they were put in."""
        return tuple(trial for trial, _ in self._stored())

    def unfinished(self) -> int:
        """How many trials have no end yet, those still to be sampled included."""
        trials = self.trials()
        return sum(trial.state in ("waiting", "running") for trial in trials) + self._to_sample(
            trials
        )

    def has_work(self) -> bool:
        """Is there a trial that nobody runs? Another process may be quicker to take it."""
        with locked(self._folder / LOCK):
            trials = self.trials()
            return self._has_untouched(trials) or any(
                _is_free(trial.folder / LOCK) for trial in trials if trial.state == "running"
            )

    def take(self) -> Taken | None:
        """A trial to run: one that lost its process, else a waiting one, else a sampled one."""
        with locked(self._folder / LOCK):
            while True:
                for trial, frozen in self._stored():
                    if trial.state == "running" and (lock := try_lock(trial.folder / LOCK)):
                        return Taken(self._study, trial, frozen, lock)
                if not self._has_untouched(self.trials()):
                    return None
                self._ask()

    def abandon(self, number: int, reason: str) -> None:
        """Fail a trial that lost its process; one that somebody runs goes on."""
        with locked(self._folder / LOCK):
            for trial, frozen in self._stored():
                if trial.number != number or trial.state != "running":
                    continue
                if lock := try_lock(trial.folder / LOCK):
                    taken = Taken(self._study, trial, frozen, lock)
                    taken.fail(reason, may_retry=True)
                    taken.close()

    def _stored(self) -> Iterator[tuple[Trial, FrozenTrial]]:
        for frozen in self._study.get_trials(deepcopy=False):
            # without a job: a sampled repetition, or its process was killed while it was made
            if JOB in frozen.user_attrs:
                job = _job_from(frozen.user_attrs[JOB])
                yield (
                    Trial(
                        number=frozen.number,
                        state=STATES[frozen.state],
                        job=job,
                        folder=run_folder(self._folder, self._plan.space, job),
                        reason=frozen.user_attrs.get(REASON),
                        may_retry=frozen.user_attrs.get(RETRY, False),
                    ),
                    frozen,
                )

    def _has_untouched(self, trials: tuple[Trial, ...]) -> bool:
        return any(trial.state == "waiting" for trial in trials) or self._to_sample(trials) > 0

    def _to_sample(self, trials: tuple[Trial, ...]) -> int:
        if not self._plan.sampled:
            return 0
        tried = {trial.job.setting for trial in trials}
        possible = sum(1 for _ in all_settings(self._plan.space.axes))
        return max(0, min(self._plan.sampled, possible) - len(tried))

    def _ask(self) -> None:
        """Mark a waiting trial as running, or sample one; a repetition is replaced at random."""
        tried = {trial.job.setting for trial in self.trials()}
        trial = self._study.ask()
        setting: Setting = tuple(
            axis.values[trial.suggest_int(axis.name, 0, len(axis.values) - 1)]
            for axis in self._plan.space.axes
        )
        if JOB in trial.user_attrs:
            return
        if setting not in tried:
            trial.set_user_attr(JOB, json.dumps(asdict(Job(setting, self._plan.seed))))
            return
        self._study.tell(trial, state=TrialState.FAIL)
        untried = [s for s in all_settings(self._plan.space.axes) if s not in tried]
        drawn = np.random.default_rng(trial.number).integers(len(untried))
        self._enqueue(Job(untried[drawn], self._plan.seed))

    def _enqueue(self, job: Job) -> None:
        ranks = {
            axis.name: axis.values.index(value)
            for axis, value in zip(self._plan.space.axes, job.setting, strict=True)
        }
        self._study.enqueue_trial(ranks, user_attrs={JOB: json.dumps(asdict(job))})


def run_folder(folder: Path, space: Space, job: Job) -> Path:
    """Where a job's files are: equal settings and seeds share them in all plans of a folder."""
    name = setting_name(space.base, job.setting)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
    return folder / RUNS / f"{safe}-seed{job.seed}"


def _job_from(text: str) -> Job:
    fields = json.loads(text)
    return Job(tuple(fields["setting"]), fields["seed"], fields["prunable"])


def _is_free(path: Path) -> bool:
    if lock := try_lock(path):
        lock.close()
    return lock is not None


def _pruner(plan: Plan) -> optuna.pruners.BasePruner:
    train = plan.space.base.train
    match plan.pruner:
        case "median":
            return optuna.pruners.MedianPruner(
                n_startup_trials=STARTUP_TRIALS, n_warmup_steps=int(WARMUP_SHARE * train.epochs)
            )
        case "hyperband":
            return optuna.pruners.HyperbandPruner(
                min_resource=train.eval_every, max_resource=train.epochs
            )
        case "none":
            return optuna.pruners.NopPruner()
