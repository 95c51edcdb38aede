"""How fast networks learn here, and what each speed-up brings.

python bench/train_speed.py            some 4 minutes on 2 cores
python bench/train_speed.py --quick    a minute: smaller batches, fewer rounds, no torch.compile
python bench/train_speed.py --both     where there is a GPU, that against the CPU too

What is compared runs in turn, round after round, so that a noisy machine is noisy to all of it.
Times are medians; ratios are taken within each round, and are the medians of that.
"""

import contextlib
import copy
import functools
import json
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import cyclopts
import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from cyclopts.types import PositiveInt
from rich.console import Console
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from nurie.core.errors import NurieError
from nurie.core.files import reason
from nurie.data import shards
from nurie.data.coloring import Cutouts
from nurie.evaluation.report import table
from nurie.training.blocks import GROWERS, ConvBlock, FoldStem
from nurie.training.devices import launch, pick_device
from nurie.training.export import OPSET, fold_batch_norm
from nurie.training.loop import LoopOptions, Report, train
from nurie.training.recipes.table import read_recipe
from nurie.training.stream import Windows
from nurie.training.unet import UNet

COLOR = str(Path(__file__).parent.parent / "recipes" / "color.toml")
NETWORKS = (COLOR, "unet")
_SMALLER, _LARGER = 4, 8  # a quick run's batches are so much smaller, a GPU's so much larger
_ROUNDS = 3  # at least
_SHORTEST = 0.02  # seconds timed in one go; what is shorter is done several times
_RUN, _FIRST = 6, 2  # steps of a run of the loop, and those of them that do not count

Call = Callable[[], object]
Rows = list[dict[str, object]]


