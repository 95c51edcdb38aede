import gc
import itertools
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
from hypothesis import given
from hypothesis import strategies as st

import hand_made
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.shards import Entry, Shard
from nurie.training import checkpoint
from nurie.training.devices import launch
from nurie.training.loop import LoopOptions, train
from nurie.training.recipes.color import ColorOptions, ColorRecipe
from nurie.training.recipes.lines import LinesOptions, LinesRecipe
from nurie.training.stream import Windows, ahead

CPU = torch.device("cpu")
PATIENCE = 60


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_batches_come_in_the_order_of_their_seeds(count):
    assert list(ahead(lambda seed: seed * 10, range(5), count)) == [0, 10, 20, 30, 40]
    assert list(ahead(str, [], count)) == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_next_batches_are_composed_while_one_is_used(count):
    composed = [threading.Event() for _ in range(6)]
    batches = ahead(lambda seed: composed[seed].set(), range(6), count)
    next(batches)
    assert all(event.wait(PATIENCE) for event in composed[: count + 1])
    assert not any(event.is_set() for event in composed[count + 1 :])
    batches.close()


def test_without_any_ahead_a_batch_is_composed_when_it_is_asked_for():
    composed = []
    batches = ahead(composed.append, range(3), 0)
    assert composed == []
    next(batches)
    assert composed == [0]


@pytest.mark.parametrize("count", [0, 1])
def test_a_batch_that_can_not_be_composed_is_an_error_where_it_is_asked_for(count):
    def compose(seed: int) -> int:
        if seed == 1:
            raise NurieError("no")
        return seed

    batches = ahead(compose, range(3), count)
    assert next(batches) == 0
    with pytest.raises(NurieError, match="no"):
        next(batches)


def test_batches_that_nobody_asks_for_any_more_are_not_composed():
    composed, first, go_on = [], threading.Event(), threading.Event()

    def compose(seed: int) -> None:
        composed.append(seed)
        if seed == 1:
            first.set()
            assert go_on.wait(PATIENCE)

    batches = ahead(compose, range(9), 4)
    next(batches)
    assert first.wait(PATIENCE)
    threading.Timer(0.1, go_on.set).start()
    batches.close()
    assert composed == [0, 1]


# Windows, on sets of which nothing but the names matters


def named(count: int, groups: int | None = None, split: str = "train") -> Shard:
    """A set of drawings without layers; two in three are of the split, a group has every n-th."""
    one = Entry("", "hand-made", "", "CC0 1.0", "the tests", "other", "")
    entries = [
        replace(
            one, name=str(n), group=str(n % (groups or count)), split=split if n % 3 else "other"
        )
        for n in range(count)
    ]
    return Shard(tuple(entries), {})


def rows(shard: Shard, split: str, device: torch.device) -> tuple[int, ...]:
    return tuple(shard.rows(split).tolist())


def windows(shard: Shard, **options) -> Windows[tuple[int, ...]]:
    return Windows(rows, shard, "train", CPU, **options)


STEPS = Windows.STEPS


@pytest.mark.parametrize("resident", [0, 20, 1000])
def test_what_fits_is_all_there_and_stays(resident):
    made = windows(named(30), resident=resident)
    everything = made.at(0)
    assert everything == tuple(n for n in range(30) if n % 3)
    assert made.at(7 * STEPS) is made.at((9 << 32) + 1) is everything


def test_a_window_lasts_and_then_comes_another():
    made = windows(named(30), resident=8)
    assert made.at(0) is made.at(1) is made.at(STEPS - 1)
    assert made.at(STEPS) != made.at(0)


@pytest.mark.parametrize("resident", [2, 3, 8, 13, 19])
def test_in_a_pass_every_drawing_is_there_once_and_the_next_pass_is_another(resident):
    made = windows(named(30), resident=resident)
    size, count = resident // 2, -(-20 // (resident // 2))
    passes = []
    for start in (0, count):
        found = [made.at(STEPS * (start + n)) for n in range(count)]
        assert all(0 < len(window) <= size for window in found)
        assert all(window == tuple(sorted(window)) for window in found)
        assert sorted(itertools.chain(*found)) == [n for n in range(30) if n % 3]
        passes.append(found)
    assert passes[0] != passes[1]


