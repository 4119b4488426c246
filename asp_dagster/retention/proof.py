"""What a run found and did, as metadata: numbers, times and names of files, and never a value.

https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.retention.raw_files import FilesFound
from asp_dagster.retention.rule import Rule

if TYPE_CHECKING:  # only who opens the warehouse pays for loading it
    from asp_dagster.warehouse import TableFinding

_MOST_PROBLEMS = 50


@dataclass(frozen=True)
class FeedProof:
    """What was found of one feed.

    Attributes:
        feed: The feed's name.
        keep: How long its personal data are kept.
        files: What was found in its raw files.
        schema: The schema of its tables.
        tables: What was found in these.
    """

    feed: str
    keep: timedelta
    files: FilesFound
    schema: str
    tables: "Sequence[TableFinding]"

    @property
    def changed_tables(self) -> list[str]:
        """The tables in which something was due."""
        return [f"{self.schema}.{each.table}" for each in self.tables if each.erased]

    @property
    def next_due(self) -> datetime | None:
        """When the earliest of the feed's personal values is due that is still there."""
        counted = [self.files.earliest, *(each.earliest for each in self.tables)]
        earliest = min(filter(None, counted), default=None)
        return earliest and earliest + self.keep

    @property
    def problems(self) -> list[str]:
        """What could not be erased, and why."""
        kept = [
            f"{self.schema}.{each.table}: {', '.join(each.kept)} identifies the rows"
            for each in self.tables
            if each.kept
        ]
        return [*self.files.problems, *kept]


@dataclass(frozen=True)
class Proof:
    """What was found by a run.

    Attributes:
        rule: What it went by.
        feeds: What was found of each feed.
        leftovers: How many leftovers of ended runs were removed.
        strangers: How many raw files belong to no declared feed.
        overdue: How many records and rows hold what is due, after all.
    """

    rule: Rule
    feeds: Sequence[FeedProof]
    leftovers: int
    strangers: int
    overdue: int

    def metadata(self) -> Mapping[str, Any]:
        """Describe the run."""
        files = [proof.files for proof in self.feeds]
        tables = [table for proof in self.feeds for table in proof.tables]
        due = min(filter(None, (proof.next_due for proof in self.feeds)), default=None)
        return {
            "rule": dg.MetadataValue.text(self._sentence()),
            "dry_run": self.rule.is_dry,
            "files_examined": sum(each.examined for each in files),
            "files_unread": sum(each.unread for each in files),
            "files_rewritten": sum(each.rewritten for each in files),
            "files_deleted": sum(each.deleted for each in files),
            "records_examined": sum(each.records for each in files),
            "records_erased": sum(each.erased for each in files),
            "rows_examined": sum(each.rows for each in tables),
            "rows_erased": sum(each.erased for each in tables),
            "leftovers_removed": self.leftovers,
            "files_of_no_feed": self.strangers,
            "overdue": self.overdue,
            **({"next_due": dg.MetadataValue.timestamp(due)} if due else {}),
            "by_feed": dg.MetadataValue.table(list(map(_feed_record, self.feeds)), _FEEDS),
            "by_table": dg.MetadataValue.table(list(self._table_records()), _TABLES),
            "cannot_be_erased": dg.MetadataValue.md(self._problems()),
        }

    def _sentence(self) -> str:
        days = self.rule.keep_days
        others = [proof for proof in self.feeds if proof.keep.days != days]
        own = "".join(f"; {proof.feed} {proof.keep.days} days" for proof in others)
        return (
            f"{days} days after delivery, else last change, else the partition's end or the writing"
            f" of its file{own}"
        )

    def _table_records(self) -> "Sequence[dg.TableRecord]":
        return [
            dg.TableRecord(
                {
                    "table": f"{proof.schema}.{each.table}",
                    "rows_examined": each.rows,
                    "rows_erased": each.erased,
                    "next_due": _day(each.earliest and each.earliest + proof.keep),
                }
            )
            for proof in self.feeds
            for each in proof.tables
        ]

    def _problems(self) -> str:
        problems = [problem for proof in self.feeds for problem in proof.problems]
        if self.strangers:
            problems.append(
                f"{self.strangers} raw files belong to no declared feed: nobody knows what is"
                " personal in them; delete them, or declare their feed again"
            )
        shown = [f"- {problem}" for problem in problems[:_MOST_PROBLEMS]]
        more = len(problems) - len(shown)
        return "\n".join([*shown, *([f"- and {more} more"] if more else [])]) or "Nothing."


def _schema(**columns: str) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, type=type_) for name, type_ in columns.items()])


_FEEDS = _schema(
    feed="string",
    keep_days="int",
    files_examined="int",
    files_unread="int",
    files_rewritten="int",
    files_deleted="int",
    records_erased="int",
    next_due="string",
)
_TABLES = _schema(table="string", rows_examined="int", rows_erased="int", next_due="string")


def _feed_record(proof: FeedProof) -> dg.TableRecord:
    files = proof.files
    return dg.TableRecord(
        {
            "feed": proof.feed,
            "keep_days": proof.keep.days,
            "files_examined": files.examined,
            "files_unread": files.unread,
            "files_rewritten": files.rewritten,
            "files_deleted": files.deleted,
            "records_erased": files.erased,
            "next_due": _day(proof.next_due),
        }
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
