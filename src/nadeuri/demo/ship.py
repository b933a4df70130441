"""Compare the models, write the report, export the one to serve."""

from __future__ import annotations

from pathlib import Path

from nadeuri.data.sequences import Dataset
from nadeuri.demo.build import Shipped
from nadeuri.demo.record import Say
from nadeuri.recommend.compare import compare
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.experiment import make_split
from nadeuri.recommend.report import write_report
from nadeuri.recommend.ship import best_beside, best_exportable, export_run
from nadeuri.recommend.track import track_comparison
from nadeuri.tracking import open_tracker


def ship(
    key: str,
    config: CompareConfig,
    dataset: Dataset,
    folder: Path,
    artifact: Path,
    tracking_uri: str,
    say: Say,
) -> Shipped:
    """Train and compare (finished trainings are read back), then export.

    Args:
        key: what the result is to be found by again.
        folder: gets the report and the runs, as with ``nadeuri recommend compare``.
        artifact: folder of the exported model; one that is there is replaced. The one to see
            beside it lies in a folder of the same name, a hyphen and its own name.

    Raises:
        ConfigError: no compared model can be exported.
        NadeuriError: what comparing and exporting raise.
    """
    split = make_split(config.split, dataset)
    tracker = open_tracker(tracking_uri)
    comparison = compare(config, dataset, split, folder / "runs", tracker, on_run=say)
    report = write_report(comparison, dataset, split, folder)
    track_comparison(comparison, report, dataset, tracker)
    run = best_exportable(comparison)
    say(f"To ship: {comparison.choice.name}.")
    if run.name != comparison.choice.name:
        say(f"It is no network that could be exported; {run.name} comes next and can.")
    say(f"Exporting {run.name} to ONNX.")
    exported = export_run(run, dataset, split, artifact)
    other = best_beside(comparison, run)
    beside = None
    if other is not None:
        say(f"Exporting {other.name}, to see beside it.")
        folder_beside = artifact.with_name(f"{artifact.name}-{other.kind.replace('_', '-')}")
        beside = export_run(other, dataset, split, folder_beside)
    return Shipped(
        key=key,
        chosen=comparison.choice.name,
        exported=run.name,
        version=exported.version,
        report=report.html.name,
        beside=None if beside is None else beside.path.name,
        beside_version=None if beside is None else beside.version,
    )