def main(
    *networks: str,
    data: Path = Path("sets/all"),
    device: Literal["auto", "cpu", "cuda"] = "auto",
    batch: PositiveInt | None = None,
    threads: PositiveInt = 2,
    both: bool = False,
    quick: bool = False,
) -> None:
    """Print a table for each question, then all of it as a line of JSON.

    Parameters
    ----------
    networks
        Recipes that colour, by name or file; without any, the shipped network's and the U-Net's.
    data
        A set that 'nurie data build' made.
    batch
        Pictures per step on this device; else as many as the recipe says, on a GPU eight times.
    threads
        Of the CPU.
    both
        Compare a GPU with the CPU too.
    quick
        Smaller batches, fewer rounds, no torch.compile.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    bench = Bench(pick_device(device), quick)
    compiler = "left out" if quick else _fault_of_compiler(bench.device)
    said: dict[str, object] = {
        "machine": _machine(bench.device),
        "threads": threads,
        "torch": torch.__version__,
        "precision": bench.precision,
        "torch.compile": compiler or "works",
        "quick": quick,
    }
    console = Console()
    console.print(
        ", ".join(f"{key}: {value}" for key, value in said.items()), highlight=False, soft_wrap=True
    )
    tables: dict[str, Rows] = {}

    def show(title: str, rows: Rows) -> None:
        tables[title] = rows
        console.print(table(rows, title, digits=2))

    drawings = Drawings(data)
    for network in networks or NETWORKS:
        job = Job.of(network, drawings, bench, batch)
        faster, reached = _steps(job, bench, compiled=not compiler)
        show(f"{job.name}: a step of {job.count} pictures, times as fast", faster)
        show(f"{job.name}: what is reached", reached)
        show(f"{job.name}: Adam alone", _optimizers(job, bench))
        show(f"{job.name}: input", _input(job, bench, drawings))
        if both and torch.cuda.is_available():
            show(f"{job.name}: GPU and CPU", _gpu_and_cpu(network, drawings, batch, quick=quick))
    if both and not torch.cuda.is_available():
        console.print("There is no GPU here to compare with the CPU.")
    show("batch norm, forward and back", _norms(bench, compiled=not compiler))
    show("batch norm in use: color in ONNX Runtime", _norms_in_use(bench, threads))
    show("a convolution block by features and places, forward and back", _blocks(bench))
    show("the first level of a U-Net, forward and back", _first_levels(bench))
    show("twice the height and width; work: multiply-adds per pixel", _growing(bench))
    print(json.dumps({**said, "tables": tables}))


# How it is measured


@dataclass(frozen=True)
class Times:
    """Seconds of each call in each round."""

    turns: list[dict[str, float]]

    def ms(self, name: str) -> float:
        return 1000 * statistics.median(turn[name] for turn in self.turns)

    def ratio(self, one: str, other: str) -> float:
        """How many times as long the one takes as the other."""
        return statistics.median(turn[one] / turn[other] for turn in self.turns)

    def rows(self, names: Iterable[str]) -> Rows:
        """Each by name, beside the first."""
        first, *_ = names = list(names)
        return [
            {"": name, "ms": self.ms(name), "times the first": self.ratio(name, first)}
            for name in names
        ]


@dataclass(frozen=True)
class Bench:
    """A device, and how things are computed and measured on it."""

    device: torch.device
    quick: bool

    @property
    def precision(self) -> Literal["fp32", "bf16"]:
        """What training chooses here."""
        chosen = launch(self.device.type, "auto").strategy.precision.precision
        return "bf16" if chosen == "bf16-mixed" else "fp32"

    @property
    def side(self) -> int:
        """Of the matrices whose product is the peak."""
        return 8192 if self.device.type == "cuda" else 1024 if self.quick else 2048

    def count(self, usual: int) -> int:
        """Pictures at a time, where 2 cores usually have so many."""
        larger = usual * (_LARGER if self.device.type == "cuda" else 1)
        return max(1, larger // (_SMALLER if self.quick else 1))

    def in_turn(self, calls: Mapping[str, Call], seconds: float) -> Times:
        """Time all calls round after round for so many seconds, after a first one of each.

        A quick run takes a quarter of them, but for three rounds at least.
        """
        often = {}
        for name, call in calls.items():
            call()
            often[name] = max(1, round(_SHORTEST / _seconds(call)))
        end = time.perf_counter() + (seconds / 4 if self.quick else seconds)
        turns: list[dict[str, float]] = []
        while len(turns) < _ROUNDS or time.perf_counter() < end:
            turns.append({name: _seconds(call, often[name]) for name, call in calls.items()})
        return Times(turns)

    def random(self, *shape: int) -> Tensor:
        """Numbers as pictures and features lie in training."""
        made = torch.randn(shape, device=self.device)
        return made.to(memory_format=torch.channels_last)

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        enabled = self.precision == "bf16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)

    def pass_of(self, net: nn.Module, given: Tensor) -> Call:
        """What runs a network forward and back, from a gradient that costs nothing."""
        net = _laid_out(net).to(self.device)
        autocast = self.autocast()
        gradient: list[Tensor] = []

        def call() -> None:
            net.zero_grad(set_to_none=True)
            given.grad = None
            with autocast:
                answer = net(given)
            if not gradient:
                gradient.append(torch.randn_like(answer))
            answer.backward(gradient[0])

        return call

    def products(self) -> dict[str, Call]:
        """A product of two large matrices in each precision that training uses, done in two ways.

        A 1 x 1 convolution is such a product too. Torch takes it from another library, and on a CPU
        which of them is the faster depends on who made it.
        """
        calls: dict[str, Call] = {}
        for precision in sorted({"fp32", self.precision}):
            matrix = torch.randn(self.side, self.side, device=self.device).to(_TORCH[precision])
            places = self.random(1, self.side, self.side // 32, 32).to(_TORCH[precision])
            kernel = matrix[:, :, None, None]
            name = f"product in {precision}"
            calls[name] = functools.partial(_product, torch.mm, matrix, matrix)
            calls[f"{name}, 1 x 1"] = functools.partial(_product, F.conv2d, places, kernel)
        return calls

    def reached(self, times: Times, name: str, flops: int, precision: str) -> dict[str, object]:
        """How much a call computes, against the faster one of the products in a precision."""
        product = f"product in {precision}"
        peak = min(product, f"{product}, 1 x 1", key=times.ms)
        work = 2 * self.side**3
        return {
            "GFLOP/s": flops / 1e6 / times.ms(name),
            "peak": f"{work / 1e6 / times.ms(peak):.0f} ({precision})",
            "share of it": f"{times.ratio(peak, name) * flops / work:.1%}",
        }


_TORCH = {"fp32": torch.float32, "bf16": torch.bfloat16}


def _product(function: Callable[[Tensor, Tensor], Tensor], one: Tensor, other: Tensor) -> None:
    # cuDNN's convolutions of fp32 compute in TF32 where the GPU can: so does their peak.
    torch.set_float32_matmul_precision("high" if one.is_cuda else "highest")
    function(one, other)
    torch.set_float32_matmul_precision("highest")


def _laid_out(net: nn.Module) -> nn.Module:
    """With the features of a place side by side."""
    return net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _seconds(call: Call, often: int = 1) -> float:
    _wait()
    began = time.perf_counter()
    for _ in range(often):
        call()
    _wait()
    return (time.perf_counter() - began) / often


def _wait() -> None:
    """A GPU is told what to do, and does it later."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _flops(call: Call) -> int:
    """Multiplications and additions in convolutions and products of matrices."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _fault_of_compiler(device: torch.device) -> str:
    """Why torch.compile does not work: on a CPU it needs a C++ compiler, on a GPU Triton."""
    try:
        torch.compile(lambda numbers: numbers * 2 + 1)(torch.ones(8, device=device))
    except Exception as error:  # those of Inductor have no common base
        return f"does not work here: {reason(error)}"
    return ""


# What is trained


class Drawings:
    """The held-out drawings of a set: few, so they are soon there, and as good as others here."""

    def __init__(self, data: Path):
        self._shard = shards.load(data)
        self._opened: dict[torch.device, Windows] = {}
        self.seconds: dict[torch.device, float] = {}

    def on(self, device: torch.device) -> Windows:
        if device not in self._opened:
            began = time.perf_counter()
            windows = Windows(Cutouts, self._shard, "held-out", device)
            windows.at(0)
            self._opened[device] = windows
            self.seconds[device] = time.perf_counter() - began
        return self._opened[device]


@dataclass(frozen=True)
class Job:
    """A recipe, how the loop goes on with it, and a batch that is there."""

    recipe: Any
    options: LoopOptions
    batch: Any

    @classmethod
    def of(cls, network: str, drawings: Drawings, bench: Bench, batch: int | None) -> "Job":
        recipe, options = read_recipe(network)
        if recipe.task != "colorize":
            raise NurieError(f"{network} does not colour: name a recipe that does, such as unet")
        count = batch or bench.count(options.batch)
        opened: Any = recipe
        opened.windows = drawings.on(bench.device)
        opened.cutouts = opened.windows.at(0)
        return cls(opened, replace(options, batch=count), opened.batch(count, 1))

    @property
    def name(self) -> str:
        return self.recipe.name

    @property
    def count(self) -> int:
        """Pictures per step."""
        return self.options.batch


@dataclass(frozen=True)
class Setup:
    """How a step is computed."""

    channels_last: bool = False
    precision: str = "fp32"
    adam: Literal["one by one", "foreach", "fused"] = "one by one"
    compiled: bool = False
    norm: Literal["torch", "elementary"] = "torch"


class Step:
    """Called, it makes a step on the batch that is there, as the loop does, at a rate of 0."""

    def __init__(self, job: Job, device: torch.device, setup: Setup):
        self._job, self._fabric = job, launch(device.type, setup.precision)
        self._net = job.recipe.build()
        if setup.norm == "elementary":
            _replace_norms(self._net)
        self._net = _laid_out(self._net) if setup.channels_last else self._net
        self._net.to(device)
        if setup.compiled:
            self._net.compile()
        self._players: list[tuple[nn.Module, Any]] = [
            (player, self._fabric.setup_optimizers(_adam(player, setup.adam)))
            for player in job.recipe.players(self._net)
        ]

    def __call__(self) -> None:
        losses = self._job.recipe.losses(self._net, self._job.batch)
        for player, optimizer in self._players:
            with self._fabric.autocast():
                loss = next(losses)
            optimizer.zero_grad(set_to_none=True)
            self._fabric.backward(loss)
            norm = self._fabric.clip_gradients(
                player, optimizer, max_norm=self._job.options.clip, error_if_nonfinite=False
            )
            assert norm is not None
            torch.stack([loss.detach(), norm]).tolist()  # the loop looks whether they are finite
            optimizer.step()


def _adam(net: nn.Module, way: str) -> torch.optim.Optimizer:
    return torch.optim.AdamW(net.parameters(), 0.0, foreach=way == "foreach", fused=way == "fused")


class ElementaryBatchNorm(nn.Module):
    """Batch norm in elementary operations, of which torch keeps what it needs for the way back.

    The running means, which cost next to nothing, are left out.
    """

    def __init__(self, features: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, features, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, features, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        away = features - features.mean((0, 2, 3), keepdim=True)
        variance = (away * away).mean((0, 2, 3), keepdim=True)
        weight, bias = self.weight.to(features.dtype), self.bias.to(features.dtype)
        return away * torch.rsqrt(variance + 1e-5) * weight + bias


def _replace_norms(net: nn.Module) -> None:
    for name, child in net.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(net, name, ElementaryBatchNorm(child.num_features))
        _replace_norms(child)


# The tables


def _steps(job: Job, bench: Bench, *, compiled: bool) -> tuple[Rows, Rows]:
    """What each speed-up brings to a step, and the share of the device's peak that is reached."""
    speedups: dict[str, dict[str, Any]] = {"channels last": {"channels_last": True}}
    if bench.precision == "bf16":
        speedups["bf16"] = {"precision": "bf16"}
    speedups["fused Adam"] = {"adam": "fused"}
    others: dict[str, dict[str, Any]] = {"elementary batch norm": {"norm": "elementary"}}
    if bench.device.type == "cuda":
        # Its scaler and a fused Adam would both unscale the gradients.
        others["fp16 for bf16"] = {"precision": "fp16", "adam": "foreach"}
    if compiled:
        others["torch.compile"] = {"compiled": True}
    plain = Setup()
    full = replace(plain, **functools.reduce(dict.__or__, speedups.values()))
    setups = {"plain": plain, "full": full}
    for name, change in speedups.items():
        setups[f"{name}: on"] = replace(plain, **change)
        setups[f"{name}: off"] = replace(full, **{key: getattr(plain, key) for key in change})
    setups |= {name: replace(full, **change) for name, change in others.items()}
    calls: dict[str, Call] = {name: Step(job, bench.device, each) for name, each in setups.items()}
    size, inputs = job.recipe.options.size, job.recipe.needs.inputs
    calls["network"] = bench.pass_of(
        job.recipe.build(), bench.random(job.count, inputs, size, size)
    )
    flops = _flops(calls["full"])
    times = bench.in_turn({**calls, **bench.products()}, 20)

    def faster(shown: str, name: str, alone: str = "", beside: tuple[str, str] | None = None):
        return {
            "": shown,
            "ms": times.ms(name),
            "alone": alone,
            "beside others": f"{times.ratio(*beside):.2f}" if beside else "",
        }

    def against_plain(name: str) -> str:
        return f"{times.ratio('plain', name):.2f}"

    def reached(shown: str, name: str, precision: str) -> dict[str, object]:
        return {
            "": shown,
            "pictures/s": 1000 * job.count / times.ms(name),
            "GFLOP each": flops / 1e9 / job.count,
            **bench.reached(times, name, flops, precision),
        }

    return [
        faster("none", "plain"),
        *(
            faster(name, f"{name}: on", against_plain(f"{name}: on"), (f"{name}: off", "full"))
            for name in speedups
        ),
        faster("all", "full", against_plain("full")),
        *(faster(f"all, and {name}", name, beside=("full", name)) for name in others),
    ], [
        reached("a step with none", "plain", "fp32"),
        reached("a step with all", "full", bench.precision),
        reached("its network alone", "network", bench.precision),
    ]


