"""Makes the assets of listed reports: the raw files of those that are found, and their tables.

One step does all of it, so that one run of the job is enough: it looks what Amazon lists, lands
what has not landed, and loads what is not loaded. A report that cannot be fetched or read stops no
other; the step fails at its end, naming it. The assets have no partitions, since a run begins
without knowing which reports there are; those are shown beside them, see `partitions`. Raw files
and `_partition` have Amazon's report id.

What is known from one run to the next: the raw files tell what has landed, the warehouse what is
loaded, and the cursor when the last look was that left nothing behind.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.assets import RAW_IO_MANAGER, raw_key, table_asset_spec, table_key, table_keys
from asp_dagster.checks.raw_check import Asking
from asp_dagster.checks.running import (
    LoadedFeed,
    raw_check_results,
    warned_of,
)
from asp_dagster.failures import clear_failures
from asp_dagster.io_managers import RawPartitions, land_file
from asp_dagster.landing import ReportsLeftError, UnexpectedDocumentError
from asp_dagster.listed.checks import (
    check_specs,
    fail_after,
    look_checks,
    sum_check,
    warn_after,
)
from asp_dagster.listed.feeds import ListedFeed
from asp_dagster.listed.loads import ListedLoads, landed_reports, register_of
from asp_dagster.listed.metadata import load_metadata, look_metadata, reports_metadata
from asp_dagster.listed.partitions import show_documents
from asp_dagster.located import feed_metadata
from asp_dagster.logs import shown_in_run
from asp_dagster.looks import Looks, freshness, raw_code_version, raw_kinds
from asp_dagster.metadata import LandedFile, landing_metadata
from asp_dagster.pools import partner_pool
from asp_dagster.spapi import (
    DocumentError,
    NotFoundError,
    ResponseError,
    SystemClock,
)
from asp_dagster.windows import REBUILD

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.landing import Listing, Look, RawStore
    from asp_dagster.state import Cursors

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_OF_ONE_REPORT = (DocumentError, NotFoundError, ResponseError, UnexpectedDocumentError)
"""The errors that are about one document, and say nothing about the next."""


def build_listed_assets(listed: ListedFeed) -> dg.AssetsDefinition:
    """Return the assets of listed reports, which one step makes."""
    feed = listed.feed
    tables = [*feed.tables, register_of(feed)] if feed.tables else []
    looks = Looks.of(feed)

    @dg.multi_asset(
        name="_".join(["list", *raw_key(feed).path]),
        specs=[_raw_spec(listed, looks), *(table_asset_spec(feed, each, looks) for each in tables)],
        check_specs=check_specs(listed),
        required_resource_keys={"amazon", "state", "warehouse", RAW_IO_MANAGER},
        can_subset=True,
        pool=partner_pool(feed.account),
    )
    def listed_reports(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = _Run(listed, context)
        if raw_key(feed) in context.selected_asset_keys:
            yield run.land()
        if any(key != raw_key(feed) for key in context.selected_asset_keys):
            yield from run.load()
        run.finish()

    return listed_reports


def _raw_spec(listed: ListedFeed, looks: Looks) -> dg.AssetSpec:
    feed = listed.feed
    return dg.AssetSpec(
        key=raw_key(feed),
        group_name=feed.group,
        description=looks.description(feed.summary),
        owners=feed.owners,
        tags=looks.tags,
        kinds=raw_kinds(feed),
        code_version=raw_code_version(feed),
        metadata=feed_metadata(feed, is_listed=True),
        freshness_policy=_freshness(listed),
    ).with_io_manager_key(RAW_IO_MANAGER)


def _freshness(listed: ListedFeed) -> dg.FreshnessPolicy | None:
    """Return when the reports are late: it tells also when no run comes to tell it."""
    if listed.feed.freshness:
        return freshness(listed.feed)
    known = listed.report_type
    return dg.FreshnessPolicy.time_window(
        fail_window=fail_after(known), warn_window=warn_after(known)
    )


@dataclass
class _Run:
    """One run over listed reports.

    Attributes:
        listed: What is declared.
        context: Dagster's.
        left: Why reports have not landed, or are not loaded, by their ids.
    """

    listed: ListedFeed
    context: dg.AssetExecutionContext
    left: dict[str, str] = field(default_factory=dict)

    def land(self) -> dg.MaterializeResult[None]:
        """Look for reports, and land what is new."""
        feed, amazon = self.listed.feed, self.context.resources.amazon
        asking = Asking(feed=feed, amazon=amazon, today=SystemClock().now().date())
        before_asking = self._told(raw_check_results(asking, raw_key(feed)))
        with clear_failures(), shown_in_run(self.context.log):
            client = amazon.get_client(feed.account)
            before = client.statistics.snapshot()
            last_look = self._last_look()
            listing = self.listed.listing(client)
            look = self._look(listing, last_look)
            with client.statistics.pace() as pace:
                files = dict(self._land(listing, look))
            show_documents(self.context, feed, landed_reports(feed, self._store), files)
            if not self.left:
                self._looked(look)
            used = client.statistics.snapshot() - before
        seen = self._told(look_checks(raw_key(feed), self.listed.report_type, look, last_look))
        retention = self.listed.report_type.retention
        metadata = {
            **landing_metadata(list(files.values()), {}, used, pace),
            **look_metadata(look, last_look, retention, landed=len(files)),
        }
        return dg.MaterializeResult(
            asset_key=raw_key(feed),
            metadata=metadata,
            check_results=[*before_asking, *seen],
            data_version=dg.DataVersion(self.context.run.run_id),
        )

    def load(self) -> Iterator[dg.MaterializeResult[None]]:
        """Load what has landed and is not loaded."""
        feed, warehouse = self.listed.feed, self.context.resources.warehouse
        with clear_failures(), shown_in_run(self.context.log):
            raw = RawPartitions(self._store, "/".join(raw_key(feed).path))
            loads = ListedLoads(feed, warehouse, raw)
            loads.run(landed_reports(feed, self._store), rebuild=REBUILD in self.context.run.tags)
            self.left.update(loads.refused)
            checks = [*(self._sums(loads) if loads.known() else []), *self._loaded(loads)]
        for number, table in enumerate(feed.tables):
            key = table_key(feed, table.name)
            if key in self.context.selected_asset_keys:
                metadata = load_metadata(loads, number)
                own = [check for check in checks if check.asset_key == key]
                yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=own)
        register = table_key(feed, register_of(feed).name)
        if register in self.context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=register, metadata=reports_metadata(loads))

    def finish(self) -> None:
        """Fail if a report was left behind; all others have landed and are loaded.

        Raises:
            dg.Failure: One was.
        """
        with clear_failures():
            if self.left:
                reasons = "; ".join(f"{each}: {reason}" for each, reason in self.left.items())
                count, name = len(self.left), self.listed.report_type.name
                raise ReportsLeftError(
                    f"{count} of the reports of {name} did not come through; the others did."
                    f" {reasons}"
                )

    def _look(self, listing: "Listing", last_look: datetime | None) -> "Look":
        landed = frozenset(landed_reports(self.listed.feed, self._store))
        # Without any raw file nothing that was looked at has been kept.
        since = last_look - self.listed.overlap if last_look and landed else None
        look = listing.look(since, landed)
        self.context.log.info(
            "Amazon lists %d reports of %s since %s, of which %d are new.",
            len(look.reports),
            self.listed.report_type.name,
            since.isoformat() if since else "as long as it keeps them",
            len(look.new),
        )
        return look

    def _land(self, listing: "Listing", look: "Look") -> Iterator[tuple[str, LandedFile]]:
        """Land what is new, and yield each file with the id of its report."""
        feed, store = self.listed.feed, self._store
        for report in look.new:
            name = f"{'/'.join(raw_key(feed).path)}/{report.report_id}{feed.extension}"
            try:
                yield report.report_id, land_file(store, name, listing.file(report, feed))
            except _OF_ONE_REPORT as error:
                days = (report.created_at + self.listed.report_type.retention - look.at).days
                self.left[report.report_id] = f"{error} Amazon forgets it in {days} days."

    def _last_look(self) -> datetime | None:
        cursor = self._cursors.get(self._cursor_name)
        return cursor.until if cursor else None

    def _looked(self, look: "Look") -> None:
        """Note that nothing was left behind up to this look."""
        self._cursors.advance(
            self._cursor_name,
            start=_BEGINNING,
            end=look.at,
            beginning=_BEGINNING,
            run_id=self.context.run.run_id,
        )

    def _told(self, checks: Iterable[dg.AssetCheckResult]) -> list[dg.AssetCheckResult]:
        """Return the checks that are wanted, and log those that fail."""
        wanted = [
            check
            for check in checks
            if dg.AssetCheckKey(check.asset_key or dg.AssetKey([]), check.check_name or "")
            in self.context.selected_asset_check_keys
        ]
        return list(warned_of(wanted, self.context.log))

    def _sums(self, loads: ListedLoads) -> list[dg.AssetCheckResult]:
        feed = self.listed.feed
        return self._told(
            sum_check(table_key(feed, declared.parent.name), feed, declared, loads.warehouse)
            for declared in self.listed.sums
        )

    def _loaded(self, loads: ListedLoads) -> list[dg.AssetCheckResult]:
        """Return what the checks of the tables find in the reports that were loaded."""
        feed = self.listed.feed
        if not loads.loaded:
            return []
        loaded = LoadedFeed(
            feed=feed,
            raw_key=raw_key(feed),
            keys=table_keys(feed),
            results={
                report_id: [load.result for load in tables]
                for report_id, tables in loads.loaded.items()
            },
            windows=dict.fromkeys(loads.loaded),
            warehouse=loads.warehouse.get_warehouse(),
            schema=loads.schema,
            instance=self.context.instance,
            now=SystemClock().now(),
        )
        return self._told(loaded.check_results())

    @property
    def _store(self) -> "RawStore":
        store: RawStore = getattr(self.context.resources, RAW_IO_MANAGER).get_store()
        return store

    @property
    def _cursors(self) -> "Cursors":
        cursors: Cursors = self.context.resources.state.get_cursors()
        return cursors

    @property
    def _cursor_name(self) -> str:
        return "/".join(raw_key(self.listed.feed).path)
