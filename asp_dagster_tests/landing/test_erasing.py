"""Personal values go out of raw files when they are due, and nothing else does."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.charset_notes import noted_charset
from asp_dagster.catalog.personal_fields import RecordFields
from asp_dagster.catalog.report_headers import ReportHeaders
from asp_dagster.catalog.retention import RetentionFields
from asp_dagster.landing import RawStore, note_charset, open_store
from asp_dagster.landing.erasing.raw_files import FileChangedError, Finding, Form, RawEraser
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.warehouse.reading.delimited import DelimitedFile

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
LATER = BEFORE + timedelta(days=1)
EARLIER = BEFORE - timedelta(days=1)
RECORDS = RetentionFields(
    RecordFields(("buyer.name", "items.gift.message", "address"), ("deliverBy", "items.deliverBy")),
    ("updated",),
)
ROWS = RetentionFields(
    RecordFields(("buyer-name", "ship-address-1"), ("promise-date",), is_anywhere=True),
    ("last-updated-date",),
)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RawStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "raw"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/landed/here")


@pytest.fixture
def folder(tmp_path: Path) -> RawStore:
    """An empty folder for raw files."""
    return open_store(str(tmp_path / "raw"))


def _order(number: int, **more: Any) -> Mapping[str, Any]:
    return {"id": number, "buyer": {"name": f"Ada {number}", "id": "b1"}, "total": 1.10, **more}


def _lines(*records: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _write(store: RawStore, name: str, content: bytes, charset: str | None = None) -> RawFile:
    with store.writing(name) as sink:
        sink.write(content)
    if charset:
        note_charset(store, name, charset, len(content))
    return store.files(name)[0]


def _erase(
    store: RawStore,
    file: RawFile,
    form: Form,
    otherwise: datetime = LATER,
    *,
    is_dry: bool = False,
) -> Finding:
    return RawEraser(store, form, BEFORE, is_dry).erase(file, otherwise)


def _erased(
    store: RawStore, form: Form, content: bytes, otherwise: datetime = LATER
) -> tuple[Finding, bytes]:
    file = _write(store, f"feed/day.{form.raw_format}", content)
    finding = _erase(store, file, form, otherwise)
    return finding, store.read(file.name)


JSON_LINES = Form("jsonl", RECORDS)


def test_due_records_lose_their_personal_values(store: RawStore) -> None:
    """Of a due record the personal fields go, in nested lists too; other lines stay as they are."""
    due = _order(1, deliverBy="2026-10-01T00:00:00Z", items=[{"n": 1, "gift": {"message": "Hi"}}])
    kept = _order(2, deliverBy="2026-11-02T00:00:00Z")

    finding, content = _erased(store, JSON_LINES, _lines(due, kept))

    first, second = content.splitlines(keepends=True)
    assert json.loads(first) == {
        **due,
        "buyer": {"id": "b1"},
        "items": [{"n": 1, "gift": {}}],
    }
    assert second == _lines(kept)
    assert finding == Finding("rewritten", 2, 1, datetime(2026, 11, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("dates", "otherwise", "is_due"),
    [
        ({"deliverBy": "2026-10-31T00:00:00Z"}, LATER, True),
        ({"deliverBy": "2026-10-31", "items": [{"deliverBy": "2026-11-05"}]}, EARLIER, False),
        ({"deliverBy": "2026-11-05", "updated": "2026-10-01"}, EARLIER, False),
        ({"updated": "2026-10-01T00:00:00+02:00"}, LATER, True),
        ({"updated": "2026-11-05"}, EARLIER, False),
        ({"deliverBy": None, "updated": "soon"}, EARLIER, True),
        ({"deliverBy": 20261001}, LATER, False),
        ({}, BEFORE, True),
    ],
    ids=[
        "delivered",
        "one item delivered later",
        "delivery before last change",
        "changed long ago",
        "changed lately",
        "no date, partition due",
        "no date that anybody can read",
        "due to the moment",
    ],
)
def test_what_a_record_counts_from(
    folder: RawStore, dates: Mapping[str, Any], otherwise: datetime, *, is_due: bool
) -> None:
    """A record counts from its latest delivery, else its last change, else its partition's end."""
    finding, _ = _erased(folder, JSON_LINES, _lines(_order(1, **dates)), otherwise)

    assert finding.erased == int(is_due)


def test_second_run_writes_nothing(store: RawStore) -> None:
    """What is erased already is left alone, and not written anew."""
    file = _write(store, "feed/day.jsonl", _lines(_order(1)))
    _erase(store, file, JSON_LINES, EARLIER)
    (once,) = store.files("feed/")

    finding = _erase(store, once, JSON_LINES, EARLIER)

    assert finding == Finding("kept", 1)
    assert store.files("feed/") == [once]


def test_dry_run_changes_nothing(store: RawStore) -> None:
    """A dry run tells what it would have done."""
    file = _write(store, "feed/day.jsonl", _lines(_order(1)))

    finding = _erase(store, file, JSON_LINES, EARLIER, is_dry=True)

    assert finding.erased == 1
    assert store.files("feed/") == [file]


