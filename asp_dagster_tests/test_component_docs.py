"""The components are described where people look: in `docs/`, for `dg`, and in Dagster's UI."""

import json
import re
import shlex
import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from click.testing import CliRunner
from dagster.components.core.load_defs import PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY
from dagster.components.core.package_entry import discover_entry_point_package_objects
from dagster.components.testing import create_defs_folder_sandbox
from pydantic import BaseModel, create_model

import asp_dagster
from asp_dagster import cursors
from asp_dagster.catalog.declared_requests import PLACEHOLDERS
from asp_dagster.components import (
    AmazonSPApi,
    AmazonSPListedReport,
    AmazonSPReport,
    AmazonSPReportFile,
    MittoJobs,
    SellingPartners,
)
from asp_dagster.definitions import build_definitions
from asp_dagster.settings import build_resources
from asp_dagster_tests.shown import BLOCKS, ROOT

DOCS = ROOT / "docs"
WRITTEN = ("docs/operations.md", "docs/migrate_airbyte.md")
"""Pages that scripts write; `test_docs.py` checks their declarations all at once."""

COMPONENTS: Mapping[str, Any] = {
    "amazon_sp_api.md": AmazonSPApi,
    "amazon_sp_listed_report.md": AmazonSPListedReport,
    "amazon_sp_report.md": AmazonSPReport,
    "amazon_sp_report_file.md": AmazonSPReportFile,
    "mitto_jobs.md": MittoJobs,
    "selling_partners.md": SellingPartners,
}
PAGES = {
    str(page.relative_to(DOCS)): page.read_text("utf-8") for page in sorted(DOCS.rglob("*.md"))
}
DECLARATIONS = {
    f"{block.page}-{number}": (block.page, block.text)
    for number, block in enumerate(BLOCKS)
    if block.language == "yaml"
    and block.page not in WRITTEN
    and "type" in yaml.safe_load(block.text)
}
"""The whole declarations that the pages show, with their page."""


def _told_keys(page: str) -> Mapping[str, str]:
    """The keys in a page's table, each with what stands in the column of defaults."""
    section = PAGES[f"components/{page}"].split("\n## Keys\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|", section, re.MULTILINE)
    assert len(rows) == section.count("\n| `")
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def _known_keys(component: type[BaseModel]) -> Mapping[str, bool]:
    """The keys that a component takes, dotted, and whether each is required.

    What is described at one place is not described again at another, deeper one.
    """
    fields = component.model_fields.items()
    types: dict[str, Any] = {key: (entry.annotation, ...) for key, entry in fields}
    schema = create_model("Keys", **types).model_json_schema(by_alias=True)
    schema["required"] = component.get_model_cls().model_json_schema().get("required", [])  # type: ignore[attr-defined] - each is a component
    known: dict[str, bool] = {}
    seen: set[str] = set()
    waiting = deque([("", schema)])
    while waiting:
        place, described = waiting.popleft()
        for key, entry in described["properties"].items():
            known[f"{place}{key}"] = key in described.get("required", ())
            for inner, name in _objects(entry, f"{place}{key}"):
                if name not in seen:
                    seen.add(name)
                    waiting.append((f"{inner}.", schema["$defs"][name]))
    return known


