"""Draws the sales overview: a row of three small charts for each marketplace and currency.

Here belongs all that knows matplotlib, which is loaded with this module. The same figures give the
same bytes: nothing is drawn of the time, and what SVG numbers is numbered from a fixed seed. The
ground is white, so that a dark page shows it as well as a light one does.

https://matplotlib.org/stable/users/explain/figure/api_interfaces.html
"""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from asp_dagster.overview.figures import Figures, Overview, Sales

MOST_DRAWN = 6
"""How many marketplaces are drawn; those with the most orders."""

_COLOURS = 64
_RECENT, _BEFORE, _INK = "#0b5fa5", "#8a8a8a", "#262626"
_WIDTH, _HEIGHT_OF_ROW, _HEIGHT_OF_EMPTY = 10.0, 2.3, 1.2  # inches
_STYLE: dict[Any, Any] = {  # matplotlib has a type of all the names
    "axes.edgecolor": "#b5b5b5",
    "axes.grid": True,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",  # it comes with matplotlib, so it is the same everywhere
    "font.size": 8,
    "grid.color": "#e6e6e6",
    "svg.hashsalt": "sales_overview",
    "text.color": _INK,
    "text.parse_math": False,  # a name with $ in it is a name
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def svg(overview: Overview) -> bytes:
    """Return the picture of an overview as SVG."""
    content = BytesIO()
    # It would otherwise hold the moment, and matplotlib's version.
    with mpl.rc_context(_STYLE):
        _figure(overview).savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()


def png(overview: Overview) -> bytes:
    """Return the picture of an overview as PNG, small enough to be kept with a materialization."""
    content, small = BytesIO(), BytesIO()
    with mpl.rc_context(_STYLE):
        _figure(overview).savefig(content, format="png")
    picture = Image.open(content).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue()


def _figure(overview: Overview) -> Figure:
    drawn = overview.sales[:MOST_DRAWN]
    height = _HEIGHT_OF_ROW * len(drawn) or _HEIGHT_OF_EMPTY
    figure = Figure(figsize=(_WIDTH, height), dpi=80, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    _draw_rows(figure, drawn) if drawn else figure.text(0.02, 0.5, overview.sentence)
    return figure


def _draw_rows(figure: Figure, drawn: Sequence[Sales]) -> None:
    rows = figure.subplots(len(drawn), 3, squeeze=False)
    for sales, (money, orders, units) in zip(drawn, rows, strict=True):
        _draw(money, sales, [[float(each.sales) for each in part] for part in _parts(sales)])
        _draw(orders, sales, [[each.orders for each in part] for part in _parts(sales)])
        _draw(units, sales, [[each.units for each in part] for part in _parts(sales)])
        money.set_title(f"{sales.marketplace}: sales, {sales.currency} a day", loc="left")
        orders.set_title("orders a day", loc="left")
        units.set_title("units a day", loc="left")
    rows[0][2].legend(loc="upper left", frameon=False, fontsize=7)


def _parts(sales: Sales) -> tuple[Sequence[Figures], Sequence[Figures]]:
    return sales.recent, sales.before


def _draw(axes: Axes, sales: Sales, lines: Sequence[Sequence[float]]) -> None:
    """Draw one figure's two lines, the days before beneath the last ones."""
    recent, before = lines
    days = sales.days.recent
    count = len(days)
    axes.plot(before, color=_BEFORE, linestyle="--", linewidth=1, label=f"the {count} days before")
    axes.plot(recent, color=_RECENT, linewidth=1.8, label=f"the last {count} days")
    axes.fill_between(range(count), recent, color=_RECENT, alpha=0.12, linewidth=0)
    axes.set_xlim(0, max(count - 1, 1))
    axes.set_ylim(0, max([*recent, *before, 1]) * 1.15)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _day(days, round(place))))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))


def _day(days: Sequence[date], place: int) -> str:
    return f"{days[place]:%m-%d}" if 0 <= place < len(days) else ""
