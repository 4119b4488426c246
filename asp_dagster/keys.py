"""The keys of a declaration, in one place for all components.

What a key means is defined where its value lives, in `catalog`; how it is read is said in
`key_reading`; which keys there are is held against what is written in `key_checks`.

https://docs.dagster.io/guides/build/components
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

import dagster as dg

from asp_dagster.catalog.accounts import CredentialsSpec, literal_secrets_warning
from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.endpoints import (
    ExtensionSpec,
    PagingSpec,
    ParameterValue,
    RecordConfig,
    ValuesSpec,
)
from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.listed_reports import ListedReportSpec
from asp_dagster.catalog.personal_columns import Treatment
from asp_dagster.catalog.report_schedules import ScheduleSpec
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.key_reading import duration_at, key, resolved, resolver


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


def _freshness(context: dg.ResolutionContext, value: Any) -> timedelta | Literal["none"]:
    """Read a length of time that Dagster can tell, or `none`."""
    if value == "none":
        return "none"
    longest = duration_at("freshness")(context, value)
    if longest < timedelta(minutes=1):
        raise DeclarationError(f"freshness: {value!r} is less than a minute; write more, or none")
    return longest


Credentials = Annotated[
    str | CredentialsSpec | None,
    resolver(
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
    key(
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
    resolver(
        duration_at("lookback"),
        str | None,
        "How far before its window a run asks again: 30 minutes, 6 hours, 2 days.",
    ),
]
Freshness = Annotated[
    timedelta | Literal["none"] | None,
    resolver(
        _freshness,
        str | None,
        "The longest time between two materializations, 26 hours: beyond it the assets are shown as"
        " late. none: they never are. Without it, twice a partition's length.",
    ),
]
ReuseAge = Annotated[
    timedelta | None,
    resolver(
        duration_at("reuse_age"),
        str | None,
        "How old a finished report may be to be fetched rather than asked for: 30 minutes, 6 hours,"
        " 2 days; 0 minutes to ask each time. Without it, as long as Amazon makes no newer one.",
    ),
]
Columns = Annotated[
    dict[str, Literal["drop", "hash"]],
    key(
        dict[str, Literal["drop", "hash"]],
        "columns",
        dict[str, Any] | None,
        "Columns of the tables to `drop` or `hash`, by name.",
    ),
]
PersonalColumns = Annotated[
    Treatment | dict[str, Treatment] | None,
    key(
        Treatment | dict[str, Treatment] | None,
        "personal_columns",
        str | dict[str, Any] | None,
        "keep, hash or drop, for all personal data or by column; it is kept by default.",
    ),
]
Tables = Annotated[
    tuple[TableSpec, ...],
    key(
        tuple[TableSpec, ...],
        "tables",
        list[dict[str, Any]] | None,
        "The tables loaded from the raw files, column by column; without it, one by itself.",
    ),
]
Params = Annotated[
    dict[str, ParameterValue],
    key(
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
    key(
        RecordConfig | None,
        "record_config",
        dict[str, Any] | None,
        "The record's id_field (one name or several, dotted allowed) and last_modified_field.",
    ),
]
Extensions = Annotated[
    tuple[ExtensionSpec, ...],
    key(
        tuple[ExtensionSpec, ...],
        "extend_resources",
        list[dict[str, Any]] | None,
        "Further requests per record, stored in the record: new_field_name, path with {},"
        " path_variable_name, results_key, params, paging, extend_resources.",
    ),
]
Paging = Annotated[
    PagingSpec | None,
    key(
        PagingSpec | None,
        "paging",
        dict[str, Any] | None,
        "Where the next page's `token` stands and the `param` that sends it back, for a path that"
        " Amazon's table does not have.",
    ),
]
Body = Annotated[
    dict[str, Any] | None,
    key(dict[str, Any] | None, "body", dict[str, Any] | None, "The JSON body of a POST."),
]
Values = Annotated[
    ValuesSpec | None,
    key(
        ValuesSpec | None,
        "values_from",
        dict[str, Any] | None,
        "A table whose values are asked for: table, column, param, per_request.",
    ),
]
Report = Annotated[
    ReportSpec,
    key(
        ReportSpec,
        "report_spec",
        dict[str, Any],
        "Amazon's createReport: reportType, dataStartTime, dataEndTime, marketplaceIds,"
        " reportOptions.",
    ),
]
Encoding = Annotated[
    EncodingErrors,
    key(
        EncodingErrors,
        "encoding_errors",
        str | None,
        "What becomes of bytes in a delimited report that are no characters: fail, or replace by"
        " \N{REPLACEMENT CHARACTER}, counted.",
    ),
]
ListedReport = Annotated[
    ListedReportSpec,
    key(
        ListedReportSpec,
        "report_spec",
        dict[str, Any],
        "What Amazon's getReports is asked for: reportType, marketplaceIds.",
    ),
]
Schedule = Annotated[
    ScheduleSpec | None,
    key(
        ScheduleSpec | None,
        "schedule",
        dict[str, Any] | None,
        "A schedule at Amazon that makes the reports: period, reportOptions,"
        " nextReportCreationTime. It is made so by `asp schedules apply`"
        " only.",
    ),
]
Overlap = Annotated[
    timedelta,
    resolver(
        duration_at("overlap"),
        str | None,
        "How far before its last look a run looks for new reports again: 30 days.",
    ),
]
Sums = Annotated[
    dict[str, str],
    key(
        dict[str, str],
        "sums",
        dict[str, Any] | None,
        "Sums that an asset check holds the tables to: what is added up, `table.column`, and the"
        " column of the table's parent that says the sum.",
    ),
]