def test_compressed_file_keeps_the_name_in_its_header(folder: RawStore) -> None:
    """A compressed file stays so, and its header still tells how its records were extended."""
    name = "feed/day.jsonl.gz"
    with folder.writing(name) as sink, gzip.GzipFile("0a1b2c", "wb", 6, sink, mtime=0) as stream:
        stream.write(_lines(_order(1)))

    _erase(folder, folder.files(name)[0], JSON_LINES, EARLIER)

    content = folder.read(name)
    assert content[10:17] == b"0a1b2c\0"
    assert b"Ada" not in gzip.decompress(content)
    with folder.local(name) as path:
        assert path.stat().st_mode & 0o777 == 0o600


def test_file_that_is_written_meanwhile_is_left_alone(
    folder: RawStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that a run lands anew while it is being erased stays as it landed."""
    file = _write(folder, "feed/day.jsonl", _lines(_order(1)))
    eraser = RawEraser(folder, JSON_LINES, BEFORE)
    newer = replace(file, version="newer")
    monkeypatch.setattr(type(folder), "state", lambda *_: newer)

    with pytest.raises(FileChangedError):
        eraser.erase(file, EARLIER)

    assert folder.read(file.name) == _lines(_order(1))


def test_json_document(store: RawStore) -> None:
    """In a JSON document a due entry's personal values become null; numbers stay exact."""
    document = {
        "spec": {"type": "T", "n": [1, {"a": None}]},
        "rows": [
            {"buyerName": "Ada", "promiseDate": "2026-10-01", "amount": 1, "x": ["ä", True]},
            {"buyerName": {"first": "Bob"}, "promiseDate": "2026-10-01"},
            {"buyerName": "Eve", "promiseDate": "2026-12-01"},
        ],
    }
    text = json.dumps(document).replace('"amount": 1', '"amount": 1.10')

    finding, content = _erased(store, Form("json", ROWS), text.encode())

    rows = json.loads(content)["rows"]
    assert [row["buyerName"] for row in rows] == [None, None, "Eve"]
    assert rows[0]["x"] == ["ä", True]
    assert b"1.10" in content
    assert json.loads(content)["spec"] == document["spec"]
    assert (finding.erased, finding.earliest) == (2, datetime(2026, 12, 1, tzinfo=UTC))


def test_json_document_outside_of_lists(folder: RawStore) -> None:
    """Personal values outside of a JSON document's lists go when its partition is due."""
    content = b'{"buyerName": "Ada", "rows": []}'

    assert _erased(folder, Form("json", ROWS), content, LATER)[1] == content
    assert json.loads(_erased(folder, Form("json", ROWS), content, EARLIER)[1]) == {
        "buyerName": None,
        "rows": [],
    }


TSV = (
    "order-id\tbuyer-name\tpromise-date\tnote\r\n"
    '1\tAda\t2026-10-01T00:00:00+00:00\t5" rod\r\n'
    "2\tBob\t2026-12-01T00:00:00+00:00\tä\t\n"
    "\n"
    "3\tEve\n"
)


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "utf-16"])
def test_tab_delimited_text(store: RawStore, charset: str) -> None:
    """Cells are blanked; character set, line ends, quotes and short lines stay as they are."""
    file = _write(store, "feed/day.tsv", TSV.encode(charset), charset)

    finding = _erase(store, file, Form("tsv", ROWS))

    expected = TSV.replace("\tAda\t", "\t\t")
    assert store.read(file.name) == expected.encode(charset)
    assert (finding.records, finding.erased, finding.earliest) == (
        3,
        1,
        datetime(2026, 11, 2, tzinfo=UTC),
    )
    with store.local(file.name) as path:
        assert noted_charset(path) == charset


def test_utf_16_by_the_order_of_its_bytes(folder: RawStore) -> None:
    """UTF-16 with the high byte first is read so, without a note too."""
    content = b"\xfe\xff" + TSV.encode("utf-16-be")

    _, erased = _erased(folder, Form("tsv", ROWS), content)

    assert erased == content.replace("Ada".encode("utf-16-be"), b"")


def test_character_set_is_known_though_killed_between(folder: RawStore) -> None:
    """The note beside a file holds for the erased file too, before it is in its place and after."""
    file = _write(folder, "feed/day.tsv", TSV.encode("cp1252"), "cp1252")
    _erase(folder, file, Form("tsv", ROWS))
    with folder.local(file.name) as path:
        path.write_bytes(TSV.encode("cp1252"))

        assert noted_charset(path) == "cp1252"
        assert DelimitedFile.inspect(path).text.codec == "cp1252"


def test_quoted_text_with_commas(folder: RawStore) -> None:
    """A quoted cell becomes an empty one in quotes, though it held commas and line breaks."""
    content = b'id,"buyer-name",x\r\n1,"Ada, ""the"" first\r\nof all",2\r\n3,Bob,"a,b"\r\n'

    finding, erased = _erased(folder, Form("csv", ROWS), content, EARLIER)

    assert erased == b'id,"buyer-name",x\r\n1,"",2\r\n3,,"a,b"\r\n'
    assert finding.erased == 2


