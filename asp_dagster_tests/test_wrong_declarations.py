"""A wrong declaration is refused at load, without the network, and in which words."""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from asp_dagster.components import (
    AmazonSPApi,
    AmazonSPReport,
    AmazonSPReportFile,
    MittoJobs,
    SellingPartners,
)
from asp_dagster.settings import build_resources
from asp_dagster_tests.wrong_declarations import (
    FILE,
    ORDERS,
    REPORT,
    WRONG,
    orders,
    report,
    report_file,
)
from asp_dagster_tests.wrong_partners import WRONG_PARTNERS
from asp_dagster_tests.wrong_sharing import WRONG_SHARING

ALL_WRONG = {**WRONG, **WRONG_PARTNERS, **WRONG_SHARING}


def _load(component: type[dg.Component], *declarations: Mapping[str, Any]) -> None:
    """Load declarations of one component as a code location would."""
    with create_defs_folder_sandbox() as sandbox:
        for attributes in declarations:
            path = sandbox.scaffold_component(component_cls=component)
            content = {"type": f"asp_dagster.{component.__name__}", "attributes": dict(attributes)}
            (path / "defs.yaml").write_text(yaml.safe_dump(content))
        with sandbox.build_all_defs() as defs:
            whole = dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))
            dg.Definitions.validate_loadable(whole)


def _text(error: BaseException) -> str:
    """The texts of an error and of all that caused it."""
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    return "\n".join(str(cause) for cause in causes)


@pytest.mark.parametrize(("component", "attributes", "words"), ALL_WRONG.values(), ids=ALL_WRONG)
def test_wrong_declaration_fails_at_load(
    component: type[dg.Component], attributes: Mapping[str, Any], words: Sequence[str]
) -> None:
    """It is refused when it is loaded, naming the place and what would have been right."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster wraps it in errors of its own
        _load(component, attributes)

    text = _text(refused.value)
    assert [word for word in words if word not in text] == []
    assert "defs.yaml" in text


SECRET = "do-not-show-this"
WITH_A_SECRET = {"client_id": "x", "client_secret": SECRET, "refresh_token": SECRET}


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        pytest.param(*orders(credentials=WITH_A_SECRET, path=None), id="missing-key"),
        pytest.param(*orders(credentials=WITH_A_SECRET, pth="x"), id="unknown-key"),
        pytest.param(*orders(credentials=[WITH_A_SECRET]), id="credentials-in-a-list"),
        pytest.param(*orders(credentials={**WITH_A_SECRET, "x": SECRET}), id="unknown-secret"),
        pytest.param(*orders(credentials=WITH_A_SECRET, owners=7), id="wrong-kind"),
        pytest.param(
            *orders(credentials=WITH_A_SECRET, columns={"a": "encrypt"}),
            id="next-line",
        ),
        pytest.param(
            *orders(credentials=WITH_A_SECRET, columns={"a": "{{ env.NO_SUCH_VARIABLE }}"}),
            id="template-in-the-next-line",
        ),
        pytest.param(*report(credentials=WITH_A_SECRET, file_format=None), id="report"),
        pytest.param(*report_file(credentials=WITH_A_SECRET, output=None), id="file"),
        pytest.param(MittoJobs, {"credentials": WITH_A_SECRET}, id="job-files"),
        pytest.param(
            SellingPartners,
            {"accounts": [{"credentials": WITH_A_SECRET}], "feeds": ["orders"]},
            id="partner",
        ),
        pytest.param(
            SellingPartners,
            {"accounts": [{"name": "acme", "credentials": WITH_A_SECRET}], "feeds": ["order"]},
            id="feed-of-partners",
        ),
    ],
)
def test_mistake_beside_a_secret_does_not_show_it(
    component: type[dg.Component], attributes: Mapping[str, Any]
) -> None:
    """Whatever is wrong with a declaration that holds secrets, no error quotes them."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster wraps it in errors of its own
        _load(component, attributes)

    assert SECRET not in _text(refused.value)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_two_feeds_of_one_name_are_refused() -> None:
    """Two declarations that name the same asset do not load."""
    with pytest.raises(Exception, match=r"Duplicate asset key: .*raw_orders"):
        _load(AmazonSPApi, ORDERS, ORDERS)


def test_the_right_ones_load() -> None:
    """What all of these vary is right."""
    _load(AmazonSPApi, ORDERS)
    _load(AmazonSPReport, REPORT)
    _load(AmazonSPReportFile, FILE)
