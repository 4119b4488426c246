"""Declarations are checked, and every mistake is named by its dotted place."""

import pytest

from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.endpoints import ExtensionSpec, RecordConfig
from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.tables import RawFormat, TableSpec

EXTENSION = {
    "new_field_name": "OrderItems",
    "path": "/orders/v0/orders/{}/orderItems",
    "path_variable_name": "AmazonOrderId",
    "results_key": "OrderItems",
}
TABLE = {"name": "orders", "columns": {"order_id": {"path": "orderId"}}}

WRONG = [
    pytest.param(
        tuple[ExtensionSpec, ...],
        [{**EXTENSION, "result_key": "x"}],
        ["place.0.result_key: unknown key", "known:", "results_key"],
        id="misspelt-key-in-a-list",
    ),
    pytest.param(
        tuple[ExtensionSpec, ...],
        [{key: value for key, value in EXTENSION.items() if key != "path"}],
        ["place.0.path: is missing"],
        id="missing-key",
    ),
    pytest.param(
        tuple[ExtensionSpec, ...],
        [{**EXTENSION, "extend_resources": [{**EXTENSION, "paging": {"tokens": "a"}}]}],
        ["place.0.extend_resources.0.paging.tokens: unknown key", "token_only"],
        id="misspelt-key-three-levels-down",
    ),
    pytest.param(
        PartitionsSpec | None,
        {"every": "daily", "timezone": "Europe/Munich"},
        ["place: timezone 'Europe/Munich' does not exist"],
        id="time-zone-that-does-not-exist",
    ),
    pytest.param(
        tuple[TableSpec, ...],
        [{"name": "orders", "columns": {"order_id": {"pth": "orderId"}}}],
        ["place.0.columns.order_id.pth: unknown key", "path"],
        id="misspelt-key-of-a-column",
    ),
    pytest.param(
        tuple[TableSpec, ...],
        [{"name": "orders", "columns": {"order_id": {"path": "x", "type": "txt"}}}],
        ["place.0.columns.order_id.type", "'text'", "'timestamp'"],
        id="unknown-column-type",
    ),
    pytest.param(
        ReportSpec,
        {"reportType": "GET_X", "reportOptions": {"asinGranularity": 1}},
        ["place.reportOptions.asinGranularity", "valid string"],
        id="report-option-that-is-no-text",
    ),
    pytest.param(
        ReportSpec,
        {"report_type": "GET_X"},
        ["place.reportType: is missing", "place.report_type: unknown key", "reportType"],
        id="report-key-not-in-amazons-words",
    ),
    pytest.param(
        RecordConfig,
        {"id_field": 123},
        ["place.id_field"],
        id="number-where-a-name-is-meant",
    ),
    pytest.param(
        RecordConfig,
        {"id_field": [1]},
        ["place.id_field: Input should be a valid string; place.id_field.0: Input should be"],
        id="place-without-the-types-that-were-tried",
    ),
    pytest.param(
        bool | str,
        7,
        ["place: Input should be a valid boolean", " or a valid string"],
        id="types-of-one-place-are-one-sentence",
    ),
    pytest.param(RawFormat, "docx", ["place", "'jsonl'", "'tsv'"], id="unknown-format"),
]


@pytest.mark.parametrize(("spec_type", "value", "words"), WRONG)
def test_wrong_declaration_names_its_place(
    spec_type: type, value: object, words: list[str]
) -> None:
    """A mistake is refused with its dotted place and what would have been right."""
    with pytest.raises(DeclarationError) as refused:
        parse(spec_type, value, place="place")

    assert all(word in str(refused.value) for word in words)


def test_right_declaration_becomes_a_value() -> None:
    """A right declaration becomes a frozen value, with several ids as they were given."""
    config = parse(
        RecordConfig, {"id_field": ["a", "b.c"], "last_modified_field": "t"}, place="record_config"
    )

    assert config.fields == ("a", "b.c", "t")
