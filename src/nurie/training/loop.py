"""The training loop: the only one, and ignorant of what it trains."""

import contextlib
import dataclasses
import functools
import math
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nurie.core.errors import NurieError
from nurie.core.spans import span, spanned
from nurie.training import checkpoint
from nurie.training.devices import any_process, average_gradient
from nurie.training.stream import ahead


@dataclass(frozen=True)
class LoopOptions:
    """How to train, whatever is trained.

    Attributes:
        steps: steps in all; the learning rate falls along a cosine to nothing at the last.
        batch: scenes per step, in each process.
        rate: the highest learning rate, reached after `warmup` steps.
        optimizer: "adamw" (Loshchilov and Hutter 2019), "adam" (Kingma and Ba 2015) or "sgd".
        beta1: how much of the last steps' direction is kept: the momentum of "sgd".
        decay: weight decay.
        clip: largest norm of the gradient.
        average: decay of the exponential moving average of the weights, which is what is exported.
        precision: "auto" is bf16 where the device computes in it, else fp32.
        ahead: batches that are composed while a step runs.
        seed: of the weights and of every batch.
        save_every, look_every: steps between checkpoints, and between looks at held-out scenes.
    """

    steps: int = 10_000
    batch: int = 16
    rate: float = 2e-3
    warmup: int = 200
    optimizer: Literal["adamw", "adam", "sgd"] = "adamw"
    beta1: float = 0.9
    decay: float = 1e-4
    clip: float = 1.0
    average: float = 0.999
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    ahead: int = 1
    seed: int = 0
    save_every: int = 500
    look_every: int = 1000


class Trainable(Protocol):
    """What the loop needs of a recipe."""

    def batch(self, count: int, seed: int) -> Any:
        """Scenes that depend on the seed alone; called from a thread of its own."""
        ...

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        """What is trained in turn, each by an optimizer of its own: (net,) but for a GAN."""
        ...

    def losses(self, net: nn.Module, batch: Any) -> Iterator[Tensor]:
        """One loss for each player; the next is asked for after the step of the one before."""
        ...

    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]: ...


@dataclass(frozen=True)
class Report:
    """What a step tells its watcher.

    Attributes:
        step: its number, from 1.
        losses: of each player.
        rate: the learning rate.
        seconds: that it took, a look included.
        waited: those of them in which it could not go on because its batch was not there. Composing
            a batch ahead of time is no waiting, although on a CPU it takes time from the step that
            runs meanwhile: the step is then longer, which its seconds show. On a GPU a batch is
            there once its work is queued; the GPU does it before the step's, in the step's seconds.
        scores, picture: of a look at held-out scenes, if there was one.
    """

    step: int
    losses: tuple[float, ...]
    rate: float
    seconds: float
    waited: float
    scores: dict[str, float] | None = None
    picture: Tensor | None = None


def learning_rate(step: int, options: LoopOptions) -> float:
    """A straight climb, then half a cosine down to nothing."""
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    share = (step - options.warmup) / max(1, options.steps - options.warmup)
    return options.rate * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def _moving_average(decay: float) -> Callable[..., None]:
    """An exponential moving average that forgets the random start: it is shorter at first.

    It moves all tensors of a kind at once: one by one, the host would wait for the device at each.
    """

    def step(averages: list[Tensor], currents: list[Tensor], count: Tensor | int) -> None:
        share = min(decay, float((1 + count) / (10 + count)))
        get_ema_multi_avg_fn(share)(averages, currents, count)

    return step


