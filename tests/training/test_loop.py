"""The loop knows nothing of pictures: here it fits one weight to a line through the origin."""

import dataclasses
import math
import signal
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nurie.core.errors import NurieError
from nurie.training import checkpoint
from nurie.training.loop import LoopOptions, Report, learning_rate, pick_device, train

SLOPE = 3.0
OPTIONS = LoopOptions(
    steps=12, batch=4, rate=0.1, warmup=3, average=0.9, precision="fp32", save_every=5, look_every=4
)
WHO = {"recipe": "line through the origin", "options": {"slope": SLOPE}}
CPU = torch.device("cpu")


def one_weight() -> nn.Module:
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    return net


def with_norm() -> nn.Module:
    """A net with a state besides its weights, and convolutions for the memory format to matter."""
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 1))


def points(count: int, seed: int):
    x = torch.randn(count, 1, generator=torch.Generator().manual_seed(seed))
    return x, SLOPE * x


def squares(net: nn.Module, batch):
    x, y = batch
    return (net(x) - y).square().mean()


def error(net: nn.Module):
    x, y = points(16, 999)
    with torch.no_grad():
        return {"error": float((net(x) - y).abs().mean())}, torch.zeros(3, 4, 4)


RECIPE = SimpleNamespace(batch=points, loss=squares, validate=error)


def planes(count: int, seed: int):
    x = torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return x, SLOPE * x


PLANES = SimpleNamespace(
    batch=planes, loss=squares, validate=lambda net: ({}, torch.zeros(3, 4, 4))
)


def run(folder: Path, recipe=RECIPE, net=None, options=OPTIONS, **more) -> nn.Module:
    net = one_weight() if net is None else net
    return train(recipe, net, options, folder, device=CPU, identity=WHO, **more)


