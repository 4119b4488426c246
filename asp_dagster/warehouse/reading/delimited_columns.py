"""The columns of a table in delimited files: which fields they take, and the undeclared ones.

Headers in other languages are translated first, as far as their canonical names are known. Here
belongs the way from headers to columns. How the fields are got out of a file is said in
`delimited`, what becomes of their text in `columns`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asp_dagster.catalog.personal_columns import PersonalColumns
from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse.errors import RawFileError, TableSpecError
from asp_dagster.warehouse.inferring.naming import free_name, snake_case
from asp_dagster.warehouse.reading.columns import Column, RawRelation
from asp_dagster.warehouse.reading.delimited import DelimitedFile
from asp_dagster.warehouse.reading.document_columns import (
    DocumentColumns,
    all_headers,
    original_headers,
)

LINES = "lines"
"""The name under which DuckDB is shown some lines."""


@dataclass(frozen=True)
class DelimitedTable:
    """A table and the delimited files it is read from, in the same words.

    Attributes:
        table: The table, with the undeclared columns that it keeps.
        files: The files, their headers translated.
        columns: What the files' columns are to the table.
    """

    table: TableSpec
    files: tuple[DelimitedFile, ...]
    columns: DocumentColumns

    @classmethod
    def of(
        cls,
        declared: TableSpec,
        files: Sequence[DelimitedFile],
        names: HeaderNames,
        personal: PersonalColumns,
    ) -> "DelimitedTable":
        """Return the table as its files have it.

        Args:
            declared: The table as it is declared, its paths in any language.
            files: The files as they are.
            names: The canonical headers.
            personal: What becomes of personal data in columns that are not declared.

        Raises:
            RawFileError: A file has none of the declared columns, or lacks one of the key.
        """
        translated = tuple(with_canonical_headers(file, names) for file in files)
        declared = _with_canonical_paths(declared, names)
        table = with_other_columns(declared, translated, personal)
        headers = all_headers(translated)
        columns = DocumentColumns(
            added=tuple(name for name in table.columns if name not in declared.columns),
            missing=tuple(_missing(declared, headers)),
            left_out=_left_out(table, headers) if table.other_columns == "drop" else None,
            original=original_headers(files, translated),
        )
        return cls(table, translated, columns)


def with_canonical_headers(file: DelimitedFile, names: HeaderNames) -> DelimitedFile:
    """Return the file with its headers translated, as far as they are known."""
    return replace(file, headers=names.translated(file.headers))


def delimited_rows(table: TableSpec, file: DelimitedFile) -> RawRelation:
    """Return the table's rows in a batch of the file's lines, which DuckDB knows as `lines`."""
    raw = tuple(_raw_value(Column(table, name, "line"), file) for name in table.columns)
    # The whole file is one record: its lines that share a parent belong together.
    return RawRelation(f"SELECT *, CAST(1 AS BIGINT) AS _record FROM {LINES}", raw)


def _raw_value(column: Column, file: DelimitedFile) -> str:
    """Return the expression of one column's text."""
    if column.spec.measure == "line_number":
        return "_number"
    if column.spec.measure != "value":
        raise TableSpecError(
            f"The {column.label} measures {column.spec.measure}, but the fields of a delimited "
            "file are single values: let it take the value."
        )
    found = [f"c{file.headers.index(path)}" for path in column.spec.paths if path in file.headers]
    return column.text(found) if found else "CAST(NULL AS VARCHAR)"


def single_fields(table: TableSpec, file: DelimitedFile) -> dict[str, int]:
    """Return the columns that take the value of one field, with the field's position."""
    single = {}
    for name, column in table.columns.items():
        found = [path for path in column.paths if path in file.headers]
        if (column.measure, column.locale, len(found)) == ("value", "none", 1) and not column.words:
            single[name] = file.headers.index(found[0])
    return single


def positions(table: TableSpec, file: DelimitedFile) -> list[int]:
    """Return the positions of the fields that the table's columns take."""
    paths = _paths(table)
    return [position for position, header in enumerate(file.headers) if header in paths]


def with_other_columns(
    table: TableSpec, files: Sequence[DelimitedFile], personal: PersonalColumns
) -> TableSpec:
    """Return the table with the undeclared columns of the files, as far as it keeps them.

    Raises:
        RawFileError: A file has none of the declared columns, or lacks one of the key.
    """
    declared = _paths(table)
    for file in files:
        _check(table, declared, file)
    columns = dict(table.columns)
    if table.other_columns == "text":
        for header in all_headers(files):
            plain = snake_case(header.partition("\t")[0], nameless="column")
            concealed = personal.concealment(plain)
            if header not in declared and concealed != "drop":
                name = free_name(plain, columns)
                columns[name] = ColumnSpec(path=header, hashed=concealed == "hash")
    return replace(table, columns=columns)


def _check(table: TableSpec, declared: frozenset[str], file: DelimitedFile) -> None:
    """Refuse a file that is another report's, or lacks a column of the key."""
    if declared and declared.isdisjoint(file.headers):
        raise RawFileError(
            f"{file.file.name} has no column of table {table.name}, its header is "
            f"{', '.join(file.headers)}: extract the report that was meant, or correct the "
            "table's paths."
        )
    for name in table.key:
        paths = table.columns[name].paths
        if paths and set(paths).isdisjoint(file.headers):
            raise RawFileError(
                f"{file.file.name} has no column {' or '.join(paths)}, which is part of the key "
                f"of table {table.name}, its header is {', '.join(file.headers)}: if Amazon calls "
                f"it otherwise by now, add that name to the paths of {name}."
            )


def _with_canonical_paths(table: TableSpec, names: HeaderNames) -> TableSpec:
    """Return the table with its paths also as they are called when they are translated."""
    columns = {
        name: replace(column, path=tuple(dict.fromkeys([*column.paths, *canonical])))
        if (canonical := [names.canonical(path) for path in column.paths])
        else column
        for name, column in table.columns.items()
    }
    return replace(table, columns=columns)


def _missing(declared: TableSpec, headers: Sequence[str]) -> list[str]:
    """Return the declared columns that no file has."""
    return [
        name
        for name, column in declared.columns.items()
        if column.paths and not column.optional and set(column.paths).isdisjoint(headers)
    ]


def _left_out(table: TableSpec, headers: Sequence[str]) -> tuple[str, ...]:
    """Return the headers that no column takes."""
    taken = _paths(table)
    return tuple(header.replace("\t", " ") for header in headers if header not in taken)


def _paths(table: TableSpec) -> frozenset[str]:
    """Return the headers that the table's columns are declared to stand under."""
    return frozenset(path for column in table.columns.values() for path in column.paths)
