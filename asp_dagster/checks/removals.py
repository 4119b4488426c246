"""Whether Amazon keeps what a feed asks for: its operations, or its report type.

Here belongs what is said of a feed. Which ends are announced stands in the catalogue.

https://developer-docs.amazon.com/sp-api/docs/sp-api-deprecations
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.catalog.retirements import NOTICE, Retirements
from asp_dagster.checks.check import Verdict
from asp_dagster.checks.raw_check import Asking, RawCheck, RawJudge

NAME = "api_is_kept"


@dataclass(frozen=True)
class _End:
    what: str
    removed_on: date
    successor: str


def _judge(asking: Asking, ends: Sequence[_End]) -> Verdict:
    first = min(ends, key=lambda end: end.removed_on)
    days = (first.removed_on - asking.today).days
    metadata = {"removed_on": first.removed_on.isoformat(), "days_left": days}
    if days > NOTICE.days:
        return Verdict(
            passed=True,
            says=f"Amazon removes {first.what} on {first.removed_on}.",
            metadata=metadata,
        )
    instead = (
        f"Move to {first.successor} before" if first.successor else "Amazon names no successor"
    )
    return Verdict(
        passed=False,
        says=f"Amazon removes {first.what} on {first.removed_on}, in {days} days. {instead}.",
        metadata=metadata,
    )


def _ends(feed: Feed) -> Iterator[_End]:
    """Yield the announced ends of what a feed asks for."""
    source = feed.source
    if isinstance(source, EndpointSpec):
        retirements = Retirements.load()
        for path in [source.path, *_paths(source.extend_resources)]:
            if end := retirements.find(path):
                yield _End(path, end.removed_on, end.successor)
        return
    known = ReportTypes.load().find(source.report_type)
    if known.removed_on:
        yield _End(known.name, known.removed_on, known.successor)


def _paths(extensions: Sequence[ExtensionSpec]) -> Iterator[str]:
    for extension in extensions:
        yield extension.path
        yield from _paths(extension.extend_resources)


def _judge_of(feed: Feed) -> RawJudge | None:
    ends = list(_ends(feed))
    return partial(_judge, ends=ends) if ends else None


CHECK = RawCheck(
    name=NAME,
    description=f"Whether Amazon keeps what is asked for, for {NOTICE.days} days at the least.",
    judge_of=_judge_of,
)
