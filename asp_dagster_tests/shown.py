"""What the documentation shows: each block of code with its page, and the code within sentences.

Here belongs finding it, as a reader's Markdown does. That it works is shown by the tests of its
kind; that it has one, by `test_shown_blocks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
_FOLDERS = ("docs", "examples", "deploy", "benchmarks")


@dataclass(frozen=True)
class Block:
    """A block of code, fenced or indented; the language is empty where none is named."""

    page: str
    language: str
    text: str

    @property
    def begins(self) -> str:
        """Its first line, by which a test may name it."""
        return self.text.splitlines()[0].strip()


def _pages() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*.md"))
    for folder in _FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.md"))


def _spans(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "code_inline":
            yield token.content
        yield from _spans(token.children or [])


_TOKENS = {
    str(page.relative_to(ROOT)): MarkdownIt().enable("table").parse(page.read_text("utf-8"))
    for page in _pages()
}
BLOCKS = tuple(
    Block(page, token.info, token.content)
    for page, tokens in _TOKENS.items()
    for token in tokens
    if token.type in {"fence", "code_block"}
)
SPANS = tuple(
    dict.fromkeys((page, text) for page, each in _TOKENS.items() for text in _spans(each))
)
"""The code within sentences and tables, each once for a page."""


def shown_on(page: str, language: str) -> list[str]:
    """Return what a page shows in a language, from top to bottom."""
    return [block.text for block in BLOCKS if (block.page, block.language) == (page, language)]
