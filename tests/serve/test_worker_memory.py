"""The mission's failure with a real memory limit: three workers are killed, two live."""

from __future__ import annotations

from pathlib import Path

import pytest

from crowd.killed import compare
from crowd.memory_group import NoGroupError
from nadeuri.serve.limits import usable_cores


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_workers_are_killed_where_two_were_chosen_and_live(tmp_path: Path) -> None:
    if usable_cores().count < 2:
        pytest.skip("with one core one worker is chosen")
    try:
        limit, three, chosen = compare(tmp_path, seconds=15)
    except NoGroupError as error:
        pytest.skip(str(error))
    assert three.workers == 3
    assert three.killed > 0
    assert three.seen > 0
    assert (chosen.workers, chosen.killed, chosen.seen, chosen.lost) == (2, 0, 0, 0)
    assert chosen.answered > 0
    assert chosen.peak_bytes < limit
