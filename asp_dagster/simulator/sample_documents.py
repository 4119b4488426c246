"""The documents of sample reports, in the formats and character sets in which Amazon sends them.

Here belongs how rows are written. Delimited text is hard on purpose, in ways that follow from the
type's name alone:

- Tabs separate, and nothing is quoted, so that an inch sign stands alone; but the ledger's reports
  quote every field. Some types end their lines as Windows does, some with a further tab.
- Commas separate, fields are quoted where they must be, and texts have line breaks.
- Japan's documents are Shift-JIS with the characters of Windows, those of the European region
  Windows-1252, all others UTF-8, with or without a byte order mark. The type of the answer says so
  in one of several spellings; or it names no character set, or ISO-8859-1, which means none.
- JSON and XML are UTF-8. XML with an envelope has a header and a type before its messages.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-retrieve-a-report
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from asp_dagster.simulator.marketplaces import Marketplace, marketplace
from asp_dagster.simulator.report_samples import ReportSample, Row
from asp_dagster.simulator.sample_values import language
from asp_dagster.simulator.wire import to_json

_MEDIA_TYPES: Mapping[str, str] = {
    "JSON": "application/json;charset=UTF-8",
    "XML": "text/xml;charset=UTF-8",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "PDF": "application/pdf",
}
_CODECS: Mapping[str, str] = {"JP": "cp932", "EU": "cp1252", "": "utf-8"}
_CHARSETS: Mapping[str, Sequence[str]] = {
    "JP": ("Shift_JIS", "windows-31j", "", "ISO-8859-1"),
    "EU": ("Cp1252", "windows-1252", "", "ISO-8859-1"),
    "": ("UTF-8", "utf8", "", "ISO-8859-1"),
}
_QUOTED = frozenset({"GET_LEDGER_SUMMARY_VIEW_DATA", "GET_LEDGER_DETAIL_VIEW_DATA"})
_LONG_AGO = (2026, 1, 1, 0, 0, 0)
_ENVELOPE = "AmazonEnvelope"

_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_WORKBOOK: Mapping[str, str] = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_XLSX}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_XLSX}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Report" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
"""What a workbook consists of beside its sheet."""

_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def plain_media_type(sample: ReportSample) -> str:
    """Return the type of a document in UTF-8 that somebody else wrote in the sample's place."""
    return _MEDIA_TYPES.get(sample.format, "text/plain;charset=UTF-8")


def media_type(sample: ReportSample, marketplace_ids: Sequence[str]) -> str:
    """Return the type of a sample's document, in the spelling that its name chooses."""
    if sample.format in _MEDIA_TYPES:
        return _MEDIA_TYPES[sample.format]
    charset = _choice(sample, _CHARSETS[language(_home(marketplace_ids))])
    return f"text/plain;charset={charset}" if charset else "text/plain"


def sample_document(
    sample: ReportSample, marketplace_ids: Sequence[str], day: date, options: Mapping[str, str]
) -> bytes:
    """Return a sample's document.

    Args:
        sample: The type.
        marketplace_ids: The report's marketplaces.
        day: The day of the data.
        options: The report's options, which the document repeats, and which may choose its rows.
    """
    rows = sample.rows(marketplace_ids, day)
    match sample.format:
        case "TSV":
            content = _encoded(_tabs(sample, rows[""]), sample, marketplace_ids)
        case "CSV":
            content = _encoded(_commas(rows[""]), sample, marketplace_ids)
        case "JSON":
            content = to_json(_json(sample, rows, marketplace_ids, options))
        case "XML":
            [(place, records)] = rows.items()
            content = "".join(_xml(place.split("."), records)).encode()
        case "XLSX":
            content = _workbook(rows[""])
        case "PDF":
            content = _PDF
    return content


def _home(marketplace_ids: Sequence[str]) -> Marketplace:
    return marketplace(marketplace_ids[0])


def _choice(sample: ReportSample, among: Sequence[str]) -> str:
    return among[zlib.crc32(sample.report_type.encode()) % len(among)]


def _encoded(text: str, sample: ReportSample, marketplace_ids: Sequence[str]) -> bytes:
    codec = _CODECS[language(_home(marketplace_ids))]
    mark = codecs.BOM_UTF8 if codec == "utf-8" and _choice(sample, ["", "marked", ""]) else b""
    return mark + text.encode(codec)


def _tabs(sample: ReportSample, rows: Sequence[Row]) -> str:
    """Write a table with tabs; Amazon ends some lines in a tab too many."""
    write = _quoted if sample.report_type in _QUOTED else str
    end = _choice(sample, ["\n", "\r\n", "\t\n", "\r\n", "\t\r\n"])
    return "".join("\t".join(map(write, line)) + end for line in _lines(rows))


def _quoted(field: str) -> str:
    doubled = field.replace('"', '""')
    return f'"{doubled}"'


def _lines(rows: Sequence[Row]) -> list[list[str]]:
    """Return a table's header and its rows."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def _commas(rows: Sequence[Row]) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def _json(
    sample: ReportSample,
    rows: Mapping[str, Sequence[Row]],
    marketplace_ids: Sequence[str],
    options: Mapping[str, str],
) -> dict[str, Any]:
    """Return the document: what was asked for, then the lists of rows."""
    vendor = any(name.startswith("campaign") for name in options)
    left_out = {"coupons" if vendor else "campaigns"}
    specification = {
        "reportType": sample.report_type,
        "reportOptions": dict(options),
        "marketplaceIds": list(marketplace_ids),
    }
    lists = {name: entries for name, entries in rows.items() if name not in left_out}
    return {"reportSpecification": specification, **lists}


def _xml(place: Sequence[str], records: Sequence[Row]) -> Iterator[str]:
    """Write a document whose records stand at a place, one in each of the root's children."""
    root, *inner = place
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n'
    if root == _ENVELOPE:
        yield "<Header><DocumentVersion>1.01</DocumentVersion></Header>\n"
        yield f"<MessageType>{inner[-1]}</MessageType>\n"
    for record in records:
        value: Any = record
        for name in reversed(inner[1:]):
            value = {name: value}
        yield f"{_element(inner[0], value)}\n"
    yield f"</{root}>\n"


def _element(name: str, value: Any) -> str:
    """Write an element: of a list, one for each entry."""
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(_word(value))}</{name}>"
    attributes = "".join(
        f" {key[1:]}={quoteattr(_word(each))}" for key, each in value.items() if key[0] == "@"
    )
    children = "".join(_element(key, each) for key, each in value.items() if key[0] not in "@#")
    text = escape(_word(value.get("#text", "")))
    return f"<{name}{attributes}>{text}{children}</{name}>"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _workbook(rows: Sequence[Row]) -> bytes:
    """Write one sheet of texts, as any spreadsheet program reads it."""
    lines = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in _lines(rows))
    sheet = f'<worksheet xmlns="{_SHEETS}"><sheetData>{lines}</sheetData></worksheet>'
    return _zipped({**_WORKBOOK, "xl/worksheets/sheet1.xml": sheet})


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _zipped(contents: Mapping[str, str]) -> bytes:
    """Return an archive; the same contents make the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in contents.items():
            written.writestr(zipfile.ZipInfo(name, _LONG_AGO), content)
    return archive.getvalue()
