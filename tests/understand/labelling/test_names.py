"""Names of those who label: one form, and what is none."""

from __future__ import annotations

import unicodedata

import pytest

from nadeuri.errors import QueryError
from nadeuri.understand.labelling.names import MAX_NAME, annotator_name


@pytest.mark.parametrize("name", ["지민", " 지민\u3000", unicodedata.normalize("NFD", "지민")])
def test_a_person_has_one_name(name: str) -> None:
    assert annotator_name(name) == "지민"


@pytest.mark.parametrize("name", ["", " \n", "지\0민", "지\n민", "\ud800", "가" * (MAX_NAME + 1)])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(QueryError, match=r"annotator .*give") as caught:
        annotator_name(name)
    assert str(caught.value).encode().count(b"\n") == 0
