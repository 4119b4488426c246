"""A record that comes once more on the next page lands once."""

from typing import Any

import pytest

from asp_dagster.landing.unrepeated import Unrepeated

ONE, TWO, THREE = ({"id": number, "n": 0} for number in (1, 2, 3))
CHANGED = {"id": 2, "n": 1}


@pytest.mark.parametrize(
    ("pages", "kept"),
    [
        pytest.param([[ONE, TWO], [TWO, THREE]], [[ONE, TWO], [THREE]], id="repeated"),
        pytest.param([[ONE, TWO], [CHANGED]], [[ONE, TWO], [CHANGED]], id="changed"),
        pytest.param([[ONE], [TWO], [ONE]], [[ONE], [TWO], [ONE]], id="long-ago"),
        pytest.param([[{"n": 1}], [{"n": 1}]], [[{"n": 1}], [{"n": 1}]], id="without-id"),
    ],
)
def test_record_of_the_page_before_is_left_out(pages: Any, kept: Any) -> None:
    """What equals a record of the page before in everything is left out, and nothing else."""
    unrepeated = Unrepeated(["id"])

    assert [unrepeated.of(page) for page in pages] == kept


def test_nothing_is_left_out_without_a_declared_id() -> None:
    """Two records that look alike may be two."""
    unrepeated = Unrepeated(())

    assert [unrepeated.of([ONE]), unrepeated.of([ONE])] == [[ONE], [ONE]]