def _optimizers(job: Job, bench: Bench) -> Rows:
    calls: dict[str, Call] = {}
    for way in ("one by one", "foreach", "fused"):
        net = job.recipe.build().to(bench.device)
        for parameter in net.parameters():
            parameter.grad = torch.randn_like(parameter)
        calls[way] = _adam(net, way).step
    return bench.in_turn(calls, 4).rows(calls)


@dataclass(frozen=True)
class WithoutLooks:
    """A recipe as the loop sees it, without looks; with a batch of its own if there is one."""

    recipe: Any
    there: Any

    def batch(self, count: int, seed: int) -> Any:
        return self.recipe.batch(count, seed) if self.there is None else self.there

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        return self.recipe.players(net)

    def losses(self, net: nn.Module, batch: Any) -> Iterator[Tensor]:
        return self.recipe.losses(net, batch)

    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]:
        return {}, torch.zeros(0)


def _input(job: Job, bench: Bench, drawings: Drawings) -> Rows:
    """Steps of the loop itself, by how their batches come to be."""
    ways = {
        "a batch that is there": (1, job.batch),
        "composed meanwhile": (1, None),
        "composed within the step": (0, None),
    }
    fabric = launch(bench.device.type, "auto")
    turns: list[dict[str, float]] = []
    waits: dict[str, list[float]] = {way: [] for way in ways}
    end = time.perf_counter() + (0 if bench.quick else 25)
    with tempfile.TemporaryDirectory() as folder:
        while len(turns) < _ROUNDS or time.perf_counter() < end:
            turn = {}
            for way, (ahead, there) in ways.items():
                reports: list[Report] = []
                options = replace(
                    job.options, steps=_RUN, ahead=ahead, save_every=_RUN, look_every=_RUN
                )
                train(
                    WithoutLooks(job.recipe, there), job.recipe.build(), options, Path(folder),
                    fabric=fabric, identity={}, watch=reports.append,
                )  # fmt: skip
                # Nothing is left to be composed during the last one.
                counted = reports[_FIRST:-1]
                turn[way] = statistics.mean(report.seconds for report in counted)
                waits[way].append(statistics.mean(report.waited for report in counted) / turn[way])
            turns.append(turn)
    times = Times(turns)
    rows = times.rows(ways)
    for row in rows:
        row["pictures/s"] = 1000 * job.count / times.ms(str(row[""]))
        row["waits"] = f"{statistics.median(waits[str(row[''])]):.1%}"
    there, meanwhile, _ = ways
    ms = times.ms(meanwhile) + 1000 * drawings.seconds[bench.device] / Windows.STEPS
    count = len(drawings.on(bench.device).at(0))
    rows.append(
        {
            "": f"{count} drawings read in {Windows.STEPS} steps",
            "ms": ms,
            "times the first": ms / times.ms(there),
            "pictures/s": 1000 * job.count / ms,
            "waits": "",
        }
    )
    return rows