def test_quoted_tabs(folder: RawStore) -> None:
    """In tab-delimited text with a quoted header, cells are in quotes too."""
    content = b'\xef\xbb\xbf"buyer-name"\t"x"\n"Ada\tB"\t"1"\n'

    assert _erased(folder, Form("tsv", ROWS), content, EARLIER)[1] == (
        b'\xef\xbb\xbf"buyer-name"\t"x"\n""\t"1"\n'
    )


def test_headers_in_another_language(folder: RawStore) -> None:
    """A column is personal by its canonical header, whatever language the file is in."""
    names = ReportHeaders(
        [{"report_types": "GET_X", "header": "購入者名", "canonical": "buyer-name"}]
    ).of("GET_X")
    content = "購入者名\tx\nアダ\t1\n".encode("cp932")

    _, erased = _erased(folder, Form("tsv", replace(ROWS, headers=names)), content, EARLIER)

    assert erased == "購入者名\tx\n\t1\n".encode("cp932")


def test_headers_that_are_alike(folder: RawStore) -> None:
    """Two columns of one header are both personal."""
    content = b"buyer-name\tbuyer-name\nAda\tBob\n"

    assert (
        _erased(folder, Form("tsv", ROWS), content, EARLIER)[1] == b"buyer-name\tbuyer-name\n\t\n"
    )


XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<E xmlns:a="urn:a"><Head>x</Head><!-- rows -->
  <Message><O><a:BuyerName>Ad\xe4 &amp; B</a:BuyerName><BuyerName/><BuyerName></BuyerName>
    <ShipAddress1><Line>Way <![CDATA[1]]></Line><!-- c --></ShipAddress1>
    <PromiseDate>2026-10-01T00:00:00Z</PromiseDate><Sum>1</Sum></O></Message>
  <Message><O><BuyerName>Bob</BuyerName><PromiseDate>2026-12-01</PromiseDate></O></Message>
</E>
"""


@pytest.mark.parametrize("record", [(), ("Message",), ("Message", "O")])
def test_xml_document(store: RawStore, record: tuple[str, ...]) -> None:
    """What stands between a due element's tags goes; all else stays byte for byte."""
    finding, content = _erased(
        store, Form("xml", replace(ROWS, rows=record)), XML.encode("latin-1")
    )

    expected = XML.replace("Ad\xe4 &amp; B", "").replace(
        "<Line>Way <![CDATA[1]]></Line><!-- c -->", ""
    )
    assert content == expected.encode("latin-1")
    assert (finding.erased, finding.earliest) == (1, datetime(2026, 12, 1, tzinfo=UTC))


def test_xml_outside_of_records(folder: RawStore) -> None:
    """Personal elements outside of records go with the document's partition."""
    content = b"<E><R><x>1</x></R><BuyerName>Ada</BuyerName></E>"

    finding, erased = _erased(folder, Form("xml", replace(ROWS, rows=("R",))), content, EARLIER)

    assert erased == b"<E><R><x>1</x></R><BuyerName></BuyerName></E>"
    assert finding.erased == 1


UNREADABLE = {
    "broken JSON Lines": ("jsonl", b'{"buyer": '),
    "broken gzip": ("jsonl", gzip.compress(b"{}")[:-9]),
    "no JSON document": ("json", b'{"rows": [}'),
    "no XML": ("xml", b"<a><b></a>"),
    "entities": ("xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "more cells than headers": ("tsv", b"buyer-name\tx\nAda\tLovelace\t1\n"),
    "workbook": ("xlsx", b"PK"),
}


@pytest.mark.parametrize(("raw_format", "content"), UNREADABLE.values(), ids=UNREADABLE)
def test_file_that_cannot_be_looked_into_is_deleted_once_it_is_due(
    store: RawStore, raw_format: Any, content: bytes
) -> None:
    """It stays until its whole partition is due, and then goes with the note beside it."""
    file = _write(store, f"feed/day.{raw_format}", content, "utf-8")
    form = Form(raw_format, ROWS)

    kept = _erase(store, file, form, LATER)
    assert (kept.action, kept.earliest) == ("kept", LATER)
    assert store.files("feed/") == [file]

    finding = _erase(store, file, form, EARLIER)
    assert finding.action == "deleted"
    assert (finding.problem is None) == (raw_format == "xlsx")
    assert "Ada" not in str(finding.problem)
    assert store.names("feed/") == []


def test_dry_run_deletes_nothing(folder: RawStore) -> None:
    """A dry run tells of a file that it would have deleted."""
    file = _write(folder, "feed/day.pdf", b"%PDF-")

    assert _erase(folder, file, Form("pdf", ROWS), EARLIER, is_dry=True).action == "deleted"
    assert folder.files("feed/") == [file]


def test_empty_document_is_kept(folder: RawStore) -> None:
    """An empty file, which stands for a report that Amazon had no data for, is nobody's data."""
    file = _write(folder, "feed/day.pdf", b"")

    assert _erase(folder, file, Form("pdf", ROWS), EARLIER) == Finding("kept")
