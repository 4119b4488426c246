"""The declaration language: what stands in a `defs.yaml` becomes assets.

Here belong: one component for each kind of extraction, its keys and their descriptions. What a key
means is defined where its value lives, in `catalog`.

https://docs.dagster.io/guides/build/components
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import dagster as dg
from pydantic import Field
from typing_extensions import TypeForm

from asp_dagster.assets import build_feed_assets
from asp_dagster.catalog.declarations import check_tables, parse
from asp_dagster.catalog.feeds import (
    EndpointSpec,
    ExtensionSpec,
    Feed,
    ParameterValue,
    RecordConfig,
    ReportSpec,
)
from asp_dagster.catalog.tables import RawFormat, TableSpec

Spec = TypeVar("Spec")


def _parsed(spec_type: TypeForm[Spec], place: str) -> Callable[[dg.ResolutionContext, Any], Spec]:
    """Resolve templates first, then check: a mistake is named by its dotted place."""

    def resolve(context: dg.ResolutionContext, value: Any) -> Spec:
        return parse(spec_type, _resolved(context, value), place=place)

    return resolve


def _resolved(context: dg.ResolutionContext, value: Any) -> Any:
    """Resolve `{{ templates }}` and nothing else: Dagster makes a number of the text "123"."""
    if isinstance(value, Mapping):
        return {name: _resolved(context, entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_resolved(context, entry) for entry in value]
    return context.resolve_value(value) if isinstance(value, str) and "{{" in value else value


Tables = Annotated[
    tuple[TableSpec, ...],
    dg.Resolver(
        _parsed(tuple[TableSpec, ...], "tables"),
        model_field_type=list[dict[str, Any]],
        description="The tables loaded from the raw files.",
    ),
]


class _FeedComponent(dg.Component, dg.Model, dg.Resolvable):
    """The keys that every feed has."""

    name: str = Field(description="The raw asset's key.")
    group: str = Field(default="amazon", description="The asset group.")
    description: str = Field(default="", description="What the feed is, shown in the UI.")
    tables: Tables = ()

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002 - Dagster passes it
        """Return the feed's assets."""
        check_tables(self.tables)
        return dg.Definitions(assets=build_feed_assets(self.feed()))

    def feed(self) -> Feed:
        """Return what is declared, as a value."""
        raise NotImplementedError


class AmazonSPApi(_FeedComponent):
    """Lands the records of any list operation of the Selling Partner API, and loads them."""

    path: str = Field(description="The operation's path: /orders/v0/orders")
    results_key: str = Field(description="Where the records are in a response.")
    params: Annotated[
        dict[str, ParameterValue],
        dg.Resolver(
            _parsed(dict[str, ParameterValue], "params"),
            model_field_type=dict[str, Any],
            description="Parameters sent with every request.",
        ),
    ] = Field(default_factory=dict)
    updated_at_param: str | None = Field(
        default=None, description="The parameter that receives the window's start."
    )
    updated_before_param: str | None = Field(
        default=None, description="The parameter that receives the window's last instant."
    )
    record_config: Annotated[
        RecordConfig | None,
        dg.Resolver(
            _parsed(RecordConfig, "record_config"),
            model_field_type=dict[str, Any],
            description="The record's id_field and last_modified_field.",
        ),
    ] = None
    extend_resources: Annotated[
        tuple[ExtensionSpec, ...],
        dg.Resolver(
            _parsed(tuple[ExtensionSpec, ...], "extend_resources"),
            model_field_type=list[dict[str, Any]],
            description="Further requests per record, stored in the record.",
        ),
    ] = ()

    def feed(self) -> Feed:
        """Return the declared endpoint and its tables."""
        source = EndpointSpec(
            path=self.path,
            results_key=self.results_key,
            params=self.params,
            updated_at_param=self.updated_at_param,
            updated_before_param=self.updated_before_param,
            record_config=self.record_config,
            extend_resources=self.extend_resources,
        )
        return Feed(
            name=self.name,
            group=self.group,
            description=self.description,
            source=source,
            raw_format="jsonl",
            tables=self.tables,
        )


class AmazonSPReport(_FeedComponent):
    """Lands the document of a requestable report as Amazon made it, and loads its rows."""

    report_spec: Annotated[
        ReportSpec,
        dg.Resolver(
            _parsed(ReportSpec, "report_spec"),
            model_field_type=dict[str, Any],
            description="Amazon's createReport: reportType, reportOptions, marketplaceIds, dates.",
        ),
    ]
    file_format: str = Field(description="The document's format: JSON or TSV, in any case.")
    one_marketplace_per_report: bool = Field(
        default=False, description="Whether each marketplace needs a report of its own."
    )

    def feed(self) -> Feed:
        """Return the declared report and its tables."""
        return Feed(
            name=self.name,
            group=self.group,
            description=self.description,
            source=self.report_spec,
            raw_format=parse(RawFormat, self.file_format.lower(), place="file_format"),
            tables=self.tables,
            one_marketplace_per_report=self.one_marketplace_per_report,
        )
