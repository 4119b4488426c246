"""What the components of all feeds share: their keys, and the way from a declaration to assets.

Here belongs: what is true of every feed, and of every feed with tables.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from asp_dagster import keys
from asp_dagster.assets import build_feed_assets
from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning, known
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.feeds import Account, Feed, Pii
from asp_dagster.catalog.personal_data import with_personal_data
from asp_dagster.catalog.tables import InferredTable, RawFormat, TableSpec
from asp_dagster.checks.running import refuse_unknown
from asp_dagster.components.declaration import DeclaredComponent
from asp_dagster.jobs import build_feed_job
from asp_dagster.schedules import build_feed_schedules
from asp_dagster.sensors import build_report_sensor
from asp_dagster.warehouse import TableSpecError


class FeedComponent(DeclaredComponent):
    """The keys that every feed has."""

    name: str | None = Field(
        default=None,
        description="The asset key of the raw files; a feed with tables puts raw_ before it."
        " Without it, the name of the declaration's folder.",
    )
    group: str = Field(default="amazon", description="The asset group.")
    description: str = Field(default="", description="What the feed is, shown in the UI.")
    owners: list[str] = Field(
        default_factory=list, description="Who answers for it: e-mail addresses, or team:…"
    )
    tags: dict[str, str] = Field(default_factory=dict, description="Dagster's tags.")
    freshness: keys.Freshness = None
    account: str | None = Field(
        default=None,
        description="A name of yours for the selling partner: it stands before the asset keys,"
        " names the schema of the tables, and the credentials unless these are given.",
    )
    credentials: keys.Credentials = None
    endpoint: str | None = Field(
        default=None,
        description="Base URL of the selling region: https://sellingpartnerapi-na.amazon.com."
        " Without it, the resource's.",
    )
    marketplaces: list[str] = Field(
        default_factory=list, description="Marketplace ids. Without them, the resource's."
    )
    seller_id: str | None = Field(
        default=None,
        description="The selling partner's id, for paths with {seller_id}. Without it, the"
        " resource's.",
    )
    partitions: keys.Partitions = None
    pii: Pii = Field(
        default="exclude",
        description="exclude: personal data of customers is not asked for, and what Amazon sends"
        " anyway is in no table. include: it is asked for, with the restricted data token or parts"
        " of the answer that it takes."
        " https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide",
    )
    cron_schedule: str | None = Field(
        default=None,
        description="When the feed's schedule ticks, `30 6 * * *`; none for no schedule. Without"
        " it, when the data are ready. The schedule is off until it is turned on.",
    )
    checks: bool | dict[str, bool] = Field(
        default=True,
        description="Asset checks are on; false turns all of the feed off, name: false one.",
    )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the feed's assets, its job, its schedule, and the sensor it may wait for."""
        return self.definitions(context.component_path.file_path)

    def definitions(self, file: Path) -> dg.Definitions:
        """Return all that belongs to the feed that a file or folder declares."""
        feed = self.declared(file.parent.name if file.suffix else file.name)
        refuse_unknown(self.checks)
        for sentence in check_feed(feed, today=datetime.now(UTC).date()):
            warnings.warn(f"{feed.name}: {sentence}", DeclarationWarning, stacklevel=2)
        check_inferred(feed.tables, feed.raw_format)
        feed = with_personal_data(feed)
        assets = build_feed_assets(feed)
        job = build_feed_job(feed, assets)
        sensors = [build_report_sensor(feed, job)] if feed.wait == "sensor" else []
        schedules = build_feed_schedules(feed, job, self.cron_schedule)
        return dg.Definitions(assets=assets, jobs=[job], sensors=sensors, schedules=schedules)

    def declared(self, default_name: str = "") -> Feed:
        """Return what is declared, as a value.

        Args:
            default_name: What the feed is called unless the declaration says.
        """
        raise NotImplementedError

    def _common(self, default_name: str) -> dict[str, Any]:
        """Return what every feed takes from its declaration."""
        return {
            "name": self.name or default_name,
            "group": self.group,
            "description": self.description,
            "owners": tuple(self.owners),
            "tags": self.tags,
            "freshness": self.freshness,
            "partitions": self.partitions,
            "pii": self.pii,
            "checks": self.checks,
            "account": Account(
                name=self.account,
                credentials=self.credentials or self.account,
                endpoint=self.endpoint,
                marketplaces=tuple(self.marketplaces),
                seller_id=self.seller_id,
            ),
        }


