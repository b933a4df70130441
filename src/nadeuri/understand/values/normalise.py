"""The one way from an entity's surface and label to its value."""

from __future__ import annotations

from datetime import date

from nadeuri import columns
from nadeuri.understand.values.budgets import Budget, read_budget
from nadeuri.understand.values.dates import read_dates
from nadeuri.understand.values.durations import Duration, read_duration
from nadeuri.understand.values.parties import Party, read_party
from nadeuri.understand.values.ranges import DateRange

Value = DateRange | Duration | Party | Budget
"""What a surface can stand for; each has ``as_json()``."""

_KINDS = {DateRange: "date", Duration: "duration", Party: "party", Budget: "budget"}


def value_json(value: Value) -> dict[str, object]:
    """A value with its ``kind``: date, duration, party or budget."""
    return {"kind": _KINDS[type(value)], **value.as_json()}


def normalise(surface: str, label: str, *, today: date) -> Value | None:
    """What ``surface`` stands for; None where it names no value, whatever the string.

    Args:
        surface: the entity as the traveller wrote it, spaces and particles included.
        label: of ``columns.ENTITY_LABELS``; dates, durations, parties and budgets have values.
        today: the day on which the question was asked; a date without a year is the next one.
    """
    if label == columns.DATE_LABEL:
        return read_dates(surface, today=today)
    if label == columns.DURATION_LABEL:
        return read_duration(surface)
    if label == columns.PARTY_LABEL:
        return read_party(surface)
    if label == columns.BUDGET_LABEL:
        return read_budget(surface)
    return None
