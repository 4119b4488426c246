"""A concrete path finds the template it fits."""

import pytest

from asp_dagster.spapi.path_templates import PathTemplates

TEMPLATES = PathTemplates(
    [
        ("GET", "/items/{asin}", "any item"),
        ("GET", "/items/compliance", "compliance"),
        ("POST", "/items/{asin}", "posted"),
        ("GET", "/items/{asin}/offers", "offers"),
        ("GET", "/{kind}/compliance/offers", "kind"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        pytest.param("GET", "/items/B01", "any item", id="placeholder"),
        pytest.param("get", "/items/B01", "any item", id="any case of the method"),
        pytest.param("GET", "/items/compliance", "compliance", id="a literal wins"),
        pytest.param("GET", "/items/compliance/offers", "offers", id="the first literal wins"),
        pytest.param("POST", "/items/compliance", "posted", id="per method"),
        pytest.param("GET", "/items/", None, id="a placeholder is not empty"),
        pytest.param("GET", "/items/B01/x/offers", None, id="segments count"),
        pytest.param("DELETE", "/items/B01", None, id="unknown method"),
    ],
)
def test_finds_the_best_fit(method: str, path: str, expected: str | None) -> None:
    """Method and segments decide, and literals win over placeholders."""
    assert TEMPLATES.find(method, path) == expected
