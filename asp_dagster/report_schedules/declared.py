"""Finds the report schedules that the feeds of a folder declare.

Here belongs: the way from `defs.yaml` files to schedules, by selling partner. What a declaration
must keep is said in `catalog.report_schedules`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feed_checks import check_listed_feed
from asp_dagster.catalog.feeds import Account
from asp_dagster.catalog.report_schedules import ScheduleSpec
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.components.listed_report_feeds import AmazonSPListedReport
from asp_dagster.components.selling_partners import SellingPartners
from asp_dagster.declared import components_of
from asp_dagster.resources import AmazonSPResource
from asp_dagster.spapi import ScheduledReport, SellingPartnerClient

_ONE_EACH = {"one", "first"}


@dataclass(frozen=True)
class DeclaredSchedule:
    """A schedule that there should be.

    Attributes:
        makes: What it makes, and how often.
        spec: What is declared of it.
    """

    makes: ScheduledReport
    spec: ScheduleSpec


@dataclass(frozen=True)
class Partner:
    """A selling partner and the schedules that there should be.

    Attributes:
        name: The account's name; empty for the one of the settings.
        client: Asks Amazon.
        declared: The schedules, none twice.
    """

    name: str
    client: SellingPartnerClient
    declared: Sequence[DeclaredSchedule]


def listed_reports(folder: Path) -> Sequence[AmazonSPListedReport]:
    """Return the components of listed reports that the `defs.yaml` files of a folder declare.

    Raises:
        DeclarationError: There is no such folder, or a declaration cannot be read.
    """
    of_several = [
        component
        for partners in components_of(folder, SellingPartners)
        for _, component in partners.components()
        if isinstance(component, AmazonSPListedReport)
    ]
    return [*components_of(folder, AmazonSPListedReport), *of_several]


def partners(
    components: Sequence[AmazonSPListedReport], amazon: AmazonSPResource
) -> Sequence[Partner]:
    """Return the selling partners of listed reports; without any, that of the settings.

    Raises:
        DeclarationError: A schedule cannot be meant, or two are for the same reports.
        ConfigurationError: A setting or named credentials are missing.
    """
    accounts = {component.declared().account: None for component in components}
    found: dict[str, Partner] = {}
    for account in accounts or {Account(): None}:
        own = [each for each in components if each.declared().account == account]
        client = amazon.get_client(account)
        before = found.get(client.identity)
        name = (before.name if before else "") or account.name or ""
        declared = [schedule for each in own for schedule in _schedules(each, amazon)]
        declared = [*(before.declared if before else ()), *declared]
        _refuse_twice(declared)
        found[client.identity] = Partner(name, client, declared)
    return list(found.values())


def _schedules(
    component: AmazonSPListedReport, amazon: AmazonSPResource
) -> Iterator[DeclaredSchedule]:
    """Yield what one declaration wants: of a type for one marketplace, a schedule for each."""
    spec, feed = component.schedule, component.declared("listed_reports")
    if spec is None:
        return
    check_listed_feed(feed, component.sums, spec)
    report_type = component.report_spec.report_type
    ids = component.report_spec.marketplace_ids or amazon.marketplaces_of(feed.account)
    is_one_each = ReportTypes.load().find(report_type).marketplaces in _ONE_EACH
    for group in [(each,) for each in ids] if is_one_each else [ids]:
        makes = ScheduledReport(
            report_type=report_type,
            marketplace_ids=frozenset(group),
            period=spec.period,
            report_options=spec.report_options,
        )
        yield DeclaredSchedule(makes, spec)


def _refuse_twice(declared: Sequence[DeclaredSchedule]) -> None:
    """Refuse two schedules of which Amazon would let one take the place of the other.

    Raises:
        DeclarationError: There are two.
    """
    for number, one in enumerate(declared):
        if any(one.makes.is_for_the_same_as(other.makes) for other in declared[:number]):
            raise DeclarationError(
                f"schedule: two feeds declare a schedule of {one.makes.report_type} for the same"
                " marketplaces, and Amazon has one only; leave one out"
            )
