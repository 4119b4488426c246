"""YAML that the documentation shows in part is taken by what it is a part of."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster_shared.yaml_utils import load_run_config_yaml  # what the launchpad's text is read by
from pydantic import TypeAdapter

from asp_dagster.catalog.tables import ColumnSpec
from asp_dagster.components import AmazonSPApi
from asp_dagster.definitions import defs
from asp_dagster_tests.shown import BLOCKS

FRAGMENTS = [
    pytest.param(fragment, id=f"{block.page}-{number}")
    for number, block in enumerate(BLOCKS)
    if block.language == "yaml" and "type" not in (fragment := yaml.safe_load(block.text))
]
WHOLE = {"name": "shown", "path": "/sellers/v1/marketplaceParticipations"}
"""The least of a feed, to which a part of its declaration is added."""

Fragment = Mapping[str, Any]


def _of_a_feed(fragment: Fragment, _folder: Path) -> None:
    attributes = {**WHOLE, **fragment.get("attributes", fragment)}
    if "feed" in attributes:
        del attributes["path"]
    assert AmazonSPApi.resolve_from_yaml(yaml.safe_dump(attributes)).declared().tables


def _of_columns(fragment: Fragment, _folder: Path) -> None:
    columns = TypeAdapter(dict[str, ColumnSpec]).validate_python(fragment)
    assert all(column.paths for column in columns.values())


def _of_an_instance(fragment: Fragment, folder: Path) -> None:
    (folder / "dagster.yaml").write_text(yaml.safe_dump(dict(fragment)))
    found, _ = dagster_instance_config(str(folder))
    assert fragment.items() <= found.items()


def _of_a_run(fragment: Fragment, _folder: Path) -> None:
    (name,) = fragment["ops"]
    job = dg.Definitions(jobs=[dg.define_asset_job("shown", selection=[name])])
    whole = {**WHOLE, "name": "fresh_orders", "table": "fresh_orders"}
    declared = AmazonSPApi.from_attributes_dict(attributes=whole)
    feed = declared.build_defs(dg.ComponentTree.for_test().load_context)
    shown = dg.Definitions.merge(defs, feed, job).resolve_job_def("shown")
    assert dg.validate_run_config(shown, load_run_config_yaml(yaml.safe_dump(dict(fragment))))


WHOLES: Mapping[str, Callable[[Fragment, Path], None]] = {
    "ops": _of_a_run,
    "run_monitoring": _of_an_instance,
    "run_retries": _of_an_instance,
    **dict.fromkeys((*AmazonSPApi.model_fields, "attributes"), _of_a_feed),
}
"""What a fragment is a part of, by its first key; any other key is a column's name."""


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_shown_fragment_is_taken(
    fragment: Fragment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of a declaration, of Dagster's settings or of a run's is read as it is meant."""
    for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET", "ACME_REFRESH_TOKEN"):
        monkeypatch.setenv(name, "of acme")

    WHOLES.get(next(iter(fragment)), _of_columns)(fragment, tmp_path)


def test_fragments_are_found() -> None:
    """The pages of tables and of credentials have some."""
    assert len(FRAGMENTS) >= 8


@pytest.mark.parametrize(("language", "read"), [("json", json.loads), ("toml", tomllib.loads)])
def test_shown_text_can_be_read(language: str, read: Callable[[str], Any]) -> None:
    """JSON and TOML that are shown, such as a bucket's policy, are well-formed."""
    shown = [block.text for block in BLOCKS if block.language == language]

    assert shown
    assert all(read(block) for block in shown)
