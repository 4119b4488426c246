"""The records of raw files, whatever their format, as Python values: what inferred tables are of.

Numbers that are no short whole numbers keep their digits, as `Number`. Here belongs how each format
is walked, one record in memory at a time. Declared tables are read by DuckDB instead, as `reading`
says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn, assert_never

from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import RawFormat
from asp_dagster.warehouse.errors import RawFileError, TableSpecError
from asp_dagster.warehouse.inferring.kinds import Number
from asp_dagster.warehouse.reading.delimited import DelimitedFile
from asp_dagster.warehouse.reading.delimited_columns import with_canonical_headers
from asp_dagster.warehouse.reading.documents import document_entries
from asp_dagster.warehouse.reading.paths import RowsPath
from asp_dagster.warehouse.reading.raw_files import no_rows, open_raw
from asp_dagster.warehouse.reading.workbooks import workbook_records
from asp_dagster.warehouse.reading.xml_documents import XmlOutline, xml_records

Record = Mapping[str, Any]

_LONGEST_INTEGER = 18


@dataclass(frozen=True)
class RawRecord:
    """A record of a raw file, and where it stands.

    Attributes:
        value: The record.
        file: The file.
        place: What `number` counts in the file: `line`, or `entry` of a list.
        number: Which of them it is, from 1.
    """

    value: Record
    file: Path
    place: str
    number: int

    @property
    def label(self) -> str:
        """Where the record stands, for a message."""
        return f"{self.file.name}, {self.place} {self.number}"


@dataclass(frozen=True)
class RawRecords:
    """The records of a load, to be walked as often as need be.

    Attributes:
        table: The table they are for, for messages.
        files: The raw files.
        raw_format: How they are written.
        rows: The place of the records in them.
        outline: Of XML, what was seen in all the files.
        encoding_errors: What becomes of bytes in delimited files that are no characters.
        headers: The canonical headers of delimited files.
    """

    table: str
    files: Sequence[Path]
    raw_format: RawFormat
    rows: RowsPath
    outline: XmlOutline | None = None
    encoding_errors: EncodingErrors = "fail"
    headers: HeaderNames = field(default_factory=HeaderNames)

    @property
    def is_plain_text(self) -> bool:
        """Whether the format knows nothing but text."""
        return self.raw_format in {"tsv", "csv", "xml"}

    def __iter__(self) -> Iterator[RawRecord]:
        """Return the records of all files, in order."""
        for file in self.files:
            yield from self._of(file)

    def _of(self, file: Path) -> Iterator[RawRecord]:
        """Return the records of one file."""
        match self.raw_format:
            case "jsonl":
                yield from self._objects(_lines(file), self.rows, file, "line")
            case "json":
                first = self.rows.levels[0] if self.rows.levels else ()
                entries = map(_exact, document_entries(file, first))
                yield from self._objects(enumerate(entries, 1), self.rows.inner, file, "entry")
            case "tsv" | "csv":
                yield from self._objects(self._delimited(file), self.rows, file, "line")
            case "xml":
                elements = enumerate(xml_records(file, self._outline()), 1)
                yield from self._objects(elements, self.rows.inner, file, "entry")
            case "xlsx":
                rows = ((line, _exact(row)) for line, row in workbook_records(file))
                yield from self._objects(rows, self.rows, file, "row")
            case "pdf" | "zip":
                raise no_rows(self.table, self.raw_format)
            case _:
                assert_never(self.raw_format)

    def _delimited(self, file: Path) -> Iterator[tuple[int, Record]]:
        """Return the lines of a delimited file, each with its number."""
        if self.rows.levels:
            raise TableSpecError(
                f"Table {self.table} takes its rows at {self.rows.text}, but the rows of a "
                "delimited file are its lines: leave `rows` out."
            )
        delimited = with_canonical_headers(self.delimited[file], self.headers)
        for number, fields in delimited.lines():
            yield number, dict(zip(delimited.headers, fields, strict=True))

    @cached_property
    def delimited(self) -> Mapping[Path, DelimitedFile]:
        """The delimited files as they are, after a first look; none of another format."""
        if self.raw_format not in {"tsv", "csv"}:
            return {}
        separated: Literal["tsv", "csv"] = "csv" if self.raw_format == "csv" else "tsv"
        return {
            file: DelimitedFile.inspect(file, separated, self.encoding_errors)
            for file in self.files
        }

    def _outline(self) -> XmlOutline:
        """Return what was seen in the XML documents."""
        return self.outline or XmlOutline.of(self.files, self.rows)

    def _objects(
        self, values: Iterable[tuple[int, Any]], rows: RowsPath, file: Path, place: str
    ) -> Iterator[RawRecord]:
        """Return the records at a place of the values, which must be objects."""
        for number, value in values:
            for record in rows.entries(value):
                if not isinstance(record, dict):
                    raise RawFileError(
                        f"{file.name}, {place} {number}: table {self.table} expects an object"
                        f"{self.rows.at}, but there is something else; correct the `rows` of the "
                        "table, or extract the file again."
                    )
                yield RawRecord(record, file, place, number)


def _lines(file: Path) -> Iterator[tuple[int, Record]]:
    """Return the objects of a file of JSON Lines, each with the number of its line."""
    decoder = json.JSONDecoder(parse_float=Number, parse_int=_whole_number, parse_constant=_refused)
    with open_raw(file) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode().strip()
                record = decoder.decode(text) if text else None
            except (ValueError, RecursionError):
                record = NotImplemented
            if record is not None:
                if not isinstance(record, dict):
                    raise RawFileError(
                        f"{file.name}, line {number} is no JSON object: extract it again."
                    )
                yield number, record


def _whole_number(digits: str) -> int | Number:
    """Return a whole number: with many digits, as it is written."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else _long_number(digits)


def _long_number(digits: str) -> int | Number:
    """Return a long number as it is written, unless 64 bits can hold it."""
    is_short = len(digits) <= _LONGEST_INTEGER + 2
    return int(digits) if is_short and -(2**63) <= int(digits) < 2**63 else Number(digits)


def _refused(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


def _exact(value: Any) -> Any:
    """Return a value of a walked document with its numbers as `Number`."""
    if isinstance(value, Decimal):
        return Number(value)
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(entry) for entry in value]
    is_long = isinstance(value, int) and not -(2**63) <= value < 2**63
    return Number(value) if is_long else value