def _objects(entry: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """The objects that may stand at a place, with the place where their keys are."""
    if "$ref" in entry:
        yield place, entry["$ref"].rpartition("/")[2]
    for choice in entry.get("anyOf", ()):
        yield from _objects(choice, place)
    if isinstance(entry.get("items"), Mapping):
        yield from _objects(entry["items"], f"{place}[]")
    if isinstance(entry.get("additionalProperties"), Mapping):
        yield from _objects(entry["additionalProperties"], f"{place}.*")


@contextmanager
def _loaded(block: str) -> Iterator[dg.Definitions]:
    """Load a declaration from the folder that its first comment names, as a project would."""
    folder = re.match(r"# asp_dagster/defs/(\w+)/defs\.yaml\n", block)
    component = getattr(asp_dagster, yaml.safe_load(block)["type"].rpartition(".")[2])
    with create_defs_folder_sandbox() as sandbox:
        shutil.copytree(ROOT / "examples", sandbox.project_root / "examples")
        path = sandbox.scaffold_component(component, folder[1] if folder else None)
        (path / "defs.yaml").write_text(block)
        with sandbox.load_component_and_build_defs(defs_path=path) as (_component, defs):
            yield dg.Definitions.merge(defs, dg.Definitions(resources=build_resources()))


@pytest.mark.parametrize("page", COMPONENTS)
def test_page_has_every_key_and_no_other(page: str) -> None:
    """The table of a component's page has a row for each key, nested ones too."""
    assert set(_told_keys(page)) == set(_known_keys(COMPONENTS[page]))


@pytest.mark.parametrize("page", COMPONENTS)
def test_page_says_what_is_required(page: str) -> None:
    """A key without which a declaration is refused is called required."""
    told = {key for key, default in _told_keys(page).items() if default.startswith("required")}

    assert {
        key for key, is_required in _known_keys(COMPONENTS[page]).items() if is_required
    } <= told


def test_page_has_every_placeholder() -> None:
    """The page of endpoints names each placeholder that is filled."""
    section = PAGES["components/amazon_sp_api.md"].split("\n## Placeholders\n")[1].split("\n## ")[0]

    assert set(re.findall(r"`\{(\w+)\}`", section)) == set(PLACEHOLDERS)


@pytest.mark.filterwarnings("ignore:.*ignored, having no meaning here")
@pytest.mark.filterwarnings("ignore:Parameter `owners` of initializer `SensorDefinition")  # Dagster
@pytest.mark.parametrize("name", DECLARATIONS)
def test_shown_declaration_loads(name: str) -> None:
    """Each whole declaration that is shown loads, with no warning but of what Amazon removes."""
    with _loaded(DECLARATIONS[name][1]) as defs:
        dg.Definitions.validate_loadable(defs)


@pytest.mark.filterwarnings("ignore:.*ignored, having no meaning here")
@pytest.mark.parametrize("page", COMPONENTS)
def test_shown_jobs_and_assets_come_of_what_is_shown(page: str) -> None:
    """The jobs and assets that a page names are those of its declarations."""
    text = PAGES[f"components/{page}"]
    jobs: set[str] = set()
    assets: set[str] = set()
    for of_page, block in DECLARATIONS.values():
        if of_page == f"docs/components/{page}":
            with _loaded(block) as defs:
                jobs |= {job.name for job in defs.jobs or ()}
                assets |= {key.to_user_string() for key in defs.resolve_all_asset_keys()}

    named_jobs = set(re.findall(r"-j (\w+)|`(?:\w+/)?(\w+_job)`", text))
    # In sentences about another account, and about the default feeds.
    told = {"acme_orders_with_items_job", "reports_job"}
    assert {left or right for left, right in named_jobs} <= jobs | told
    assert set(re.findall(r"^\| asset `([^`]+)`", text, re.MULTILINE)) <= assets


@pytest.mark.filterwarnings("ignore:.*ignored, having no meaning here")
def test_assets_of_the_job_files_are_those_that_are_told() -> None:
    """The page of Mitto's job files has each asset and job that its smallest declaration makes."""
    [block, *_] = [
        block for page, block in DECLARATIONS.values() if page.endswith("/mitto_jobs.md")
    ]
    with _loaded(block) as defs:
        made = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
        made |= {job.name for job in defs.jobs or ()}

    section = PAGES["components/mitto_jobs.md"].split("\n## What comes of it\n")[1]
    rows = re.findall(r"^\| `[^|]+ \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", section, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", " ".join(map(" ".join, rows)))) == made


def test_links_lead_somewhere() -> None:
    """Each link of the pages to a file of ours leads to one that is there."""
    links = [
        (page, link)
        for page, text in PAGES.items()
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text)
        if "://" not in link
    ]

    assert links
    assert [each for each in links if not (DOCS / each[0]).parent.joinpath(each[1]).exists()] == []


def test_shown_cursor_commands_are_understood(tmp_path: Path) -> None:
    """The commands that show and move a cursor take the arguments as they are shown."""
    shown = re.findall(r"^asp cursor (.+)$", PAGES["incremental.md"], re.MULTILINE)
    state = f"sqlite:///{tmp_path / 'state.db'}"
    new = "set --new raw_fresh_orders 2026-01-01"

    done = [
        CliRunner().invoke(cursors.command, ["--state", state, *shlex.split(command)])
        for command in [new, *shown]
    ]

    assert [each.exit_code for each in done] == [0] * 4
    assert "raw_fresh_orders" in done[1].output


def test_dg_finds_the_components() -> None:
    """What `dg list components` lists: the package is registered, and its late names are found."""
    found = discover_entry_point_package_objects()

    ours = {key.name: value for key, value in found.items() if key.namespace == "asp_dagster"}
    assert ours == {component.__name__: component for component in COMPONENTS.values()}


@pytest.fixture(scope="module")
def shown_in_ui() -> Mapping[str, Mapping[str, Any]]:
    """What the tab *Components* of the code location shows, by component."""
    metadata = build_definitions().metadata[PLUGIN_COMPONENT_TYPES_JSON_METADATA_KEY]
    assert isinstance(metadata, dg.JsonMetadataValue)
    assert isinstance(metadata.data, list)
    return {
        str(shown["name"]): shown
        for package in metadata.data
        for shown in package["componentTypes"]
        if package["name"] == "asp_dagster"
    }


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
def test_ui_shows_each_component_with_all_keys(
    component: Any, shown_in_ui: Mapping[str, Mapping[str, Any]]
) -> None:
    """The UI has what each component is, and what each of its keys means."""
    shown = shown_in_ui[f"asp_dagster.{component.__name__}"]

    properties = json.loads(shown["schema"])["properties"]
    assert shown["description"].startswith(component.__doc__.splitlines()[0])
    assert set(properties) == set(component.model_fields)
    assert [key for key, entry in properties.items() if not entry.get("description")] == []
