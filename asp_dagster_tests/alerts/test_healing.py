"""What had failed and was told is told to have healed, once, when all of it has succeeded."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time  # Dagster's own, for the times of its runs

from asp_dagster.alerts.resource import AlertsResource
from asp_dagster.landing import WindowError
from asp_dagster.simulator import Simulator
from asp_dagster.spapi.errors import LoginError, Refusal
from asp_dagster_tests.alerts.daemon import Daemon
from asp_dagster_tests.alerts.receivers import Inbox, mail_server
from asp_dagster_tests.conftest import RunJob, ScriptedClock

REVOKED = LoginError(Refusal(operation="requestToken", status=400, message="revoked"))
ENDED = dg.DagsterEventType
DAYS = [f"2026-11-{day:02}" for day in range(1, 15)]
START, END = "dagster__asset_partition_range_start", "dagster__asset_partition_range_end"


def _healed(hook: Inbox) -> list[str]:
    """The messages that tell of healing."""
    return [text for text in hook.texts if " healed: " in text]


def _told(hook: Inbox) -> list[str]:
    """What all messages tell of, in their order."""
    return [text.split(":")[0] for text in hook.texts]


def test_what_heals_is_told(daemon: Daemon, hook: Inbox) -> None:
    """The message says what had failed, of which partition, and which run has brought it."""
    daemon.fail(REVOKED, name="acme__raw_orders", dagster__partition="2026-11-20")
    daemon.tick()
    run_id = daemon.succeed(name="acme__raw_orders", dagster__partition="2026-11-20")
    daemon.tick()

    [text] = _healed(hook)
    assert text.splitlines() == [
        "acme/raw_orders healed: LoginError",
        "What had failed has succeeded.",
        "job orders_job, partition 2026-11-20",
        f"https://dagster.test/runs/{run_id}",
    ]


def test_partitions_that_heal_are_one_message(daemon: Daemon, hook: Inbox) -> None:
    """Of fourteen partitions of a cause it is told when the last has come, and only then."""
    for day in DAYS:
        daemon.fail(REVOKED, dagster__partition=day)
    daemon.tick()
    told = []
    for day in reversed(DAYS):
        daemon.succeed(dagster__partition=day)
        daemon.tick()
        told.append(len(_healed(hook)))

    assert told == [*[0] * 13, 1]
    assert "partitions 2026-11-01 to 2026-11-14" in _healed(hook)[0]


def test_run_of_many_partitions_heals_each(daemon: Daemon, hook: Inbox) -> None:
    """A backfill in one run brings what had failed day by day."""
    for day in DAYS:
        daemon.fail(REVOKED, dagster__partition=day)
    daemon.tick()
    daemon.succeed(**{START: "2026-11-01", END: "2026-11-30"})
    daemon.tick()

    assert len(_healed(hook)) == 1


def test_run_of_many_partitions_that_failed_heals_as_a_whole(daemon: Daemon, hook: Inbox) -> None:
    """One of its days is not all of it."""
    daemon.fail(REVOKED, **{START: "2026-11-01", END: "2026-11-30"})
    daemon.tick()
    daemon.succeed(dagster__partition="2026-11-02")
    daemon.tick()
    after_a_day = len(_healed(hook))
    daemon.succeed(**{START: "2026-11-01", END: "2026-11-30"})
    daemon.tick()

    assert (after_a_day, len(_healed(hook))) == (0, 1)


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        pytest.param("raw_orders", {"dagster__partition": "2026-11-19"}, id="another-day"),
        pytest.param("raw_orders", {}, id="no-partition"),
        pytest.param("raw_listings", {"dagster__partition": "2026-11-20"}, id="another-feed"),
        pytest.param(
            "raw_orders",
            {"dagster__partition": "2026-11-20", "asp_dagster__order_ids": "1"},
            id="some-orders-only",
        ),
    ],
)
def test_what_is_something_else_heals_nothing(
    daemon: Daemon, hook: Inbox, name: str, tags: dict[str, str]
) -> None:
    """Only what had failed heals when it succeeds."""
    daemon.fail(REVOKED, dagster__partition="2026-11-20")
    daemon.tick()
    daemon.succeed(name, **tags)
    daemon.tick()

    assert _healed(hook) == []


def test_some_orders_that_failed_heal_with_their_day(daemon: Daemon, hook: Inbox) -> None:
    """The run of the whole partition brings them too."""
    tags = {"dagster__partition": "2026-11-20"}
    daemon.fail(REVOKED, asp_dagster__order_ids="1", **tags)
    daemon.tick()
    daemon.succeed(**tags)
    daemon.tick()

    assert len(_healed(hook)) == 1


def test_what_was_not_told_is_not_told_to_have_healed(daemon: Daemon, hook: Inbox) -> None:
    """A run that Dagster retries, and one that never failed, are nobody's business."""
    daemon.fail(REVOKED, dagster__will_retry="true")
    daemon.tick()
    daemon.succeed()
    daemon.tick()

    assert hook.texts == []


