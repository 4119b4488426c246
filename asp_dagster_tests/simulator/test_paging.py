"""Page tokens: opaque, signed, and good for one query of one operation."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from asp_dagster.simulator.paging import PageTokens, refuse_changes
from asp_dagster.simulator.wire import Refusal

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOKENS = PageTokens(b"secret")


def _token(secret: bytes = b"secret") -> str:
    return PageTokens(secret).write("getOrders", {"a": "1"}, ["x", 2], NOW)


def _without_signature(token: str) -> str:
    return b64encode(b64decode(token)[16:]).decode()


def test_tokens_bring_back_query_and_position() -> None:
    """What a token was made for can be read from it by its own operation."""
    assert TOKENS.read("getOrders", _token(), NOW) == ({"a": "1"}, ["x", 2])


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: "not base64!", id="no base64"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda token: token[:-8], id="cut"),
        pytest.param(lambda token: token.swapcase(), id="changed"),
        pytest.param(_without_signature, id="unsigned"),
        pytest.param(lambda _: _token(b"other"), id="of another simulator"),
    ],
)
def test_spoilt_tokens_are_refused(spoil: Callable[[str], str]) -> None:
    """A token that is not exactly ours is an InvalidInput."""
    with pytest.raises(Refusal, match="400 InvalidInput: The page token is invalid"):
        TOKENS.read("getOrders", spoil(_token()), NOW)


def test_tokens_belong_to_their_operation() -> None:
    """A token of one operation is refused by another."""
    with pytest.raises(Refusal, match="another operation"):
        TOKENS.read("getReports", _token(), NOW)


def test_tokens_are_good_for_their_life() -> None:
    """A token with a life is good to its end."""
    in_time = NOW + timedelta(seconds=60)

    assert TOKENS.read("getOrders", _token(), in_time, timedelta(seconds=60))[0] == {"a": "1"}


def test_old_tokens_are_refused() -> None:
    """A token with a life is refused after it."""
    too_late = NOW + timedelta(seconds=61)
    with pytest.raises(Refusal, match="expired"):
        TOKENS.read("getOrders", _token(), too_late, timedelta(seconds=60))


def test_some_tokens_need_encoding() -> None:
    """Tokens hold characters that a careless client forgets to encode."""
    tokens = "".join(TOKENS.write("getOrders", {}, number, NOW) for number in range(20))

    assert {"+", "/", "="} <= set(tokens)


@pytest.mark.parametrize(
    "given",
    [{"a": "1"}, {"a": "1", "b": "3"}, {"a": "1", "b": "2", "c": "3"}],
    ids=["one less", "another", "one more"],
)
def test_changes_are_refused(given: dict[str, str]) -> None:
    """Any difference to the query a token came from is refused by name."""
    with pytest.raises(Refusal, match="differs from the request"):
        refuse_changes({"a": "1", "b": "2"}, given)
