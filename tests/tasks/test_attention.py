import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurie.tasks.attention import Attention

LEARNED = Attention(
    embedding=4,
    sharpness=10.5,
    nearness=3.0,
    silence=4.25,
    palette=((255, 0, 0), (0, 0, 255), (250, 250, 250)),
)


def test_it_survives_the_metadata():
    metadata = LEARNED.to_metadata()
    assert list(metadata) == ["nurie.attention"]
    assert Attention.from_metadata({**metadata, "nurie.halo": "8"}) == LEARNED


def test_what_is_no_colour_network_says_so():
    with pytest.raises(ValueError, match=r"no nurie\.attention, so it is no colour network"):
        Attention.from_metadata({"nurie.halo": "144"})


def changed(**values) -> str:
    plain = json.loads(LEARNED.to_metadata()["nurie.attention"])
    return json.dumps({**plain, **values})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ("[]", "not a table of embedding, sharpness, nearness, silence, palette"),
        ("3", "not a table"),
        ('{"embedding": 4}', "not a table"),
        (changed(colour=1), "not a table"),
        (changed(embedding=0), "embedding can't be 0"),
        (changed(embedding=4.0), "embedding can't be 4.0"),
        (changed(embedding=True), "embedding can't be True"),
        (changed(sharpness="8"), "sharpness can't be '8'"),
        (changed(nearness=float("nan")), "nearness can't be nan"),
        (changed(silence=float("-inf")), "silence can't be -inf"),
        (changed(silence=10**400), "silence can't be 1000"),
        (changed(palette=[]), "the palette is empty"),
        (changed(palette=7), "not iterable"),
        (changed(palette=[7]), "not iterable"),
        (changed(palette=[[0, 0]]), r"\(0, 0\) is no colour"),
        (changed(palette=[[0, 0, 256]]), r"\(0, 0, 256\) is no colour"),
        (changed(palette=[[0, 0, 0.5]]), r"\(0, 0, 0\.5\) is no colour"),
    ],
)
def test_what_makes_no_sense_is_refused(text, says):
    with pytest.raises(ValueError, match=rf"^its nurie\.attention makes no sense: .*{says}"):
        Attention.from_metadata({"nurie.attention": text})


def test_scores_by_hand():
    likeness = np.array([[1.0, 0.5], [0.0, -1.0]], np.float32)
    distance = np.array([[0.5, 0.0], [1.0, 0.0]], np.float32)
    said = LEARNED.scores(likeness, distance)
    raw = np.array([[10.5 - 1.5, 5.25, 4.25], [-3.0, -10.5, 4.25]])
    expected = raw - np.log(np.exp(raw).sum(1, keepdims=True))
    assert said.dtype == np.float32
    np.testing.assert_allclose(said, expected, atol=1e-6)


def test_without_a_dot_the_prior_speaks():
    none = np.zeros((3, 0), np.float32)
    assert LEARNED.scores(none, none).tolist() == [[0.0]] * 3


def test_without_a_region_nothing_is_said():
    none = np.zeros((0, 2), np.float32)
    assert LEARNED.scores(none, none).shape == (0, 3)


@given(
    regions=st.integers(1, 6),
    dots=st.integers(0, 5),
    scores=st.tuples(*[st.floats(-200, 200, width=32)] * 3),
    seed=st.integers(0, 1000),
)
def test_it_chooses_as_the_network_does_in_training(regions, dots, scores, seed):
    torch = pytest.importorskip("torch")
    from nurie.training.colornet import ColorNet

    sharpness, nearness, silence = scores
    net = ColorNet(torch.nn.Identity(), 3, 4, torch.zeros(3, 3))
    random = torch.Generator().manual_seed(seed)
    asked, lain_on = (
        torch.nn.functional.normalize(torch.randn(count, 4, generator=random), dim=1)
        for count in (regions, dots)
    )
    distance = torch.rand(regions, dots, generator=random)
    with torch.no_grad():
        net.sharpness.fill_(sharpness)
        net.nearness.fill_(nearness)
        net.silence.fill_(silence)
        expected = net.attention(asked, lain_on, distance).numpy()
    learned = replace(LEARNED, sharpness=sharpness, nearness=nearness, silence=silence)
    said = learned.scores((asked @ lain_on.T).numpy(), distance.numpy())
    np.testing.assert_allclose(said, expected, rtol=1e-5, atol=1e-4)
