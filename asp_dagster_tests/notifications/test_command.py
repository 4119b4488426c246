"""The command makes what is missing, shows what there is, and takes it back, however often."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from asp_dagster.catalog.notifications import NOTIFICATION_TYPES
from asp_dagster.cli import asp
from asp_dagster.notifications.policy import needed_statement
from asp_dagster.notifications.subscribing import Subscribing
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import create_destination, create_subscription
from asp_dagster.state import State
from asp_dagster_tests.notifications.ticking import order_change
from asp_dagster_tests.partners.several import credentials_of

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Run the command as a shell does."""
    return lambda *arguments, **options: CliRunner().invoke(
        asp, ["notifications", *arguments], **options
    )


def _states(result: Result) -> dict[str, str]:
    return {part["what"]: part["state"] for part in json.loads(result.stdout)["parts"]}


def test_setup_makes_what_is_missing_once(run: Run, amazon: Simulator) -> None:
    """A second time all is there, and nothing is asked for."""
    first, second = run("setup"), run("setup")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "destination: made destination-0001" in first.stdout
    assert "ORDER_CHANGE: made subscription-" in first.stdout
    assert "REPORT_PROCESSING_FINISHED: made subscription-" in first.stdout
    assert second.stdout == first.stdout.replace("made", "there")
    assert (amazon.count("createDestination"), amazon.count("createSubscription")) == (1, 2)


def test_setup_of_one_type(run: Run) -> None:
    """Only what is asked for is subscribed to."""
    result = run("setup", "--type", "ORDER_CHANGE", "--json")

    assert _states(result) == {"destination": "made", "ORDER_CHANGE": "made"}
    assert run("status", "--type", "ORDER_CHANGE").exit_code == 0
    assert run("status").exit_code == 3


def test_setup_says_what_the_policy_needs(run: Run, queue: Any, arn: str) -> None:
    """Until the queue's policy lets Amazon send, the statement is shown."""
    shown, as_json = run("setup"), run("setup", "--json")
    assert '"arn:aws:iam::437568002678:root"' in shown.stderr
    assert json.loads(as_json.stdout)["policy_needs"] == needed_statement(arn)

    policy = {"Version": "2012-10-17", "Statement": [needed_statement(arn)]}
    queue.set_attributes(Attributes={"Policy": json.dumps(policy)})

    assert json.loads(run("setup", "--json").stdout)["policy_needs"] is None
    assert run("setup").stderr == ""


def test_setup_needs_no_right_to_read_the_policy(run: Run, arn: str) -> None:
    """Amazon tries the queue by itself: that we cannot see it keeps nothing from being made."""
    elsewhere = arn.replace(":amazon-", ":other-")

    result = run("setup", "--queue", elsewhere, "--json")

    assert set(_states(result).values()) == {"made"}


def test_subscription_to_another_queue_is_left_alone(
    run: Run, subscribing: Subscribing, arn: str
) -> None:
    """Amazon has one subscription to a type: one that leads elsewhere is told, not taken over."""
    client = subscribing.client
    other = create_destination(client, "other", f"{arn}-other")
    create_subscription(client, "ORDER_CHANGE", "1.0", other.destination_id)

    result = run("setup", "--json")

    assert result.exit_code == 3
    assert _states(result) == {
        "destination": "made",
        "ORDER_CHANGE": "elsewhere",
        "REPORT_PROCESSING_FINISHED": "made",
    }
    assert _states(run("remove", "--yes", "--json"))["ORDER_CHANGE"] == "elsewhere"


def test_remove_takes_back_what_setup_made(run: Run, amazon: Simulator) -> None:
    """Subscriptions first, then the destination; a second time nothing is there."""
    run("setup")

    first, second = run("remove", "--yes"), run("remove", "--yes", "--json")

    assert [line.split(": ")[0] for line in first.stdout.splitlines()] == [
        "ORDER_CHANGE",
        "REPORT_PROCESSING_FINISHED",
        "destination",
    ]
    assert first.stdout.count("removed") == 3
    assert set(_states(second).values()) == {"missing"}
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert not amazon.notifications.subscriptions.destinations


