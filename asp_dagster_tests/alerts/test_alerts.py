"""Each cause of failed runs is told once, with its remedy and without a secret."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time  # Dagster's own, for the times of its runs

from asp_dagster.alerts import sensor
from asp_dagster.alerts.resource import AlertsResource
from asp_dagster.definitions import build_definitions
from asp_dagster.landing import WindowError
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import ConfigurationError
from asp_dagster.spapi.errors import LoginError, Refusal
from asp_dagster.warehouse import RawFileError
from asp_dagster_tests.alerts.conftest import PATH
from asp_dagster_tests.alerts.daemon import Daemon
from asp_dagster_tests.alerts.receivers import Inbox, mail_server
from asp_dagster_tests.conftest import RunJob, ScriptedClock

REVOKED = LoginError(
    Refusal(
        operation="requestToken",
        status=400,
        message="Atzr|abcdefgh is no longer valid",
        request_id="11aa-22bb",
    )
)


def _mail(**changes: str) -> Mapping[str, str]:
    """Return settings of e-mail, with some changed."""
    right = {"email_to": "a@b.c", "email_from": "Ops <a@b.c>", "smtp_url": "smtp://me:z@h:587"}
    return {**right, **changes}


def test_cause_is_told_with_its_remedy(daemon: Daemon, hook: Inbox) -> None:
    """A message says feed, partition, cause, remedy, Amazon's request id, and where the run is."""
    run_id = daemon.fail(REVOKED, name="acme__raw_orders", dagster__partition="2026-11-20")

    daemon.tick()

    [text] = hook.texts
    assert text.startswith("acme/raw_orders failed: LoginError\n")
    assert "check client id, client secret, refresh token" in text
    assert "job orders_job, partition 2026-11-20, request id 11aa-22bb" in text
    assert text.endswith(f"https://dagster.test/runs/{run_id}")


def test_same_cause_is_told_once(daemon: Daemon, hook: Inbox) -> None:
    """Fourteen partitions that fail of the same are one message; another cause is another."""
    for day in range(1, 15):
        daemon.fail(REVOKED, dagster__partition=f"2026-11-{day:02}")
        daemon.tick()
    daemon.fail(WindowError("Too early. Choose another partition."))
    daemon.tick()

    assert [text.split("\n")[0] for text in hook.texts] == [
        "raw_orders failed: LoginError",
        "raw_orders failed: WindowError",
    ]


def test_each_selling_partner_is_told_of(daemon: Daemon, hook: Inbox) -> None:
    """The same trouble of two selling partners' feeds is two messages."""
    for account in ("acme", "globex"):
        daemon.fail(REVOKED, name=f"{account}__raw_orders")

    daemon.tick()

    assert sorted(text.split("/")[0] for text in hook.texts) == ["acme", "globex"]


def test_run_that_is_retried_is_not_told_of(daemon: Daemon, hook: Inbox) -> None:
    """A failure that Dagster retries by itself is told only when the last retry has failed."""
    first = daemon.fail(REVOKED, dagster__will_retry="true")
    daemon.tick()
    told_before = list(hook.texts)

    with freeze_time(daemon.clock.moment):
        daemon.instance.add_run_tags(first, {"dagster/will_retry": "false"})
    daemon.tick()

    assert told_before == []
    assert len(hook.texts) == 1


def test_cause_that_lasts_is_told_again_after_the_quiet_time(daemon: Daemon, hook: Inbox) -> None:
    """What still fails a day later is told again."""
    daemon.fail(REVOKED)
    daemon.tick()
    told_before = len(hook.texts)

    daemon.clock.moment += timedelta(days=1)
    daemon.fail(REVOKED)
    daemon.tick()

    assert (told_before, len(hook.texts)) == (1, 2)


def test_run_is_told_of_once(daemon: Daemon, hook: Inbox) -> None:
    """Ticks that look at the same run again tell nothing more."""
    daemon.fail(REVOKED)
    for _ in range(4):
        daemon.tick(minutes=0.2)

    assert len(hook.texts) == 1


def test_runs_from_before_are_nobodys_business(
    instance: dg.DagsterInstance, clock: ScriptedClock, hook: Inbox
) -> None:
    """A sensor that is turned on tells nothing of what failed before."""
    Daemon(instance, clock).fail(REVOKED)
    clock.moment += timedelta(hours=2)

    daemon = Daemon(instance, clock, webhook=f"http://{hook.address}")
    daemon.tick()

    assert hook.texts == []


