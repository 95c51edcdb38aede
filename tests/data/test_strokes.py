from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from nurie.data.render import render
from nurie.data.sources import Drawing
from nurie.data.strokes import KINDS, draw_strokes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_every_kind_renders_to_ink_inside_its_square(kind, seed):
    svg = draw_strokes(kind, np.random.default_rng(seed))
    layers = render(Drawing(kind, "strokes", kind, "CC0 1.0", "nurie", svg=svg))
    assert layers.line.max() > 200
    assert 0.002 < (layers.line > 127).mean() < 0.6
    assert (layers.hairline <= layers.line).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_is_a_drawing(kind):
    first, again, other = (draw_strokes(kind, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first == again != other


@pytest.mark.parametrize("kind", KINDS)
def test_paint_and_ink_have_a_group_each(kind):
    for seed in range(20):
        root = ElementTree.fromstring(draw_strokes(kind, np.random.default_rng(seed)))
        assert [group.get("id") for group in root] == ["color", "line"]
        assert len(root[1]) > 0
        assert "nan" not in ElementTree.tostring(root, "unicode")


@pytest.mark.parametrize("kind", ["strands", "hatching"])
def test_loose_strokes_have_no_paint(kind):
    svg = draw_strokes(kind, np.random.default_rng(0))
    assert render(Drawing(kind, "s", kind, "CC0 1.0", "nurie", svg=svg)).fill[..., 3].max() == 0
