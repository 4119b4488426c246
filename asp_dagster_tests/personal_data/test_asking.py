"""Personal data is asked for as Amazon wants it: with tokens, with parts, with a role."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import (
    AmazonSPApi,
)
from asp_dagster.simulator import Simulator
from asp_dagster_tests.outcomes import failure_of, stored
from asp_dagster_tests.personal_data.conftest import Run
from asp_dagster_tests.personal_data.feeds import KINDS, V0, V2026
from asp_dagster_tests.personal_data.looking import TOKENS, warehouse_text

Component = type[dg.Component]
Attributes = Mapping[str, Any]


def test_orders_v0_take_one_token_and_their_items_another(amazon: Simulator, run: Run) -> None:
    """Personal data costs two calls for tokens, and not one more of the operations."""
    assert run(amazon, AmazonSPApi, V0).success
    plain = {name: amazon.count(name) for name in ("getOrders", "getOrderItems")}

    again = {**V0, "name": "whole_orders", "pii": "include"}
    assert run(amazon, AmazonSPApi, again).success

    assert amazon.count(TOKENS) == 2
    assert {name: amazon.count(name) for name in plain} == {
        name: 2 * count for name, count in plain.items()
    }


def test_items_without_personal_data_are_not_reused(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """Once personal data is wanted, items that were landed without it are asked for again."""
    assert run(amazon, AmazonSPApi, V0).success
    before = amazon.count("getOrderItems")

    assert run(amazon, AmazonSPApi, {**V0, "pii": "include"}).success

    assert amazon.count("getOrderItems") == 2 * before
    assert "Congratulations from" in warehouse_text(tmp_path)


def test_orders_v2026_ask_for_buyer_and_recipient(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """`pii: include` adds the two parts to what is asked for, and takes no token."""
    assert run(amazon, AmazonSPApi, {**V2026, "pii": "include"}).success

    row = stored(tmp_path, "select * from amazon.new_orders")[0]
    assert row["buyer__buyer_name"].startswith("Synthetic Buyer")
    assert "Synthetic Street" in row["recipient__delivery_address__address_line1"]
    assert row["fulfillment__fulfilled_by"]
    assert amazon.count(TOKENS) == 0


@pytest.mark.parametrize(("component", "attributes"), [KINDS[0], KINDS[2]])
def test_missing_role_fails_the_run(
    start: Callable[..., Simulator],
    run: Run,
    component: Component,
    attributes: Attributes,
) -> None:
    """Where a token is refused, the run fails and names the role, instead of landing less."""
    amazon = start(has_restricted_roles=False)

    result = run(amazon, component, {**attributes, "pii": "include"})

    assert "Direct to Consumer Shipping (Restricted)" in failure_of(result)


@pytest.mark.parametrize("has_role", [True, False], ids=["with the role", "without it"])
def test_missing_role_of_v2026_is_warned_of(
    start: Callable[..., Simulator],
    run: Run,
    caplog: pytest.LogCaptureFixture,
    *,
    has_role: bool,
) -> None:
    """Where nothing is refused, log and metadata tell that no personal data came."""
    amazon = start(has_restricted_roles=has_role)

    result = run(amazon, AmazonSPApi, {**V2026, "pii": "include"})

    [raw, *_] = result.get_asset_materialization_events()
    assert raw.materialization.metadata["personal_data_missing"].value is not has_role
    assert ("none came with any of" in caplog.text) is not has_role
