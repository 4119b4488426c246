"""Whatever a declaration holds, it is a feed, or is refused in words of ours, and nothing runs."""

from typing import Any

import pytest
import yaml
from dagster import DagsterError
from dagster.components.resolved.errors import ResolutionException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.retirements import AS_OF
from asp_dagster.components import AmazonSPApi, AmazonSPListedReport, AmazonSPReport
from asp_dagster.components.declared_feeds import FeedComponent

KEYS = {
    AmazonSPApi: [
        *("path", "params", "results_key", "updated_at_param", "lookback", "extend_resources"),
        *("body", "method", "paging", "values_from", "feed"),
    ],
    AmazonSPReport: [
        "report",
        "report_spec",
        "file_format",
        "wait",
        "reuse_age",
        "encoding_errors",
    ],
    AmazonSPListedReport: ["report_spec", "file_format", "overlap", "sums", "schedule", "feed"],
}
COMMON = [
    *("name", "group", "account", "credentials", "endpoint", "marketplaces", "partitions", "tags"),
    *("table", "tables", "columns", "record_config", "rows", "owners", "seller_id", "unknown"),
]
RIGHT = {
    AmazonSPApi: {"path": "/orders/v0/orders"},
    AmazonSPReport: {"report": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    AmazonSPListedReport: {"feed": "settlements"},
}
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            *("/orders/v0/orders", "{marketplace_id}", "{window_start}", "{nobody}", "../..", "{}"),
            *("'; DROP TABLE x; --", "{{ 1/0 }}", "{{ env.HOME }}", "{% for %}", "TSV", "P1D"),
            *("9999999999999 days", "-1 days", "daily", "\x00", "a.b.c", "^.^.a", "[0]", "a[]"),
        ]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), TEXTS)
NAMES = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            *("new_field_name", "path", "path_variable_name", "client_id", "reportType", "every"),
            *(
                "start",
                "type",
                "columns",
                "id_field",
                "token",
                "param",
                "table",
                "column",
                "period",
            ),
        ]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
REFUSALS = (DeclarationError, DagsterError, ResolutionException, ValidationError)

FUZZED = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("component", KEYS, ids=lambda component: component.__name__)
@FUZZED
@given(data=st.data())
def test_any_declaration_is_a_feed_or_refused(
    component: type[FeedComponent], data: st.DataObject
) -> None:
    """Some keys with any values, beside right ones: no mistake of Python's reaches the reader."""
    names = st.sampled_from([*KEYS[component], *COMMON])
    wild = data.draw(st.dictionaries(names, VALUES, max_size=3))
    declared: dict[str, Any] = {**RIGHT[component], **wild}

    try:
        text = yaml.safe_dump(declared)
        check_feed(component.resolve_from_yaml(text).declared("feed"), today=AS_OF)
    except REFUSALS as error:
        assert str(error)  # noqa: PT017 - it says something
