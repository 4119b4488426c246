"""Writes the sales overview as an HTML page, and as the Markdown that Dagster's UI shows.

The page refers to nothing outside it: it can be mailed, or opened from S3. What comes from the
warehouse is text, whatever it holds: titles of products are written by others. Here belong words
and tables; the picture is `drawing`'s.
"""

import html
from base64 import b64encode
from collections.abc import Iterator, Sequence

from asp_dagster.overview.figures import Figures, Overview, Product, Sales

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
img { background: #fff; border-radius: 6px; height: auto; max-width: 100%; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
caption { font-weight: 600; padding: .3rem 0; text-align: left; white-space: nowrap; }
tbody th { font-weight: 400; }
th, td { border-bottom: 1px solid #8885; padding: .2rem .8rem .2rem 0; text-align: left; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
"""
# Nothing may be loaded, and no script run, even if one should have found its way in.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_WHAT = ("sales", "orders", "units")


def html_page(overview: Overview, svg: bytes) -> str:
    """Return the page: the picture, and all its figures as tables."""
    parts = [part for sales in overview.sales for part in _section(sales)]
    body = "\n".join([f"<p>{html.escape(overview.sentence)}</p>", _image(overview, svg), *parts])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Sales overview</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>Sales overview</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def markdown(overview: Overview, png: bytes) -> str:
    """Return the picture and the totals, as a materialization shows them."""
    if overview.is_empty:
        return overview.sentence
    uri = f"data:image/png;base64,{b64encode(png).decode()}"
    lines = [
        f"![Sales, orders and units a day; their totals stand below.]({uri})",
        "",
        "| | sales | before | orders | before | units | before |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *map(_markdown_row, overview.sales),
    ]
    return "\n".join([overview.sentence, "", *lines])


def _markdown_row(sales: Sales) -> str:
    recent, before = Figures.total(sales.recent), Figures.total(sales.before)
    numbers = [text for what in _WHAT for text in (_text(recent, what), _text(before, what))]
    name = html.escape(sales.name).replace("|", "\\|")
    return f"| {name} | {' | '.join(numbers)} |"


def _section(sales: Sales) -> Iterator[str]:
    yield f"<h2>{html.escape(sales.name)}</h2>"
    days = sales.days
    yield _table(
        f"{days.recent[0]} to {days.last}, and {days.before[0]} to {days.before[-1]};"
        f" days begin at midnight in {sales.time_zone}",
        ("figure", "these days", "the days before", "change"),
        list(_total_rows(sales)),
    )
    yield _products("Products with the most sales", sales, sales.best_selling)
    yield _products("Products of which most units were sold", sales, sales.most_sold)
    yield _table(
        "Day by day",
        ("day", *_WHAT, *(f"{what} {days.count} days before" for what in _WHAT)),
        [
            (str(day), *(_text(each, what) for each in both for what in _WHAT))
            for day, *both in zip(days.recent, sales.recent, sales.before, strict=True)
        ],
    )


def _total_rows(sales: Sales) -> Iterator[tuple[str, ...]]:
    recent, before = Figures.total(sales.recent), Figures.total(sales.before)
    for what in _WHAT:
        now, then = getattr(recent, what), getattr(before, what)
        change = f"{(now - then) / then:+.1%}" if then else "no figure before"
        name = f"sales, {sales.currency}" if what == "sales" else what
        yield name, _text(recent, what), _text(before, what), change


def _products(caption: str, sales: Sales, products: Sequence[Product]) -> str:
    rows = [
        (each.title or each.sku, each.sku, each.asin, f"{each.units:,}", f"{each.sales:,.2f}")
        for each in products
    ]
    head = ("product", "SKU", "ASIN", "units", f"sales, {sales.currency}")
    return _table(caption, head, rows, texts=3)


def _table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1
) -> str:
    """Return a table whose first columns are texts, and whose others are numbers."""
    lines = [_row("th", ' scope="col"', head, texts), *(_row("td", "", row, texts) for row in rows)]
    return (
        f"<table>\n<caption>{html.escape(caption)}</caption>\n<thead>{lines[0]}</thead>\n"
        f"<tbody>\n{chr(10).join(lines[1:])}\n</tbody>\n</table>"
    )


def _row(tag: str, scope: str, cells: Sequence[str], texts: int) -> str:
    written = []
    for place, cell in enumerate(cells):
        kind = ' class="number"' if place >= texts else ""
        is_name = place == 0 and tag == "td"
        opening = '<th scope="row">' if is_name else f"<{tag}{scope}{kind}>"
        written.append(f"{opening}{html.escape(cell)}</{'th' if is_name else tag}>")
    return f"<tr>{''.join(written)}</tr>"


def _image(overview: Overview, svg: bytes) -> str:
    uri = f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
    return f'<p><img alt="{html.escape(_described(overview))}" src="{uri}"></p>'


def _described(overview: Overview) -> str:
    """Tell what the picture shows, for those who do not see it."""
    totals = (f"{sales.name}: {_totals(sales)}" for sales in overview.sales)
    return " ".join([overview.sentence, *totals])


def _totals(sales: Sales) -> str:
    recent, before = Figures.total(sales.recent), Figures.total(sales.before)
    told = (f"{_text(recent, what)} {what} (before: {_text(before, what)})" for what in _WHAT)
    return f"{', '.join(told)}."


def _text(figures: Figures, what: str) -> str:
    number = getattr(figures, what)
    return f"{number:,.2f}" if what == "sales" else f"{number:,}"
