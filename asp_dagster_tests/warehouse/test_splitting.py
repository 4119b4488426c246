"""Fields are split as fast as Arrow can, and never otherwise than one by one."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading import commas, splitting, texts
from asp_dagster.warehouse.reading.ahead import ahead
from asp_dagster.warehouse.reading.delimited import DelimitedFile

Lines = Callable[..., list[tuple[int, tuple[str | None, ...]]]]
PROPERTY = settings(
    max_examples=120,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# What a splitter could stumble over, more often than chance would have it.
ODD = st.sampled_from(['"', '""', ",", "\r", "\n", "\r\n", " ", "\ufeff", "\x0b", "\u2028", "é文"])
CELL = st.lists(ODD | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4))
CELLS = CELL.map("".join)
TAB_CELLS = CELLS.map(lambda cell: cell.replace("\t", "").replace("\n", "").rstrip("\r"))


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """Return the lines of a document, each with its number."""

    def run(document: str | bytes, raw_format: str = "tsv") -> list[tuple[int, tuple[str, ...]]]:
        file = tmp_path / f"report.{raw_format}"
        file.write_bytes(document if isinstance(document, bytes) else document.encode())
        return list(DelimitedFile.inspect(file, raw_format).lines())  # type: ignore[arg-type]

    return run


@pytest.fixture
def never_careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where Python has to split."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("split by Python")

    monkeypatch.setattr(splitting, "as_table", refuse)
    monkeypatch.setattr(commas, "as_table", refuse)


def _commas(rows: Sequence[Sequence[str]], ending: str, *, is_quoted: bool) -> str:
    """Write rows as RFC 4180 says, quotation marks around all fields or where they are needed."""

    def field(cell: str) -> str:
        needs = is_quoted or not cell or set(cell) & set(',"\r\n')
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    return "".join(",".join(map(field, row)) + ending for row in rows)


@pytest.mark.usefixtures("never_careful")
@pytest.mark.parametrize(
    ("document", "raw_format", "expected"),
    [
        pytest.param('a\tb\n5"\tx\n\n"y\tz\n', "tsv", [('5"', "x"), ('"y', "z")], id="inch-signs"),
        pytest.param("a\tb\r\n1\t2\r\n", "tsv", [("1", "2")], id="crlf"),
        pytest.param("a\tb\t\n1\t2\t\n", "tsv", [("1", "2")], id="trailing-tabs"),
        pytest.param('"a"\t"b"\n"1"\t"2,\'"\n', "tsv", [("1", "2,'")], id="quoted"),
        pytest.param('a,b\n1,"x, ""y"""\n', "csv", [("1", 'x, "y"')], id="commas"),
        pytest.param('a,b\r\n\r\n1,"x\r\ny"\r\n', "csv", [("1", "x\r\ny")], id="line-breaks"),
        pytest.param("a,b,\n1,2,\n", "csv", [("1", "2")], id="trailing-commas"),
        pytest.param("a,b\n1,2", "csv", [("1", "2")], id="no-last-line-end"),
    ],
)
def test_what_arrow_splits(
    lines: Lines, document: str, raw_format: str, expected: list[tuple[str, ...]]
) -> None:
    """Documents as Amazon writes them are split by Arrow alone."""
    assert [fields for _, fields in lines(document, raw_format)] == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("a\tb\n1\t2\t\n3\t4\n", [(2, ("1", "2")), (3, ("3", "4"))], id="one-tab-more"),
        pytest.param("a\tb\t\n1\t2\n", [(2, ("1", "2"))], id="one-tab-less"),
        pytest.param("a\tb\n1\tx\ry\n", [(2, ("1", "x\ry"))], id="carriage-return"),
        pytest.param("a\tb\n\ufeff1\t2\n", [(2, ("\ufeff1", "2"))], id="mark-within"),
        pytest.param("a\n1\n\n2\n", [(2, ("1",)), (4, ("2",))], id="one-column"),
        pytest.param('"a"\t"b"\n"1"\t"x\ty"\n', [(2, ("1", "x\ty"))], id="tab-in-quotes"),
        pytest.param('"a"\t"b"\n1\t"2"\n', [(2, ("1", "2"))], id="half-quoted"),
        pytest.param(
            "a\tb\tc\td\n1\t2\n3\t4\t5\t6\n7\t8\t9\n",
            [(2, ("1", "2", None, None)), (3, ("3", "4", "5", "6")), (4, ("7", "8", "9", None))],
            id="ragged",
        ),
    ],
)
def test_what_is_odd(
    lines: Lines, document: str, expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    """An odd line is read right, and numbered right."""
    assert lines(document) == expected


@pytest.mark.parametrize("block", [10, 1 << 20], ids=["over-blocks", "in-a-block"])
@pytest.mark.parametrize(
    ("document", "line"),
    [
        pytest.param("a\tb\tc\td\n1\t2\tx\ny\t4\n", 2, id="in-two"),
        pytest.param("a\tb\tc\td\n1\tx\nz\tu\ny\t4\n", 2, id="in-three"),
        pytest.param("a\tb\tc\td\n1\t2\n5\t6\tx\ny\t8\n", 2, id="behind-a-ragged-one"),
        pytest.param("a\tb\tc\td\nx\ny\t2\t3\t4\n", 2, id="within-the-first-field"),
        pytest.param("a\tb\tc\td\n1\t2\t3\tx\ny\n", 3, id="within-the-last-field"),
    ],
)
def test_pieces_of_a_line_are_no_lines(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, document: str, line: int, block: int
) -> None:
    """Lines that a line break within a field has made are refused, wherever blocks are cut."""
    monkeypatch.setattr(texts, "_BLOCK_BYTES", block)

    with pytest.raises(RawFileError, match=rf"line {line}: there are \d fields where the header"):
        lines(document)


@PROPERTY
@given(
    rows=st.lists(st.tuples(TAB_CELLS, TAB_CELLS, TAB_CELLS), max_size=6), block=st.integers(3, 60)
)
def test_any_cells_with_tabs(lines: Lines, rows: list[tuple[str, str, str]], block: int) -> None:
    """Any text without tabs and line ends comes back, wherever blocks are cut."""
    document = "a\tb\tc\n" + "".join("\t".join(row) + "\n" for row in rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_BLOCK_BYTES", block)
        found = lines(document)

    assert [fields for _, fields in found] == [tuple(cell or None for cell in row) for row in rows]


@PROPERTY
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=6),
    block=st.integers(3, 60),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from(["all", "needed"]),
)
def test_any_cells_with_commas(
    lines: Lines, rows: list[tuple[str, str]], block: int, ending: str, quoting: str
) -> None:
    """Any text at all comes back from CSV, wherever blocks are cut."""
    document = _commas([("a", "b"), *rows], ending, is_quoted=quoting == "all")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_BLOCK_BYTES", block)
        found = lines(document, "csv")

    assert [fields for _, fields in found] == [tuple(cell or None for cell in row) for row in rows]


