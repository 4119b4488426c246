"""Holds the schedules that Amazon has against those that are declared.

Here belong: what differs, in one sentence each, and making Amazon's like the declared ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.report_schedules.declared import DeclaredSchedule, Partner
from asp_dagster.spapi import (
    ReportSchedule,
    ScheduledReport,
    cancel_report_schedule,
    create_report_schedule,
    report_schedules,
)

Step = Literal["create", "replace", "cancel"]

_MARGIN = timedelta(minutes=2)
"""A first report that is due sooner could be overdue when Amazon reads of it."""


@dataclass(frozen=True)
class Pair:
    """A schedule as it is declared and as Amazon has it; one of the two may be missing.

    Attributes:
        partner: Whose it is.
        declared: What is declared.
        found: What Amazon has.
    """

    partner: Partner
    declared: DeclaredSchedule | None
    found: ReportSchedule | None

    @property
    def makes(self) -> ScheduledReport:
        """What it makes, or should make."""
        known = self.declared or self.found
        assert known is not None  # noqa: S101 - one of the two is there
        return known.makes

    @property
    def step(self) -> Step | None:
        """What would make Amazon's like the declared one; none if it is."""
        if self.declared is None:
            return "cancel"
        if self.found is None:
            return "create"
        return "replace" if self.found.makes != self.declared.makes else None

    @property
    def state(self) -> str:
        """How the two stand to each other."""
        if self.declared is None:
            return "not declared"
        if self.found is None:
            return "missing at Amazon"
        wanted, there = self.declared.makes, self.found.makes
        differing = [
            f"{name} {_said(getattr(there, key))}, declared {_said(getattr(wanted, key))}"
            for key, name in {"period": "period", "report_options": "options"}.items()
            if getattr(there, key) != getattr(wanted, key)
        ]
        return f"differs: {'; '.join(differing)}" if differing else "as declared"

    def take(self) -> str:
        """Do the step; return the id of the schedule that begins or ends.

        Raises:
            ApiError: When Amazon refuses, or does not answer.
        """
        client = self.partner.client
        if self.declared is None:
            assert self.found is not None  # noqa: S101 - one of the two is there
            cancel_report_schedule(client, self.found.schedule_id)
            return self.found.schedule_id
        next_at = self.declared.spec.next_after(client.clock.now() + _MARGIN)
        return create_report_schedule(client, self.declared.makes, next_at)


def pairs(partner: Partner) -> Iterator[Pair]:
    """Yield each schedule that is declared or that Amazon has, the declared ones first.

    Raises:
        ResponseError: When Amazon answers in a way that cannot be meant.
        ApiError: When Amazon refuses, or does not answer.
    """
    left = list(report_schedules(partner.client, _types_to_ask_for(partner.declared)))
    for declared in partner.declared:
        same = [each for each in left if each.makes.is_for_the_same_as(declared.makes)]
        left = [each for each in left if each not in same[:1]]
        yield Pair(partner, declared, same[0] if same else None)
    for found in left:
        yield Pair(partner, None, found)


def _types_to_ask_for(declared: Sequence[DeclaredSchedule]) -> Sequence[str]:
    """Return the declared types, and all that can be scheduled: Amazon lists none unasked."""
    schedulable = [each.name for each in ReportTypes.load().all if each.is_schedulable]
    own = [schedule.makes.report_type for schedule in declared]
    return list(dict.fromkeys([*own, *schedulable]))


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={value[name]}" for name in sorted(value)) or "none"
    return str(value)
