import shutil
import sys

import numpy as np
import pytest

pytest.importorskip("skimage")

from nurie.core.errors import NurieError
from nurie.core.types import Hint
from nurie.evaluation import coloring
from nurie.evaluation.color_metrics import MOST_PSNR, Agreement
from nurie.evaluation.coloring import HINTED, Drawn, baselines, evaluate, examples, gmic, nearest

SIZE = 48
COLORS = ((0, 0, 0), (200, 30, 40), (20, 160, 60), (40, 60, 220), (250, 220, 90))


def quarters() -> Drawn:
    """Four boxes, parted by black lines three pixels wide; by size they are 1, 3, 2, 4."""
    label = np.ones((SIZE, SIZE), np.int32)
    label[:, 30:] = 2
    label[28:, :] = 3
    label[28:, 30:] = 4
    line = np.full((SIZE, SIZE), 255, np.uint8)
    line[27:30], line[:, 29:32] = 0, 0
    return Drawn(line, np.array(COLORS, np.uint8)[label], label)


def knows(drawn: Drawn):
    """A method that knows the answer."""
    return lambda line: lambda hints: drawn.flat


def white(line: np.ndarray):
    return lambda hints: np.full((*line.shape, 3), 255, np.uint8)


def test_who_knows_the_answer_is_perfect():
    (scores,) = evaluate({"knows": knows(quarters())}, [quarters()]).values()
    assert scores.drawings == 1
    assert [point.hinted for point in scores.curve] == list(HINTED)
    perfect = Agreement(MOST_PSNR, pytest.approx(1), 0)
    assert all(point.agreement == perfect for point in scores.curve)
    assert scores.area == Agreement(pytest.approx(MOST_PSNR), pytest.approx(1), 0)
    assert (scores.bleeding, scores.hints_kept) == (0, 1)


def test_white_paper_neither_bleeds_nor_obeys():
    (scores,) = evaluate({"white": white}, [quarters()]).values()
    assert scores.at(0) == scores.at(100)
    assert scores.area.psnr == pytest.approx(scores.at(0).psnr)
    assert scores.area.psnr < 10
    assert (scores.bleeding, scores.hints_kept) == (0, 0)


def test_regions_get_their_hints_in_the_order_of_their_size():
    drawn = quarters()
    asked: list[tuple[Hint, ...]] = []

    def colorer(line):
        assert line is drawn.line
        return lambda hints: asked.append(hints) or drawn.flat

    evaluate({"spy": colorer}, [drawn])
    # Of four regions, 1 to 25 % are one, 50 % are two: no painting is asked for twice.
    assert [len(hints) for hints in asked] == [0, 1, 2, 4]
    assert [hint.color for hint in asked[-1]] == [COLORS[n] for n in (1, 3, 2, 4)]
    assert asked[1] == asked[3][:1]


def test_ink_is_not_scored():
    drawn = quarters()
    flats = drawn.flat.copy()
    flats[drawn.line == 0] = (255, 0, 255)
    (scores,) = evaluate({"ink": lambda line: lambda hints: flats}, [drawn]).values()
    assert scores.at(0).psnr == MOST_PSNR
    assert scores.bleeding == 0


def test_the_area_is_that_of_trapezoids():
    drawn = quarters()

    def colorer(line):
        # Off by 8 levels in every channel without hints, else right.
        return lambda hints: drawn.flat if hints else drawn.flat - np.uint8(8)

    (scores,) = evaluate({"late": colorer}, [drawn]).values()
    wrong = 20 * np.log10(255 / 8)
    assert scores.at(0).psnr == pytest.approx(wrong)
    assert scores.at(1).psnr == MOST_PSNR
    assert scores.area.psnr == pytest.approx(0.01 * (wrong + MOST_PSNR) / 2 + 0.99 * MOST_PSNR)


