"""Numbered lines from text files, however they are compressed, encoded or damaged."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data import files
from nadeuri.data.files import csv_header, read_lines
from nadeuri.errors import DataError


def rows(file: Path, encoding: str = "utf-8") -> list[tuple[int, str, bool]]:
    return [
        tuple(row.values()) for table in read_lines(file, encoding) for row in table.to_pylist()
    ]


def test_blank_lines_and_line_ends_keep_the_numbers_right(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("\ufeff머리\r\n\r\n  \n둘,2\n셋".encode())
    assert rows(file) == [(1, "머리", True), (4, "둘,2", True), (5, "셋", True)]


def test_chunks_join_seamlessly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{number},여행" for number in range(1, 200)]
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(files, "_CHUNK_BYTES", 7)
    assert rows(file) == [(number, line, True) for number, line in enumerate(lines, start=1)]


def test_gzip_of_several_members_and_zstandard(tmp_path: Path) -> None:
    plain = tmp_path / "a.csv.gz"
    plain.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    assert [text for _, text, _ in rows(plain)] == ["a", "b", "c"]
    zstd = tmp_path / "a.csv.zst"
    with pa.output_stream(str(zstd), compression="zstd") as stream:
        stream.write(b"a\nb\n")
    assert [text for _, text, _ in rows(zstd)] == ["a", "b"]


def test_one_broken_line_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"good\n\xff\xfebad\n\x00also good\n")
    assert rows(file) == [
        (1, "good", True),
        (2, "\\xff\\xfebad", False),
        (3, "\x00also good", True),
    ]


def test_korean_windows_files(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("회원,상품\n김,똠양꿍\n".encode("cp949"))
    assert csv_header(file, "cp949", ",") == ["회원", "상품"]
    assert rows(file, "cp949")[1] == (2, "김,똠양꿍", True)
    with pytest.raises(DataError, match=r"a\.csv: the first line is not utf-8 text; set encoding"):
        csv_header(file, "utf-8", ",")


@pytest.mark.parametrize("name", ["cut.csv.gz", "fake.csv.gz", "fake.csv.zst"])
def test_broken_compression_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    whole = gzip.compress(b"a,b\n" * 1000)
    file.write_bytes(whole[:-10] if name.startswith("cut") else b"not compressed at all")
    with pytest.raises(DataError, match=rf"{name}: cannot be read"):
        list(read_lines(file, "utf-8"))


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"\n\n")
    with pytest.raises(DataError, match=r"a\.csv: the file is empty"):
        csv_header(file, "utf-8", ",")


@given(st.binary(max_size=60))
def test_every_nonblank_line_comes_back_once(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("lines") / "a.csv"
    file.write_bytes(data)
    numbers = [number for number, _, _ in rows(file)]
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(range(1, data.count(b"\n") + 2))
    for number, text, readable in rows(file):
        line = data.split(b"\n")[number - 1]
        if readable and number > 1:
            assert text == line.decode("utf-8").rstrip("\r")
