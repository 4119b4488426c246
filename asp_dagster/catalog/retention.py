"""What retention must know of a feed: which of its fields are personal, and what dates a record.

Here belongs the way from a declared feed to these, by `personal_fields`. How long personal data are
kept is said by whoever erases them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from asp_dagster.catalog.bulk_orders import bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.personal_data import personal_fields
from asp_dagster.catalog.personal_fields import PersonalFields, RecordFields
from asp_dagster.catalog.report_headers import HeaderNames, ReportHeaders
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.catalog.tables import TableSpec

FieldKind = Literal["personal", "delivered", "modified"]
"""What a field means for retention."""

_MODIFIED = ("last-updated-date", "last-update-date")


@dataclass(frozen=True)
class RetentionFields:
    """The fields of one kind of records or rows that retention looks at.

    Attributes:
        fields: The personal ones, and those of the delivery.
        modified_at: Places of the time of the last change.
        is_restricted: Whether a file that cannot be looked into is to be taken for personal.
        headers: The canonical headers of a delimited report.
        rows: In a document, the names that lead to its rows; without any, they are not known.
    """

    fields: RecordFields
    modified_at: tuple[str, ...] = ()
    is_restricted: bool = False
    headers: HeaderNames = field(default_factory=HeaderNames)
    rows: tuple[str, ...] = ()

    @property
    def has_any(self) -> bool:
        """Whether there is anything to erase."""
        return bool(self.fields.personal) or self.is_restricted

    @property
    def fingerprint(self) -> str:
        """A text that changes with what is personal, and with what dates it."""
        return repr((self.fields, self.modified_at))


class FieldKinds:
    """Tells of dotted places what they mean for retention; each is looked up once."""

    def __init__(self, known: RetentionFields) -> None:
        fields = known.fields
        self._matchers: tuple[tuple[FieldKind, RecordFields], ...] = (
            ("personal", fields),
            ("delivered", replace(fields, personal=fields.delivered_at)),
            ("modified", replace(fields, personal=known.modified_at)),
        )
        self._found: dict[str, FieldKind | None] = {}

    def of(self, place: str) -> FieldKind | None:
        """Return what a place means; None if nothing."""
        if place not in self._found:
            kinds = (kind for kind, matcher in self._matchers if matcher.is_personal(place))
            self._found[place] = next(kinds, None)
        return self._found[place]


class Retentions:
    """What retention must know of feeds, by all that the package knows of Amazon."""

    def __init__(self) -> None:
        self._personal = PersonalFields.load()
        self._types = ReportTypes.load()
        self._headers = ReportHeaders.load()

    def of_feed(self, feed: Feed) -> RetentionFields:
        """Return the fields of a feed's raw files."""
        source = feed.source
        if not isinstance(source, EndpointSpec):
            return self._of_report(source.report_type, feed)
        config = source.record_config
        modified = (config.last_modified_field,) if config and config.last_modified_field else ()
        return RetentionFields(personal_fields(feed), (*modified, *_newest(feed)))

    def of_parts(self, feed: Feed) -> RetentionFields:
        """Return the fields of the parts of reports that stand in for a feed's raw files."""
        orders = bulk_orders(feed.source)
        types = [report.report_type for report in orders.reports.values()] if orders else []
        fields = map(self._personal.of_report, types[:1])
        return RetentionFields(next(fields, RecordFields()), _MODIFIED)

    def _of_report(self, report_type: str, feed: Feed) -> RetentionFields:
        known = self._types.find(report_type)
        rows = next((table.rows for table in feed.tables if table.rows), None)
        first = rows or next(iter(known.rows), "")
        return RetentionFields(
            personal_fields(feed),
            (*_MODIFIED, *_newest(feed)),
            is_restricted=known.restricted == "yes",
            headers=self._headers.of(report_type),
            rows=tuple(filter(None, first.partition("[]")[0].split("."))),
        )


def _newest(feed: Feed) -> Iterator[str]:
    """Yield the places by which the feed's own tables tell the newer of two records."""
    for table in feed.tables:
        if isinstance(table, TableSpec) and table.newest_by and not table.rows:
            yield from _paths(table.columns[table.newest_by].paths)


def _paths(paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if not path.startswith("^"))
