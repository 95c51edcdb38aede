"""How well methods colour line art: the hint curve, on drawings whose true colours are known.

A method takes in the line art once and then paints it as often as the hints change. One that has
nothing to prepare does all its work when it paints.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from nurie.core.errors import NurieError
from nurie.core.hints import paint as hint_layer
from nurie.core.types import Hint
from nurie.evaluation import hints
from nurie.evaluation.color_metrics import Agreement, agreement, bleeding, visible

Painter = Callable[[tuple[Hint, ...]], np.ndarray]
"""Hints to flats, (H, W, 3) uint8."""

Colorer = Callable[[np.ndarray], Painter]
"""Grey line art, (H, W) uint8, black on white, to what paints it."""

HINTED = (0, 1, 3, 5, 10, 25, 50, 100)
"""Percent of a drawing's regions that have a hint, at the points of the hint curve."""

BLEEDING_AT = 25
"""The point of the curve at which bleeding is measured."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawing and its true colouring.

    Attributes:
        line: grey line art, (H, W) uint8, black on white.
        flat: true flat colours, (H, W, 3) uint8.
        label: true regions, (H, W) int32 from 1.
    """

    line: np.ndarray
    flat: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Point:
    """Mean agreement where `hinted` percent of the regions have a hint."""

    hinted: int
    agreement: Agreement


@dataclass(frozen=True)
class ColorScores:
    """What one method reached.

    Attributes:
        drawings: how many.
        curve: one point for each of `HINTED`.
        area: under the curve, over the share of hinted regions from 0 to 1; half of it lies where
            more than half of the regions are hinted, so look at the curve as well.
        bleeding: mean share of pixels that are off their region's colour, at `BLEEDING_AT`.
        hints_kept: share of all hints under whose dot every pixel has exactly their colour.
        prepare_seconds: mean of taking in a drawing.
        paint_seconds: mean of painting it once.
    """

    drawings: int
    curve: tuple[Point, ...]
    area: Agreement
    bleeding: float
    hints_kept: float
    prepare_seconds: float
    paint_seconds: float

    def at(self, hinted: int) -> Agreement:
        """The agreement at a percentage of `HINTED`; raises KeyError at another."""
        return {point.hinted: point.agreement for point in self.curve}[hinted]


def evaluate(
    colorers: Mapping[str, Colorer],
    drawings: Iterable[Drawn],
    *,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, ColorScores]:
    """Score methods.

    Args:
        colorers: by name.
        drawings: each of at least 11 x 11 pixels.
        advance: called after each drawing.

    Raises:
        ValueError: there is no drawing, or one in which ink covers everything.
    """
    tallies = {name: _Tally() for name in colorers}
    for drawn in drawings:
        label = visible(drawn.label, drawn.line)
        dots = hints.dots(drawn.flat, label)
        for name, colorer in colorers.items():
            tallies[name].add(colorer, drawn, label, dots)
        advance()
    return {name: tally.scores() for name, tally in tallies.items()}


def examples(
    colorers: Mapping[str, Colorer], drawn: Drawn, counts: Sequence[int] = (0, 3, 10, 30)
) -> Iterator[tuple[tuple[Hint, ...], dict[str, np.ndarray]]]:
    """The same drawing with more and more hints: the hints, and the flats by method.

    Where a drawing has fewer regions than a count, all of them have a hint, once.
    """
    dots = hints.dots(drawn.flat, visible(drawn.label, drawn.line))
    painters = {name: colorer(drawn.line) for name, colorer in colorers.items()}
    for count in sorted({min(count, len(dots)) for count in counts}):
        given = dots[:count]
        yield given, {name: paint(given) for name, paint in painters.items()}


def nearest(line: np.ndarray) -> Painter:
    """The colour of the nearest hint whatever lies between; white without any."""

    def paint(given: tuple[Hint, ...]) -> np.ndarray:
        if not given:
            return _white(line)
        layer = hint_layer(given, *line.shape)
        row, column = np.asarray(
            ndimage.distance_transform_edt(
                layer[..., 3] == 0, return_distances=False, return_indices=True
            )
        )
        return layer[row, column, :3]

    return paint


GMIC = "gmic"
"""The program of G'MIC, https://gmic.eu; Debian's package has the same name."""

