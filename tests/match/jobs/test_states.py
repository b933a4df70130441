"""States of batches never go back."""

from __future__ import annotations

import pytest

from nadeuri.match.jobs import states


def test_all_eight() -> None:
    assert len(states.REMOTE) == 8
    assert set(states.REMOTE) >= states.OVER


@pytest.mark.parametrize("new", states.REMOTE)
def test_from_nothing_any_state_is_believed(new: str) -> None:
    assert states.advanced(None, new) == new


@pytest.mark.parametrize(
    ("old", "new", "then"),
    [
        (states.VALIDATING, states.IN_PROGRESS, states.IN_PROGRESS),
        (states.VALIDATING, states.COMPLETED, states.COMPLETED),
        (states.IN_PROGRESS, states.CANCELLING, states.CANCELLING),
        (states.CANCELLING, states.COMPLETED, states.COMPLETED),
        (states.FINALIZING, states.IN_PROGRESS, states.FINALIZING),
        (states.CANCELLING, states.VALIDATING, states.CANCELLING),
        (states.CANCELLED, states.CANCELLING, states.CANCELLED),
        (states.COMPLETED, states.EXPIRED, states.COMPLETED),
    ],
)
def test_later_states_are_believed_and_earlier_ones_not(old: str, new: str, then: str) -> None:
    assert states.advanced(old, new) == then