def _gpu_and_cpu(network: str, drawings: Drawings, batch: int | None, *, quick: bool) -> Rows:
    """A step of both in turn, each at its own batch."""
    benches = {kind: Bench(torch.device(kind), quick) for kind in ("cpu", "cuda")}
    jobs = {
        kind: Job.of(network, drawings, bench, batch if kind == "cuda" else None)
        for kind, bench in benches.items()
    }
    calls = {
        kind: Step(
            jobs[kind],
            bench.device,
            Setup(channels_last=True, precision=bench.precision, adam="fused"),
        )
        for kind, bench in benches.items()
    }
    times = benches["cuda"].in_turn(calls, 15)
    ratio = times.ratio("cpu", "cuda") * jobs["cuda"].count / jobs["cpu"].count
    return [
        {
            "": _machine(benches[kind].device),
            "pictures per step": job.count,
            "ms": times.ms(kind),
            "pictures/s": 1000 * job.count / times.ms(kind),
            "times the CPU": ratio if kind == "cuda" else 1.0,
        }
        for kind, job in jobs.items()
    ]


def _norms(bench: Bench, *, compiled: bool) -> Rows:
    """On features as the first level of the colour network has them."""
    features = 32
    nets = {"torch's": nn.BatchNorm2d(features), "elementary": ElementaryBatchNorm(features)}
    if compiled:
        nets["elementary, torch.compile"] = ElementaryBatchNorm(features)
        nets["elementary, torch.compile"].compile()
    given = bench.random(bench.count(8), features, 160, 160)
    given = given.to(_TORCH[bench.precision]).requires_grad_()
    return bench.in_turn({name: bench.pass_of(net, given) for name, net in nets.items()}, 6).rows(
        nets
    )


