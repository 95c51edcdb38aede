"""nurie train"""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from nurie.cli.screen import console, progress_bar, say
from nurie.core.errors import MissingExtra, NurieError


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
    precision: Literal["auto", "fp32", "bf16"] | None = None,
    threads: PositiveInt | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Train a network by a recipe.

    Examples:

        nurie train recipes/lines.toml --data sets/all --out runs/lines
        nurie train recipes/lines.toml --out runs/lines --resume
        nurie train recipes/color.toml --data sets/all --out runs/color
        nurie train lines --steps 200 --batch 4 --device cpu
        tensorboard --logdir runs

    Parameters
    ----------
    recipe
        A recipe's file, or the name of a recipe with its defaults.
    data
        A set that 'nurie data build' made.
    out
        Folder of the run: checkpoint, TensorBoard events, pictures of held-out scenes.
        runs/NAME without it.
    steps
        Overrides the recipe's number of steps; so do batch, seed and precision.
    device
        auto, cpu, cuda, cuda:1, mps.
    threads
        Threads on the CPU.
    resume
        Go on from the run's checkpoint, exactly where it was.
    """
    try:
        import torch

        from nurie.training import checkpoint
        from nurie.training.journal import Journal
        from nurie.training.loop import pick_device
        from nurie.training.loop import train as run_loop
        from nurie.training.recipes.table import read_recipe
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie train") from error

    built, options = read_recipe(recipe)
    given = {"steps": steps, "batch": batch, "seed": seed, "precision": precision}
    options = dataclasses.replace(options, **{k: v for k, v in given.items() if v is not None})
    run = out or Path("runs") / Path(recipe).stem
    begun = (run / checkpoint.NAME).exists()
    if begun and not resume:
        raise NurieError(f"{run} holds a run: go on with --resume, or choose another --out")
    if resume and not begun:
        raise NurieError(f"{run} holds no run to go on with: begin one without --resume")
    if threads:
        torch.set_num_threads(threads)
    place = pick_device(device)
    torch.manual_seed(options.seed)
    built.open(data, place)
    identity = {"recipe": built.name, "options": dataclasses.asdict(built.options)}
    with Journal(run) as journal, progress_bar("{task.fields[note]}") as bar:
        task = bar.add_task("training", total=options.steps, note="")

        def watch(report) -> None:
            journal.note(report)
            note = f"loss {journal.loss:.4f}  {journal.speed * options.batch:.0f} pictures/s"
            bar.update(task, completed=report.step, note=note)
            if not console.is_terminal and report.step % 100 == 0:  # a log has no bar
                say(f"step {report.step} of {options.steps}: {note}")
            if report.scores:
                scores = "  ".join(f"{key} {value:.4f}" for key, value in report.scores.items())
                say(f"step {report.step}: held out {scores}")

        try:
            run_loop(
                built, built.build(), options, run,
                device=place, identity=identity, resume=resume, watch=watch,
            )  # fmt: skip
        except KeyboardInterrupt:
            say(f"saved: go on with nurie train {recipe} --out {run} --resume")
            raise
    print(f"trained: nurie export {run} -o model.onnx")