class TableComponent(FeedComponent):
    """The keys of the feeds that become tables."""

    table: str | bool = Field(
        default=True,
        description="The table's name, or schema.name; false for raw files only. Without it, the"
        " feed's name.",
    )
    tables: keys.Tables = ()
    shared_tables: bool | str = Field(
        default=False,
        description="true: the tables hold the rows of several accounts, and the column `_account`"
        " tells whose each is; a name: the same, in the schema of that name.",
    )
    columns: keys.Columns = Field(default_factory=dict)
    personal_columns: keys.PersonalColumns = None
    record_config: keys.Record = None
    rows: str | None = Field(
        default=None,
        description="Place of the list whose entries are the table's rows; without it, each record"
        " is a row.",
    )

    def _with_tables(self, default_name: str) -> dict[str, Any]:
        """Return what every feed with tables takes from its declaration."""
        common = self._common(default_name)
        stem = common["name"].removeprefix("raw_")
        if mistakes := list(self._contradictions()):
            raise DeclarationError("; ".join(mistakes))
        schema, _, table = (self.table if isinstance(self.table, str) else "").rpartition(".")
        tables = () if self.table is False else self.tables or (self._inferred(table or stem),)
        return {
            **common,
            "name": f"raw_{stem}" if tables else common["name"],
            "schema": schema or None,
            "shared_tables": bool(tables) and self.shared_tables,
            "personal_columns": self.personal_columns,
            "tables": tuple(_with_columns(table, self.columns) for table in tables),
        }

    def _contradictions(self) -> Iterator[str]:
        """Name keys that mean nothing beside the table, or the tables, that is declared."""
        if self.tables and self.table is not True:
            yield "table: goes without `tables`, where each table has its name"
        if self.rows and (self.tables or self.table is False):
            yield "rows: is for the table that makes itself; in `tables`, each has its own"
        if self.columns and self.table is False:
            yield "columns: are a table's; a raw file holds what Amazon sent, all of it"
        declared = {name: None for table in self.tables for name in table.columns}
        for name in self.columns if self.tables else ():
            if name not in declared:
                yield f"columns.{name}: no table has it{known(declared)}"

    def _inferred(self, name: str) -> InferredTable:
        config = self.record_config
        return InferredTable(
            name=name,
            rows=self.rows,
            key=config.ids if config else (),
            newest_by=config.last_modified_field if config else None,
            description=self.description,
        )


def check_inferred(tables: Iterable[TableSpec | InferredTable], raw_format: RawFormat) -> None:
    """Refuse tables that make themselves but could not be told what identifies their rows.

    Raises:
        DeclarationError: When a table drops its key, or conceals what tells the newer of two rows.
    """
    for table in tables:
        if isinstance(table, InferredTable):
            # Imported here: no feed that comes with the package has such a table.
            from asp_dagster.warehouse.inferring.identity import Identity  # noqa: PLC0415

            try:
                Identity.of(table, raw_format)
            except TableSpecError as error:
                raise DeclarationError(f"columns: {error}") from error


def _with_columns(
    table: TableSpec | InferredTable, choices: Mapping[str, Literal["drop", "hash"]]
) -> TableSpec | InferredTable:
    """Return a table without the columns to drop, and with those to hash hashed."""
    if isinstance(table, InferredTable):
        return replace(table, columns=dict(choices))
    columns = {
        name: replace(column, hashed=True) if choices.get(name) == "hash" else column
        for name, column in table.columns.items()
        if choices.get(name) != "drop"
    }
    return replace(table, columns=columns)
