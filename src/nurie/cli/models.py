"""nurie models"""

from cyclopts import App
from rich.table import Table

from nurie.cli.screen import show
from nurie.core.errors import DamagedModel
from nurie.runtime.registry import cards
from nurie.runtime.store import verify
from nurie.tasks.classical import METHODS

app = App(name="models", help="The networks that come with nurie.")


@app.default
@app.command(name="list")
def list_models() -> None:
    """List the networks: what each is for, its size and its licence."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "task", "what it is", "parameters", "file", "licence"):
        table.add_column(heading)
    for card in cards():
        size = f"{card.bytes / 1e6:.1f} MB"
        count = f"{card.parameters / 1e6:.2f} M"
        table.add_row(card.name, card.task, card.title, count, size, card.licence)
    for method in METHODS:
        table.add_row(method, "extract", "classical method, for comparison", "-", "-", "-")
    show(table)


@app.command(name="verify")
def verify_models() -> int:
    """Check every model file against its SHA-256; exit status 1 if one is damaged."""
    damaged = 0
    for card in cards():
        try:
            verify(card)
        except DamagedModel as error:
            damaged += 1
            print(error)
        else:
            print(f"{card.name}: whole")
    return 1 if damaged else 0
