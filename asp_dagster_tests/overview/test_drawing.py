"""The picture."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from asp_dagster.overview import drawing
from asp_dagster.overview.figures import Overview


def test_same_figures_give_the_same_bytes(overview: Callable[..., Overview]) -> None:
    """Neither PNG nor SVG holds a moment, a version or a random name."""
    shown = overview("Amazon.de", "Amazon.fr")

    assert drawing.svg(shown) == drawing.svg(shown)
    assert drawing.png(shown) == drawing.png(shown)
    assert b"matplotlib.org" not in drawing.svg(shown)


def test_picture_grows_with_the_marketplaces_up_to_six(overview: Callable[..., Overview]) -> None:
    """Each marketplace has its row, and many make no endless picture."""
    heights = [
        Image.open(BytesIO(drawing.png(overview(*("Amazon.de",) * count)))).height
        for count in (1, 2, 6, 7)
    ]

    assert heights == [184, 368, 1104, 1104]


def test_picture_of_nothing_says_so(overview: Callable[..., Overview]) -> None:
    """Without orders there is a picture too, of a sentence."""
    empty = overview()

    assert drawing.png(empty) != drawing.png(overview("Amazon.de"))
    assert drawing.svg(empty).endswith(b"</svg>\n")


def test_dark_and_light_pages_show_it(overview: Callable[..., Overview]) -> None:
    """The ground is white, not transparent."""
    picture = Image.open(BytesIO(drawing.png(overview("Amazon.de"))))

    assert picture.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
