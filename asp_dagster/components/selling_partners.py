"""The component of several selling partners who all have the same feeds.

Here belong: `SellingPartners`, and its feeds as one line or more of YAML says them. What a single
feed may say is defined where its own component is.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import dagster as dg
from dagster.components.resolved.errors import ResolutionException  # it has no public name
from pydantic import Field, WithJsonSchema

from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning, known, parse
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.selling_partners import (
    SellingPartnerSpec,
    check_partners,
    literal_secrets_of,
)
from asp_dagster.components.declaration import DeclaredComponent
from asp_dagster.components.declared_feeds import FeedComponent, TableComponent
from asp_dagster.components.endpoint_feeds import AmazonSPApi
from asp_dagster.components.listed_report_feeds import AmazonSPListedReport
from asp_dagster.components.report_feeds import AmazonSPReport, AmazonSPReportFile
from asp_dagster.feeds.ready import component_of
from asp_dagster.key_reading import resolved, resolver

_COMPONENTS: Mapping[str, type[FeedComponent]] = {
    f"asp_dagster.{component.__name__}": component
    for component in (AmazonSPApi, AmazonSPReport, AmazonSPReportFile, AmazonSPListedReport)
}
# What a reader of the schema sees of a feed, whose keys are those of its own component.
_AS_WRITTEN = WithJsonSchema({"type": ["string", "object"]})
_OF_ACCOUNTS = ("account", "credentials", "endpoint", "marketplaces", "seller_id")


@dataclass(frozen=True)
class PartnersFeed:
    """A feed that all selling partners have.

    Attributes:
        component: What makes it, of no selling partner yet.
        group: The asset group that is written, if one is.
    """

    component: FeedComponent
    group: str | None

    @property
    def name(self) -> str:
        """Its name, as its tables have it."""
        return (self.component.name or "").removeprefix("raw_")

    def of(self, partner: SellingPartnerSpec, *, shared_tables: bool | str) -> FeedComponent:
        """Return what makes it for a selling partner, in a group of that one."""
        group = f"{partner.name}_{self.group}" if self.group else partner.name
        own = {**partner.attributes, "group": group}
        own["credentials"] = partner.credentials or partner.name
        if isinstance(self.component, TableComponent):
            own["shared_tables"] = shared_tables
        return self.component.model_copy(update=own)


def _accounts(context: dg.ResolutionContext, value: Any) -> tuple[SellingPartnerSpec, ...]:
    """Read the selling partners."""
    return parse(tuple[SellingPartnerSpec, ...], resolved(context, value), place="accounts")


def _feeds(context: dg.ResolutionContext, value: Any) -> tuple[PartnersFeed, ...]:
    """Read the feeds, each by its own component."""
    entries = parse(list[str | dict[str, Any]], value, place="feeds")
    found = tuple(_feed(context, number, entry) for number, entry in enumerate(entries))
    names = [feed.name for feed in found]
    for number, name in enumerate(names):
        if not name:
            raise DeclarationError(f"feeds.{number}.name: is missing")
        if (first := names.index(name)) != number:
            raise DeclarationError(
                f"feeds.{number}.name: is {name!r}, as that of feeds.{first}; give one another name"
            )
    return found


def _feed(
    context: dg.ResolutionContext, number: int, entry: str | Mapping[str, Any]
) -> PartnersFeed:
    written = {"feed": entry} if isinstance(entry, str) else dict(entry)
    place = f"feeds.{number}"
    for name in (*_OF_ACCOUNTS, "shared_tables"):
        if name in written:
            raise DeclarationError(
                f"{place}.{name}: is not a single feed's here; write it beside `feeds`, or in"
                " `accounts`"
            )
    try:
        component = _component(str(written.pop("type", "")), str(written.get("feed", "")))
        model = component.model().model_validate(written)
        return PartnersFeed(component.resolve_from_model(context, model), written.get("group"))
    except (DeclarationError, ResolutionException) as error:
        told = str(error).removeprefix("attributes.").replace("; attributes.", f"; {place}.")
        raise DeclarationError(f"{place}.{told}") from None


def _component(type_: str, feed: str) -> type[FeedComponent]:
    """Return the component that is named, or that of the ready feed."""
    name = type_ or (f"asp_dagster.{component_of(feed)}" if feed else "")
    if name not in _COMPONENTS:
        raise DeclarationError(
            f"type: {name!r} is none of a feed{known(_COMPONENTS)}"
            if name
            else f"type: is missing, and so is feed{known(_COMPONENTS)}"
        )
    return _COMPONENTS[name]


class SellingPartners(DeclaredComponent):
    """Gives several selling partners the same feeds, each its own assets, jobs and sensors."""

    accounts: Annotated[
        tuple[SellingPartnerSpec, ...],
        resolver(
            _accounts,
            list[dict[str, Any]],
            "The selling partners: name, credentials, endpoint, marketplaces, seller_id, without.",
            doubt=literal_secrets_of,
        ),
    ]
    feeds: Annotated[
        tuple[Annotated[PartnersFeed, _AS_WRITTEN], ...],
        resolver(
            _feeds,
            list[str | dict[str, Any]],
            "The feeds: a default or ready feed by its name; or `feed` with keys that go before"
            " its own; or a `type` of a single feed with its keys.",
        ),
    ]
    shared_tables: bool | str = Field(
        default=False,
        description="false: each selling partner's tables are in a schema of its name. true: all"
        " have the same tables, and `_account` tells whose a row is; a name: the same, in the"
        " schema of that name.",
    )

    def components(self) -> Iterator[tuple[str, FeedComponent]]:
        """Yield what makes each feed of each selling partner, with its place in the declaration.

        Raises:
            DeclarationError: Selling partners cannot be told apart, or go without what is not.
        """
        check_partners(self.accounts, [feed.name for feed in self.feeds])
        for number, partner in enumerate(self.accounts):
            for position, feed in enumerate(self.feeds):
                if feed.name not in partner.without:
                    place = f"accounts.{number} ({partner.name}), feeds.{position} ({feed.name})"
                    yield place, feed.of(partner, shared_tables=self.shared_tables)

    def declared(self) -> Sequence[Feed]:
        """Return all feeds of all selling partners, as values."""
        return [component.declared() for _, component in self.components()]

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the assets, jobs and sensors of every feed of every selling partner."""
        file, told = context.component_path.file_path, set[str]()
        found = [_definitions(place, each, file, told) for place, each in self.components()]
        return dg.Definitions.merge(*found)


def _definitions(
    place: str, component: FeedComponent, file: Path, told: set[str]
) -> dg.Definitions:
    """Return what becomes of a feed; what is said of it names its place, and none is said twice."""
    try:
        with warnings.catch_warnings(record=True) as doubts:
            definitions = component.definitions(file)
    except DeclarationError as error:
        raise DeclarationError(f"{place}: {error}") from None
    for doubt in doubts:
        if str(doubt.message) not in told:
            warnings.warn(f"{place}: {doubt.message}", DeclarationWarning, stacklevel=2)
            told.add(str(doubt.message))
    return definitions
