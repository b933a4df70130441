"""Where clicks and catalogue come from and how they are cleaned: a small TOML file.

.. code-block:: toml

    name = "spring-clicks"

    [clicks]
    files = ["clicks/*.csv.gz"]          # globs, relative to this file; read in path order
    columns = { user = "member_no", item = "product_code", time = "clicked_at" }
    timezone = "Asia/Seoul"              # of times written without an offset

    [catalogue]
    file = "products.csv"
    columns = { item = "product_code", city = "city_code" }
    fields = { city = "categorical", theme = "multi", price = "numeric" }
    display = ["name"]                   # kept for people, not read by models

    [cleaning]
    min_user_clicks = 2

Instead of ``[clicks]`` and ``[catalogue]`` a source may name a well-known research data set
(``public = "ml-1m"``), see :mod:`nadeuri.data.public`; a folder that holds the files of one is
recognised without any TOML.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from glob import glob
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nadeuri import columns
from nadeuri.data import public as public_sets
from nadeuri.data.public import PublicName
from nadeuri.data.sequences import FieldKind
from nadeuri.errors import ConfigError, DataError

SOURCE_FILE = "source.toml"

FileFormat = Literal["csv", "parquet", "jsonl"]
_FORMATS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_COMPRESSIONS = (".gz", ".zst")
_DEFAULT_ENCODING = "utf-8"
_CLICK_COLUMNS = (columns.USER, columns.ITEM, columns.TIME, columns.SESSION)
_DEFAULT_CLICK_COLUMNS = {name: name for name in (columns.USER, columns.ITEM, columns.TIME)}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextFormat(_Table):
    """How text files are written.

    Attributes:
        delimiter: of CSV files; by default a tab in ``.tsv`` files and a comma elsewhere.
        encoding: of CSV and JSONL files, such as ``cp949``; one in which a newline is one byte.
    """

    delimiter: Annotated[str, Field(pattern=r'^[^"\r\n]$')] | None = None
    encoding: str = _DEFAULT_ENCODING

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError as error:
            raise ValueError(f"{value!r} is not a known text encoding") from error
        if "\n".encode(name) != b"\n":
            raise ValueError(f"{value!r} cannot be read line by line; convert the file to utf-8")
        return name

    def delimiter_of(self, file: Path) -> str:
        """The delimiter to read ``file`` with."""
        return self.delimiter or ("\t" if ".tsv" in file.suffixes else ",")


class Clicks(TextFormat):
    """The click log: one row per click.

    Attributes:
        files: globs of CSV, TSV, Parquet or JSONL files (also ``.gz``, ``.zst``).
        columns: our name -> the file's name, for ``user``, ``item``, ``time``, ``session``.
            ``user`` and ``item`` are needed; without ``time`` the row order is the order of clicks.
        time_format: ``iso`` (ISO 8601, also for typed timestamp columns), ``epoch_s``,
            ``epoch_ms``, or a strptime pattern such as ``%Y.%m.%d %H:%M``.
        timezone: IANA name of the zone of times that carry no offset.
    """

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    columns: dict[str, str] = _DEFAULT_CLICK_COLUMNS
    time_format: str = "iso"
    timezone: str = "UTC"

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, mapping: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(mapping) - set(_CLICK_COLUMNS))
        if unknown:
            raise ValueError(f"unknown column {unknown[0]!r}; known: {', '.join(_CLICK_COLUMNS)}")
        return {columns.USER: columns.USER, columns.ITEM: columns.ITEM} | mapping

    @field_validator("time_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in ("iso", "epoch_s", "epoch_ms") and "%" not in value:
            raise ValueError(f"{value!r} is none of iso, epoch_s, epoch_ms or a strptime pattern")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Asia/Seoul") from error
        return value


class Catalogue(TextFormat):
    """The product catalogue: one row per product code.

    Attributes:
        file: CSV, TSV, Parquet or JSONL file (also ``.gz``, ``.zst``).
        columns: our name -> the file's name; a name that is absent here is read as it is.
        fields: metadata the models read: our name -> ``categorical``, ``multi`` or ``numeric``.
        display: further text columns to keep for people, such as ``name``.
        multi_delimiter: separates the values of a multi-valued field written as text.
    """

    file: str
    columns: dict[str, str] = {}
    fields: dict[str, FieldKind] = {}
    display: tuple[str, ...] = ()
    multi_delimiter: Annotated[str, Field(min_length=1)] = "|"

    @model_validator(mode="after")
    def _named_once(self) -> Catalogue:
        for name in (*self.fields, *self.display):
            if name == columns.ITEM:
                raise ValueError(f"{name!r} is the product code and cannot be a field")
        both = sorted(set(self.fields) & set(self.display))
        if both:
            raise ValueError(f"{both[0]!r} is in fields and in display; keep it in fields")
        unread = sorted(set(self.columns) - {columns.ITEM, *self.fields, *self.display})
        if unread:
            raise ValueError(f"columns names {unread[0]!r}, which is in neither fields nor display")
        return self


class Cleaning(_Table):
    """What is dropped, in this order; ``None`` switches a rule off.

    Attributes:
        deduplicate: drop repeats of the same (user, item, time).
        max_clicks_per_minute: a user with more clicks in one clock minute is a bot.
        max_clicks_per_day: a user with more clicks in one UTC day is a bot.
        collapse_repeats: drop a click on the item that the user clicked just before.
        min_user_clicks: users with fewer clicks left are dropped ...
        min_item_clicks: ... and items with fewer, in turn, until both hold (k-core).
        session_gap_minutes: a longer pause starts a new session (when no session column is given).
    """

    deduplicate: bool = True
    max_clicks_per_minute: Annotated[int, Field(ge=1)] | None = None
    max_clicks_per_day: Annotated[int, Field(ge=1)] | None = None
    collapse_repeats: bool = False
    min_user_clicks: Annotated[int, Field(ge=1)] = 2
    min_item_clicks: Annotated[int, Field(ge=1)] = 1
    session_gap_minutes: Annotated[float, Field(gt=0)] = 30


NO_CLEANING = Cleaning(deduplicate=False, min_user_clicks=1)


class Source(_Table):
    """A data set to prepare. ``root`` is the folder that relative paths start from."""

    name: Annotated[str, Field(pattern=r"^[\w][\w.-]*$")]
    root: Path = Path()
    public: PublicName | None = None
    clicks: Clicks | None = None
    catalogue: Catalogue | None = None
    cleaning: Cleaning = Cleaning()

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if (self.public is None) == (self.clicks is None):
            raise ValueError("give either [clicks] or public, not both and not neither")
        if self.public is not None and self.catalogue is not None:
            raise ValueError(f"public = {self.public!r} brings its own catalogue; drop [catalogue]")
        return self

    def click_files(self) -> list[Path]:
        """The files of the click log, in the order they are read: path order, but as published.

        Raises:
            DataError: a glob matches nothing.
        """
        if self.public is not None:
            return public_sets.click_files(self.public, self.root)
        assert self.clicks is not None  # a Source has one of the two
        found: set[Path] = set()
        for pattern in self.clicks.files:
            matches = glob(pattern, root_dir=self.root, recursive=True)  # noqa: PTH207
            if not matches:
                raise DataError(f"{self.root / pattern}: no such file; check [clicks] files")
            found.update(self.root / match for match in matches)
        return sorted(found)

    def catalogue_file(self) -> Path | None:
        """The catalogue's file.

        Raises:
            DataError: it does not exist.
        """
        if self.catalogue is None:
            return None
        file = self.root / self.catalogue.file
        if not file.is_file():
            raise DataError(f"{file}: no such file; check [catalogue] file")
        return file

    def input_files(self) -> list[Path]:
        """Every file that the prepared data depend on, in path order."""
        if self.public is not None:
            return sorted(public_sets.files(self.public, self.root))
        catalogue = self.catalogue_file()
        return sorted([*self.click_files(), *([catalogue] if catalogue else [])])


def file_format(file: Path) -> FileFormat:
    """The format that a file's name tells.

    Raises:
        DataError: an ending we cannot read.
    """
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    if not suffixes or suffixes[-1] not in _FORMATS:
        raise DataError(
            f"{file}: cannot tell the format; name it .csv, .tsv, .parquet or .jsonl (+ .gz, .zst)"
        )
    return _FORMATS[suffixes[-1]]


def load_source(path: Path) -> Source:
    """Read a source from a TOML file, a folder with ``source.toml``, or a known public data set.

    Raises:
        ConfigError: the TOML is malformed or a setting is wrong.
        DataError: the path is none of these.
    """
    if path.is_file():
        return _from_toml(path)
    if (path / SOURCE_FILE).is_file():
        return _from_toml(path / SOURCE_FILE)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    known = public_sets.recognise(path)
    if known is None:
        raise DataError(
            f"{path}: neither a prepared data set, nor a folder with {SOURCE_FILE}, nor one of the "
            f"public data sets {', '.join(public_sets.NAMES)}"
        )
    return Source(name=known, root=path, public=known, cleaning=NO_CLEANING)


def _from_toml(path: Path) -> Source:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error})") from error
    if "root" in content:
        raise ConfigError(f"{path}: root: unknown setting; paths start from the file's folder")
    try:
        return Source(root=path.parent, **content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "source"
        message = re.sub(r"^Value error, ", "", first["msg"])
        raise ConfigError(f"{path}: {place}: {message}") from error
