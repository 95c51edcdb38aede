"""The training loop: the only one, and ignorant of what it trains."""

import contextlib
import dataclasses
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nurie.core.errors import NurieError
from nurie.training import checkpoint


@dataclass(frozen=True)
class LoopOptions:
    """How to train, whatever is trained.

    Attributes:
        steps: steps in all; the learning rate falls along a cosine to nothing at the last.
        batch: scenes per step.
        rate: the highest learning rate, reached after `warmup` steps.
        decay: weight decay (AdamW, Loshchilov and Hutter 2019).
        clip: largest norm of the gradient.
        average: decay of the exponential moving average of the weights, which is what is exported.
        precision: "fp32", "bf16", or "auto": bf16 where the device computes in it.
        seed: of the weights and of every batch.
        save_every, look_every: steps between checkpoints, and between looks at held-out scenes.
    """

    steps: int = 10_000
    batch: int = 16
    rate: float = 2e-3
    warmup: int = 200
    decay: float = 1e-4
    clip: float = 1.0
    average: float = 0.999
    precision: str = "auto"
    seed: int = 0
    save_every: int = 500
    look_every: int = 1000


class Trainable(Protocol):
    """What the loop needs of a recipe."""

    def batch(self, count: int, seed: int) -> Any: ...
    def loss(self, net: nn.Module, batch: Any) -> Tensor: ...
    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]: ...


@dataclass(frozen=True)
class Report:
    """What a step tells its watcher: the step, its loss, and held-out scores when it looked."""

    step: int
    loss: float
    rate: float
    seconds: float
    scores: dict[str, float] | None = None
    picture: Tensor | None = None


def pick_device(name: str) -> torch.device:
    """The device of a name; "auto" is the GPU where there is one.

    Raises:
        NurieError: torch knows no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise NurieError(f"the device {name!r} can't be used here: {reason}") from None
    return device


def _computes_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device.type == "cpu" and probe is not None and probe()


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
def _ctrl_c_held_back() -> Iterator[None]:
    """Deliver a Ctrl-C that comes inside the block once the block is done."""
    usual = signal.getsignal(signal.SIGINT)
    # Python interrupts the main thread alone, and a run in the background not at all.
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *call: pressed.append(call))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if pressed:
        usual(*pressed[0])


def train(
    recipe: Trainable,
    net: nn.Module,
    options: LoopOptions,
    run: Path,
    *,
    device: torch.device,
    identity: dict[str, Any],
    resume: bool = False,
    watch: Callable[[Report], None] = lambda report: None,
) -> nn.Module:
    """Train `net` and return the average of its weights.

    A batch depends on the seed and on the step's number alone, so that a resumed run goes on
    exactly as an uninterrupted one. Ctrl-C lets the step end and writes the checkpoint before it
    stops the run.

    Args:
        identity: what the checkpoint says of itself, plain values.

    Raises:
        NurieError: the loss or its gradient is not finite; the message names the step and the last
            checkpoint. Or the checkpoint to resume is missing, damaged, or of another network.
    """
    run.mkdir(parents=True, exist_ok=True)
    net = net.to(device)
    net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    average = AveragedModel(net, multi_avg_fn=_moving_average(options.average), use_buffers=True)
    optimizer = torch.optim.AdamW(
        net.parameters(), options.rate, weight_decay=options.decay, fused=device.type == "cuda"
    )
    step = 0
    if resume:
        state = checkpoint.load(run, device)
        try:
            net.load_state_dict(state["net"])
            average.load_state_dict(state["average"])
            optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError) as error:
            raise NurieError(
                f"{run} holds another network: resume it with the recipe that it was begun with"
            ) from error
        step = state["step"]

    def save() -> None:
        state = {
            "net": net.state_dict(),
            "average": average.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": step,
            "loop": dataclasses.asdict(options),
            **identity,
        }
        checkpoint.save(run, state)

    half = options.precision == "bf16" or (options.precision == "auto" and _computes_bf16(device))
    saved = step
    try:
        while step < options.steps:
            began = time.perf_counter()
            rate = learning_rate(step, options)
            seed = _batch_seed(options.seed, step)
            # A checkpoint of half a step could not go on exactly.
            with _ctrl_c_held_back():
                for group in optimizer.param_groups:
                    group["lr"] = rate
                net.train()
                batch = recipe.batch(options.batch, seed)
                with torch.autocast(device.type, torch.bfloat16, enabled=half):
                    loss = recipe.loss(net, batch)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                norm = nn.utils.clip_grad_norm_(net.parameters(), options.clip)
                value, slope = torch.stack([loss.detach(), norm]).tolist()
                if not math.isfinite(value + slope):
                    kept = (
                        f"the last checkpoint is of step {saved}" if saved else "no checkpoint yet"
                    )
                    raise NurieError(
                        f"the loss is {value} and its gradient {slope} at step {step}, "
                        f"batch seed {seed}; {kept}"
                    )
                optimizer.step()
                average.update_parameters(net)
                step += 1
            scores = picture = None
            if step % options.look_every == 0 or step == options.steps:
                average.eval()
                scores, picture = recipe.validate(average)
            watch(Report(step, value, rate, time.perf_counter() - began, scores, picture))
            if step % options.save_every == 0 or step == options.steps:
                save()
                saved = step
    except KeyboardInterrupt:
        save()
        raise
    return average.module.eval()


def _batch_seed(seed: int, step: int) -> int:
    return (seed << 32) + step
