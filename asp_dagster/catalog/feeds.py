"""What can be extracted, as data: an endpoint's records or a report's document.

Here belong: the values that a declaration is parsed into, under the names the declaration uses.
Sending requests is `spapi`'s work, writing files is `landing`'s.
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field

from asp_dagster.catalog.tables import RawFormat, TableSpec

_CLOSED = ConfigDict(extra="forbid")

ParameterValue = str | int | float | bool | list[str]


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """Which fields identify a record and date its last change.

    Attributes:
        id_field: Dotted place of the record's id, or several.
        last_modified_field: Dotted place of the time of its last change.
    """

    __pydantic_config__ = _CLOSED

    id_field: str | tuple[str, ...]
    last_modified_field: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The id fields, then the field of the last change where there is one."""
        ids = (self.id_field,) if isinstance(self.id_field, str) else self.id_field
        return (*ids, *([self.last_modified_field] if self.last_modified_field else []))


@dataclass(frozen=True, kw_only=True)
class ExtensionSpec:
    """One further request per record, whose records are stored in the record.

    Attributes:
        new_field_name: The field that receives the list of the extension's records.
        path: The path to request, with `{}` where the record's value goes.
        path_variable_name: Dotted place, in the record, of the value for `{}`.
        results_key: Where the extension's records are in the response.
        params: Parameters of the request.
    """

    __pydantic_config__ = _CLOSED

    new_field_name: str
    path: str
    path_variable_name: str
    results_key: str
    params: dict[str, ParameterValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a path that has no place, or more than one, for the record's value."""
        if self.path.count("{}") != 1:
            raise ValueError(f"path needs exactly one {{}} for {self.path_variable_name}")


@dataclass(frozen=True, kw_only=True)
class EndpointSpec:
    """A list operation of the Selling Partner API, and how its records are taken.

    Attributes:
        path: The operation's path: `/orders/v0/orders`.
        params: Parameters sent with every request. `{marketplace_ids}`, `{window_start}` and
            `{window_end}` are filled at run time.
        results_key: Where the records are in a response.
        updated_at_param: The parameter that receives the window's start.
        updated_before_param: The parameter that receives the window's last instant.
        record_config: The record's id and time of last change.
        extend_resources: Further requests per record.
    """

    __pydantic_config__ = _CLOSED

    path: str
    results_key: str
    params: dict[str, ParameterValue] = field(default_factory=dict)
    updated_at_param: str | None = None
    updated_before_param: str | None = None
    record_config: RecordConfig | None = None
    extend_resources: tuple[ExtensionSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """A report to be requested, in the words of Amazon's createReport.

    Attributes:
        report_type: Amazon's report type.
        report_options: The type's options; Amazon takes text only.
        marketplace_ids: The marketplaces; by default those of the resource.
        data_start_time: Start of the data; by default the window's.
        data_end_time: Last instant of the data; by default the window's.
    """

    __pydantic_config__ = _CLOSED

    report_type: Annotated[str, Field(alias="reportType")]
    report_options: Annotated[dict[str, str], Field(alias="reportOptions")] = field(
        default_factory=dict
    )
    marketplace_ids: Annotated[tuple[str, ...] | str, Field(alias="marketplaceIds")] = (
        "{marketplace_ids}"
    )
    data_start_time: Annotated[str, Field(alias="dataStartTime")] = "{window_start}"
    data_end_time: Annotated[str, Field(alias="dataEndTime")] = "{window_end}"


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One thing to extract and the tables it becomes.

    Attributes:
        name: The raw asset's key.
        group: The asset group, which also decides the job that runs it.
        source: The endpoint or the report.
        raw_format: What the raw file holds: JSON Lines of records, or a document of the report's
            own format.
        tables: The tables loaded from the raw file.
        one_marketplace_per_report: Whether a report covers one marketplace only, so that each
            marketplace has a document of its own.
        description: What the feed is, shown in Dagster's UI.
    """

    name: str
    group: str
    source: EndpointSpec | ReportSpec
    raw_format: RawFormat
    tables: tuple[TableSpec, ...]
    one_marketplace_per_report: bool = False
    description: str = ""

    @property
    def extension(self) -> str:
        """The raw file's extension: records are compressed, a document lands as sent."""
        return ".jsonl.gz" if self.raw_format == "jsonl" else f".{self.raw_format}"
