"""Documents in every character set land byte for byte and load as what they say, through Dagster.

Row 18 of the pains of users of other extractors: mojibake, and characters replaced in silence.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPListedReport, AmazonSPReport, AmazonSPReportFile
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.conftest import RunFeed

US = "ATVPDKIKX0DER"
LISTINGS: Mapping[str, Any] = {
    "name": "listings",
    "report_spec": {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"},
    "file_format": "TSV",
}
BROKEN = b"seller-sku\titem-name\nA\tM\xfcller\nB\t" + "Müller & Söhne €€\n".encode()


def _document(title: str) -> str:
    return f"seller-sku\titem-name\nA\t{title}\n"


def _titles(folder: Path) -> Sequence[str]:
    rows = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}").query(
        "SELECT item_name FROM amazon.listings ORDER BY seller_sku"
    )
    titles: Sequence[str] = rows.column(0).to_pylist()
    return titles


def _metadata(result: dg.ExecuteInProcessResult, name: str) -> Mapping[str, Any]:
    (event,) = (
        event
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(name)
    )
    return {key: entry.value for key, entry in event.materialization.metadata.items()}


@pytest.mark.parametrize(
    ("title", "codec", "charset"),
    [
        pytest.param("文房具 ①", "cp932", ";charset=windows-31j", id="windows-31j"),
        pytest.param("“Grün” 5€", "cp1252", ";charset=Cp1252", id="Cp1252"),
        pytest.param("“Grün” 5€", "cp1252", "", id="nothing-said"),
        pytest.param("“Grün” 5€", "cp1252", ";charset=ISO-8859-1", id="default-said"),
        pytest.param("文房具", "utf-8-sig", ";charset=Cp1252", id="mark-before-header"),
    ],
)
def test_row_18_encoded_report_lands_as_it_is_and_loads_right(
    simulator: Simulator,
    run_feed: RunFeed,
    tmp_path: Path,
    title: str,
    codec: str,
    charset: str,
) -> None:
    """The raw file holds Amazon's bytes, a note beside it their character set, the table text."""
    content = _document(title).encode(codec)
    simulator.end_next_report("DONE", content, media_type=f"text/plain{charset}")

    result = run_feed(simulator, AmazonSPReport, LISTINGS)

    assert result.success
    folder = tmp_path / "raw" / "raw_listings" / "latest"
    assert (folder / f"{US}.tsv").read_bytes() == content
    assert {file.name for file in folder.iterdir()} == {f"{US}.tsv", f".{US}.tsv.charset"}
    assert _titles(tmp_path) == [title]
    assert "replaced_characters" not in _metadata(result, "listings")


def test_later_report_in_another_encoding_loads_right(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """The note is of the file that is there, not of the one that was."""
    reports = [("Größe", "cp1252", "Cp1252", "true"), ("寸法", "cp932", "Shift_JIS", "false")]
    for title, codec, charset, custom in reports:
        media_type = f";charset={charset}"
        simulator.end_next_report("DONE", _document(title).encode(codec), media_type=media_type)
        spec = {**LISTINGS["report_spec"], "reportOptions": {"custom": custom}}

        assert run_feed(simulator, AmazonSPReport, {**LISTINGS, "report_spec": spec}).success
        assert _titles(tmp_path) == [title]


def test_encoded_report_saved_as_a_file_is_amazons_bytes(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A report that only becomes a file is not converted."""
    content = _document("Grün").encode("cp1252")
    simulator.end_next_report("DONE", content, media_type="text/plain;charset=Cp1252")

    assert run_feed(simulator, AmazonSPReportFile, {**LISTINGS, "output": "all.txt"}).success
    assert (tmp_path / "raw" / "all.txt").read_bytes() == content


def test_row_18_byte_that_is_no_character_fails_and_names_the_key(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """Nothing is replaced in silence: the load fails, says where, and which key would allow it."""
    simulator.end_next_report("DONE", BROKEN, media_type="text/plain;charset=UTF-8")

    result = run_feed(simulator, AmazonSPReport, LISTINGS)

    (failure,) = result.get_step_failure_events()
    said = str(failure.event_specific_data.error)  # type: ignore[union-attr] - it is a failure's
    assert f"{US}.tsv, line 2: the byte 0xFC is no character of utf-8" in said
    assert "encoding_errors: replace" in said
    landed = tmp_path / "raw" / "raw_listings" / "latest" / f"{US}.tsv"
    assert landed.read_bytes() == BROKEN


def test_row_18_replaced_characters_are_counted_where_they_are_declared(
    simulator: Simulator,
    run_feed: RunFeed,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With `encoding_errors: replace` the rows load, and the metadata and the log say how many."""
    simulator.end_next_report("DONE", BROKEN, media_type="text/plain;charset=UTF-8")

    result = run_feed(simulator, AmazonSPReport, {**LISTINGS, "encoding_errors": "replace"})

    assert _titles(tmp_path) == ["M\ufffdller", "Müller & Söhne €€"]
    assert _metadata(result, "listings")["replaced_characters"] == 1
    assert "partition latest, 1 characters stand for bytes that are none" in capfd.readouterr().err


def test_nothing_replaced_is_counted_too(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A file without damage reports a zero, so that the number can be plotted."""
    simulator.end_next_report("DONE", _document("文\ufffd"), media_type="text/plain;charset=UTF-8")

    result = run_feed(simulator, AmazonSPReport, {**LISTINGS, "encoding_errors": "replace"})

    assert _titles(tmp_path) == ["文\ufffd"]
    assert _metadata(result, "listings")["replaced_characters"] == 0


@pytest.mark.parametrize("component", [AmazonSPReport, AmazonSPListedReport])
def test_listed_and_requested_reports_take_the_key(component: type[Any]) -> None:
    """Both kinds of report that become tables pass on what is to become of such bytes."""
    declared = {**LISTINGS, "encoding_errors": "replace"}

    assert component.from_attributes_dict(attributes=declared).declared().encoding_errors == (
        "replace"
    )