def test_webhook_that_fails_is_tried_at_the_next_tick(
    daemon: Daemon, hook: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook that is down is asked once a tick, the tick does not fail, nothing is lost."""
    hook.status = 500
    for error in (REVOKED, WindowError("Too early.")):
        daemon.fail(error)
    with caplog.at_level(logging.WARNING):
        daemon.tick()
    asked = hook.asked

    hook.status = 200
    daemon.tick()

    assert asked == 1
    assert len(hook.texts) == 2
    assert "xyz" not in caplog.text


def test_webhook_that_is_not_there_fails_no_tick(
    instance: dg.DagsterInstance, clock: ScriptedClock, hook: Inbox
) -> None:
    """A target without a server costs nothing but the message's delay, and hides its URL."""
    daemon = Daemon(instance, clock, webhook=f"http://127.0.0.1:9{PATH}")
    daemon.fail(REVOKED)
    daemon.tick()
    kept = str(daemon.cursor)

    daemon.alerts = AlertsResource(webhook=f"http://{hook.address}")
    daemon.tick()

    assert len(hook.texts) == 1
    assert "xyz" not in kept


def test_mail_is_sent(instance: dg.DagsterInstance, clock: ScriptedClock) -> None:
    """A message comes by e-mail to all addresses, with the cause as its subject."""
    with mail_server() as post:
        daemon = Daemon(instance, clock, **_mail_to(post))
        daemon.fail(REVOKED)
        daemon.tick()

    [mail] = post.mails
    assert mail["Subject"] == "raw_orders failed: LoginError"
    assert mail["To"] == "ops@example.com, sales@example.com"
    assert "check client id" in str(mail.get_payload())


def test_broken_target_keeps_no_message_from_the_other(
    instance: dg.DagsterInstance, clock: ScriptedClock, hook: Inbox
) -> None:
    """The webhook gets its message while the mail server refuses, and the mail comes later."""
    with mail_server() as post:
        post.refuses = True
        daemon = Daemon(instance, clock, webhook=f"http://{hook.address}", **_mail_to(post))
        daemon.fail(REVOKED)
        daemon.tick()
        mails_before = list(post.mails)
        post.refuses = False
        daemon.tick()

    assert mails_before == []
    assert len(hook.texts) == len(post.mails) == 1


def test_no_secret_and_no_row_leaves_the_house(daemon: Daemon, hook: Inbox) -> None:
    """Tokens are struck out; what may quote rows, or is a bug's own text, stays in the run."""
    daemon.fail(REVOKED)
    daemon.fail(RawFileError("'Jane Doe' is no date."), name="load_orders")
    daemon.fail(KeyError("jane@example.com"), name="load_items")

    daemon.tick()

    told = "\n".join(hook.texts)
    assert len(hook.texts) == 3
    assert "KeyError" in told
    assert "[secret]" in told
    assert not [word for word in ("Atzr", "Jane", "jane@") if word in told + str(daemon.cursor)]


def test_real_run_is_told_of(
    daemon: Daemon, hook: Inbox, simulator: Simulator, run_job: RunJob
) -> None:
    """A job whose token is revoked is one message, though its tables did not load either."""
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    with freeze_time(daemon.clock.moment):
        run_job(simulator, "orders_job", day, ASP_REFRESH_TOKEN="revoked")

    daemon.tick()

    [text] = hook.texts
    assert text.startswith("raw_orders failed: LoginError")
    assert simulator.client_secret not in text


class Hurrying(ScriptedClock):
    """A clock on which eight seconds pass whenever somebody looks."""

    def monotonic(self) -> float:
        """Return the scripted time in seconds."""
        self.sleep(8)
        return super().monotonic()


def test_delivering_ends_in_time(instance: dg.DagsterInstance, hook: Inbox) -> None:
    """What a tick has no time to deliver the next ones do; nothing is told twice."""
    daemon = Daemon(instance, Hurrying(), webhook=f"http://{hook.address}")
    for name in "abcde":
        daemon.fail(REVOKED, name=name)

    daemon.tick()
    at_first = len(hook.texts)
    daemon.tick()

    assert at_first == 3
    assert sorted(text[0] for text in hook.texts) == list("abcde")


def test_many_failures_are_looked_at_in_turn(
    daemon: Daemon, hook: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More failed runs than a tick looks at are told by the next ones."""
    monkeypatch.setattr(sensor, "_MOST_RUNS", 2)
    for name in "abcde":
        daemon.fail(REVOKED, name=name)
        daemon.clock.moment += timedelta(minutes=2)

    told = []
    for _ in range(4):
        daemon.tick()
        told.append(len(hook.texts))

    assert told == [2, 4, 5, 5]


def test_wrong_setting_lets_nothing_be_told(daemon: Daemon, hook: Inbox) -> None:
    """What could not be remembered to be told is not told: the tick fails before, with why."""
    hook.status = 500
    daemon.fail(REVOKED)
    daemon.tick()
    hook.status = 200
    daemon.alerts = AlertsResource(webhook=f"http://{hook.address}", quiet="for long")

    with pytest.raises(ConfigurationError, match="ASP_ALERT_QUIET"):
        daemon.tick()

    assert hook.texts == []


def test_without_a_target_nobody_is_told(
    instance: dg.DagsterInstance, clock: ScriptedClock, hook: Inbox
) -> None:
    """A sensor that is on without a target says what to set, and tells nothing of before later."""
    daemon = Daemon(instance, clock)
    daemon.fail(REVOKED)
    said = daemon.tick()
    daemon.alerts = AlertsResource(webhook=f"http://{hook.address}")
    daemon.tick(minutes=5)

    assert "set ASP_ALERT_WEBHOOK or ASP_ALERT_EMAIL_TO" in str(said.skip_message)
    assert hook.texts == []


def test_webhooks_path_is_in_no_log(
    daemon: Daemon, hook: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knows it may post: what urllib3 logs of it for debugging is left out."""
    daemon.fail(REVOKED)
    with caplog.at_level(logging.DEBUG):
        daemon.tick()

    assert len(hook.texts) == 1
    assert "xyz" not in caplog.text


def test_message_is_given_up_after_three_days(daemon: Daemon, hook: Inbox) -> None:
    """A message that nobody took for three days is dropped: it is of no use any more."""
    hook.status = 500
    daemon.fail(REVOKED)
    daemon.tick()
    daemon.tick(minutes=3 * 24 * 60)
    hook.status = 200
    daemon.tick()

    assert hook.texts == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"webhook": "http://hooks.example.com/x"}, "no https://", id="plain-http"),
        pytest.param({"webhook": "https:///x"}, "no https://", id="no-host"),
        pytest.param({"webhook": "https://[hooks/x"}, "no https://", id="no-url"),
        pytest.param({"email_to": "ops@example.com"}, "ASP_ALERT_SMTP_URL", id="no-server"),
        pytest.param(_mail(email_to="ops"), "ASP_ALERT_EMAIL_TO .*'ops' is none", id="no-address"),
        pytest.param(_mail(email_to=","), "'none' is none", id="no-addresses"),
        pytest.param(_mail(email_from="a@b.c\nBcc: d@e.f"), "ASP_ALERT_EMAIL_FROM", id="header"),
        pytest.param(_mail(smtp_url="smtp://me:xy/z@h"), "%2F", id="slash-in-password"),
        pytest.param(
            {"email_to": "a@b.c", "email_from": "a@b.c", "smtp_url": "mail.example.com"},
            "is no mail server",
            id="no-scheme",
        ),
    ],
)
def test_wrong_setting_is_refused(settings: Mapping[str, str], words: str) -> None:
    """A setting that cannot be meant is refused with what would be right."""
    with pytest.raises(ConfigurationError, match=words) as refused:
        AlertsResource(**settings).targets()

    assert "xy" not in str(refused.value)


