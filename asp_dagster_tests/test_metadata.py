"""What a materialization shows cannot be steered by what Amazon sends."""

from asp_dagster.metadata import _preview


def test_preview_is_a_table() -> None:
    """A preview is a Markdown table with one line a row; what is left out is empty."""
    preview = _preview([{"a": 1, "b": None}, {"a": "x", "b": "y"}])

    assert preview.value == "| a | b |\n| --- | --- |\n| 1 |  |\n| x | y |"


def test_preview_shows_text_as_text() -> None:
    """Markup in a value is shown, not obeyed."""
    preview = _preview([{"a": "1 | <img src=x>\n2 \\| 3"}])

    assert str(preview.value).splitlines()[-1] == r"| 1 \| &lt;img src=x&gt; 2 \\\| 3 |"


def test_preview_of_nothing_says_so() -> None:
    """A preview of no rows is a sentence."""
    assert _preview([]).value == "No rows."
