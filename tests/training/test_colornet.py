import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F
from torch import nn

from nurie.training.colornet import ColorNet

PALETTE = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])


def net() -> ColorNet:
    torch.manual_seed(0)
    return ColorNet(nn.Conv2d(3, 5, 2, 2), 5, 4, PALETTE)


def test_an_answer_for_every_2_x_2_pixels():
    assert net()(torch.randn(2, 3, 8, 12)).shape == (2, 4 + 3, 4, 6)


def test_the_palette_is_saved_with_the_weights_and_is_not_trained():
    saved = net().state_dict()
    grey = ColorNet(nn.Conv2d(3, 5, 2, 2), 5, 4, torch.full((3, 3), 0.5))
    grey.load_state_dict(saved)
    assert grey.palette.equal(PALETTE)
    assert "palette" not in dict(grey.named_parameters())


ASKED = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
DOTS = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
ONE_PLACE = torch.zeros(3, 2)


def test_attention_by_hand():
    distance = torch.tensor([[0.5, 0.0], [0.0, 0.0], [0.0, 1.0]])
    asking = net()
    with torch.no_grad():
        asking.sharpness.fill_(10)
        asking.nearness.fill_(3)
        asking.silence.fill_(4)
        said = asking.attention(ASKED, DOTS, distance)
    scores = torch.tensor([[10 - 1.5, 6, 4], [0, 8, 4], [-10, -6 - 3, 4]])
    assert torch.allclose(said, F.log_softmax(scores, 1), atol=1e-5)
    assert torch.allclose(said.exp().sum(1), torch.ones(3))


def test_the_prior_speaks_where_no_dot_belongs():
    said = net().attention(ASKED, DOTS, ONE_PLACE)
    assert said.argmax(1).tolist() == [0, 1, 2]


def test_of_dots_that_belong_alike_the_nearer_one_speaks():
    twice = DOTS[:1].expand(2, -1)
    said = net().attention(ASKED[:1], twice, torch.tensor([[0.4, 0.1]]))
    assert said.argmax(1).tolist() == [1]


def test_without_a_dot_the_prior_speaks():
    assert net().attention(ASKED, DOTS[:0], torch.zeros(3, 0)).equal(torch.zeros(3, 1))
