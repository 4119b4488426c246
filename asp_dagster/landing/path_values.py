"""Takes the values that an extension's path needs out of a record.

Here belong: the meaning of `path_variable_name`, and the path with its values filled in. Which
requests follow is the work of `extensions`.

A place is dotted, `orderId` or `packages.trackingId`; each leading `^.` starts one record further
out. Where it meets a list, it goes on in each entry. A list that a record may lack altogether is
marked, `packages[].trackingId`: without the mark, what is missing is taken for a misspelt name.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote

from asp_dagster.catalog.endpoints import ExtensionSpec
from asp_dagster.landing.errors import SettingError, UnexpectedDocumentError

Record = Mapping[str, Any]

_OUTWARD = "^."
_LIST_MARK = "[]"


def path_values(extension: ExtensionSpec, records: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return the values for each request of an extension: one for each `{}`.

    Args:
        extension: What is asked for.
        records: The record, the record around it, the one around that, and so on.

    Raises:
        UnexpectedDocumentError: When a value is missing, or is no text or number.
        SettingError: When a place leads further out than there are records.
    """
    places = extension.path_variables
    return list(product(*(_values(extension, place, records) for place in places)))


def filled_path(extension: ExtensionSpec, values: Sequence[str]) -> str:
    """Return an extension's path with a value in each `{}`, each within its path segment."""
    path = extension.path
    for value in values:
        path = path.replace("{}", quote(value, safe=""), 1)
    return path


def _values(extension: ExtensionSpec, place: str, records: Sequence[Record]) -> list[str]:
    """Return the distinct values at a place, in their order."""
    inner = place
    while inner.startswith(_OUTWARD):
        inner, records = inner.removeprefix(_OUTWARD), records[1:]
    if not records:
        raise SettingError(
            f"path_variable_name {place!r} of {extension.new_field_name} leads further out than"
            " there are records; take a `^.` away."
        )
    found = list(_found(records[0], inner.split("."), is_in_list=False))
    if None in found or "" in found:
        raise _missing(extension, place, records[0])
    if any(isinstance(value, Mapping) for value in found):
        raise _no_value(extension, place)
    return list(dict.fromkeys(map(str, found)))


def _found(value: Any, names: Sequence[str], *, is_in_list: bool) -> Iterator[Any]:
    """Yield the values at a place; None for one that is missing and in no list."""
    if isinstance(value, list):
        for entry in value:
            yield from _found(entry, names, is_in_list=True)
    elif names and isinstance(value, Mapping):
        name = names[0].removesuffix(_LIST_MARK)
        is_in_list = is_in_list or name != names[0]
        yield from _found(value.get(name), names[1:], is_in_list=is_in_list)
    elif value is not None and value != "" and not names:
        yield value
    elif not is_in_list:
        yield None


def _missing(extension: ExtensionSpec, place: str, record: Record) -> UnexpectedDocumentError:
    marked = "[].".join(place.rsplit(".", 1)) if "." in place else f"{place}[]"
    return UnexpectedDocumentError(
        f"A record has no {place!r}, which {extension.path} needs; it has"
        f" {', '.join(sorted(record))}. Correct `path_variable_name` in the declaration; if it is"
        f" a list that a record may lack, mark it: {marked!r}."
    )


def _no_value(extension: ExtensionSpec, place: str) -> UnexpectedDocumentError:
    return UnexpectedDocumentError(
        f"{place!r}, which {extension.path} needs, is an object and no text or number. Let"
        " `path_variable_name` name the field inside it."
    )
