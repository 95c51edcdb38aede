"""The loop knows nothing of pictures: here it fits one weight to a line through the origin."""

import dataclasses
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from torch import nn

import nurie
from nurie.core.errors import NurieError
from nurie.training import checkpoint
from nurie.training.devices import launch
from nurie.training.loop import LoopOptions, Report, learning_rate, train

SLOPE = 3.0
OPTIONS = LoopOptions(
    steps=12, batch=4, rate=0.1, warmup=3, average=0.9, precision="fp32", save_every=5, look_every=4
)
WHO = {"recipe": "line through the origin", "options": {"slope": SLOPE}}


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


def recipe_of(batch, *losses, validate=lambda net: ({}, torch.zeros(3, 4, 4)), players=None):
    """A recipe of functions, with a loss of (net, batch) for each player."""
    return SimpleNamespace(
        batch=batch,
        players=players or (lambda net: (net,)),
        losses=lambda net, batch: (loss(net, batch) for loss in losses),
        validate=validate,
    )


RECIPE = recipe_of(points, squares, validate=error)


def planes(count: int, seed: int):
    x = torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(seed))
    return x, SLOPE * x


PLANES = recipe_of(planes, squares)


def run(folder: Path, recipe=RECIPE, net=None, options=OPTIONS, fabric=None, **more) -> nn.Module:
    net = one_weight() if net is None else net
    fabric = fabric or launch("cpu", options.precision)
    return train(recipe, net, options, folder, fabric=fabric, identity=WHO, **more)


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

    run(tmp_path, recipe_of(planes, squares, validate=look), with_norm())
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


def pressing_ctrl_c(function, *, at: int):
    """The same function, but that somebody presses Ctrl-C in the midst of one of its calls."""
    calls = []

    def call(*arguments):
        calls.append(arguments)
        result = function(*arguments)
        if len(calls) == at:
            signal.raise_signal(signal.SIGINT)
        return result

    return call


@pytest.mark.parametrize("recipe", [
    lambda: recipe_of(planes, pressing_ctrl_c(squares, at=7)),
    lambda: recipe_of(pressing_ctrl_c(planes, at=7), squares),
], ids=["loss", "batch"])  # fmt: skip
def test_ctrl_c_in_the_midst_of_a_step_waits_for_its_end(tmp_path, recipe):
    usual = signal.getsignal(signal.SIGINT)
    run(tmp_path / "whole", PLANES, with_norm())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", recipe(), with_norm())
    # A batch is composed while the step before it runs, or that before this one ends.
    assert checkpoint.load(tmp_path / "cut")["step"] in (5, 6, 7)
    assert signal.getsignal(signal.SIGINT) is usual
    run(tmp_path / "cut", PLANES, with_norm(), resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


def test_a_run_in_the_background_ignores_ctrl_c(tmp_path):
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(tmp_path, recipe_of(planes, pressing_ctrl_c(squares, at=3)), with_norm())
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

    return recipe_of(points, loss)


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
        recipe = recipe_of(
            lambda count, number, drawn=drawn: drawn.append(number) or points(count, number),
            squares,
        )
        run(tmp_path / str(seed), recipe, options=dataclasses.replace(OPTIONS, seed=seed))
    assert len({*seeds[0], *seeds[1]}) == 2 * OPTIONS.steps


@pytest.mark.parametrize(("precision", "half"), [("fp32", False), ("bf16", True)])
def test_the_precision_is_that_of_the_forward_pass(tmp_path, precision, half):
    cast = []

    def loss(net, batch):
        cast.append(net(batch[0]).dtype)
        return squares(net, batch)

    net = run(
        tmp_path, recipe_of(points, loss), options=dataclasses.replace(OPTIONS, precision=precision)
    )
    assert set(cast) == {torch.bfloat16 if half else torch.float32}
    assert net.weight.dtype == torch.float32


def test_the_gradient_is_clipped(tmp_path):
    norms = []

    def watch(report):
        norms.append(net.weight.grad.norm().item())

    net = one_weight()
    run(tmp_path, net=net, options=dataclasses.replace(OPTIONS, clip=0.5), watch=watch)
    assert max(norms) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("optimizer", "by_hand"), [
    ("adamw", lambda weights: torch.optim.AdamW(weights, betas=(0.5, 0.999), weight_decay=0.1)),
    ("adam", lambda weights: torch.optim.Adam(weights, betas=(0.5, 0.999), weight_decay=0.1)),
    ("sgd", lambda weights: torch.optim.SGD(weights, momentum=0.5, weight_decay=0.1)),
])  # fmt: skip
def test_the_optimizers_are_those_of_torch(tmp_path, optimizer, by_hand):
    options = dataclasses.replace(OPTIONS, optimizer=optimizer, beta1=0.5, decay=0.1)
    trained, expected = one_weight(), one_weight()
    run(tmp_path, net=trained, options=options)
    steps = by_hand(expected.parameters())
    for step in range(options.steps):
        steps.param_groups[0]["lr"] = learning_rate(step, options)
        steps.zero_grad()
        squares(expected, points(options.batch, step)).backward()
        nn.utils.clip_grad_norm_(expected.parameters(), options.clip)
        steps.step()
    assert trained.weight.equal(expected.weight)