_SMART_COLORING = "fx_colorize_lineart_smart 1,95,0,0,1,24,200,0,75,2,0,10,90,1,2,1,0"
# Mode (hints), contour detection in %, five that don't matter here, shading, end points (%, reach),
# splines up to 0 and segments up to 10 pixels, their angle and roundness, smallest region, crossing
# allowed, preview. None of the settings tried scores clearly better; the longer connections of the
# defaults score less, as they close more than gaps.


def gmic(line: np.ndarray) -> Painter:
    """G'MIC's smart colouring of line art; white without hints, as it would pick colours at random.

    Fourey, Tschumperlé and Revoy, "A fast and efficient semi-guided algorithm for flat coloring
    line-arts", 2018. It spreads each hint as far as lines, and the gaps that it closes, let it.
    It takes paper that is darker than its lightest spot for ink, so the paper is made white for it,
    as its user would.

    Raises, when it paints:
        NurieError: the program failed, or is not installed.
    """
    paper = max(1.0, float(np.median(line)))
    lifted = np.minimum(line * (255 / paper), 255).round().astype(np.uint8)

    def paint(given: tuple[Hint, ...]) -> np.ndarray:
        if not given:
            return _white(line)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            Image.fromarray(hint_layer(given, *line.shape)).save(place / "hints.png")
            Image.fromarray(lifted).save(place / "line.png")
            # Its result is the last of several pictures.
            command = f"{GMIC} hints.png line.png {_SMART_COLORING} keep[-1] output flats.png"
            try:
                subprocess.run(command.split(), cwd=place, capture_output=True, check=True)
                return np.asarray(Image.open(place / "flats.png").convert("RGB"))
            except (OSError, subprocess.CalledProcessError) as error:
                raise NurieError(f"G'MIC did not colour the drawing: {error}") from error

    return paint


def baselines() -> dict[str, Colorer]:
    """Methods to compare with that are not nurie's own, by name; G'MIC's where it is installed."""
    found: dict[str, Colorer] = {"nearest": nearest}
    if shutil.which(GMIC):
        found["gmic"] = gmic
    return found


def _white(line: np.ndarray) -> np.ndarray:
    return np.full((*line.shape, 3), 255, np.uint8)


class _Tally:
    """The figures of one method; of the drawings themselves nothing is kept."""

    def __init__(self) -> None:
        self._curves: list[list[Agreement]] = []
        self._bleeding: list[float] = []
        self._hints = self._kept = 0
        self._preparing: list[float] = []
        self._painting: list[float] = []

    def add(
        self, colorer: Colorer, drawn: Drawn, label: np.ndarray, dots: tuple[Hint, ...]
    ) -> None:
        began = time.perf_counter()
        paint = colorer(drawn.line)
        self._preparing.append(time.perf_counter() - began)
        counts = [len(hints.first(dots, percent)) for percent in HINTED]
        reached: dict[int, Agreement] = {}
        # Where there are few regions, several points of the curve have the same hints.
        for count in dict.fromkeys(counts):
            given = dots[:count]
            began = time.perf_counter()
            flats = paint(given)
            self._painting.append(time.perf_counter() - began)
            reached[count] = agreement(flats, drawn.flat, label > 0)
            self._hints += count
            self._kept += count - _overruled(given, flats, label)
            if count == counts[HINTED.index(BLEEDING_AT)]:
                self._bleeding.append(bleeding(flats, label))
        self._curves.append([reached[count] for count in counts])

    def scores(self) -> ColorScores:
        if not self._curves:
            raise ValueError("there is no drawing to score")
        curve = np.mean([[astuple(point) for point in curve] for curve in self._curves], axis=0)
        area = np.diff(HINTED) / 100 @ (curve[1:] + curve[:-1]) / 2
        return ColorScores(
            drawings=len(self._curves),
            curve=tuple(
                Point(percent, Agreement(*figures))
                for percent, figures in zip(HINTED, curve.tolist(), strict=True)
            ),
            area=Agreement(*area.tolist()),
            bleeding=float(np.mean(self._bleeding)),
            hints_kept=self._kept / self._hints,
            prepare_seconds=float(np.mean(self._preparing)),
            paint_seconds=float(np.mean(self._painting)),
        )


def _overruled(given: tuple[Hint, ...], flats: np.ndarray, label: np.ndarray) -> int:
    """How many dots have a pixel of another colour than theirs; no region has two dots."""
    layer = hint_layer(given, *label.shape)
    off = (layer[..., 3] > 0) & (layer[..., :3] != flats).any(axis=2)
    return np.unique(label[off]).size
