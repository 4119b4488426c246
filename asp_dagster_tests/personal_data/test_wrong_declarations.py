"""What asks for personal data without saying so, or would show it, is refused at load."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest

from asp_dagster_tests.declaring import definitions_of
from asp_dagster_tests.personal_data.wrong_declarations import WRONG


@pytest.mark.parametrize(("component", "attributes", "words"), WRONG)
@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_wrong_declaration_is_refused_at_load(
    component: type[dg.Component], attributes: Mapping[str, Any], words: list[str]
) -> None:
    """What asks for a customer without saying so, or would show one, never runs."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster refuses the word itself
        definitions_of(component, attributes)

    assert all(each in str(refused.value) for each in words)
