"""Progress bars show where somebody watches, and cost nothing elsewhere."""

from __future__ import annotations

import pytest

from nadeuri.progress import notice, progress


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


def test_a_notice_is_a_line_on_stderr_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    for letter in progress(iter("ab"), "letters", total=2, force=True):
        if letter == "a":
            notice("stalled")
    out, err = capsys.readouterr()
    assert out == ""
    assert "stalled\n" in err
