"""A worker: a process that reads, colours and writes pictures, one order after another."""

import contextlib
import ctypes
import functools
import gc
import signal
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np

from nurie.core import images, palettes
from nurie.core.color import to_hex
from nurie.core.errors import DamagedModel, ImageTooLarge, NurieError, UnreadableImage
from nurie.core.files import one_line
from nurie.server import orders, png, received
from nurie.server.drawing import Drawing
from nurie.server.orders import Colors, Facts, Failure, Limits, Message, Reply, Result
from nurie.tasks.colorize import colorize
from nurie.tasks.extract import ExtractOptions, extract
from nurie.tasks.reference import Reference


@dataclass
class Bench:
    """What a worker has in hand: materials by their keys."""

    limits: Limits
    drawings: dict[str, Drawing] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)

    @property
    def holds(self) -> frozenset[str]:
        return frozenset([*self.drawings, *self.references])

    def make(self, material: orders.Material) -> None:
        if isinstance(material, orders.Drawing):
            self.drawings[material.key] = Drawing(material, self.limits)
        else:
            picture = received.File(material.upload)
            self.references[material.key] = Reference(picture, max_pixels=self.limits.max_pixels)

    def forget(self, keys: frozenset[str]) -> None:
        for key in keys:
            self.drawings.pop(key, None)
            self.references.pop(key, None)
        if keys:
            _give_back()


def main(pipe: Connection, limits: Limits) -> None:
    """Do what comes through the pipe until it is closed."""
    # Ctrl-C and a service's stop reach every process, but what was begun is to be finished. The
    # server ends its workers by closing the pipe; they end with it, too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    bench = Bench(limits)
    _warm_up(limits)
    with contextlib.suppress(EOFError, OSError):
        while True:
            message: Message = pipe.recv()
            bench.forget(message.forget)
            result = answer(message, bench)
            pipe.send(Reply(result, bench.holds))


def _give_back() -> None:
    """Return to the system what freed pictures took, which the C library would keep."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):  # it is no glibc
        ctypes.CDLL(None).malloc_trim(0)


def _warm_up(limits: Limits) -> None:
    """Load the networks, so that the first user does not wait for them."""
    paper = np.full((64, 64, 3), 255, np.uint8)
    with contextlib.suppress(NurieError):  # whoever needs a damaged one will be told
        extract(paper, ExtractOptions(threads=limits.threads))
        colorize(paper, None, received.options({}, limits))


def answer(message: Message, bench: Bench) -> Result | Failure | None:
    """Do an order; whatever is raised is answered as a failure."""
    try:
        for material in message.materials:
            bench.make(material)
        return None if message.order is None else do(message.order, bench)
    except DamagedModel as error:
        print(f"nurie: {error}", file=sys.stderr)  # it names a place of this machine
        return Failure(500, "a model of this server is damaged: run 'nurie models verify' there")
    except ImageTooLarge as error:
        return Failure(413, str(error))
    except UnreadableImage as error:
        return Failure(415, str(error))
    except NurieError as error:
        return Failure(422, str(error))
    except MemoryError:
        return Failure(413, "the picture needs more memory than this server has: make it smaller")
    except Exception:
        traceback.print_exc()
        return Failure(500, "the server failed at this, which is a defect of nurie")


@functools.singledispatch
def do(order: orders.Order, bench: Bench) -> Result:
    """Do an order; what it names is on the bench."""
    raise TypeError(f"no worker knows the order {order!r}")


@do.register
def _(order: orders.Extract, bench: Bench) -> bytes:
    if order.format == "svg" and order.color:
        raise NurieError("vector paths are black: leave out color, or ask for pixels")
    options = ExtractOptions(
        style=order.style,
        color=order.color,
        transparent=order.transparent,
        threads=bench.limits.threads,
        max_pixels=bench.limits.max_pixels,
    )
    return extract(received.File(order.upload), options).encode(order.format)


@do.register
def _(order: orders.Colorize, bench: Bench) -> bytes:
    options = received.options(order.coloring.options, bench.limits)
    hints = received.hints(order.coloring.hints)
    return colorize(received.File(order.upload), hints, options).encode(order.format)


@do.register
def _(order: orders.ReadPalette, bench: Bench) -> Colors:
    try:
        # First as a picture, for the limit to hold.
        picture = images.read(received.File(order.upload), max_pixels=bench.limits.max_pixels)
    except UnreadableImage:
        palette = palettes.read(received.File(order.upload))
    else:
        palette = palettes.of_picture(picture)
    # Half a surrogate pair, which JSON may hold, can't be sent.
    return Colors(one_line(palette.name), tuple(map(to_hex, palette.colors)))


@do.register
def _(order: orders.ShowSource, bench: Bench) -> bytes:
    return png.encode(received.pixels(order.upload, bench.limits.max_pixels))


@do.register
def _(order: orders.Describe, bench: Bench) -> Facts:
    return bench.drawings[order.drawing].facts


@do.register
def _(order: orders.ShowLines, bench: Bench) -> bytes:
    return png.encode(bench.drawings[order.drawing].lines())


@do.register
def _(order: orders.ShowRegions, bench: Bench) -> bytes:
    return png.encode(bench.drawings[order.drawing].regions())


@do.register
def _(order: orders.Paint, bench: Bench) -> bytes:
    drawing = bench.drawings[order.drawing]
    reference = bench.references[order.reference] if order.reference else None
    layer = drawing.shade if order.layer == "shade" else drawing.flats
    return png.encode(layer(order.coloring, reference))


@do.register
def _(order: orders.Export, bench: Bench) -> bytes:
    reference = bench.references[order.reference] if order.reference else None
    return bench.drawings[order.drawing].export(order, reference)