# Two players: one learns the slope, the other to be twice what the first one is.


def two_weights() -> nn.Module:
    return nn.ModuleList([one_weight(), one_weight()])


def doubled(net: nn.Module, batch):
    x, _ = batch
    first, second = net
    return (second(x) - 2 * first(x)).square().mean()


GAME = recipe_of(
    points, lambda net, batch: squares(net[0], batch), doubled, players=lambda net: tuple(net)
)


def test_the_second_player_s_loss_is_asked_for_when_the_first_has_taken_its_step(tmp_path):
    seen = []

    def lazy(net, batch):
        seen.append([weight.item() for weight in net.parameters()])
        yield squares(net[0], batch)
        seen.append([weight.item() for weight in net.parameters()])
        yield doubled(net, batch)

    recipe = SimpleNamespace(**{**vars(GAME), "losses": lazy})
    reports = []
    options = dataclasses.replace(OPTIONS, steps=1, warmup=0)
    run(tmp_path, recipe, two_weights(), options, watch=reports.append)
    assert seen[0] == [0, 0]
    assert seen[1][0] > 0 == seen[1][1]
    (report,) = reports
    assert len(report.losses) == 2
    assert all(loss > 0 for loss in report.losses)


def test_a_player_s_loss_moves_no_other_player(tmp_path):
    alone = run(tmp_path / "alone", RECIPE)
    net = two_weights()
    together = run(tmp_path / "game", GAME, net)
    assert together[0].weight.equal(alone.weight)
    assert net[1].weight.item() > 0