def _norms_in_use(bench: Bench, threads: int) -> Rows:
    """On the CPU."""
    net = read_recipe(COLOR)[0].build().eval()
    nets = {"folded into the convolutions": fold_batch_norm(copy.deepcopy(net)), "kept": net}
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 512, 512)).astype(np.float32)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    calls: dict[str, Call] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.onnx"
        for name, each in nets.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # In evaluation mode the exporter would fold them all, and so would the runtime.
                torch.onnx.export(
                    each, (torch.from_numpy(picture),), str(file), dynamo=False,
                    training=torch.onnx.TrainingMode.PRESERVE, opset_version=OPSET,
                )  # fmt: skip
            session = ort.InferenceSession(
                file, options, ["CPUExecutionProvider"], disabled_optimizers=["ConvBNFusion"]
            )
            inputs = {session.get_inputs()[0].name: picture}
            calls[name] = functools.partial(session.run, None, inputs)
        return bench.in_turn(calls, 6).rows(calls)


def _blocks(bench: Bench) -> Rows:
    """By features and places: the fewer, the less is done with each number that is fetched."""
    side = 256
    shapes = [
        (16, side),
        (32, side),
        (64, side),
        (32, side // 2),
        (64, side // 2),
        (128, side // 4),
    ]
    calls: dict[str, Call] = {}
    for features, length in shapes:
        given = bench.random(bench.count(4), features, length, length).requires_grad_()
        name = f"{features} at {length} x {length}"
        calls[name] = bench.pass_of(ConvBlock(features, features), given)
    flops = {name: _flops(call) for name, call in calls.items()}
    times = bench.in_turn({**calls, **bench.products()}, 10)
    rows = times.rows(calls)
    for row in rows:
        name = str(row[""])
        row |= bench.reached(times, name, flops[name], bench.precision)
    return rows


def _first_levels(bench: Bench) -> Rows:
    """Whole networks of which the first level alone is another."""
    deeper = (32, 64, 96, 128)
    nets = {
        f"{width} features, every pixel": UNet(
            ConvBlock(3, width), nn.Conv2d(width, 3, 1), (width, *deeper), [2] * 5
        )
        for width in (16, 32, 64)
    }
    spread = nn.Sequential(nn.Conv2d(deeper[0], 12, 1), nn.PixelShuffle(2))
    nets["none: 2 x 2 pixels folded"] = UNet(FoldStem(3, deeper[0]), spread, deeper, [2] * 4)
    pictures = bench.random(bench.count(16), 3, 128, 128)
    calls = {name: bench.pass_of(net, pictures) for name, net in nets.items()}
    flops = {name: _flops(call) for name, call in calls.items()}
    rows = bench.in_turn(calls, 12).rows(calls)
    for row in rows:
        row["GFLOP each"] = flops[str(row[""])] / 1e9 / len(pictures)
    return rows


def _growing(bench: Bench) -> Rows:
    """What doubles height and width, from 64 features to 32."""
    inside, outside, side = 64, 32, 64
    nets = {name: grow(inside, outside) for name, grow in GROWERS.items()}
    nets["doubled, then 3 x 3"] = nn.Sequential(
        nn.Upsample(scale_factor=2), nn.Conv2d(inside, outside, 3, padding=1)
    )
    given = bench.random(bench.count(8), inside, side, side).requires_grad_()
    calls: dict[str, Call] = {}
    for name, net in nets.items():
        calls |= _halves(name, _laid_out(net).to(bench.device), given, bench)
    times = bench.in_turn(calls, 10)
    first = next(iter(nets))

    def row(name: str) -> dict[str, object]:
        told: dict[str, object] = {"": name}
        for half in ("forward", "back"):
            told[f"{half} ms"] = times.ms(f"{name}: {half}")
            told[f"{half} times"] = times.ratio(f"{name}: {half}", f"{first}: {half}")
        pixels = len(given) * (2 * side) ** 2
        told["work"] = _flops(calls[f"{name}: forward"]) // 2 // pixels
        return told

    return [row(name) for name in nets]


def _halves(name: str, net: nn.Module, given: Tensor, bench: Bench) -> dict[str, Call]:
    """The way forward, and the way back again and again from the same answer."""

    def forward() -> Tensor:
        with bench.autocast():
            return net(given)

    answer = forward()
    needed = [given, *net.parameters()]
    back = functools.partial(
        torch.autograd.grad, answer, needed, torch.randn_like(answer), retain_graph=True
    )
    return {f"{name}: forward": forward, f"{name}: back": back}


if __name__ == "__main__":
    cyclopts.run(main)