def test_destination_of_others_is_kept(run: Run) -> None:
    """As long as something is subscribed to it, Amazon keeps the destination."""
    run("setup")

    result = run("remove", "--yes", "--type", "ORDER_CHANGE", "--json")

    assert _states(result) == {"ORDER_CHANGE": "removed", "destination": "kept"}


def test_remove_asks_first(run: Run, amazon: Simulator) -> None:
    """Without --yes it asks, and no is no."""
    run("setup")

    refused, meant = run("remove", input="n\n"), run("remove", input="y\n")

    assert (refused.exit_code, meant.exit_code) == (1, 0)
    assert not amazon.notifications.subscriptions.by_type


def test_status_shows_queue_and_memory(run: Run, queue: Any, arn: str, state: State) -> None:
    """What is at Amazon, in the queue and in the state is shown, and nothing is taken away."""
    run("setup")
    empty = run("status")
    assert "last notification: none" in empty.stdout
    assert "oldest of those looked at: none" in empty.stdout
    queue.send_message(MessageBody=json.dumps(order_change("903-0000000-0000001")))
    state.notifications.set_aside(arn, {"m-1": "It is no JSON."})

    shown, as_json = run("status"), json.loads(run("status", "--json").stdout)

    assert shown.exit_code == 0
    assert "m-1: It is no JSON." in shown.stdout
    assert (as_json["messages"], as_json["set_aside"], as_json["amazon_may_send"]) == (1, 1, False)
    assert as_json["oldest_of_those_looked_at"]
    assert len(queue.receive_messages()) == 1


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param(
            "ASP_ENDPOINT", "", "set the environment variable ASP_ENDPOINT", id="endpoint"
        ),
        pytest.param("ASP_NOTIFICATIONS_QUEUE", "amazon", "no standard queue", id="arn"),
        pytest.param("ASP_SQS_URL", "http://127.0.0.1:9", "cannot be asked", id="sqs"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """A setting that is missing or wrong ends in its name, without a traceback."""
    monkeypatch.setenv(variable, value)

    result = run("status")

    assert result.exit_code == 1
    assert words in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_queue_must_be_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a queue the command says how to name one."""
    monkeypatch.delenv("ASP_NOTIFICATIONS_QUEUE")

    result = run("status")

    assert result.exit_code == 2
    assert "--queue" in result.stderr


def test_account_is_subscribed_with_its_own_credentials(
    run: Run, amazon: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each selling partner that is declared gets its subscriptions, whatever the settings say."""
    _declare(tmp_path / "agency", amazon.url)
    for variable, value in credentials_of("acme", amazon).items():
        monkeypatch.setenv(variable, value)
    for name in ("ASP_ENDPOINT", "ASP_REFRESH_TOKEN"):
        monkeypatch.delenv(name)

    result = run("setup", "--json", "--account", "acme", "--folder", str(tmp_path))

    assert set(_states(result).values()) == {"made"}
    assert set(amazon.notifications.subscriptions.by_type) == set(NOTIFICATION_TYPES)
    assert "acme names no seller_id" in result.stderr


def test_account_that_is_not_declared_is_refused(run: Run, tmp_path: Path) -> None:
    """A name that is none is told, with those there are."""
    _declare(tmp_path / "agency", "http://127.0.0.1:9")

    result = run("setup", "--account", "globex", "--folder", str(tmp_path))

    assert result.exit_code == 1
    assert "No account is called 'globex'; known: acme" in result.stderr


def _declare(folder: Path, url: str) -> None:
    """Declare an account in a folder of a feed."""
    folder.mkdir()
    attributes = {"accounts": [{"name": "acme", "endpoint": url}], "feeds": ["orders"]}
    written = {"type": "asp_dagster.SellingPartners", "attributes": attributes}
    (folder / "defs.yaml").write_text(yaml.safe_dump(written))
