"""nurie export"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nurie.core.errors import MissingExtra
from nurie.core.files import quoted


def export(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
) -> None:
    """Write a run's network as an ONNX file, checked against torch.

    The file works at once, a line extractor's and a colour network's:

        nurie extract picture.png -o lines.png --model MODEL.onnx
        nurie colorize lines.png -o art.png --model MODEL.onnx

    Examples:

        nurie export runs/lines -o lines.onnx
        nurie export runs/color -o color.onnx

    Parameters
    ----------
    run
        The folder that 'nurie train' wrote.
    output
        The file to write.
    """
    try:
        from nurie.training.export import LARGEST_DIFFERENCE, restore
        from nurie.training.export import export as write
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie export") from error

    recipe, net, step = restore(run)
    made = write(recipe, net, output)
    print(
        f"{quoted(output)}: step {step}, {made.parameters:,} parameters, "
        f"{made.bytes / 1e6:.2f} MB; largest difference from torch {made.difference:.1e} "
        f"(allowed {LARGEST_DIFFERENCE:.0e})"
    )
