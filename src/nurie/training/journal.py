"""What a run leaves to read: TensorBoard scalars and pictures, and a line of JSON per look."""

import json
import time
from pathlib import Path

import numpy as np
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from nurie.training.loop import Report

_EVERY = 20  # steps between two scalars


class Journal:
    """Notes the reports of a run; a context manager.

    Attributes:
        loss: moving average of the loss.
        speed: moving average of steps per second.
    """

    def __init__(self, run: Path):
        run.mkdir(parents=True, exist_ok=True)
        self._run = run
        self._writer = SummaryWriter(str(run))
        self._began = time.monotonic()
        self.loss = 0.0
        self.speed = 0.0

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *raised) -> None:
        self._writer.close()

    def note(self, report: Report) -> None:
        self.loss = report.loss if not self.loss else 0.98 * self.loss + 0.02 * report.loss
        speed = 1 / max(report.seconds, 1e-9)
        self.speed = speed if not self.speed else 0.98 * self.speed + 0.02 * speed
        if report.step % _EVERY == 0:
            self._writer.add_scalar("loss/train", report.loss, report.step)
            self._writer.add_scalar("rate", report.rate, report.step)
            self._writer.add_scalar("steps per second", self.speed, report.step)
        if report.scores is None:
            return
        for name, value in report.scores.items():
            self._writer.add_scalar(f"held out/{name}", value, report.step)
        line = {
            "step": report.step,
            "loss": round(self.loss, 5),
            "seconds": round(time.monotonic() - self._began),
            **{f"held_out_{name}": round(value, 5) for name, value in report.scores.items()},
        }
        with (self._run / "log.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        if report.picture is not None:
            picture = report.picture.clamp(0, 1).mul(255).byte().cpu()
            self._writer.add_image("held out", picture, report.step)
            rows = np.ascontiguousarray(picture.permute(1, 2, 0).numpy())
            Image.fromarray(rows).save(self._run / "held-out.png")
