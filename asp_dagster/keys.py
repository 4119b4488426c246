"""The keys of a declaration: how each is read, in one place for all components.

Here belong: resolving Dagster's `{{ templates }}`, then checking, so that a mistake is named by its
dotted place. What a key means is defined where its value lives, in `catalog`; which keys there are
is held against what is written in `key_checks`.

https://docs.dagster.io/guides/build/components
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

import dagster as dg
from dagster.components.resolved.errors import ResolutionException  # it has no public name
from typing_extensions import TypeForm

from asp_dagster.catalog.accounts import CredentialsSpec, literal_secrets_warning
from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning, parse
from asp_dagster.catalog.durations import duration
from asp_dagster.catalog.endpoints import (
    ExtensionSpec,
    PagingSpec,
    ParameterValue,
    RecordConfig,
    ValuesSpec,
)
from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.listed_reports import ListedReportSpec
from asp_dagster.catalog.report_schedules import ScheduleSpec
from asp_dagster.catalog.tables import TableSpec

Spec = TypeVar("Spec")


def resolved(context: dg.ResolutionContext, value: Any) -> Any:
    """Resolve `{{ templates }}` and nothing else: Dagster makes a number of the text "123"."""
    if isinstance(value, Mapping):
        return {name: resolved(context, entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [resolved(context, entry) for entry in value]
    return context.resolve_value(value) if isinstance(value, str) and "{{" in value else value


def _key(
    spec_type: TypeForm[Spec],
    place: str,
    yaml_type: Any,
    description: str,
    before: Callable[[Any], Any] = lambda value: value,
) -> dg.Resolver:
    """Describe a key: its type in the YAML, and how its value is made."""

    def read(context: dg.ResolutionContext, value: Any) -> Spec:
        return parse(spec_type, before(resolved(context, value)), place=place)

    return _resolver(read, yaml_type, description)


def _resolver(
    read: Callable[[dg.ResolutionContext, Any], Any],
    yaml_type: Any,
    description: str,
    doubt: Callable[[Any], str | None] = lambda _: None,
) -> dg.Resolver:
    """Describe a key that is read so; mistakes and doubts are told with their file and line.

    Dagster would quote the lines around a mistake, and one of them may hold a secret.

    Args:
        read: Makes the value.
        yaml_type: The type in the YAML.
        description: What the UI shows of the key.
        doubt: What to warn of in what is written, if anything.
    """

    def resolve(context: dg.ResolutionContext, value: Any) -> Any:
        tree: Any = context.source_position_tree
        nowhere: Any = None
        place = f"{tree.lookup_closest_and_path(context.path, None)[0]} - " if tree else ""
        if sentence := doubt(value):
            warnings.warn(f"{place}{sentence}", DeclarationWarning, stacklevel=2)
        try:
            return read(context.with_source_position_tree(nowhere), value)
        except (DeclarationError, ResolutionException) as error:
            raise ResolutionException(f"{place}{error}") from None

    return dg.Resolver(resolve, model_field_type=yaml_type, description=description)


def _spelt_out(value: Any) -> Any:
    """Spell out `partitions: daily`; `none` is none."""
    if value == "none":
        return None
    return {"every": value} if isinstance(value, str) else value


def _credentials(context: dg.ResolutionContext, value: Any) -> str | CredentialsSpec | None:
    """Read a name, or the credentials themselves."""
    given = resolved(context, value)
    if not given:
        raise DeclarationError(
            "credentials: is empty; write a name, or an object with client_id, client_secret and"
            " refresh_token"
        )
    # Told apart here, so that a mistake is told of the one that is meant.
    kind: Any = str if isinstance(value, str) else CredentialsSpec
    found: str | CredentialsSpec = parse(kind, given, place="credentials")
    return found


def _duration_at(place: str) -> Callable[[dg.ResolutionContext, Any], timedelta]:
    """Return what reads the length of time under a key."""

    def read(context: dg.ResolutionContext, value: Any) -> timedelta:
        try:
            return duration(str(resolved(context, value)))
        except ValueError as error:
            raise DeclarationError(f"{place}: {error}") from None

    return read


Credentials = Annotated[
    str | CredentialsSpec | None,
    _resolver(
        _credentials,
        str | dict[str, Any] | None,
        "A name, looked up when a run needs it; or an object of region, role_arn,"
        " aws_access_key_id, aws_secret_access_key, client_id, client_secret, refresh_token."
        " Without it, the resource's.",
        doubt=literal_secrets_warning,
    ),
]
Partitions = Annotated[
    PartitionsSpec | None,
    _key(
        PartitionsSpec | None,
        "partitions",
        str | dict[str, Any] | None,
        "hourly, daily, weekly or monthly; or an object of `every`, `start` and `timezone`. Without"
        " it, each run goes on where the last one ended, or takes everything.",
        _spelt_out,
    ),
]
Lookback = Annotated[
    timedelta,
    _resolver(
        _duration_at("lookback"),
        str | None,
        "How far before its window a run asks again: 30 minutes, 6 hours, 2 days.",
    ),
]
ReuseAge = Annotated[
    timedelta | None,
    _resolver(
        _duration_at("reuse_age"),
        str | None,
        "How old a finished report may be to be fetched rather than asked for: 30 minutes, 6 hours,"
        " 2 days; 0 minutes to ask each time. Without it, as long as Amazon makes no newer one.",
    ),
]
Columns = Annotated[
    dict[str, Literal["drop", "hash"]],
    _key(
        dict[str, Literal["drop", "hash"]],
        "columns",
        dict[str, Any] | None,
        "Columns of the tables to `drop` or `hash`, by name.",
    ),
]
Tables = Annotated[
    tuple[TableSpec, ...],
    _key(
        tuple[TableSpec, ...],
        "tables",
        list[dict[str, Any]] | None,
        "The tables loaded from the raw files, column by column; without it, one by itself.",
    ),
]
Params = Annotated[
    dict[str, ParameterValue],
    _key(
        dict[str, ParameterValue],
        "params",
        dict[str, Any] | None,
        "Request parameters: texts, numbers, booleans or lists. {marketplace_ids}, {marketplace_id}"
        " (a round of requests for each), {seller_id}, {window_start}, {window_end} (the last"
        " instant) and {window_until} (the moment after it) are filled when a run sends them.",
    ),
]
Record = Annotated[
    RecordConfig | None,
    _key(
        RecordConfig | None,
        "record_config",
        dict[str, Any] | None,
        "The record's id_field (one name or several, dotted allowed) and last_modified_field.",
    ),
]
Extensions = Annotated[
    tuple[ExtensionSpec, ...],
    _key(
        tuple[ExtensionSpec, ...],
        "extend_resources",
        list[dict[str, Any]] | None,
        "Further requests per record, stored in the record: new_field_name, path with {},"
        " path_variable_name, results_key, params, paging, extend_resources.",
    ),
]
Paging = Annotated[
    PagingSpec | None,
    _key(
        PagingSpec | None,
        "paging",
        dict[str, Any] | None,
        "Where the next page's `token` stands and the `param` that sends it back, for a path that"
        " Amazon's table does not have.",
    ),
]
Body = Annotated[
    dict[str, Any] | None,
    _key(dict[str, Any] | None, "body", dict[str, Any] | None, "The JSON body of a POST."),
]
Values = Annotated[
    ValuesSpec | None,
    _key(
        ValuesSpec | None,
        "values_from",
        dict[str, Any] | None,
        "A table whose values are asked for: table, column, param, per_request.",
    ),
]
Report = Annotated[
    ReportSpec,
    _key(
        ReportSpec,
        "report_spec",
        dict[str, Any],
        "Amazon's createReport: reportType, dataStartTime, dataEndTime, marketplaceIds,"
        " reportOptions.",
    ),
]
Encoding = Annotated[
    EncodingErrors,
    _key(
        EncodingErrors,
        "encoding_errors",
        str | None,
        "What becomes of bytes in a delimited report that are no characters: fail, or replace by"
        " \N{REPLACEMENT CHARACTER}, counted.",
    ),
]
ListedReport = Annotated[
    ListedReportSpec,
    _key(
        ListedReportSpec,
        "report_spec",
        dict[str, Any],
        "What Amazon's getReports is asked for: reportType, marketplaceIds.",
    ),
]
Schedule = Annotated[
    ScheduleSpec | None,
    _key(
        ScheduleSpec | None,
        "schedule",
        dict[str, Any] | None,
        "A schedule at Amazon that makes the reports: period, reportOptions,"
        " nextReportCreationTime. It is made so by `python -m asp_dagster.report_schedules apply`"
        " only.",
    ),
]
Overlap = Annotated[
    timedelta,
    _resolver(
        _duration_at("overlap"),
        str | None,
        "How far before its last look a run looks for new reports again: 30 days.",
    ),
]
Sums = Annotated[
    dict[str, str],
    _key(
        dict[str, str],
        "sums",
        dict[str, Any] | None,
        "Sums that an asset check holds the tables to: what is added up, `table.column`, and the"
        " column of the table's parent that says the sum.",
    ),
]