def test_quiet_time_that_is_none_is_refused() -> None:
    """A quiet time that is no length of time is refused."""
    with pytest.raises(ConfigurationError, match="ASP_ALERT_QUIET"):
        AlertsResource(quiet="for long").quiet_time()


def test_healed_that_is_no_answer_is_refused() -> None:
    """Whether what has healed is told is said by yes or no."""
    with pytest.raises(ConfigurationError, match="ASP_ALERT_HEALED is neither yes nor no"):
        AlertsResource(healed="perhaps").tells_healed()


def test_sensor_is_on_once_a_target_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a target the sensor is off; with one it is on from the beginning."""

    def status() -> dg.DefaultSensorStatus:
        sensors: Any = build_definitions().get_repository_def()
        return sensors.get_sensor_def("alerts_sensor").default_status

    off = status()
    monkeypatch.setenv("ASP_ALERT_WEBHOOK", "https://hooks.example.com/x")

    assert (off, status()) == (dg.DefaultSensorStatus.STOPPED, dg.DefaultSensorStatus.RUNNING)


def test_secrets_are_in_no_representation() -> None:
    """Neither the webhook nor the mail server's password is shown."""
    alerts = AlertsResource(
        webhook="https://hooks.example.com/xyz",
        email_to="ops@example.com",
        email_from="dagster@example.com",
        smtp_url="smtp://me:xyz@mail.example.com",
    )

    assert "xyz" not in repr(alerts) + repr(alerts.targets())


def _mail_to(post: Inbox) -> Mapping[str, str]:
    return {
        "email_to": "ops@example.com, sales@example.com",
        "email_from": "dagster@example.com",
        "smtp_url": f"smtp://{post.address}",
    }