@contextlib.contextmanager
def _told_apart(run: Path, advice: str) -> Iterator[None]:
    """Say in one line that a run's weights fit another network than this."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise NurieError(f"{run} holds another network: {advice}") from error


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[list[Any]]:
    """What is yielded fills when Ctrl-C is pressed, and nothing else happens."""
    pressed: list[Any] = []
    usual = signal.getsignal(signal.SIGINT)
    # Python interrupts the main thread alone, and a run in the background not at all.
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield pressed
        return
    signal.signal(signal.SIGINT, lambda *call: pressed.append(call))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, usual)


def train(
    recipe: Trainable,
    net: nn.Module,
    options: LoopOptions,
    run: Path,
    *,
    fabric: Fabric,
    identity: dict[str, Any],
    start: Path | None = None,
    resume: bool = False,
    watch: Callable[[Report], None] = lambda report: None,
) -> nn.Module:
    """Train `net` and return the average of its weights.

    What is random in a step depends on the seed and on the step's number alone (with several
    processes, on the process too), so that a resumed run goes on exactly as an uninterrupted one.
    Ctrl-C lets the step end and writes the checkpoint before it stops the run.

    Args:
        fabric: the device, the precision and the processes, from `launch`. Every process comes here
            with a network built from the same seed; the first alone watches, looks and saves.
        identity: what the checkpoint says of itself, plain values.
        start: another run, whose averaged weights this one begins with instead of random ones.

    Raises:
        NurieError: a loss or its gradient is not finite; the message names the step and the last
            checkpoint. Or the checkpoint to start from or to resume is missing, damaged, or of
            another network.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    run.mkdir(parents=True, exist_ok=True)
    if start and not resume:
        weights = checkpoint.averaged(checkpoint.load(start))
        with _told_apart(start, "start from a run of this recipe"):
            net.load_state_dict(weights)
    net = net.to(fabric.device)
    net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    average = AveragedModel(net, multi_avg_fn=_moving_average(options.average), use_buffers=True)
    precision = fabric.strategy.precision
    players = recipe.players(net)
    optimizers = [_optimizer(player, options, fabric) for player in players]
    step = 0
    if resume:
        state = checkpoint.load(run, fabric.device)
        with _told_apart(run, "resume it with the recipe that it was begun with"):
            net.load_state_dict(state["net"])
            average.load_state_dict(state["average"])
            for optimizer, kept in zip(optimizers, checkpoint.optimizers(state), strict=True):
                optimizer.load_state_dict(kept)
            if state.get("precision"):
                precision.load_state_dict(state["precision"])
        step = state["step"]
    saved = step

    @spanned("checkpoint")
    def save() -> None:
        nonlocal saved
        if fabric.is_global_zero:
            state = {
                "net": net.state_dict(),
                "average": average.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "precision": precision.state_dict(),
                "step": step,
                "loop": dataclasses.asdict(options),
                **identity,
            }
            checkpoint.save(run, state)
        saved = step

    seeds = _batch_seeds(step, options, fabric)
    compose = spanned("compose")(functools.partial(recipe.batch, options.batch))
    batches = ahead(compose, seeds, options.ahead)
    with _ctrl_c_held_back() as pressed, contextlib.closing(batches):
        try:
            for seed in seeds:
                began = time.perf_counter()
                with span("input"):
                    batch = next(batches)
                waited = time.perf_counter() - began
                rate = learning_rate(step, options)
                # What the losses draw by chance, dropout for one, must not depend on steps before.
                torch.manual_seed(random.Random(seed).getrandbits(63))
                net.train()
                losses, values = recipe.losses(net, batch), []
                for player, optimizer in zip(players, optimizers, strict=True):
                    with span("forward"), fabric.autocast():
                        loss = next(losses)
                    value, slope = _set_gradient(fabric, player, optimizer, loss, options.clip)
                    values.append(value)
                    if not _is_sound(fabric, value, slope):
                        which = f"loss of player {len(values)}" if len(players) > 1 else "loss"
                        raise NurieError(
                            f"the {which} is {value} and its gradient {slope} at step {step}, "
                            f"{_named(seed, fabric)}; {_kept(saved)}"
                        )
                    for group in optimizer.param_groups:
                        group["lr"] = rate
                    with span("optimizer"):
                        optimizer.step()
                with span("optimizer"):
                    average.update_parameters(net)
                step += 1
                stopped = any_process(fabric, bool(pressed))
                if fabric.is_global_zero:
                    scores = picture = None
                    if step % options.look_every == 0 or step == options.steps:
                        average.eval()
                        with span("validate"):
                            scores, picture = recipe.validate(average)
                    seconds = time.perf_counter() - began
                    watch(Report(step, tuple(values), rate, seconds, waited, scores, picture))
                if step % options.save_every == 0 or step == options.steps:
                    save()
                if stopped:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            # A checkpoint of half a step could not go on exactly: that is why it was held back.
            save()
            raise
    return average.module.eval()


def _optimizer(player: nn.Module, options: LoopOptions, fabric: Fabric) -> Optimizer:
    # A fused one would unscale the gradients of fp16 itself, when they are clipped already.
    fused = fabric.device.type == "cuda" and _scaler(fabric) is None
    common = {"lr": options.rate, "weight_decay": options.decay, "fused": fused}
    if options.optimizer == "sgd":
        made = torch.optim.SGD(player.parameters(), momentum=options.beta1, **common)
    else:
        kind = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[options.optimizer]
        made = kind(player.parameters(), betas=(options.beta1, 0.999), **common)
    wrapped = fabric.setup_optimizers(made)
    assert isinstance(wrapped, Optimizer)
    return wrapped


def _set_gradient(
    fabric: Fabric, player: nn.Module, optimizer: Optimizer, loss: Tensor, clip: float
) -> tuple[float, float]:
    """Give a player the gradient of its loss, cut to `clip`; returns the loss, and its length."""
    optimizer.zero_grad(set_to_none=True)
    with span("backward"):
        fabric.backward(loss)
    mean = average_gradient(fabric, player, loss)
    with span("optimizer"):
        norm = fabric.clip_gradients(player, optimizer, max_norm=clip, error_if_nonfinite=False)
    assert norm is not None
    value, slope = torch.stack([mean, norm]).tolist()  # the device is waited for once
    return value, slope


def _scaler(fabric: Fabric) -> torch.amp.GradScaler | None:
    """What keeps the gradients of fp16 within its range."""
    return getattr(fabric.strategy.precision, "scaler", None)


def _is_sound(fabric: Fabric, value: float, slope: float) -> bool:
    if math.isfinite(value + slope):
        return True
    # The scaler tries out how far it can go: a step that overflows is left out, and the next scaled
    # by half as much. Where that does not help, the gradient itself is not finite.
    scaler = _scaler(fabric)
    return math.isfinite(value) and scaler is not None and scaler.get_scale() > 1


def _batch_seeds(step: int, options: LoopOptions, fabric: Fabric) -> range:
    """The seeds of this process's batches from a step on."""
    base, processes = options.seed << 32, fabric.world_size
    return range(
        base + step * processes + fabric.global_rank, base + options.steps * processes, processes
    )


def _named(seed: int, fabric: Fabric) -> str:
    """The batches of a step, by the seed of the first process's."""
    if fabric.world_size == 1:
        return f"batch seed {seed}"
    return f"batch seeds {seed} to {seed + fabric.world_size - 1}"


def _kept(saved: int) -> str:
    return f"the last checkpoint is of step {saved}" if saved else "no checkpoint yet"
