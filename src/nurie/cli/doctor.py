"""nurie doctor"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from nurie.cli.screen import console, show
from nurie.cli.status import DONE, SOME_FAILED
from nurie.tasks.doctor.examination import examine
from nurie.tasks.doctor.findings import Finding

_STYLES = {"ok": "green", "warning": "yellow", "fault": "bold red"}


def doctor(*, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """Examine this machine: what nurie needs, what it finds, and how to mend what is wrong.

    The networks are really run, on the CPU and on the GPU if there is one, and torch multiplies
    matrices if it is installed. Nothing is changed and nothing downloaded. The exit status is 1 if
    there is a fault; a warning says that nurie works, but not as well as it could.

    Examples:

        nurie doctor
        nurie doctor --json

    Parameters
    ----------
    as_json
        Print JSON: every finding with topic, verdict, found and mend, and the number of faults and
        warnings.
    """
    with console.status("looking at this machine"):
        findings = examine()
    verdicts = [finding.verdict for finding in findings]
    faults, warnings = verdicts.count("fault"), verdicts.count("warning")
    if as_json:
        listed = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"findings": listed, "faults": faults, "warnings": warnings}, indent=2))
    else:
        show(as_table(findings))
        print(f"faults: {faults}, warnings: {warnings}")
    return SOME_FAILED if faults else DONE


def as_table(findings: Sequence[Finding]) -> Table:
    """A line for each finding, and below it what mends it."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        told = Text(finding.found)
        if finding.mend:
            told.append(f"\nmend: {finding.mend}", style="bold")
        table.add_row(Text(finding.verdict, style=_STYLES[finding.verdict]), finding.topic, told)
    return table
