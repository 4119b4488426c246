"""Shows the report types, or all that is known of one.

python -m asp_dagster.reports --requestable --search fba
python -m asp_dagster.reports GET_SALES_AND_TRAFFIC_REPORT
"""

import argparse
import sys
from difflib import get_close_matches

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.reports.describing import description
from asp_dagster.reports.listing import Choice, listing, markdown

_NEAR = 3


def main() -> None:
    """Print what the command line asks for."""
    parser = _parser()
    arguments = parser.parse_args()
    text = _described(parser, arguments.name) if arguments.name else _listed(parser, arguments)
    sys.stdout.write(f"{text}\n")


def _described(parser: argparse.ArgumentParser, name: str) -> str:
    types = ReportTypes.load()
    known = types.find(name.upper())
    if not known.is_known:
        near = get_close_matches(name.upper(), [each.name for each in types.all], n=_NEAR)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `--search WORD` finds some"
        parser.error(f"no report type is known as {name!r}{hint}")
    return description(known)


def _listed(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> str:
    choice = Choice(
        requestable=arguments.requestable,
        restricted=arguments.restricted,
        file_format=arguments.format,
        search=arguments.search,
    )
    types = choice.types()
    if not types:
        parser.error("no report type is like that; ask for less")
    return markdown(types) if arguments.markdown else listing(types)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.reports",
        description="Amazon's report types, and the rules that are known of them.",
        epilog="A report is declared with `type: asp_dagster.AmazonSPReport`; also one that is not"
        " listed here.",
    )
    parser.add_argument("name", nargs="?", help="describe this type, with a declaration of it")
    parser.add_argument("--requestable", action="store_true", help="only what can be requested")
    parser.add_argument(
        "--restricted", action="store_true", help="only what needs a restricted token or role"
    )
    parser.add_argument("--format", help="only reports of this format: TSV")
    parser.add_argument("--search", metavar="WORDS", help="only with these words: settlement")
    parser.add_argument("--markdown", action="store_true", help="print the list as docs/reports.md")
    return parser


if __name__ == "__main__":
    main()
