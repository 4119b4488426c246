"""What `pii` means for a feed: what is asked for, and what becomes of it in the tables.

Here belongs the meaning. Whether a declaration may be meant so is the work of `personal_checks`.

https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
https://developer-docs.amazon.com/sp-api/docs/orders-api
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, ParameterValue
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.personal_columns import PersonalColumns
from asp_dagster.catalog.personal_fields import PersonalFields, RecordFields
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.spapi.paging_rules import PagingRules

INCLUDED_DATA = "includedData"
BY_ROLE = ("BUYER", "RECIPIENT")
"""What Orders v2026-01-01 is asked for: no token, but a role decides what comes."""

PERSONAL_PARTS = (*BY_ROLE, "TAX")
"""The parts of an order that tell of its customer; taxes, only where an invoice needs them."""

_ORDERS_V2026 = "/orders/2026-01-01/orders"
_COUNTED = frozenset({"count", "sum", "contains", "position", "line_number"})
"""Measures that tell nothing of what they measure."""


def asks_by_role(source: EndpointSpec) -> bool:
    """Tell whether personal data comes to whoever has the role, and to others silently none."""
    return source.path.partition("?")[0].rstrip("/") == _ORDERS_V2026


def with_personal_data(feed: Feed) -> Feed:
    """Return a feed that asks for personal data as its `pii` says, with columns to match."""
    if feed.pii == "exclude":
        return feed
    personal = personal_columns(feed)
    tables = tuple(
        _concealed(table, feed, personal) if isinstance(table, TableSpec) else table
        for table in feed.tables
    )
    if not isinstance(feed.source, EndpointSpec):
        return replace(feed, tables=tables)
    source = replace(feed.source, personal_data=True)
    if asks_by_role(source):
        wanted = included_data(source.params.get(INCLUDED_DATA, []))
        included = list(dict.fromkeys([*wanted, *BY_ROLE]))
        source = replace(source, params={**source.params, INCLUDED_DATA: included})
    return replace(feed, source=source, tables=tables)


def personal_columns(feed: Feed) -> PersonalColumns:
    """Return what becomes of the personal fields of a feed's records."""
    fields, chosen = personal_fields(feed), feed.personal_columns
    if feed.pii == "exclude":
        return PersonalColumns(fields)
    if isinstance(chosen, str):
        return PersonalColumns(fields, chosen)
    return PersonalColumns(fields, "keep", chosen or {})


def personal_fields(feed: Feed) -> RecordFields:
    """Return the personal fields of a feed's records, those of extensions included."""
    source = feed.source
    if isinstance(source, EndpointSpec):
        return fields_of_endpoint(source)
    return PersonalFields.load().of_report(source.report_type)


def fields_of_endpoint(source: EndpointSpec) -> RecordFields:
    """Return the personal fields of an endpoint's records, those of extensions included."""
    known, rules = PersonalFields.load(), PagingRules.load()
    key = source.results_key
    if key is None:
        key = rules.rule(source.method, source.path).results_key
    own = known.of_operation(source.method, source.path, key)
    return own + _of_extensions(source.extend_resources, known, rules)


def personal_columns_of(table: TableSpec, feed: Feed, fields: RecordFields) -> Iterator[str]:
    """Yield the declared columns that take a personal value, or hold one among others."""
    for name, column in table.columns.items():
        places = _places(table, column, feed)
        if any(fields.is_personal(place) or fields.personal_within(place) for place in places):
            yield name


def mixes_personal(table: TableSpec, column: ColumnSpec, feed: Feed, fields: RecordFields) -> bool:
    """Tell whether a personal column holds other values too."""
    return not any(map(fields.is_personal, _places(table, column, feed)))


def _concealed(table: TableSpec, feed: Feed, personal: PersonalColumns) -> TableSpec:
    """Return a declared table without the personal columns to drop, and with those to hash."""
    chosen = {
        name: personal.chosen(name) for name in personal_columns_of(table, feed, personal.fields)
    }
    columns = {
        name: replace(column, hashed=column.hashed or chosen.get(name) == "hash")
        for name, column in table.columns.items()
        if chosen.get(name) != "drop"
    }
    return replace(table, columns=columns)


def _places(table: TableSpec, column: ColumnSpec, feed: Feed) -> Sequence[str]:
    """Return where a column's values stand, seen from the record."""
    if column.measure in _COUNTED:
        return ()
    if feed.raw_format in {"tsv", "csv", "xlsx"}:
        return column.paths
    return tuple(_from_record(table.rows, path) for path in column.paths)


def _from_record(rows: str | None, path: str) -> str:
    """Return a path of a row as it is seen from the record around it."""
    levels = rows.removesuffix("[]").split("[].") if rows else []
    while path.startswith("^."):
        path, levels = path.removeprefix("^."), levels[:-1]
    return ".".join([*levels, path])


def _of_extensions(
    extensions: Sequence[ExtensionSpec], known: PersonalFields, rules: PagingRules
) -> RecordFields:
    found = RecordFields()
    for each in extensions:
        key = each.results_key
        if key is None:
            key = rules.rule("GET", each.path).results_key
        own = known.of_operation("GET", each.path, key)
        inner = _of_extensions(each.extend_resources, known, rules)
        found += (own + inner).below(each.new_field_name)
    return found


def included_data(value: ParameterValue) -> Sequence[str]:
    """Return the parts that are asked for, as a list or with commas between them."""
    entries = value if isinstance(value, list) else str(value).split(",")
    return [each.strip() for each in entries if each.strip()]


def inferred_places(table: InferredTable) -> Sequence[str]:
    """Return the places that identify and order the records of an inferred table."""
    return (*table.key, *([table.newest_by] if table.newest_by else []))
