"""Is this machine fit for nurie, and what mends it where it is not?

`nurie.runtime.facts` gathers facts and judges nothing; `diagnose` judges and looks at nothing but
them, so that a broken machine can be examined from what was recorded on it. Where something was
really run, the run decides; versions and paths only explain why it failed.
"""

from nurie import __version__
from nurie.runtime.facts import Facts, gather
from nurie.tasks.doctor import computer, graphics, inference, installation, pytorch
from nurie.tasks.doctor.findings import Finding

_JUDGES = (
    computer.python,
    computer.cpu,
    computer.cores,
    computer.memory,
    computer.disk,
    installation.packages,
    installation.models,
    inference.onnx_runtime,
    inference.on_cpu,
    graphics.gpu,
    graphics.driver,
    inference.on_cuda,
    pytorch.torch,
)
"""In the order in which they are shown: what mends one line may mend the lines after it."""


def examine() -> tuple[Finding, ...]:
    """Examine the machine that this runs on."""
    return diagnose(gather(__version__))


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """Judge what was found on a machine, whatever it is; never raises."""
    return tuple(finding for judge in _JUDGES for finding in judge(facts))
