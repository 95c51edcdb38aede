"""nurie train"""

import dataclasses
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from nurie.cli.screen import console, progress_bar, say
from nurie.core.errors import MissingExtra, NurieError

if TYPE_CHECKING:
    from nurie.training.loop import LoopOptions, Report

MODEL = "model.onnx"
"""The network in a run's folder, as the other commands use it."""


def train(
    recipe: Annotated[str, Parameter(name="RECIPE")],
    /,
    *,
    data: Path = Path("sets/all"),
    out: Path | None = None,
    steps: PositiveInt | None = None,
    batch: PositiveInt | None = None,
    seed: int | None = None,
    device: str = "auto",
    devices: PositiveInt = 1,
    precision: Literal["auto", "fp32", "bf16", "fp16"] | None = None,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    threads: PositiveInt | None = None,
    start: Path | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Train a network by a recipe.

    In the end the network is in the run's folder, as the file model.onnx.

    Examples:

        nurie train recipes/lines.toml --data sets/all --out runs/lines
        nurie train recipes/lines.toml --out runs/lines --resume
        nurie train mine.toml --start runs/lines --data sets/mine --out runs/mine
        nurie train recipes/color.toml --devices 4
        nurie train lines --steps 200 --batch 4 --device cpu
        nurie train unet --set skips=none --set "widths=[16, 32, 64]" --out runs/bare
        tensorboard --logdir runs

    Parameters
    ----------
    recipe
        A recipe's file, or the name of a recipe with its defaults.
    data
        A set that 'nurie data build' made.
    out
        Folder of the run: checkpoint, network, TensorBoard events, pictures of held-out scenes.
        runs/NAME without it.
    steps
        Overrides the recipe's number of steps; so do batch, seed and precision.
    device
        auto, cpu, cuda, cuda:1, mps.
    devices
        How many GPUs train together, each with a batch of its own; on the CPU, processes.
    set_
        One of the recipe's own options, as key=value; may be given again.
    threads
        Threads on the CPU, in each process.
    start
        Begin with the weights of this run, of the same network, instead of random ones.
    resume
        Go on from the run's checkpoint, exactly where it was.
    """
    try:
        import torch

        from nurie.training import checkpoint
        from nurie.training.devices import launch
        from nurie.training.export import export
        from nurie.training.loop import train as run_loop
        from nurie.training.recipes.table import override, read_recipe, settings
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie train") from error

    built, options = read_recipe(recipe)
    if set_:
        built = override(built, settings(set_))
    given = {"steps": steps, "batch": batch, "seed": seed, "precision": precision}
    options = dataclasses.replace(options, **{k: v for k, v in given.items() if v is not None})
    run = out or Path("runs") / Path(recipe).stem
    begun = (run / checkpoint.NAME).exists()
    if begun and not resume:
        raise NurieError(f"{run} holds a run: go on with --resume, or choose another --out")
    if resume and not begun:
        raise NurieError(f"{run} holds no run to go on with: begin one without --resume")
    if start and not (start / checkpoint.NAME).exists():
        raise NurieError(f"{start} holds no run to start from")
    fabric = launch(device, options.precision, devices)
    first = fabric.is_global_zero
    # What goes wrong in another process goes wrong in the first one too, which says so.
    with nullcontext() if first else suppress(KeyboardInterrupt, NurieError):
        if threads:
            torch.set_num_threads(threads)
        torch.manual_seed(options.seed)
        built.open(data, fabric.device)
        identity = {"recipe": built.name, "options": dataclasses.asdict(built.options)}
        with _shown(run, options, devices) if first else nullcontext(_unseen) as watch:
            try:
                net = run_loop(
                    built, built.build(), options, run,
                    fabric=fabric, identity=identity, start=start, resume=resume, watch=watch,
                )  # fmt: skip
            except KeyboardInterrupt:
                if first:
                    say(f"saved: go on with nurie train {recipe} --out {run} --resume")
                raise
        if first:
            export(built, net.cpu(), run / MODEL)
            print(f"trained: nurie {_USES[built.task]} --model {shlex.quote(str(run / MODEL))}")


_USES = {"extract": "extract picture.png -o lines.png", "colorize": "colorize lines.png -o art.png"}


@contextmanager
def _shown(
    run: Path, options: "LoopOptions", processes: int
) -> Iterator[Callable[["Report"], None]]:
    """What a run is watched with: it notes every report, moves the bar and says what matters."""
    from nurie.training.journal import Journal

    with Journal(run) as journal, progress_bar("{task.fields[note]}") as bar:
        task = bar.add_task("training", total=options.steps, note="")

        def watch(report: "Report") -> None:
            journal.note(report)
            losses = " ".join(f"{loss:.4f}" for loss in journal.losses)
            speed = journal.speed * options.batch * processes
            note = f"loss {losses}  {speed:.0f} pictures/s  waits {100 * journal.waits:.0f} %"
            bar.update(task, completed=report.step, note=note)
            if not console.is_terminal and report.step % 100 == 0:  # a log has no bar
                say(f"step {report.step} of {options.steps}: {note}")
            if report.scores:
                scores = "  ".join(f"{key} {value:.4f}" for key, value in report.scores.items())
                say(f"step {report.step}: held out {scores}")

        yield watch


def _unseen(report: "Report") -> None:
    """Nobody watches the other processes."""
