"""What a run leaves to read: TensorBoard scalars and pictures, and a line of JSON per look."""

import json
import time
from pathlib import Path

import numpy as np
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from nurie.training.loop import Report

_EVERY = 20  # steps between two scalars
_SHARE = 0.02  # of the newest step in the moving averages, which are plain means at first


class Journal:
    """Notes the reports of a run; a context manager.

    Attributes:
        losses: moving average of each player's loss.
        speed: moving average of steps per second.
        waits: share of the time in which a step waited for its batch, see `Report`.
    """

    def __init__(self, run: Path):
        run.mkdir(parents=True, exist_ok=True)
        self._run = run
        self._writer = SummaryWriter(str(run))
        self._began = time.monotonic()
        self.losses: tuple[float, ...] = ()
        self.speed = 0.0
        self.waits = 0.0
        self._count = 0
        self._seconds = 0.0
        self._waited = 0.0

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *raised) -> None:
        self._writer.close()

    def note(self, report: Report) -> None:
        self._count += 1
        share = max(_SHARE, 1 / self._count)

        def moved(average: float, value: float) -> float:
            return average + share * (value - average)

        self.losses = tuple(map(moved, self.losses or report.losses, report.losses))
        self.speed = moved(self.speed, 1 / max(report.seconds, 1e-9))
        self._seconds = moved(self._seconds, report.seconds)
        self._waited = moved(self._waited, report.waited)
        self.waits = self._waited / max(self._seconds, 1e-9)
        if report.step % _EVERY == 0:
            for name, loss in _named("loss/train", report.losses).items():
                self._writer.add_scalar(name, loss, report.step)
            self._writer.add_scalar("rate", report.rate, report.step)
            self._writer.add_scalar("steps per second", self.speed, report.step)
            self._writer.add_scalar("waits for input", self.waits, report.step)
        if report.scores is None:
            return
        for name, value in report.scores.items():
            self._writer.add_scalar(f"held out/{name}", value, report.step)
        line = {
            "step": report.step,
            **{name: round(loss, 5) for name, loss in _named("loss", self.losses).items()},
            "seconds": round(time.monotonic() - self._began),
            "waits": round(self.waits, 4),
            **{f"held_out_{name}": round(value, 5) for name, value in report.scores.items()},
        }
        with (self._run / "log.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        if report.picture is not None:
            picture = report.picture.clamp(0, 1).mul(255).byte().cpu()
            self._writer.add_image("held out", picture, report.step)
            rows = np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
            Image.fromarray(rows).save(self._run / "held-out.png")


def _named(name: str, losses: tuple[float, ...]) -> dict[str, float]:
    """Each player's loss by name; the first has the name alone."""
    return {name if n == 0 else f"{name}_{n + 1}": loss for n, loss in enumerate(losses)}