def test_runs_of_other_seeds_see_other_windows():
    made = windows(named(300), resident=50)
    assert len({made.at(seed << 32) for seed in (-1, 0, 1, 2**40)}) == 4


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 20 * STEPS)), min_size=1, max_size=6))
def test_a_window_depends_on_the_seed_alone(seeds):
    shard = named(30)
    made = windows(shard, resident=8)
    for run, number in seeds:
        seed = (run << 32) + number
        assert made.at(seed) == windows(shard, resident=8).at(seed)


def test_the_next_window_is_fetched_while_one_is_used():
    fetched = [threading.Event() for _ in range(3)]
    count = itertools.count()

    def bank(shard: Shard, split: str, device: torch.device) -> None:
        fetched[next(count)].set()

    made = Windows(bank, named(30), "train", CPU, resident=8)
    made.at(0)
    assert not fetched[1].is_set()  # looks at held-out drawings need no second one
    made.at(1)
    assert fetched[1].wait(PATIENCE)
    made.at(STEPS)
    made.at(STEPS + 1)
    assert fetched[2].wait(PATIENCE)


def test_no_more_drawings_are_there_than_may_be():
    alive: weakref.WeakSet = weakref.WeakSet()
    most = []

    class Loaded:
        def __init__(self, shard: Shard, split: str, device: torch.device):
            self.size = len(shard.rows(split))
            alive.add(self)
            gc.collect()
            most.append(sum(one.size for one in alive))

    made = Windows(Loaded, named(60), "train", CPU, resident=10)
    for seed in range(0, 6 * STEPS, STEPS // 5):
        here = made.at(seed)
        assert here.size <= 5
    assert len(most) >= 6
    assert max(most) <= 10


def test_of_a_large_group_each_pass_has_some_and_each_time_others():
    shard = named(60, groups=2)  # 20 drawings of each in the split
    made = windows(shard, resident=8, family=6)
    passes = [[made.at(STEPS * (3 * n + part)) for part in range(3)] for n in range(8)]
    for found in passes:
        chosen = list(itertools.chain(*found))
        assert len(set(chosen)) == len(chosen) == 12
        groups = [shard.entries[row].group for row in chosen]
        assert groups.count("0") == groups.count("1") == 6
    assert len({row for found in passes for row in itertools.chain(*found)}) > 30


def test_an_empty_window_is_an_error_where_it_is_asked_for():
    def bank(shard: Shard, split: str, device: torch.device) -> None:
        raise NurieError("nothing in it")

    with pytest.raises(NurieError, match="nothing in it"):
        Windows(bank, named(30), "train", CPU, resident=8).at(0)


# On a set


@pytest.fixture(scope="module")
def rings(tmp_path_factory):
    """A set of rings, no two of one family: six are for training, two are held out."""
    folder = tmp_path_factory.mktemp("sets") / "rings"
    names = sorted(map(str, range(60)), key=lambda name: shards.split_of("hand-made", name))
    chosen = zip(range(9, 49, 5), names[:2] + names[-6:], strict=True)
    shards.build([hand_made.inked_ring(radius, name) for radius, name in chosen], folder)
    return folder


@pytest.mark.parametrize(("kind", "options"), [
    (LinesRecipe, LinesOptions(widths=(4, 6), depths=(1, 1), size=32, resident=4)),
    (ColorRecipe, ColorOptions(widths=(4, 6), depths=(1, 1), embedding=4, colors=3, size=32,
                               resident=4)),
])  # fmt: skip
def test_a_run_on_windows_goes_on_exactly(kind, options, rings, tmp_path, monkeypatch):
    monkeypatch.setattr(Windows, "STEPS", 2)
    seen = []

    def run(folder, *, until=None, **more):
        recipe = kind(options)
        recipe.open(rings, CPU)
        compose = recipe.windows.at
        recipe.windows.at = lambda seed: seen.append(compose(seed)) or seen[-1]

        def watch(report):
            if report.step == until:
                raise KeyboardInterrupt

        torch.manual_seed(0)
        loop = LoopOptions(steps=8, batch=2, warmup=1, seed=3)
        train(
            recipe, recipe.build(), loop, folder,
            fabric=launch("cpu", "fp32"), identity={}, watch=watch, **more,
        )  # fmt: skip

    run(tmp_path / "whole")
    assert len(set(seen)) == 4
    assert all(len(bank) == 2 for bank in seen)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", until=5)
    run(tmp_path / "cut", resume=True)
    whole, cut = (checkpoint.load(tmp_path / name) for name in ("whole", "cut"))
    assert all(value.equal(cut["net"][key]) for key, value in whole["net"].items())
    assert np.isfinite(whole["optimizers"][0]["state"][0]["exp_avg"].numpy()).all()
