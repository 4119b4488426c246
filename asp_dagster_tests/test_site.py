"""The documentation is a site that holds together, and that asks nobody anything."""

import logging
import re
import runpy
from collections import Counter
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).parent.parent
OUTSIDE = list(runpy.run_path(str(ROOT / "scripts" / "site_pages.py"))["PAGES"].values())
_ASKED = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(https?:[^\s\">]+)"
)
_STYLED = re.compile(r"(?:@import|url\()\s*[\"']?(https?:[^\s\"')]+)")


def _built(where: Path, **changes: object) -> Path:
    """Build the site and return its folder."""
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(where), strict=True, **changes)
    config.plugins.run_event("startup", command="build", dirty=False)
    build(config)
    return where


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, which refuses links that lead nowhere."""
    return _built(tmp_path_factory.mktemp("site"))


def test_every_page_is_in_the_site(site: Path) -> None:
    """Each page of `docs/` becomes a page; with the rest of strictness, one of the menu."""
    pages = {page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")}

    assert {
        page
        for page in pages - {Path("README.md")}
        if not (site / page.with_suffix(".html")).is_file()
    } == set()
    assert (site / "index.html").is_file()


def test_no_page_is_in_the_menu_twice(site: Path) -> None:
    """The menu leads to each page from one place."""
    menu = (site / "index.html").read_text("utf-8").split("md-sidebar--secondary")[0]
    linked = Counter(re.findall(r'href="([^"#]+)" class="md-nav__link"', menu))

    assert {"feeds.html", "deploy.html"} <= set(linked)
    assert [page for page, times in linked.items() if times > 1] == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_pages_from_outside_are_in_the_site(site: Path, name: str) -> None:
    """README, SECURITY, CHANGELOG and the figures are pages too, without a copy in `docs/`."""
    assert "<h1" in (site / name).with_suffix(".html").read_text("utf-8")
    assert not (ROOT / "docs" / name).exists()


def test_site_asks_nobody(site: Path) -> None:
    """No page loads a script, a font, an image or a style from another host."""
    pages = {page.name: page.read_text("utf-8") for page in site.rglob("*.html")}
    styles = {page.name: page.read_text("utf-8") for page in site.rglob("*.css")}

    assert {name: _ASKED.findall(text) for name, text in pages.items() if _ASKED.search(text)} == {}
    assert [name for name, text in styles.items() if _STYLED.search(text)] == []


def test_linked_file_of_the_project_comes_along(site: Path) -> None:
    """A link to a declaration in the package leads to the declaration, in the site."""
    text = (site / "tables.html").read_text("utf-8")

    (target,) = set(re.findall(r'href="(project_files/[^"]*/orders/defs\.yaml)"', text))
    declared = ROOT / target.removeprefix("project_files/")
    assert (site / target).read_bytes() == declared.read_bytes()


def test_link_to_nowhere_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link whose page is missing ends the build, and its place is told."""
    pages = tmp_path / "docs"
    pages.mkdir()
    (pages / "README.md").write_text("[lost](nowhere.md)\n")
    nav = [{"Overview": "README.md"}, *({"Other": name} for name in OUTSIDE)]

    with caplog.at_level(logging.WARNING, "mkdocs"), pytest.raises(Abort):
        _built(tmp_path / "site", docs_dir=str(pages), nav=nav)

    assert "'nowhere.md'" in caplog.text
