"""Shows the ready feeds, with what they cost in calls, or the declaration of one.

python -m asp_dagster.feeds
python -m asp_dagster.feeds fba_inventory
"""

import argparse
import sys

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.feeds.listing import listing, markdown
from asp_dagster.feeds.ready import ready_feed_text


def main() -> None:
    """Print what the command line asks for."""
    parser = _parser()
    arguments = parser.parse_args()
    try:
        if arguments.name:
            text = ready_feed_text(arguments.name).rstrip("\n")
        else:
            text = markdown() if arguments.markdown else listing()
    except DeclarationError as error:
        parser.error(str(error))
    sys.stdout.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.feeds",
        description="The ready feeds, and what a run of each costs in calls of Amazon's API.",
        epilog="A feed is used by its name: `type: asp_dagster.AmazonSPApi` with the attribute"
        " `feed: NAME`. Some are of another component, which NAME shows as its `type`.",
    )
    parser.add_argument("name", nargs="?", help="show the declaration of this feed, with comments")
    parser.add_argument("--markdown", action="store_true", help="print the list as docs/feeds.md")
    return parser


if __name__ == "__main__":
    main()
