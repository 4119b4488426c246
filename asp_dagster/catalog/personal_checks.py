"""Whether what a feed declares of personal data can be meant, without asking Amazon.

Here belong: what is refused without `pii: include`, and what is refused with it. What `pii` does is
said in `personal_data`.
"""

from collections.abc import Iterator, Mapping, Sequence

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, ParameterValue
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.personal_columns import NESTED, PersonalColumns
from asp_dagster.catalog.personal_data import (
    INCLUDED_DATA,
    PERSONAL_PARTS,
    included_data,
    inferred_places,
    mixes_personal,
    personal_columns,
    personal_columns_of,
)
from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.spapi.usage_plans import UsagePlans

_REMEDY = "say `pii: include` to have it, and `personal_columns` what becomes of it in the tables"
_WITHOUT_TOKEN = frozenset({"END_USER_DATA_REPORT"})
"""Reports of personal data of which Amazon does not say that they need a token."""


def personal_mistakes(feed: Feed) -> Iterator[str]:
    """Name what cannot be meant of personal data."""
    personal = personal_columns(feed)
    if feed.pii == "exclude":
        yield from (f"{sentence}; {_REMEDY}" for sentence in _asked_for(feed, personal))
        if feed.personal_columns is not None:
            yield "personal_columns: needs `pii: include`; without it they are dropped"
    else:
        yield from _unknown_names(feed, personal)
    yield from _key_mistakes(feed, personal)
    for table in feed.tables:
        if isinstance(table, TableSpec):
            yield from _table_mistakes(table, feed, personal)


def personal_data_asked_for(feed: Feed) -> Iterator[str]:
    """Name the parts of a declaration that ask for personal data, or keep what comes of it."""
    return _asked_for(feed, personal_columns(feed))


def _asked_for(feed: Feed, personal: PersonalColumns) -> Iterator[str]:
    source = feed.source
    if isinstance(source, ReportSpec):
        yield from _restricted_report(source)
    else:
        yield from _restricted_request("", source.method, source.path, source.params)
        yield from _restricted_extensions("extend_resources", source.extend_resources)
    for table in feed.tables:
        if isinstance(table, InferredTable):
            for name, how in table.columns.items():
                if how == "hash" and personal.is_personal(name):
                    yield f"columns.{name}: is personal data, which a hash is of too"
        else:
            for name in personal_columns_of(table, feed, personal.fields):
                yield f"tables.{table.name}.columns.{name}: is personal data"


def is_personal(known: ReportType) -> bool:
    """Tell whether a report is of personal data, so that it has to be wanted."""
    return known.restricted == "yes" or known.name in _WITHOUT_TOKEN


def _restricted_report(report: ReportSpec) -> Iterator[str]:
    known = ReportTypes.load().find(report.report_type)
    if is_personal(known):
        yield f"report_spec.reportType: {known.name} holds personal data"


def _restricted_extensions(place: str, extensions: Sequence[ExtensionSpec]) -> Iterator[str]:
    for number, each in enumerate(extensions):
        inner = f"{place}.{number}."
        yield from _restricted_request(inner, "GET", each.path, each.params)
        yield from _restricted_extensions(f"{inner}extend_resources", each.extend_resources)


def _restricted_request(
    place: str, method: str, path: str, params: Mapping[str, ParameterValue]
) -> Iterator[str]:
    """Name what a request asks for of personal data."""
    if UsagePlans.load().operation(method, path).is_restricted:
        yield f"{place}path: {method} {path} answers personal data"
    parts = included_data(params.get(INCLUDED_DATA, []))
    for part in PERSONAL_PARTS:
        if part in parts:
            yield f"{place}params.{INCLUDED_DATA}: {part} is personal data"
    if "dataElements" in params:
        yield f"{place}params.dataElements: name personal data"


def _unknown_names(feed: Feed, personal: PersonalColumns) -> Iterator[str]:
    """Name columns that nothing personal stands in."""
    declared = {
        name
        for table in feed.tables
        if isinstance(table, TableSpec)
        for name in personal_columns_of(table, feed, personal.fields)
    }
    for name in personal.by_name:
        place = name.replace(NESTED, ".")
        is_found = personal.is_personal(name) or personal.fields.personal_within(place)
        if name not in declared and not is_found:
            yield f"personal_columns.{name}: is no column of personal data"


def _key_mistakes(feed: Feed, personal: PersonalColumns) -> Iterator[str]:
    """Name what is shown in previews and logs of a record, and is personal."""
    named: dict[str, str] = {}
    if isinstance(feed.source, EndpointSpec):
        extensions, config = feed.source.extend_resources, feed.source.record_config
        asked_for = (place for each in extensions for place in each.path_variables)
        named |= dict.fromkeys(asked_for, "extend_resources")
        named |= dict.fromkeys(config.fields if config else (), "record_config")
    for table in feed.tables:
        if isinstance(table, InferredTable):
            named |= dict.fromkeys(inferred_places(table), "record_config")
    for place, key in named.items():
        if personal.fields.is_personal(place):
            yield f"{key}: {place} is personal data, and would be shown; name another field"


def _table_mistakes(table: TableSpec, feed: Feed, personal: PersonalColumns) -> Iterator[str]:
    """Name what a declared table must not do with its personal columns."""
    found = set(personal_columns_of(table, feed, personal.fields))
    found |= {name for name in table.preview if personal.is_personal(name)}
    where = f"tables.{table.name}"
    for key, names in {"preview": table.preview, "key": table.key}.items():
        for name in names:
            if name in found:
                yield f"{where}.{key}: {name} is personal data, which is never shown; leave it out"
    for name in sorted(found & table.columns.keys()):
        column, chosen = table.columns[name], personal.chosen(name)
        if feed.pii == "exclude" or chosen == "keep":
            continue
        if mixes_personal(table, column, feed, personal.fields) and name not in personal.by_name:
            yield (
                f"{where}.columns.{name}: holds personal data among other; declare the fields one"
                f" by one, or say what becomes of it in personal_columns.{name}"
            )
        elif chosen == "hash" and column.type != "text":
            yield f"{where}.columns.{name}: is to be hashed, so it needs `type: text`"
