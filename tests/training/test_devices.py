import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nurie.core.errors import NurieError
from nurie.training import devices
from nurie.training.devices import any_process, average_gradient, launch, pick_device


def test_a_device_by_name():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type in {"cpu", "cuda"}


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "", "cpu:x", "meta"])
def test_a_device_that_is_not_there_is_a_one_line_error(name):
    with pytest.raises(NurieError, match=rf"^the device '{name}' can't be used here: .+$"):
        pick_device(name)


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", None), ("bf16", torch.bfloat16)])
def test_the_precision_is_that_of_the_forward_pass(precision, dtype):
    fabric = launch("cpu", precision)
    with fabric.autocast():
        assert nn.Linear(1, 1)(torch.ones(1, 1)).dtype == (dtype or torch.float32)
    assert fabric.device == torch.device("cpu")
    assert fabric.is_global_zero


@pytest.mark.parametrize("computes", [True, False])
def test_half_precision_is_taken_by_itself_where_the_device_computes_in_it(monkeypatch, computes):
    monkeypatch.setattr(devices, "_computes_bf16", lambda device: computes)
    with launch("cpu", "auto").autocast():
        assert torch.is_autocast_enabled("cpu") == computes


def test_launching_tells_nothing(capfd):
    launch("cpu", "bf16")
    assert capfd.readouterr() == ("", "")


def test_fp16_is_for_gpus():
    with pytest.raises(NurieError, match=r"^fp16 needs a GPU: choose bf16 or fp32$"):
        launch("cpu", "fp16")


@pytest.mark.parametrize(("place", "message"), [
    ("cuda", "there are not 3 GPUs here, but 2"),
    ("cuda:1", "the device 'cuda:1' is a single one, not 3"),
    ("mps", "the device 'mps' is a single one, not 3"),
])  # fmt: skip
def test_more_devices_than_there_are_is_a_one_line_error(monkeypatch, place, message):
    monkeypatch.setattr(devices, "pick_device", torch.device)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(NurieError, match=f"^{message}$"):
        launch(place, "fp32", 3)


class Two:
    """What is needed of Fabric in the first of two processes; the other's numbers are known."""

    world_size = 2
    device = torch.device("cpu")

    def __init__(self, *others: torch.Tensor):
        self.others = list(others)

    def all_reduce(self, data: torch.Tensor, reduce_op: str = "mean") -> torch.Tensor:
        total = data + self.others.pop(0)
        return total / 2 if reduce_op == "mean" else total


def test_the_gradient_is_the_mean_of_all_processes_and_so_is_the_loss():
    net = nn.Conv2d(1, 2, (1, 2)).to(memory_format=torch.channels_last)
    net(torch.tensor([[[[1.0, 2.0]]]])).sum().backward()
    other = torch.tensor([8.0, 3.0, 4.0, 5.0, 6.0, 0.0, 2.0])  # loss, weight, bias
    assert average_gradient(Two(other), net, torch.tensor(4.0)) == 6
    assert net.weight.grad.flatten().tolist() == [2, 3, 3, 4]
    assert net.bias.grad.tolist() == [0.5, 1.5]


def test_what_has_no_gradient_here_may_have_one_in_another_process():
    net = nn.ModuleList([nn.Linear(1, 1, bias=False) for _ in range(3)])
    net[0].weight.sum().backward()
    net[2].requires_grad_(False)
    average_gradient(Two(torch.tensor([0.0, 3.0, 6.0])), net, torch.tensor(0.0))
    assert [layer.weight.grad for layer in net] == [2, 3, None]


@pytest.mark.parametrize(("here", "there", "either"), [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1)])
def test_one_process_that_says_so_is_enough(here, there, either):
    assert any_process(Two(torch.tensor(float(there))), bool(here)) == bool(either)