def same(one, other) -> bool:
    """Whether two checkpoints agree in every bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one.equal(other) if isinstance(one, torch.Tensor) else one == other


def stop_at(step: int, error: BaseException):
    def watch(report: Report) -> None:
        if report.step == step:
            raise error

    return watch


def test_it_learns(tmp_path):
    options = dataclasses.replace(OPTIONS, steps=150, batch=16)
    assert run(tmp_path, options=options).weight.item() == pytest.approx(SLOPE, abs=0.05)


def test_the_learning_rate_at_its_corners():
    options = LoopOptions(steps=1000, warmup=100, rate=0.2)
    rates = [learning_rate(step, options) for step in range(1001)]
    assert rates[0] == pytest.approx(0.2 / 100)
    assert rates[49] == pytest.approx(0.1)
    assert rates[99] == rates[100] == max(rates) == 0.2
    assert rates[550] == pytest.approx(0.1)  # half way down the cosine
    assert rates[325] == pytest.approx(0.2 * (1 + math.sqrt(0.5)) / 2)
    assert rates[999] < 1e-5 * 0.2
    assert rates[1000] == pytest.approx(0, abs=1e-12)
    assert rates[:101] == sorted(rates[:101])
    assert rates[100:] == sorted(rates[100:], reverse=True)


@pytest.mark.parametrize(("steps", "warmup"), [(10, 0), (1, 0), (5, 10), (5, 5)])
def test_the_learning_rate_of_odd_schedules_is_a_rate(steps, warmup):
    options = LoopOptions(steps=steps, warmup=warmup, rate=1.0)
    assert all(0 <= learning_rate(step, options) <= 1 for step in range(steps + 1))
    assert learning_rate(0, options) > 0


def test_the_moving_average_by_hand(tmp_path):
    net, weights = one_weight(), []
    average = run(tmp_path, net=net, watch=lambda report: weights.append(net.weight.item()))
    # The first weights are taken as they are; after n of them the older ones keep a share of
    # (1 + n) / (10 + n), and in the end that of the options.
    expected = weights[0]
    for count, weight in enumerate(weights[1:], start=1):
        share = min(OPTIONS.average, (1 + count) / (10 + count))
        expected = share * expected + (1 - share) * weight
    assert average.weight.item() == pytest.approx(expected, rel=1e-6)
    assert average.weight.item() != pytest.approx(weights[-1], rel=1e-3)


def test_the_moving_average_holds_the_running_means_too(tmp_path):
    net, means = with_norm(), []
    watch = lambda report: means.append(net[1].running_mean.clone())  # noqa: E731
    options = dataclasses.replace(OPTIONS, steps=2)
    average = run(tmp_path, PLANES, net, options, watch=watch)
    expected = 2 / 11 * means[0] + 9 / 11 * means[1]
    assert torch.allclose(average[1].running_mean, expected, atol=1e-6)
    assert not average.training


def test_every_step_is_reported_and_every_few_it_looks(tmp_path):
    reports = []
    run(tmp_path, watch=reports.append, options=dataclasses.replace(OPTIONS, steps=10))
    assert [report.step for report in reports] == list(range(1, 11))
    assert [report.step for report in reports if report.scores] == [4, 8, 10]
    assert all((report.picture is None) == (report.scores is None) for report in reports)
    assert reports[2].rate == learning_rate(2, dataclasses.replace(OPTIONS, steps=10))
    assert all(report.seconds > 0 for report in reports)


def test_it_looks_at_the_average_in_evaluation_mode(tmp_path):
    looked = []

    def look(net):
        looked.append((net.training, net.module[1].training))
        return {}, torch.zeros(3, 4, 4)

    run(tmp_path, SimpleNamespace(batch=planes, loss=squares, validate=look), with_norm())
    assert looked == [(False, False)] * 3


def test_a_checkpoint_says_of_what_run_it_is(tmp_path):
    run(tmp_path)
    state = checkpoint.load(tmp_path)
    assert {key: state[key] for key in WHO} == WHO
    assert state["step"] == OPTIONS.steps
    assert LoopOptions(**state["loop"]) == OPTIONS


@pytest.mark.parametrize(("recipe", "build"), [(RECIPE, one_weight), (PLANES, with_norm)])
@pytest.mark.parametrize("step", [1, 5, 7, 11])
def test_a_run_that_was_interrupted_goes_on_exactly(tmp_path, recipe, build, step):
    whole = run(tmp_path / "whole", recipe, build())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", recipe, build(), watch=stop_at(step, KeyboardInterrupt()))
    assert checkpoint.load(tmp_path / "cut")["step"] == step
    resumed = run(tmp_path / "cut", recipe, build(), resume=True)
    assert same(whole.state_dict(), resumed.state_dict())
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


@pytest.mark.parametrize(("recipe", "build"), [(RECIPE, one_weight), (PLANES, with_norm)])
def test_a_run_that_was_killed_goes_on_from_its_last_save(tmp_path, recipe, build):
    run(tmp_path / "whole", recipe, build())
    seen = []
    with pytest.raises(SystemError):  # nothing is caught, as when the process is gone
        run(tmp_path / "cut", recipe, build(), watch=stop_at(8, SystemError()))
    run(tmp_path / "cut", recipe, build(), resume=True, watch=lambda r: seen.append(r.step))
    assert seen == list(range(6, 13))
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


def press_ctrl_c_in(part: str, step: int) -> SimpleNamespace:
    """A recipe in the midst of which somebody presses Ctrl-C."""
    calls = []

    def pressing(function):
        def call(*arguments):
            calls.append(part)
            result = function(*arguments)
            if len(calls) == step:
                signal.raise_signal(signal.SIGINT)
            return result

        return call

    return SimpleNamespace(**{**vars(PLANES), part: pressing(getattr(PLANES, part))})


@pytest.mark.parametrize("part", ["batch", "loss"])
def test_ctrl_c_in_the_midst_of_a_step_waits_for_its_end(tmp_path, part):
    usual = signal.getsignal(signal.SIGINT)
    run(tmp_path / "whole", PLANES, with_norm())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", press_ctrl_c_in(part, 7), with_norm())
    assert checkpoint.load(tmp_path / "cut")["step"] == 7
    assert signal.getsignal(signal.SIGINT) is usual
    run(tmp_path / "cut", PLANES, with_norm(), resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


def test_a_run_in_the_background_ignores_ctrl_c(tmp_path):
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(tmp_path, press_ctrl_c_in("loss", 3), with_norm())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, usual)


def test_it_trains_in_a_thread_too(tmp_path):
    thread = threading.Thread(target=run, args=(tmp_path,))
    thread.start()
    thread.join()
    assert checkpoint.load(tmp_path)["step"] == OPTIONS.steps


def test_a_finished_run_may_go_on_for_more_steps(tmp_path):
    run(tmp_path)
    seen = []
    longer = dataclasses.replace(OPTIONS, steps=14)
    run(tmp_path, options=longer, resume=True, watch=lambda report: seen.append(report.step))
    assert seen == [13, 14]


def goes_wrong_at(step: int, how) -> SimpleNamespace:
    calls = []

    def loss(net, batch):
        calls.append(step)
        return how(net) if len(calls) == step else squares(net, batch)

    return SimpleNamespace(batch=points, loss=loss, validate=error)


@pytest.mark.parametrize(("how", "what"), [
    (lambda net: net.weight.sum() * math.nan, "loss is nan"),
    (lambda net: net.weight.sum() * math.inf, "loss is inf"),
    (lambda net: (net.weight.sum() * 0).sqrt(), "loss is 0.0 and its gradient nan"),
], ids=["nan", "infinite", "gradient"])  # fmt: skip
def test_a_loss_that_is_not_finite_stops_the_run_and_spares_the_checkpoint(tmp_path, how, what):
    options = dataclasses.replace(OPTIONS, seed=2)
    with pytest.raises(NurieError) as caught:
        run(tmp_path, goes_wrong_at(8, how), options=options)
    message = str(caught.value)
    assert what in message
    assert f"at step 7, batch seed {(2 << 32) + 7}; the last checkpoint is of step 5" in message
    assert "\n" not in message
    state = checkpoint.load(tmp_path)
    assert state["step"] == 5
    assert state["net"]["weight"].isfinite().all()


def test_a_run_that_fails_before_its_first_checkpoint_says_so(tmp_path):
    broken = goes_wrong_at(1, lambda net: net.weight.sum() * math.nan)
    with pytest.raises(NurieError, match=r"at step 0, .*; no checkpoint yet$"):
        run(tmp_path, broken)
    assert not list(tmp_path.iterdir())


def test_another_network_can_not_be_resumed(tmp_path):
    run(tmp_path)
    with pytest.raises(NurieError, match=r"^.* holds another network: resume it with the recipe"):
        run(tmp_path, PLANES, with_norm(), resume=True)


def test_nothing_to_resume_is_an_error(tmp_path):
    with pytest.raises(NurieError, match="no run was saved there"):
        run(tmp_path, resume=True)


def test_no_two_batches_of_a_run_are_the_same_and_those_of_another_seed_are_others(tmp_path):
    seeds = {}
    for seed in (0, 1):
        drawn = seeds.setdefault(seed, [])
        recipe = SimpleNamespace(
            batch=lambda count, number, drawn=drawn: drawn.append(number) or points(count, number),
            loss=squares,
            validate=error,
        )
        run(tmp_path / str(seed), recipe, options=dataclasses.replace(OPTIONS, seed=seed))
    assert len({*seeds[0], *seeds[1]}) == 2 * OPTIONS.steps


@pytest.mark.parametrize(("precision", "half"), [("fp32", False), ("bf16", True)])
def test_the_precision_is_that_of_the_forward_pass(tmp_path, precision, half):
    cast = []

    def loss(net, batch):
        cast.append(net(batch[0]).dtype)
        return squares(net, batch)

    recipe = SimpleNamespace(batch=points, loss=loss, validate=error)
    net = run(tmp_path, recipe, options=dataclasses.replace(OPTIONS, precision=precision))
    assert set(cast) == {torch.bfloat16 if half else torch.float32}
    assert net.weight.dtype == torch.float32


def test_the_gradient_is_clipped(tmp_path):
    norms = []

    def watch(report):
        norms.append(net.weight.grad.norm().item())

    net = one_weight()
    run(tmp_path, net=net, options=dataclasses.replace(OPTIONS, clip=0.5), watch=watch)
    assert max(norms) == pytest.approx(0.5, rel=1e-3)


def test_a_device_by_name():
    assert pick_device("cpu") == CPU
    assert pick_device("auto").type in {"cpu", "cuda"}


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "", "cpu:x"])
def test_a_device_that_is_not_there_is_a_one_line_error(name):
    with pytest.raises(NurieError, match=rf"^the device '{name}' can't be used here: .+$"):
        pick_device(name)