def test_drawings_count_alike():
    drawings = [quarters(), quarters()]
    answers = iter([knows, lambda _: white])

    def colorer(line):
        return next(answers)(quarters())(line)

    done = []
    (scores,) = evaluate({"half": colorer}, drawings, advance=lambda: done.append(1)).values()
    (bad,) = evaluate({"white": white}, [quarters()]).values()
    assert scores.at(10).psnr == pytest.approx((MOST_PSNR + bad.at(10).psnr) / 2)
    assert (scores.drawings, scores.hints_kept, len(done)) == (2, 0.5, 2)


def test_one_wrong_pixel_under_a_dot_breaks_a_hint():
    drawn = quarters()

    def colorer(line):
        def paint(hints):
            flats = drawn.flat.copy()
            for hint in hints[:1]:
                flats[int(hint.y) + 2, int(hint.x), 1] += 1
            return flats

        return paint

    (scores,) = evaluate({"careless": colorer}, [drawn]).values()
    # Hints are given 1 + 2 + 4 times, and the first is broken each time.
    assert scores.hints_kept == pytest.approx(4 / 7)


def test_bleeding_is_measured_where_a_quarter_is_hinted():
    drawn = quarters()
    left = drawn.flat.copy()
    left[:, :10] = (255, 0, 255)

    def colorer(line):
        return lambda hints: left if len(hints) == 1 else drawn.flat

    (scores,) = evaluate({"bleeds": colorer}, [drawn]).values()
    # Ten columns, of which the line leaves 45 rows.
    assert scores.bleeding == pytest.approx(450 / (45 * 45))


def test_nothing_to_score_is_refused():
    with pytest.raises(ValueError, match="no drawing"):
        evaluate({"white": white}, [])
    black = Drawn(np.zeros_like(quarters().line), quarters().flat, quarters().label)
    with pytest.raises(ValueError, match="no pixel"):
        evaluate({"white": white}, [black])


def test_only_known_points_of_the_curve_are_asked_for():
    (scores,) = evaluate({"white": white}, [quarters()]).values()
    with pytest.raises(KeyError):
        scores.at(2)


def test_the_nearest_hint_ignores_lines():
    paint = nearest(quarters().line)
    assert (paint(()) == 255).all()
    flats = paint((Hint(8.5, 20.5, "red"), Hint(40.5, 20.5, "blue")))
    assert (flats[:, :24] == (255, 0, 0)).all()
    assert (flats[:, 25:] == (0, 0, 255)).all()
    (scores,) = evaluate({"nearest": nearest}, [quarters()]).values()
    assert scores.hints_kept == 1


def test_examples_have_more_and_more_hints():
    drawn = quarters()
    rows = list(examples({"nearest": nearest, "white": white}, drawn, (0, 3, 10, 30)))
    assert [len(given) for given, _ in rows] == [0, 3, 4]
    for given, flats in rows:
        assert list(flats) == ["nearest", "white"]
        assert (flats["nearest"] == nearest(drawn.line)(given)).all()


@pytest.mark.skipif(not shutil.which("gmic"), reason="G'MIC is not installed")
def test_gmic_fills_what_lines_close():
    drawn = quarters()
    (scores,) = evaluate({"gmic": gmic}, [drawn]).values()
    assert scores.hints_kept == 1
    assert scores.at(100).psnr == MOST_PSNR
    assert (gmic(drawn.line)(()) == 255).all()
    grey = drawn.line // 4 * 3
    grey[2, 2] = 255  # next to which all of the paper would be ink
    (scores,) = evaluate({"gmic": gmic}, [Drawn(grey, drawn.flat, drawn.label)]).values()
    assert scores.at(100).psnr == MOST_PSNR


def test_baselines_are_those_that_are_installed(monkeypatch):
    monkeypatch.setattr(coloring, "GMIC", sys.executable)
    assert list(baselines()) == ["nearest", "gmic"]
    monkeypatch.setattr(coloring, "GMIC", "no-such-program")
    assert list(baselines()) == ["nearest"]


@pytest.mark.parametrize("program", ["no-such-program", sys.executable])
def test_a_program_that_fails_is_named(program, monkeypatch):
    monkeypatch.setattr(coloring, "GMIC", program)
    with pytest.raises(NurieError, match="G'MIC"):
        gmic(quarters().line)((Hint(5, 5, "red"),))
