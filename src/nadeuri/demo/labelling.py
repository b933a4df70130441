"""Questions to be labelled: the sample world's, as if nobody had labelled them."""

from __future__ import annotations

from pathlib import Path

from nadeuri.demo.record import Say
from nadeuri.settings import Settings
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.results import take_in
from nadeuri.understand.labels import load_scheme
from nadeuri.understand.parts import read

DOUBLE = 0.1


def build_labelling(settings: Settings, sample: Path, say: Say) -> str:
    """Take in the questions that are not there yet; returns the URL of the store.

    The store is the demo's own, and what people labelled in it stays.

    Args:
        sample: folder of the sample world.

    Raises:
        NadeuriError: the questions cannot be read, or the store not be written.
    """
    file = settings.home / f"labelling-{sample.name}" / "labelling.sqlite"
    url = f"sqlite:///{file.absolute()}"
    questions = read(sample).questions
    with LabellingStore(url) as store:
        taken = take_in(
            store,
            load_scheme(),
            questions,
            source=sample.name,
            double=DOUBLE,
            texts_only=True,
        )
    say(f"Labelling: {len(questions):,} questions to be labelled, {taken.new:,} of them new.")
    return url
