"""Progress bars show where somebody watches, and cost nothing elsewhere."""

from __future__ import annotations

import pytest

from nadeuri.progress import progress


def test_without_a_terminal_the_iterable_itself_comes_back() -> None:
    steps = [1, 2, 3]
    assert progress(steps, "steps") is steps


def test_forced_it_draws_on_stderr_and_passes_everything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(progress(iter("abc"), "letters", total=3, force=True)) == ["a", "b", "c"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "letters" in err
    assert "3/3" in err
