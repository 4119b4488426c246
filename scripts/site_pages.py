"""Brings into the site what lies outside `docs/`, for `make docs`.

Pages link to each other, and to files of the project, as GitHub reads them. Here belong: the pages
of the site that lie elsewhere, each in one place only, and turning every such link into one that
works in the site. A file that is linked comes along; a folder has no page and stays as text.

https://www.mkdocs.org/user-guide/configuration/#hooks
"""

import re
from collections.abc import Iterator
from os.path import normpath, relpath
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PAGES = {
    "README.md": "project.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/RESULTS.md": "figures.md",
    "examples/mitto/README.md": "mitto_example.md",
    "examples/shop/README.md": "shop_example.md",
}
"""The pages that lie outside `docs/`, and what they are called in the site."""

_LINK = re.compile(r"(?P<text>!?\[[^]]*\])\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
_PROJECT_FILES = "project_files"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside, and each file of the project that a page links to."""
    for path, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / path).read_text("utf-8")))
    linked = {path for page in files.documentation_pages() for path in _linked_files(page)}
    for path in sorted(linked):
        files.append(
            File.generated(
                config,
                f"{_PROJECT_FILES}/{path}",
                abs_src_path=str(ROOT / path),
                inclusion=InclusionLevel.NOT_IN_NAV,
            )
        )
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with its links turned to where the site has what they mean."""
    del config, files
    here = page.file.src_uri

    def turned(link: re.Match[str]) -> str:
        path = _path(here, link["target"])
        if (ROOT / path).is_dir():
            return link["text"].strip("[]")
        return f"{link['text']}({relpath(_place(path), Path(here).parent)}{link['anchor'] or ''})"

    return _LINK.sub(turned, markdown)


def _linked_files(page: File) -> Iterator[str]:
    """Yield the files outside `docs/` that a page links to, pages excepted."""
    for link in _LINK.finditer(page.content_string):
        path = _path(page.src_uri, link["target"])
        if not path.startswith("docs/") and path not in PAGES and (ROOT / path).is_file():
            yield path


def _path(page: str, target: str) -> str:
    """Return the path, from the project's root, of what a page links to."""
    lies_at = {name: path for path, name in PAGES.items()}.get(page, f"docs/{page}")
    return normpath(str(Path(lies_at).parent / target))


def _place(path: str) -> str:
    """Return where the site has a file of the project."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return PAGES.get(path, f"{_PROJECT_FILES}/{path}")
