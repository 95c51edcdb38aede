import io
import json
import sys

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from nurie.core.errors import MissingExtra
from nurie.core.types import Hint
from nurie.evaluation import report
from nurie.evaluation.metrics import LineScore, LineScores


def scores(f1: float) -> LineScores:
    return LineScores(
        pictures=3,
        by_tolerance=tuple(
            LineScore(
                d, threshold=0.4, precision=0.9, recall=0.8, f1=f1, ois_f1=0.95, chamfer=0.002
            )
            for d in (1.0, 2.0, 4.0)
        ),
    )


def printed(table, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue().splitlines()


def test_the_table_of_line_scores_fits_a_terminal():
    rows = report.line_rows({"lines": scores(0.5), "dilate-diff": scores(0.25)})
    text = printed(report.table(rows, title="Line art"))
    assert text[0].startswith("Line art")
    assert any(
        line.split() == ["lines", *["0.500"] * 3, "0.900", "0.800", "0.950", "2.000"]
        for line in text
    )
    assert any(line.split()[:2] == ["dilate-diff", "0.250"] for line in text if line.strip())
    assert "…" not in "".join(text)


def test_a_table_may_be_empty():
    assert not "".join(printed(report.table([]))).strip()


def test_json_is_one_line_and_holds_every_figure():
    text = report.as_json({"seed": 7, "models": {"lines": scores(0.5)}})
    assert "\n" not in text
    result = json.loads(text)
    assert result["seed"] == 7
    assert result["models"]["lines"]["pictures"] == 3
    assert result["models"]["lines"]["by_tolerance"][2] == {
        "tolerance": 4.0,
        "threshold": 0.4,
        "precision": 0.9,
        "recall": 0.8,
        "f1": 0.5,
        "ois_f1": 0.95,
        "chamfer": 0.002,
    }


def plain(colour: str, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def boxes(sheet: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what has this colour."""
    y, x = np.nonzero((np.asarray(sheet) == colour).all(axis=2))
    return int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1


def test_a_sheet_sets_input_and_results_side_by_side():
    row = ("a title", plain("red"), {"one": plain("lime"), "two": plain("blue")})
    sheet = report.contact_sheet([row], cell=120)
    red, lime, blue = (boxes(sheet, c) for c in ((255, 0, 0), (0, 255, 0), (0, 0, 255)))
    assert red[0] == report.MARGIN
    assert lime[0] - red[2] == blue[0] - lime[2] == report.GAP
    assert {box[2] - box[0] for box in (red, lime, blue)} == {120}
    assert {box[1] for box in (red, lime, blue)} == {red[1]}
    assert red[3] - red[1] == 80
    assert sheet.size == (blue[2] + report.MARGIN, blue[3] + report.MARGIN)


def test_rows_stand_under_each_other_with_their_captions():
    sheet = report.contact_sheet(
        [
            ("first", plain("red"), {"m": plain("red")}),
            ("second", plain("blue"), {"m": plain("blue")}),
        ]
    )
    red, blue = boxes(sheet, (255, 0, 0)), boxes(sheet, (0, 0, 255))
    between = np.asarray(sheet.convert("L"))[red[3] + 2 : blue[1] - 2]
    assert between.min() < 128


def test_transparent_results_lie_on_white_and_tall_ones_are_held_back():
    layer = Image.new("RGBA", (10, 400), (0, 0, 0, 0))
    sheet = report.contact_sheet([("tall", plain("red", (10, 400)), {"m": layer})], cell=100)
    red = boxes(sheet, (255, 0, 0))
    assert red[3] - red[1] == 100 * report.TALLEST
    middle = report.MARGIN + 100 + report.GAP + 50
    assert sheet.getpixel((middle, (red[1] + red[3]) // 2)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_pictures_of_every_mode_are_set(mode):
    image = plain("black" if mode == "1" else "white").convert(mode)
    assert report.contact_sheet([("t", image, {"m": image})]).mode == "RGB"


def test_long_titles_stay_inside_the_margins():
    row = ("word " * 200, plain("white"), {"name " * 50: plain("white")})
    grey = np.asarray(report.contact_sheet([row], cell=100).convert("L"))
    assert (grey[:, -report.MARGIN + 2 :] == 255).all()


def color_scores(psnr: float):
    pytest.importorskip("skimage")
    from nurie.evaluation.color_metrics import Agreement
    from nurie.evaluation.coloring import HINTED, ColorScores, Point

    curve = tuple(Point(hinted, Agreement(psnr + hinted / 10, 0.5, 4.0)) for hinted in HINTED)
    return ColorScores(9, curve, Agreement(psnr + 5, 0.6, 3.0), 0.015, 0.995, 0.02, 0.25)


def test_the_tables_of_color_scores_fit_a_terminal():
    tables = report.color_tables({"nurie": color_scores(10.0), "nearest": color_scores(8.5)})
    psnr, ssim, difference, rest = (printed(table) for table in tables)
    hinted = ["0", "1", "3", "5", "10", "25", "50", "100"]
    assert psnr[0].startswith("PSNR in dB")
    assert psnr[2].replace("%", "").split() == ["model", *hinted, "area"]
    line = ["10.00", "10.10", "10.30", "10.50", "11.00", "12.50", "15.00", "20.00"]
    assert psnr[4].split() == ["nurie", *line, "15.00"]
    assert psnr[5].split()[:2] == ["nearest", "8.50"]
    assert ssim[4].split() == ["nurie", *["0.500"] * 8, "0.600"]
    assert difference[4].split() == ["nurie", *["4.00"] * 8, "3.00"]
    assert rest[4].split() == ["nurie", "1.500", "99.500", "20", "250"]
    assert "…" not in "".join([*psnr, *ssim, *difference, *rest])


def test_json_holds_the_hint_curve():
    result = json.loads(report.as_json({"nurie": color_scores(10.0)}))["nurie"]
    assert result["drawings"] == 9
    assert result["curve"][5] == {
        "hinted": 25,
        "agreement": {"psnr": 12.5, "ssim": 0.5, "ciede2000": 4.0},
    }
    assert result["area"] == {"psnr": 15.0, "ssim": 0.6, "ciede2000": 3.0}


def test_curves_are_plotted_in_a_colour_each():
    pytest.importorskip("matplotlib")
    one = report.hint_curves({"one": color_scores(10.0)})
    two = report.hint_curves({"one": color_scores(10.0), "two": color_scores(20.0)})
    assert (one.mode, one.size) == ("RGB", two.size)
    first, second = ((0x1F, 0x77, 0xB4), (0xFF, 0x7F, 0x0E))  # Matplotlib's own
    pixels = np.asarray(one), np.asarray(two)
    assert [[(p == c).all(axis=2).any() for c in (first, second)] for p in pixels] == [
        [True, False],
        [True, True],
    ]


def test_matplotlib_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"nurie\[data\]"):
        report.hint_curves({})


def test_a_row_of_colourings_shows_hints_and_the_line_over_the_flats():
    line = np.full((80, 80), 255, np.uint8)
    line[:, 40] = 0
    flats = np.full((80, 80, 3), (200, 100, 50), np.uint8)
    title, dotted, colored = report.coloring_row(
        "one hint", line, [Hint(20.5, 30.5, "lime", 0)], {"a method": flats}
    )
    assert title == "one hint"
    assert dotted.getpixel((20, 30)) == (0, 255, 0)
    assert dotted.getpixel((60, 30)) == (255, 255, 255)
    assert colored["a method"].getpixel((10, 10)) == (200, 100, 50)
    assert colored["a method"].getpixel((40, 10)) == (0, 0, 0)
