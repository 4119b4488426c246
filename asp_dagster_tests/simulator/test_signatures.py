"""A simulator that wants signatures refuses what Amazon's gateway refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth  # type: ignore[import-untyped] # it publishes no types
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from asp_dagster.simulator import Simulator
from asp_dagster.simulator.clock import SystemClock
from asp_dagster.simulator.signatures import SecretKey, Signatures

PATH = "/sellers/v1/marketplaceParticipations"


class _LateClock(SystemClock):
    """A clock that is six minutes ahead."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=6)


@pytest.fixture
def ask(
    start: Callable[..., Simulator], log_in: Callable[[Simulator], Any]
) -> Callable[..., requests.Response]:
    """Send a request, signed by botocore, and changed afterwards."""

    def send(clock: SystemClock | None = None, **more: str) -> requests.Response:
        signatures = Signatures({"AKIA1": SecretKey("secret", "session")}.get)
        simulator = start(signatures=signatures, clock=clock or SystemClock())
        token = log_in(simulator)["access_token"]
        request = AWSRequest("GET", simulator.url + PATH, {"x-amz-access-token": token})
        keys = Credentials("AKIA1", "secret", "session")
        SigV4Auth(keys, "execute-api", "us-east-1").add_auth(request)
        headers = {**dict(request.headers.items()), "User-Agent": "a-test/1.0", **more}
        return requests.get(simulator.url + PATH, headers=headers, timeout=20)

    return send


def test_signature_opens(ask: Callable[..., requests.Response]) -> None:
    """What botocore signs is accepted."""
    assert ask().status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"Authorization": ""}, "Missing Authentication Token", id="unsigned"),
        pytest.param({"X-Amz-Security-Token": "x"}, "is invalid", id="session"),
        pytest.param({"x-amz-access-token": "x"}, "does not match", id="access-token"),
        pytest.param({"X-Amz-Date": "20200101T000000Z"}, "scoped", id="date"),
        pytest.param({"x-amz-more": "x"}, "lacks x-amz-more", id="more"),
        pytest.param({"clock": _LateClock()}, "Signature expired", id="late"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(
    ask: Callable[..., requests.Response], changes: dict[str, Any], words: str
) -> None:
    """A request that was changed, kept for long or not signed at all is refused."""
    answer = ask(**changes)

    assert answer.status_code == 403
    assert words in answer.json()["errors"][0]["message"]