@PROPERTY
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_arrow_splits_as_python_does(lines: Lines, rows: list[tuple[str, str]]) -> None:
    """Fields and line numbers are the same, whoever splits."""
    document = _commas([("a", "b"), *rows], "\n", is_quoted=False)

    found = lines(document, "csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commas, "parsed", lambda *_, **__: None)
        careful = lines(document, "csv")

    assert found == careful


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param('a,b\n5" TV,x\n1,2\n', [(2, ('5" TV', "x")), (3, ("1", "2"))], id="inch-sign"),
        pytest.param('a,b\n1,"2\n3,4\n', None, id="open"),
    ],
)
def test_marks_out_of_place(
    lines: Lines, document: str, expected: list[tuple[int, tuple[str, ...]]] | None
) -> None:
    """From the first mark out of place Python reads on, and takes or refuses as it stands."""
    if expected is None:
        with pytest.raises(Exception, match=r"report\.csv, line 2"):
            lines(document, "csv")
    else:
        assert lines(document, "csv") == expected


def test_a_record_without_end_does_not_fill_the_memory(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quotation mark that is never closed is refused before the whole file is in memory."""
    monkeypatch.setattr(commas, "_LONGEST_RECORD_BYTES", 1000)
    monkeypatch.setattr(texts, "_BLOCK_BYTES", 500)

    with pytest.raises(Exception, match=r"line 2: (field larger|unexpected end)"):
        lines('a,b\n1,"' + "x\n" * 100_000, "csv")


def test_rows_are_counted_whoever_splits(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Arrow found other rows than there are lines, the lines would be split again."""
    read = splitting._read
    monkeypatch.setattr(splitting, "_read", lambda *args, **kw: read(*args, **kw).slice(1))

    assert lines("a\tb\n1\t2\n3\t4\n") == [(2, ("1", "2")), (3, ("3", "4"))]


def test_items_come_in_order_and_with_their_failure() -> None:
    """What is made ahead arrives in order, and what ends the making is raised in its place."""

    def made() -> object:
        yield from range(10)
        raise ValueError("made badly")

    items = ahead(made())  # type: ignore[arg-type, type-var]
    assert [next(items) for _ in range(10)] == list(range(10))
    with pytest.raises(ValueError, match="made badly"):
        next(items)


def test_making_ends_when_nobody_asks() -> None:
    """A reader that stops early leaves no thread behind."""
    table = pa.table({"a": [1]})
    ended = []

    def made() -> object:
        try:
            while True:
                yield table
        finally:
            ended.append(True)

    items = ahead(made())  # type: ignore[arg-type, type-var]
    next(items)
    items.close()  # type: ignore[attr-defined]

    assert ended == [True]
