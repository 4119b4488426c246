"""A job file is read as Mitto writes it, and what cannot be read is named by its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.mitto import MittoJobError
from asp_dagster.mitto.documents import read_document

READABLE = [
    pytest.param('{"a": "x", "b": [1, true, null]}', {"a": "x", "b": [1, True, None]}, id="json"),
    pytest.param('{"a": [1, 2,], "b": "x",}', {"a": [1, 2], "b": "x"}, id="trailing-commas"),
    pytest.param('# a\n{"a": 1 // b\n, /* c\n */ "b": 2}\n# d', {"a": 1, "b": 2}, id="comments"),
    pytest.param(
        '{"url": "https://example.com/#a"}', {"url": "https://example.com/#a"}, id="no-comment"
    ),
    pytest.param("{path: /orders/v0/orders\n}", {"path": "/orders/v0/orders"}, id="no-quotes"),
    pytest.param("a: 1\nb: x", {"a": 1, "b": "x"}, id="no-braces"),
    pytest.param("{a: '''\n  x\n  y\n  '''}", {"a": "x\ny"}, id="several-lines"),
    pytest.param("{id: 0123\n}", {"id": "0123"}, id="leading-zero-is-text"),
    pytest.param('{"id": "123"}', {"id": "123"}, id="quoted-number-is-text"),
    pytest.param("{day: 2022-02-22\n}", {"day": "2022-02-22"}, id="date-is-text"),
    pytest.param('\ufeff{"a": 1}', {"a": 1}, id="byte-order-mark"),
    pytest.param('{"a": {"x": 1}, "b": {"x": 1}}', {"a": {"x": 1}, "b": {"x": 1}}, id="x-twice"),
]


@pytest.mark.parametrize(("written", "read"), READABLE)
def test_reads(written: str, read: Any, tmp_path: Path) -> None:
    """JSON and all that HJSON adds are read, numbers and texts kept apart."""
    file = tmp_path / "job.json"
    file.write_text(written, "utf-8")

    assert read_document(file).content == read


UNREADABLE = [
    pytest.param('{\n  "a": ', ("line 2, column", "no JSON or HJSON"), id="cut-off"),
    pytest.param('{"a": "never-shown" ?}', ("line 1, column",), id="no-key"),
    pytest.param('{"a": x, "b": 1}', ("line 1", "without quotes takes the rest"), id="swallowed"),
    pytest.param('{"a": 1} {"b": 2}', ("line 1, column 10", "Extra data"), id="two-jobs"),
    pytest.param('{"a": 1, "a": 2}', ("job.json: a: stands there twice",), id="twice"),
    pytest.param('{"a": {"b": [{"c": 1, "c": 1}]}}', (": a.b.0.c: ",), id="twice-below"),
    pytest.param("", ("is empty",), id="empty"),
    pytest.param("# nothing", ("is empty",), id="comment-only"),
    pytest.param('[{"a": 1}]', ("holds a list; a job is an object, one per file",), id="list"),
    pytest.param("null", ("holds null",), id="null"),
    pytest.param("7", ("holds a number",), id="number"),
    pytest.param("true", ("holds true or false",), id="boolean"),
    pytest.param("hello", ("holds text",), id="text"),
    pytest.param('{"a": 1e999}', ("a number too large",), id="infinite"),
    pytest.param("[" * 9000, ("objects too deep",), id="deep"),
]


@pytest.mark.parametrize(("written", "words"), UNREADABLE)
def test_names_what_cannot_be_read(written: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """What is no job is refused with the file, the place and the remedy."""
    file = tmp_path / "job.json"
    file.write_text(written, "utf-8")

    with pytest.raises(MittoJobError) as refused:
        read_document(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert all(word in str(refused.value) for word in words), refused.value
    assert "never-shown" not in str(refused.value)


def test_names_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """Another encoding is named, not guessed at."""
    file = tmp_path / "job.json"
    file.write_bytes(json.dumps({"name": "Müller"}, ensure_ascii=False).encode("latin-1"))

    with pytest.raises(MittoJobError, match="byte 11: is not UTF-8"):
        read_document(file)
