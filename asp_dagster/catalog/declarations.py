"""Checks a declaration and turns it into values, naming the dotted place of every mistake.

Here belong: parsing and what can be known to be wrong without asking Amazon. How a declaration is
read from YAML is the components' work.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypeForm

from asp_dagster.catalog.tables import ColumnSpec, TableSpec

Spec = TypeVar("Spec")


class DeclarationError(Exception):
    """A declaration that cannot be meant; its text names each dotted place and the remedy.

    No `ValueError`: pydantic would take that into an error of its own, which quotes what was
    written, and that may be a secret.
    """


class DeclarationWarning(UserWarning):
    """A declaration that works, and of which somebody should know something."""


def parse(spec_type: TypeForm[Spec], value: object, *, place: str) -> Spec:
    """Turn a declaration's part into the value it stands for.

    Args:
        spec_type: The frozen dataclass (or a tuple of them) to build.
        value: What the YAML holds there.
        place: The key under which it stands, for messages: `tables`.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    try:
        return TypeAdapter(spec_type).validate_python(value)
    except ValidationError as error:
        mistakes = mistakes_in(spec_type, error, place)
    # Outside the block: pydantic's own error quotes what was written, secrets too.
    raise DeclarationError("; ".join(mistakes))


def mistakes_in(spec_type: object, error: ValidationError, place: str) -> list[str]:
    """Return a sentence for each of pydantic's complaints, none of which quotes a value."""
    return [_sentence(spec_type, detail, place) for detail in error.errors()]


def check_tables(tables: Sequence[TableSpec]) -> None:
    """Refuse tables that contradict themselves or each other.

    Raises:
        DeclarationError: With every contradiction.
    """
    mistakes = [mistake for table in tables for mistake in _contradictions(table, tables)]
    if mistakes:
        raise DeclarationError("; ".join(mistakes))


def _contradictions(table: TableSpec, tables: Sequence[TableSpec]) -> Iterator[str]:
    named = {"key": table.key, "preview": table.preview}
    if table.newest_by:
        named["newest_by"] = (table.newest_by,)
    for key, columns in named.items():
        for column in columns:
            if column not in table.columns and table.other_columns == "drop":
                yield f"tables.{table.name}.{key}: no column {column!r}{_known(table.columns)}"
    for name, column_spec in table.columns.items():
        yield from _column_contradictions(f"tables.{table.name}.columns.{name}", column_spec)
    if table.parent:
        yield from _parent_contradictions(table, tables)


def _column_contradictions(place: str, column: ColumnSpec) -> Iterator[str]:
    if not column.paths and column.measure != "line_number":
        yield f"{place}: path is missing"
    if (column.measure == "contains") != (column.contains is not None):
        yield f"{place}: `measure: contains` and `contains` go together"


def _parent_contradictions(table: TableSpec, tables: Sequence[TableSpec]) -> Iterator[str]:
    parents = {other.name: other for other in tables if other.key and other is not table}
    parent = parents.get(table.parent or "")
    if parent is None:
        yield f"tables.{table.name}.parent: no keyed table {table.parent!r}{_known(parents)}"
        return
    for column in parent.key:
        if column not in table.columns:
            yield f"tables.{table.name}: needs column {column!r}, the key of {parent.name}"


def _sentence(spec_type: object, detail: ErrorDetails, place: str) -> str:
    dotted = ".".join([place, *(str(part) for part in detail["loc"])])
    if detail["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        return f"{dotted}: unknown key{_known(_keys_at(spec_type, detail['loc'][:-1]))}"
    if detail["type"] in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return f"{dotted}: is missing"
    return f"{dotted}: {detail['msg'].removeprefix('Value error, ')}"


def _keys_at(annotation: Any, location: Sequence[int | str]) -> list[str]:
    """The keys that may stand at a place, or none where the place takes no keys."""
    for part in location:
        annotation = _step_into(annotation, part)
    schema: Mapping[str, Any] = TypeAdapter(_without_none(annotation)).json_schema(by_alias=True)
    # A type that holds itself stands under a name.
    name = schema.get("$ref", "").rpartition("/")[2]
    described = schema["$defs"][name] if name else schema
    return sorted(described.get("properties", ()))


def _without_none(annotation: Any) -> Any:
    """Return the one type that may stand where none may too."""
    members = get_args(annotation)
    return members[0] if type(None) in members and len(members) == 2 else annotation  # noqa: PLR2004 - it and None


def _step_into(annotation: Any, part: int | str) -> Any:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return get_type_hints(annotation).get(str(part))
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    members = [member for member in get_args(annotation) if member not in {type(None), Ellipsis}]
    return members[0] if members else None


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"; known: {listed}" if listed else ""
