"""What can be extracted, as data: an endpoint's records or a report's document, and its tables.

Here belong: the values that a declaration is parsed into, under the names the declaration uses.
An endpoint's requests are in `endpoints`, tables in `tables`, credentials in `accounts`. Sending
requests is `spapi`'s work, writing files is `landing`'s.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field

from asp_dagster.catalog.accounts import CredentialsSpec
from asp_dagster.catalog.bulk_orders import Backfill
from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.personal_columns import Treatment
from asp_dagster.catalog.tables import InferredTable, RawFormat, TableSpec

_CLOSED = ConfigDict(extra="forbid")

ReportFormat = Literal["csv", "tsv", "json", "xml", "xlsx", "pdf", "zip"]
Cadence = Literal["hourly", "daily", "weekly", "monthly"]
Wait = Literal["in_run", "sensor"]
"""Whether a run stays until its reports are made, or leaves them to a sensor."""

Pii = Literal["exclude", "include"]
"""Whether personal data is left out, or asked for."""


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """A report to be requested, in the words of Amazon's createReport.

    Attributes:
        report_type: Amazon's report type.
        report_options: The type's options; Amazon takes text only.
        marketplace_ids: The marketplaces; by default those of the feed.
        data_start_time: Start of the data; by default the partition's, and none without
            partitions.
        data_end_time: Last instant of the data; likewise.
    """

    __pydantic_config__ = _CLOSED

    report_type: Annotated[str, Field(alias="reportType", min_length=1)]
    report_options: Annotated[dict[str, str], Field(alias="reportOptions")] = field(
        default_factory=dict
    )
    marketplace_ids: Annotated[tuple[str, ...] | str, Field(alias="marketplaceIds")] = (
        "{marketplace_ids}"
    )
    data_start_time: Annotated[str | None, Field(alias="dataStartTime")] = None
    data_end_time: Annotated[str | None, Field(alias="dataEndTime")] = None


@dataclass(frozen=True, kw_only=True)
class PartitionsSpec:
    """Into which stretches of time a feed is cut.

    Attributes:
        every: How long a partition is.
        start: The first day, `2026-01-01`; by default `ASP_START_DATE`.
        timezone: The zone in which days begin: `Europe/Berlin`.
    """

    __pydantic_config__ = _CLOSED

    every: Cadence
    start: date | None = None
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse a time zone that does not exist."""
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(
                f"timezone {self.timezone!r} does not exist; write it as Europe/Berlin"
            ) from None


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose data a feed extracts; what is not said here is the resource's.

    Attributes:
        name: A name of ours for the selling partner: it stands before the asset keys.
        credentials: The name of the credentials, or the credentials.
        endpoint: Base URL of the selling region.
        marketplaces: The marketplace ids.
        seller_id: The selling partner's id, for paths that hold it.
    """

    name: str | None = None
    credentials: str | CredentialsSpec | None = None
    endpoint: str | None = None
    marketplaces: tuple[str, ...] = ()
    seller_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One thing to extract and the tables it becomes.

    Attributes:
        name: The raw asset's name.
        group: The asset group, which also decides the job that runs it.
        source: The endpoint or the report.
        raw_format: What the raw file holds: JSON Lines of records, or a document of the report's
            own format.
        tables: The tables loaded from the raw file.
        account: Whose data it is, and where it is asked for.
        schema: The schema of the tables; by default the account's name, or the warehouse's.
        shared_tables: Whether the tables hold the rows of several accounts; if a name, in that
            schema, else in the warehouse's.
        partitions: Into which stretches of time it is cut, if it is.
        lookback: How far before its window a run asks again, for data that still changes.
        backfill: How partitions of the past may be had, besides by the API.
        notifications: Whether orders that notifications tell to have changed are fetched; without
            it, if it is one of the newest version's that can.
        one_marketplace_per_report: Whether a report covers one marketplace only, so that each
            marketplace has a document of its own.
        wait: Where a report is waited for.
        reuse_age: How old a finished report may be to be fetched rather than asked for; by default
            its type's cool-down.
        output: Name or path of the file that a report is saved as; `{partition}`, `{start}`,
            `{end}`, `{account}` and `{marketplace_id}` are filled at run time.
        encoding_errors: What becomes of bytes in a delimited report that are no characters.
        pii: Whether personal data of customers is left out, or asked for.
        personal_columns: What becomes of personal data in the tables: of all, or by the column's
            name; of what is not named, and without it, all is kept.
        checks: Whether its tables are checked, or which checks are, by name.
        freshness: The longest time between two materializations; by default twice a partition's
            length, and `none` for any.
        description: What the feed is, shown in Dagster's UI.
        owners: Who answers for it: e-mail addresses, or `team:…`.
        tags: Dagster's tags.
    """

    name: str
    group: str
    source: EndpointSpec | ReportSpec
    raw_format: RawFormat
    tables: tuple[TableSpec | InferredTable, ...] = ()
    account: Account = field(default_factory=Account)
    schema: str | None = None
    shared_tables: bool | str = False
    partitions: PartitionsSpec | None = None
    lookback: timedelta = timedelta(0)
    backfill: Backfill | None = None
    notifications: bool | None = None
    one_marketplace_per_report: bool = False
    wait: Wait = "in_run"
    reuse_age: timedelta | None = None
    output: str | None = None
    encoding_errors: EncodingErrors = "fail"
    pii: Pii = "exclude"
    personal_columns: Treatment | dict[str, Treatment] | None = None
    checks: bool | dict[str, bool] = True
    freshness: timedelta | Literal["none"] | None = None
    description: str = ""
    owners: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    def has_check(self, name: str) -> bool:
        """Tell whether a check is on, as all are unless they are turned off."""
        return self.checks if isinstance(self.checks, bool) else self.checks.get(name, True)

    @property
    def summary(self) -> str:
        """What the feed is: its description, or what it asks Amazon for."""
        source = self.source
        asked = (
            f"The records of {source.method} {source.path}, as Amazon sent them."
            if isinstance(source, EndpointSpec)
            else f"The report {source.report_type}, as Amazon made it."
        )
        return self.description or asked

    @property
    def stem(self) -> str:
        """The feed's name without `raw_`: what its tables and its job are called after."""
        return self.name.removeprefix("raw_")

    @property
    def full_name(self) -> str:
        """The stem behind the account's name: `acme_orders`."""
        return "_".join([*([self.account.name] if self.account.name else []), self.stem])

    @property
    def table_schema(self) -> str | None:
        """The schema of the tables, if it is not the warehouse's own."""
        if self.schema or self.shared_tables:
            return self.schema or (None if self.shared_tables is True else str(self.shared_tables))
        return self.account.name.lower() if self.account.name else None

    @property
    def row_account(self) -> str | None:
        """Whose rows it brings to tables that several accounts share."""
        return self.account.name if self.shared_tables else None

    @property
    def is_dated(self) -> bool:
        """Whether its requests say from when on they ask."""
        source = self.source
        updated_at = (
            source.updated_at_param if isinstance(source, EndpointSpec) else "dataStartTime"
        )
        return updated_at is not None or "{window_start}" in repr(source)

    @property
    def asks_for_marketplaces(self) -> bool:
        """Whether its requests name the marketplaces of the account, and not only their own."""
        return "{marketplace_id" in repr(self.source)

    @property
    def is_incremental(self) -> bool:
        """Whether each run goes on where the last one ended: dated, and without partitions."""
        source = self.source
        return (
            self.partitions is None
            and isinstance(source, EndpointSpec)
            and source.updated_at_param is not None
        )

    @property
    def is_snapshot(self) -> bool:
        """Whether each run takes everything anew: neither partitions nor a date to go on from."""
        return self.partitions is None and not self.is_incremental

    @property
    def extension(self) -> str:
        """The raw file's extension: records are compressed, a document lands as sent."""
        return ".jsonl.gz" if self.raw_format == "jsonl" else f".{self.raw_format}"
