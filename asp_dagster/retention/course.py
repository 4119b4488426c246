"""The course of a run: raw files and tables of every feed, leftovers, the disk, and a second look.

Here belongs the order. A run that is killed is made good by the next: what it erased stays erased.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.retention import Retentions
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.landing import RawStore
from asp_dagster.landing.erasing.leftovers import remove_leftovers
from asp_dagster.landing.parts import is_part
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.resources import StateResource, WarehouseResource
from asp_dagster.retention.feed_files import files_of, is_of
from asp_dagster.retention.proof import FeedProof, Proof
from asp_dagster.retention.raw_files import FilesRetention
from asp_dagster.retention.rule import Rule
from asp_dagster.retention.tables import TablesRetention


@dataclass(frozen=True)
class Places:
    """Where personal data are.

    Attributes:
        raw: Where raw files go.
        warehouse: The warehouse.
        state: The shared state.
    """

    raw: RawFileIOManager
    warehouse: WarehouseResource
    state: StateResource


class Course:
    """One run, by its rule."""

    def __init__(self, places: Places, feeds: Sequence[Feed], rule: Rule) -> None:
        """Prepare a run."""
        self._store: RawStore = places.raw.get_store()
        self._notes = places.state.get_erasures()
        self._retentions = Retentions()
        self._tables = TablesRetention(places.warehouse, self._retentions)
        self._feeds = feeds
        self._rule = rule

    def run(self) -> Proof:
        """Erase what is due everywhere, and look a second time.

        Raises:
            LandingError, WarehouseError, StateError: One of the places refuses; what is erased by
                then stays so, and the next run goes on.
        """
        landed = [file for file in self._store.files("") if not is_part(file.name)]
        proofs = [self._of_feed(feed, landed) for feed in self._feeds]
        # A table that several accounts share is changed for each of them.
        changed = list(dict.fromkeys(name for proof in proofs for name in proof.changed_tables))
        leftovers = 0
        if not self._rule.is_dry:
            self._tables.purge(changed)
            keep = timedelta(days=self._rule.keep_days)
            leftovers = remove_leftovers(self._store, self._rule.now, keep)
            self._forget({file.name for file in landed})
        return Proof(
            self._rule,
            proofs,
            leftovers=leftovers,
            strangers=sum(1 for _ in self._strangers(landed)),
            overdue=sum(map(self._overdue, self._feeds, proofs)),
        )

    def _of_feed(self, feed: Feed, landed: Sequence[RawFile]) -> FeedProof:
        of_feed = [
            each for each in files_of(feed, landed, self._retentions) if each.form.known.has_any
        ]
        before, is_dry = self._rule.before(feed), self._rule.is_dry
        return FeedProof(
            feed.name,
            self._rule.keep(feed),
            self._files(feed).erase(of_feed),
            self._tables.schema(feed),
            self._tables.erase(feed, before, is_dry=is_dry),
        )

    def _overdue(self, feed: Feed, proof: FeedProof) -> int:
        """Read anew what was read, and all tables; return what should not be there any more."""
        before = self._rule.before(feed)
        tables = self._tables.erase(feed, before, is_dry=True)
        return self._files(feed).overdue(proof.files.read) + sum(each.erased for each in tables)

    def _files(self, feed: Feed) -> FilesRetention:
        rule = self._rule
        return FilesRetention(
            self._store,
            self._notes,
            rule.before(feed),
            is_dry=rule.is_dry,
            reads_all=rule.reads_all,
        )

    def _strangers(self, landed: Sequence[RawFile]) -> Iterator[RawFile]:
        """Yield the files of feeds that are not declared: nobody knows what is personal in them."""
        for file in landed:
            if not any(is_of(feed, file.name) for feed in self._feeds):
                yield file

    def _forget(self, names: set[str]) -> None:
        self._notes.forget(self._notes.all().keys() - names)
