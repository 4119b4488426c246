"""The requests that an endpoint's feed consists of, as data: the operation and its extensions.

Here belong: the values that the keys of `asp_dagster.AmazonSPApi` are parsed into, under the same
names. Whether an operation takes what is declared is said in `endpoint_checks`; sending requests is
`spapi`'s work, joining their answers `landing`'s.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict

_CLOSED = ConfigDict(extra="forbid")

_ORDER_ITEMS = "/orders/v0/orders/{}/orderItems"

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
    def ids(self) -> tuple[str, ...]:
        """The id fields."""
        return (self.id_field,) if isinstance(self.id_field, str) else self.id_field

    @property
    def fields(self) -> tuple[str, ...]:
        """The id fields, then the field of the last change where there is one."""
        return (*self.ids, *([self.last_modified_field] if self.last_modified_field else []))


@dataclass(frozen=True, kw_only=True)
class PagingSpec:
    """How a list operation that Amazon's table does not have is paged.

    Attributes:
        token: Dotted place of the next page's token in a response: `pagination.nextToken`.
        param: The parameter that sends it back: `paginationToken`.
        token_only: Whether the token is sent alone, without the other parameters.
    """

    __pydantic_config__ = _CLOSED

    token: str
    param: str
    token_only: bool = False


@dataclass(frozen=True, kw_only=True)
class ExtensionSpec:
    """One further request per record, whose records are stored in the record.

    Attributes:
        new_field_name: The field that receives the list of the extension's records; null where
            Amazon does not know the record (404).
        path: The path to request, with a `{}` for each of the record's values.
        path_variable_name: Dotted place, in the record, of the value for `{}`; several, one for
            each `{}`. A leading `^.` starts from the record around. A place that leads to a list,
            or through one, asks once for each of its values and stores all that comes. A list
            that a record may lack is marked: `packages[].trackingId`; without the mark, a record
            without the value is an error.
        results_key: Where the extension's records are in a response; without it, where Amazon's
            table says.
        params: Parameters of the request.
        paging: How it is paged, for an operation that Amazon's table does not have.
        extend_resources: Further requests per record of the extension.
    """

    __pydantic_config__ = _CLOSED

    new_field_name: str
    path: str
    path_variable_name: str | tuple[str, ...] = ()
    results_key: str | None = None
    params: dict[str, ParameterValue] = field(default_factory=dict)
    paging: PagingSpec | None = None
    extend_resources: tuple["ExtensionSpec", ...] = ()

    @property
    def path_variables(self) -> tuple[str, ...]:
        """The places of the values for each `{}`, in order."""
        name = self.path_variable_name
        return (name,) if isinstance(name, str) else name


@dataclass(frozen=True, kw_only=True)
class ValuesSpec:
    """Values from a table that is already in the warehouse, asked for a few at a time.

    Attributes:
        table: The table, which is an asset too: it is loaded first.
        column: The column; each of its values is asked for once.
        param: The parameter that receives the values, joined by commas.
        per_request: How many values one request takes.
    """

    __pydantic_config__ = _CLOSED

    table: str
    column: str
    param: str
    per_request: int = 20


@dataclass(frozen=True, kw_only=True)
class EndpointSpec:
    """A list operation of the Selling Partner API, and how its records are taken.

    Attributes:
        path: The operation's path: `/orders/v0/orders`. `{seller_id}` is filled at run time.
        params: Parameters sent with every request. `{marketplace_ids}`, `{marketplace_id}` (one
            round of requests for each marketplace), `{seller_id}`, `{window_start}`,
            `{window_end}` (the window's last instant) and `{window_until}` (the first moment after
            it) are filled at run time.
        results_key: Where the records are in a response; without it, where Amazon's table says.
        updated_at_param: The parameter that receives the window's start.
        updated_before_param: The parameter that receives the window's last instant.
        record_config: The record's id and time of last change.
        extend_resources: Further requests per record.
        method: POST for the few searches that are one.
        body: The JSON body of a POST; placeholders are filled as in params.
        paging: How it is paged, for an operation that Amazon's table does not have.
        values_from: A table whose values are asked for.
        reuse_extensions: Whether the extensions of a record that has not changed are taken from
            the earlier raw file; by default those that cannot have changed: order items.
        personal_data: Whether personal data is asked for too, where that takes a token.
    """

    __pydantic_config__ = _CLOSED

    path: str
    results_key: str | None = None
    params: dict[str, ParameterValue] = field(default_factory=dict)
    updated_at_param: str | None = None
    updated_before_param: str | None = None
    record_config: RecordConfig | None = None
    extend_resources: tuple[ExtensionSpec, ...] = ()
    method: Literal["GET", "POST"] = "GET"
    body: dict[str, Any] | None = None
    paging: PagingSpec | None = None
    values_from: ValuesSpec | None = None
    reuse_extensions: bool | None = None
    personal_data: bool = False

    @property
    def reusable_extensions(self) -> tuple[ExtensionSpec, ...]:
        """The extensions that are not asked for again as long as their record has not changed."""
        config = self.record_config
        if config is None or config.last_modified_field is None:
            return ()
        by_default = {_ORDER_ITEMS} if self.reuse_extensions is None else set()
        return tuple(
            each
            for each in self.extend_resources
            if self.reuse_extensions or each.path in by_default
        )
