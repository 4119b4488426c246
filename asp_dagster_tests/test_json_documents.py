"""A JSON document of any size is walked, or refused without a word of what it holds."""

import io
from decimal import Decimal

import pytest

from asp_dagster.json_documents import BrokenJSONError, json_events, json_values


def test_values_at_a_place() -> None:
    """The entries of a list are given one by one, numbers with all their digits."""
    document = io.BytesIO(b'{"rows": [{"a": 1.10}, {"a": 22222222222222222222}]}')

    assert list(json_values(document, "rows.item")) == [
        {"a": Decimal("1.10")},
        {"a": 22222222222222222222},
    ]


def test_events_of_a_document() -> None:
    """A walk tells of each list and object where it stands."""
    found = [(place, event) for place, event, _ in json_events(io.BytesIO(b'{"rows": [{}]}'))]

    assert ("rows", "start_array") in found
    assert ("rows.item", "start_map") in found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b'{"rows": [{"a": "secret', "parse error", id="breaks-off"),
        pytest.param(b'{"rows": ["secret\xed\xa0\x80"]}', "not written in UTF-8", id="no-utf-8"),
        pytest.param(b'{"rows": [1' + b"0" * 4500 + b"]}", "4000 digits", id="long-number"),
        pytest.param(b" " * 65_000 + b"[" + b"7" * 4500 + b"]", "4000 digits", id="across-blocks"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, reason: str) -> None:
    """Broken JSON, text that is no UTF-8 and a number without end are refused, and not quoted."""
    with pytest.raises(BrokenJSONError, match=reason) as refused:
        list(json_values(io.BytesIO(content), "rows.item"))

    assert "secret" not in str(refused.value)
