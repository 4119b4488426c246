"""A report's file is called what the declaration says, and never leads out of its folder."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asp_dagster.landing import DataWindow, SettingError, output_name
from asp_dagster.landing.outputs import output_pattern

NOVEMBER = DataWindow(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
START, END = "20261101T000000.000Z", "20261201T000000.000Z"


def _name(template: str, **changes: str | None) -> str:
    values = {"partition": "2026-11-01", "account": "shop", "marketplace_id": "A1PA6795UKMFR9"}
    return output_name(template, window=NOVEMBER, extension=".tsv", **(values | changes))  # type: ignore[arg-type] - a case may leave one out


@pytest.mark.parametrize(
    ("template", "name"),
    [
        pytest.param("orders.txt", "orders.txt", id="fixed"),
        pytest.param("orders", "orders.tsv", id="no-extension"),
        pytest.param("{partition}", "2026-11-01.tsv", id="partition"),
        pytest.param("a/{account}/{marketplace_id}.csv", "a/shop/A1PA6795UKMFR9.csv", id="path"),
        pytest.param("{start}_{end}.txt", f"{START}_{END}.txt", id="window"),
        pytest.param("{start}-orders", f"{START}-orders.tsv", id="dot-of-a-time"),
        pytest.param("orders-{end}", f"orders-{END}.tsv", id="dot-of-a-time-at-the-end"),
        pytest.param("./a//b.txt", "a/b.txt", id="plain-path"),
    ],
)
def test_output_is_filled(template: str, name: str) -> None:
    """Placeholders are filled, an extension is added if need be, and the name is known again."""
    assert _name(template) == name
    assert output_pattern(template, ".tsv").fullmatch(name)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        pytest.param("{day}.txt", r"\{day\}; known: \{partition\}, \{start\}", id="unknown"),
        pytest.param("{}.txt", r"holds \{\}; known", id="unnamed"),
        pytest.param("/tmp/x.txt", "relative path", id="absolute"),  # noqa: S108 - refused
        pytest.param("a/../../x.txt", "relative path", id="upwards"),
        pytest.param("..", "relative path", id="up"),
        pytest.param("a\\b.txt", "with slashes", id="backslash"),
        pytest.param("a/", "ends in a file's name", id="folder"),
        pytest.param("", "ends in a file's name", id="empty"),
    ],
)
def test_output_that_cannot_be_meant(template: str, words: str) -> None:
    """An unknown placeholder, or a path that leads elsewhere, is refused."""
    with pytest.raises(SettingError, match=words):
        _name(template)


@pytest.mark.parametrize("missing", ["account", "marketplace_id"])
def test_output_of_what_the_feed_lacks(missing: str) -> None:
    """A placeholder for something that the feed does not have is refused."""
    with pytest.raises(SettingError, match=f"{{{missing}}}, which stands for nothing"):
        _name(f"x-{{{missing}}}", **{missing: None})


def test_output_of_a_window_that_is_not_there() -> None:
    """Without a window there is no `{start}`."""
    with pytest.raises(SettingError, match=r"\{start\}, which stands for nothing"):
        output_name(
            "{start}",
            partition="all",
            window=None,
            account=None,
            marketplace_id=None,
            extension=".tsv",
        )


@given(partition=st.text(min_size=1), account=st.text(min_size=1))
def test_what_is_filled_in_stays_in_its_part(partition: str, account: str) -> None:
    """Whatever a partition or an account is called, the file lies where the template says."""
    name = _name("x/{partition}/y-{account}.tsv", partition=partition, account=account)

    folder, middle, file = name.split("/")
    assert folder == "x"
    assert middle != ".."
    assert file.startswith("y-")
    assert not set(name) & set(' \\:*?"<>|\n\0')