def test_a_game_that_was_interrupted_goes_on_exactly(tmp_path):
    run(tmp_path / "whole", GAME, two_weights())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", GAME, two_weights(), watch=stop_at(7, KeyboardInterrupt()))
    run(tmp_path / "cut", GAME, two_weights(), resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


@pytest.mark.parametrize("player", [0, 1])
def test_which_player_s_loss_is_not_finite_is_said(tmp_path, player):
    factors = [1.0, 1.0]
    factors[player] = math.nan
    recipe = SimpleNamespace(**vars(GAME))
    recipe.losses = lambda net, batch: map(
        math.prod, zip(GAME.losses(net, batch), factors, strict=True)
    )
    with pytest.raises(
        NurieError, match=rf"^the loss of player {player + 1} is nan .* at step 0, "
    ):
        run(tmp_path, recipe, two_weights())


def test_a_run_of_another_number_of_players_can_not_be_resumed(tmp_path):
    run(tmp_path, GAME, two_weights())
    recipe = recipe_of(points, doubled)
    with pytest.raises(NurieError, match="holds another network"):
        run(tmp_path, recipe, two_weights(), resume=True)


def test_a_checkpoint_from_before_there_were_players_goes_on(tmp_path):
    run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", watch=stop_at(7, KeyboardInterrupt()))
    state = checkpoint.load(tmp_path / "cut")
    (state["optimizer"],) = state.pop("optimizers")
    del state["precision"]
    checkpoint.save(tmp_path / "cut", state)
    run(tmp_path / "cut", resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


def test_what_the_loss_draws_by_chance_is_the_same_after_an_interruption(tmp_path):
    def noisy(net, batch):
        return squares(net, batch) * torch.rand(())

    recipe = recipe_of(points, noisy)
    run(tmp_path / "whole", recipe)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", recipe, watch=stop_at(7, KeyboardInterrupt()))
    torch.rand(3)
    run(tmp_path / "cut", recipe, resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


@pytest.mark.parametrize("count", [0, 3])
def test_batches_composed_ahead_of_time_train_alike(tmp_path, count):
    run(tmp_path / "one")
    run(tmp_path / "other", options=dataclasses.replace(OPTIONS, ahead=count))
    one, other = (checkpoint.load(tmp_path / name) for name in ("one", "other"))
    assert same(one["net"], other["net"])


def test_a_batch_that_is_not_there_is_waited_for(tmp_path):
    def slow(count: int, seed: int):
        time.sleep(0.05)
        return points(count, seed)

    reports = []
    options = dataclasses.replace(OPTIONS, steps=3, ahead=0)
    run(tmp_path, recipe_of(slow, squares), options=options, watch=reports.append)
    assert all(0.05 <= report.waited <= report.seconds for report in reports)


def test_a_batch_that_was_composed_during_the_step_before_is_not_waited_for(tmp_path):
    composed = [threading.Event() for _ in range(4)]
    composed[3].set()  # there is no batch after the last

    def slow(count: int, seed: int):
        time.sleep(0.3)
        composed[seed].set()
        return points(count, seed)

    calls = iter(composed[1:])

    def patient(net, batch):
        assert next(calls).wait(60)
        return squares(net, batch)

    reports = []
    options = dataclasses.replace(OPTIONS, steps=3)
    run(tmp_path, recipe_of(slow, patient), options=options, watch=reports.append)
    first, *others = reports
    assert first.waited >= 0.3
    assert all(report.waited < 0.15 for report in others)
    assert all(report.seconds >= 0.3 for report in reports[:2])


# fp16, whose scaler torch has on the CPU too, though nobody trains so there


def scaled() -> Fabric:
    return Fabric(accelerator="cpu", devices=1, plugins=[MixedPrecision("16-mixed", "cpu")])


def test_a_step_that_overflows_in_fp16_is_left_out_and_the_scale_is_kept(tmp_path):
    def steep(net, batch):
        return squares(net, batch) * 8  # times the first scale, 65536, that is beyond fp16

    options = dataclasses.replace(OPTIONS, steps=8)
    run(tmp_path, recipe_of(points, steep), options=options, fabric=scaled())
    state = checkpoint.load(tmp_path)
    assert state["net"]["weight"].item() > 0
    assert 1 < state["precision"]["scale"] < 65536
    fabric = scaled()
    longer = dataclasses.replace(options, steps=9)
    run(tmp_path, recipe_of(points, steep), options=longer, fabric=fabric, resume=True)
    assert checkpoint.load(tmp_path)["precision"]["scale"] == state["precision"]["scale"]


def test_a_gradient_that_no_scale_helps_stops_the_run_in_fp16_too(tmp_path):
    broken = recipe_of(points, lambda net, batch: (net.weight.sum() * 0).sqrt())
    options = dataclasses.replace(OPTIONS, steps=100)
    with pytest.raises(NurieError, match=r"^the loss is 0\.0 and its gradient nan at step 16, "):
        run(tmp_path, broken, options=options, fabric=scaled())


# Other processes: they run this file

LONG = dataclasses.replace(OPTIONS, steps=120, save_every=3)


def in_a_process(*arguments: object) -> list:
    """What this file prints, a line of JSON each, when it is run with these arguments."""
    package, helpers = Path(nurie.__file__).parents[1], Path(__file__).parents[1]
    paths = [str(package), str(helpers), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def child(folder: Path, told: int) -> int:
    """Begin or go on with a run in another process, which writes a byte for every step."""
    # Nothing has been computed in this one, so that no thread of torch gets lost.
    if number := os.fork():
        return number
    begun = (folder / checkpoint.NAME).exists()
    run(folder, PLANES, with_norm(), LONG, resume=begun, watch=lambda _: os.write(told, b"."))
    os._exit(0)


def killed(folder: Path) -> None:
    """Kill a run three times at some moment; say where it was each time, and what was saved."""
    moments, step = random.Random(0), 0
    for _ in range(3):
        heard, told = os.pipe()
        number = child(folder, told)
        os.close(told)
        steps = sum(len(os.read(heard, 1)) for _ in range(moments.randint(3, 20)))
        time.sleep(moments.uniform(0, 0.02))
        os.kill(number, signal.SIGKILL)
        how = os.WTERMSIG(os.waitpid(number, 0)[1])
        while more := len(os.read(heard, 1000)):
            steps += more
        reached, step = step + steps, checkpoint.load(folder)["step"]
        print(json.dumps([how, reached, step]))


def test_a_process_killed_at_any_moment_loses_one_interval_at_most(tmp_path):
    moments = in_a_process("killed", tmp_path / "cut")
    assert len(moments) == 3
    for signalled, reached, saved in moments:
        assert signalled == signal.SIGKILL
        assert reached - LONG.save_every <= saved <= reached < LONG.steps
    run(tmp_path / "whole", PLANES, with_norm(), LONG)
    run(tmp_path / "cut", PLANES, with_norm(), LONG, resume=True)
    assert same(checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "cut"))


def together(folder: Path) -> None:
    """Train in two processes; the first says how many steps it saw, and where it got."""
    fabric, steps = launch("cpu", "fp32", 2), []
    net = run(folder, fabric=fabric, watch=lambda report: steps.append(report.step))
    if steps:
        print(json.dumps([steps, net.weight.item()]))


def test_two_processes_are_one_with_the_batches_of_both(tmp_path):
    ((steps, weight),) = in_a_process("together", tmp_path / "two")
    assert steps == list(range(1, OPTIONS.steps + 1))

    def both(count: int, step: int):
        x, y = zip(points(count, 2 * step), points(count, 2 * step + 1), strict=True)
        return torch.cat(x), torch.cat(y)

    alone = run(tmp_path / "one", recipe_of(both, squares))
    assert weight == pytest.approx(alone.weight.item(), rel=1e-5)
    states = [checkpoint.load(tmp_path / name) for name in ("two", "one")]
    assert states[0]["net"]["weight"].item() == pytest.approx(states[1]["net"]["weight"].item())


if __name__ == "__main__":
    {"killed": killed, "together": together}[sys.argv[1]](Path(sys.argv[2]))
