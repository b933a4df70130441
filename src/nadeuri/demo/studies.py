"""Two small searches over settings, for the lab page: schedules, and length x batch size.

They are there to show and not to judge by: a small BERT4Rec, few settings, one seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nadeuri.data.sequences import Dataset
from nadeuri.demo.record import Record, Say, is_kept, keep, key_of
from nadeuri.recommend.config import ExperimentConfig, parse_config
from nadeuri.settings import Settings
from nadeuri.tracking_read import is_missing

RECORD = "demo-studies.json"
MOST_CLICKS = 200_000
"""Above that the searches would take hours; they are then left to who wants them."""
SMALL: dict[str, Any] = {
    "name": "bert4rec-small",
    "model": {"kind": "bert4rec", "max_len": 20, "mask_share": 0.3, "dim": 32, "blocks": 1},
    "train": {"batch_size": 64, "lr": 0.005, "eval_every": 1, "valid_users": 500, "patience": 5},
}
RATES, BATCHES = (0.001, 0.005), (32, 64)


@dataclass(frozen=True)
class Extent:
    """How much is tried: schedules, lengths, and epochs of each training of the two searches."""

    schedules: tuple[str, ...]
    schedule_epochs: int
    lengths: tuple[int, ...]
    length_epochs: int


SHOWN = Extent(("constant", "exponential", "one-cycle"), 14, (10, 20, 40), 10)
QUICK = Extent(("constant", "exponential"), 2, (10, 20), 2)
FEW_CLICKS = 20_000
"""Below that there is nothing to be learnt, and a quick search shows as much."""


def build_studies(settings: Settings, dataset: Dataset, say: Say) -> None:
    """Search, or find that done; reports go to the studies' folders and to MLflow.

    Raises:
        NadeuriError: what searching and tracking raise.
    """
    if dataset.sequences.n_clicks > MOST_CLICKS:
        say('Searches over settings: left out at this size; see "nadeuri recommend tune".')
        return
    config = parse_config(SMALL, "demo")
    extent = SHOWN if dataset.sequences.n_clicks >= FEW_CLICKS else QUICK
    key = key_of(f"{dataset.fingerprint} {extent} {RATES} {BATCHES}", config)
    record = settings.studies / RECORD
    if is_kept(record, key) and not is_missing(settings.tracking_uri):
        say("Searches over settings: done before, and nothing has changed.")
        return
    folder = settings.studies / f"demo-{key[:10]}"  # a folder holds one search, and no other
    _search(settings, dataset, config, extent, folder, say)
    keep(record, Record(key, ""))


def _search(
    settings: Settings,
    dataset: Dataset,
    config: ExperimentConfig,
    extent: Extent,
    folder: Path,
    say: Say,
) -> None:
    """Both searches in this process (finished trainings are read back), one after the other."""
    from nadeuri.recommend.experiment import make_split
    from nadeuri.recommend.track import track_study
    from nadeuri.recommend.tune import length_batch, schedule
    from nadeuri.recommend.tune.estimate import estimate_length
    from nadeuri.recommend.tune.length_batch_report import write_length_batch
    from nadeuri.recommend.tune.schedule_report import write_schedule
    from nadeuri.tracking import open_tracker

    tracker = open_tracker(settings.tracking_uri)
    split = make_split(config.split, dataset)
    schedules = schedule.make_space(
        config,
        extent.schedules,
        RATES,
        epochs=extent.schedule_epochs,
        patience=config.train.patience,
    )
    place = folder / schedule.KIND
    place.mkdir(parents=True, exist_ok=True)
    say(f"Learning rates: {len(extent.schedules)} schedules from {len(RATES)} base rates each.")
    rated = schedule.compare_schedules(schedules, dataset, split, place, seeds=1, workers=0)
    files = write_schedule(rated, dataset, split, place)
    track_study(schedule.KIND, rated, files, dataset, tracker)

    tables = config.model_dump()
    tables["train"]["epochs"] = extent.length_epochs
    base = parse_config(tables, "demo")
    lengths = length_batch.make_space(base, extent.lengths, BATCHES, "sqrt")
    place = folder / length_batch.KIND
    place.mkdir(parents=True, exist_ok=True)
    say(f"Length x batch size: {len(extent.lengths)} lengths, {len(BATCHES)} batch sizes.")
    sized = length_batch.search(lengths, dataset, split, place, workers=0)
    model = length_batch.encoder_of(base)
    estimate = estimate_length(dataset, split, model, also=extent.lengths)
    files = write_length_batch(sized, estimate, dataset, split, place)
    track_study(length_batch.KIND, sized, files, dataset, tracker)
