"""Extensions that cannot be asked for are refused."""

from collections.abc import Callable
from typing import Any

import pytest

ORDERS = "/orders/2026-01-01/orders"


def _extension(name: str = "items", variable: Any = "orderId", **changes: Any) -> dict[str, Any]:
    """Declare an extension of an operation that nobody knows."""
    path = "/weather/v1/forecast/{}"
    return {"new_field_name": name, "path": path, "path_variable_name": variable, **changes}


def _nested(depth: int) -> dict[str, Any]:
    """Declare an extension with others within it, so many in all."""
    return _extension(extend_resources=[_nested(depth - 1)] if depth > 1 else [])


WRONG = [
    pytest.param(
        [_extension(variable=[])],
        "extend_resources.0.path_variable_name: is missing; name the record's field for `{}`",
        id="braces-without-a-variable",
    ),
    pytest.param(
        [_extension(path="/weather/v1/forecast")],
        "extend_resources.0.path: '/weather/v1/forecast' has no `{}` for orderId",
        id="variable-without-braces",
    ),
    pytest.param(
        [_extension(path="/weather/v1/forecast", variable=[])],
        "extend_resources.0.path: has no `{}`: the same answer would be stored in every record",
        id="neither",
    ),
    pytest.param(
        [_extension(path="/weather/{}/forecast/{}")],
        "extend_resources.0.path_variable_name: the path has 2 `{}`, but names: orderId",
        id="more-braces-than-variables",
    ),
    pytest.param(
        [_extension(variable=["orderId", "sku"])],
        "the path has 1 `{}`, but names: orderId, sku",
        id="more-variables-than-braces",
    ),
    pytest.param([_extension(variable="a..b")], "'a..b' is no dotted place", id="empty-name"),
    pytest.param([_extension(variable="")], "'' is no dotted place", id="empty-variable"),
    pytest.param(
        [_extension(variable="^.orderId")],
        "'^.orderId' leads further out than there are records; take a `^.` away",
        id="too-far-out",
    ),
    pytest.param(
        [_extension(path="/weather/v1/{day}/{}")],
        "extend_resources.0.path: nothing fills `{day}`",
        id="unknown-placeholder",
    ),
    pytest.param(
        [_extension("items"), _extension("items")],
        "extend_resources.1.new_field_name: 'items' is the name of two extensions; change one",
        id="one-name-twice",
    ),
    pytest.param(
        [_extension(" ")], "extend_resources.0.new_field_name: is empty", id="empty-new-field"
    ),
    pytest.param(
        [_extension("orderId", "number")],
        "new_field_name: 'orderId' is a field that record_config uses; change it",
        id="new-field-is-the-id",
    ),
    pytest.param(
        [_extension("items", "items.sku")],
        "extend_resources: a cycle of extensions: items needs items",
        id="needs-itself",
    ),
    pytest.param(
        [_extension("a", "b.id"), _extension("b", "a[].id")],
        "extend_resources: a cycle of extensions: ",
        id="two-need-each-other",
    ),
    pytest.param(
        [_extension("a", "b.id"), _extension("b")],
        "extend_resources.0: needs b, which is not there yet; put b first",
        id="needs-a-later-one",
    ),
    pytest.param(
        [_extension("a", extend_resources=[_extension("inner", "^.a.id")])],
        "extend_resources: a cycle of extensions: a needs a",
        id="needs-what-it-stands-in",
    ),
    pytest.param(
        [_extension(), _extension("b", extend_resources=[_extension("c", path="/x/{}/{}")])],
        "extend_resources.1.extend_resources.0.path_variable_name: the path has 2 `{}`",
        id="mistake-within-an-extension",
    ),
    pytest.param([_nested(6)], "is more than 5 deep; split the feed", id="too-deep"),
]

RIGHT = [
    pytest.param([_extension("a"), _extension("b", "a.id")], id="needs-an-earlier-one"),
    pytest.param([_extension("a"), _extension("b", "buyer.id")], id="side-by-side"),
    pytest.param([_nested(5)], id="as-deep-as-allowed"),
    pytest.param(
        [
            _extension(
                "plans",
                extend_resources=[
                    _extension("boxes", ["^.orderId", "ids[]"], path="/weather/{}/forecast/{}")
                ],
            )
        ],
        id="value-of-the-record-around",
    ),
]


@pytest.mark.parametrize(("extensions", "words"), WRONG)
def test_extension_that_cannot_be_asked_for_is_refused(
    mistakes_of: Callable[..., str], extensions: list[dict[str, Any]], words: str
) -> None:
    """An extension without its value, its name or its turn is refused with its dotted place."""
    config = {"id_field": "orderId"}

    assert words in mistakes_of(path=ORDERS, record_config=config, extend_resources=extensions)


@pytest.mark.parametrize("extensions", RIGHT)
def test_right_extensions_pass(
    mistakes_of: Callable[..., str], extensions: list[dict[str, Any]]
) -> None:
    """Extensions that have their values in time pass."""
    assert not mistakes_of(path=ORDERS, extend_resources=extensions)