def test_what_fails_again_is_told_again(daemon: Daemon, hook: Inbox) -> None:
    """Who was told that it has healed is told when it has not lasted, within the quiet time too."""
    for _ in range(2):
        daemon.fail(REVOKED)
        daemon.tick()
        daemon.succeed()
        daemon.tick()

    assert (
        _told(hook)
        == [
            "raw_orders failed",
            "raw_orders healed",
        ]
        * 2
    )


def test_run_that_is_started_again_and_fails_is_told_again(daemon: Daemon, hook: Inbox) -> None:
    """Once it has healed, another attempt at the same run is news."""
    root = daemon.end(ENDED.RUN_FAILURE)
    daemon.tick()
    for ended in (ENDED.RUN_FAILURE, ENDED.RUN_SUCCESS, ENDED.RUN_FAILURE):
        daemon.end(ended, root)
        daemon.tick()

    assert _told(hook) == ["orders_job failed", "orders_job healed", "orders_job failed"]


def test_step_that_succeeds_heals_though_its_run_fails(daemon: Daemon, hook: Inbox) -> None:
    """What has landed has healed, whatever becomes of its tables."""
    daemon.fail(REVOKED)
    daemon.tick()
    daemon.fail_after("raw_orders", WindowError("Too early."), "load_orders")
    daemon.tick()

    assert _told(hook) == ["raw_orders failed", "raw_orders healed", "load_orders failed"]


def test_success_before_a_failure_heals_nothing(daemon: Daemon, hook: Inbox) -> None:
    """Ticks look back a little: a success that is seen again is older than what failed since."""
    daemon.fail(REVOKED)
    daemon.tick(0.3)
    daemon.succeed()
    daemon.tick(0.3)
    daemon.fail(REVOKED)
    for _ in range(4):
        daemon.tick(0.3)

    assert _told(hook) == [
        "raw_orders failed",
        "raw_orders healed",
        "raw_orders failed",
    ]


def test_failure_and_success_between_two_ticks_are_both_told(daemon: Daemon, hook: Inbox) -> None:
    """A daemon that was down tells what happened meanwhile, in its order."""
    daemon.fail(REVOKED)
    daemon.clock.moment += timedelta(minutes=30)
    daemon.succeed()
    daemon.tick(60)

    assert _told(hook) == ["raw_orders failed", "raw_orders healed"]


def test_healing_can_be_left_untold(daemon: Daemon, hook: Inbox) -> None:
    """With ASP_ALERT_HEALED=no it is as if nothing healed: the quiet time goes on."""
    daemon.alerts = AlertsResource(webhook=f"http://{hook.address}", healed="No")
    for _ in range(2):
        daemon.fail(REVOKED)
        daemon.tick()
        daemon.succeed()
        daemon.tick()

    assert _told(hook) == ["raw_orders failed"]


def test_what_never_heals_is_forgotten(daemon: Daemon) -> None:
    """After thirty days a partition that nobody has run again is followed no more."""
    daemon.fail(REVOKED, dagster__partition="2026-11-20")
    daemon.tick()
    followed = "2026-11-20" in str(daemon.cursor)
    daemon.tick(31 * 24 * 60)

    assert (followed, "2026-11-20" in str(daemon.cursor)) == (True, False)


def test_real_run_heals(daemon: Daemon, hook: Inbox, simulator: Simulator, run_job: RunJob) -> None:
    """A job whose token was revoked, and that succeeds once it is right, is a message each."""
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    for token in ("revoked", simulator.refresh_token):
        with freeze_time(daemon.clock.moment):
            run_job(simulator, "orders_job", day, ASP_REFRESH_TOKEN=token)
        daemon.tick()

    assert _told(hook) == ["raw_orders failed", "raw_orders healed"]


def test_healing_is_told_by_mail_too(instance: dg.DagsterInstance, clock: ScriptedClock) -> None:
    """Whoever was told of the failure is told."""
    with mail_server() as post:
        daemon = Daemon(
            instance,
            clock,
            email_to="ops@example.com",
            email_from="dagster@example.com",
            smtp_url=f"smtp://{post.address}",
        )
        daemon.fail(REVOKED)
        daemon.tick()
        daemon.succeed()
        daemon.tick()

    assert [mail["Subject"] for mail in post.mails] == [
        "raw_orders failed: LoginError",
        "raw_orders healed: LoginError",
    ]
