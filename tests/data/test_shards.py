import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from hand_made import SQUARE, drawing, inked_ring, inked_square
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.render import SIZE, Layers, render
from nurie.data.sources import Drawing

THREE = [inked_square(color, color) for color in ("#f00", "#0f0", "#00f")]
BROKEN = drawing("<not closed", name="broken")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")}


def test_a_set_holds_what_was_rendered(tmp_path):
    assert shards.build(THREE, tmp_path / "set") == (3, [])
    shard = shards.load(tmp_path / "set")
    for number, one in enumerate(THREE):
        layers = render(one)
        assert (shard.arrays["fill", SIZE][number] == layers.fill.transpose(2, 0, 1)).all()
        for kind in ("line", "hairline", "edge", "label"):
            assert (shard.arrays[kind, SIZE][number] == getattr(layers, kind)).all()


def test_an_entry_says_where_a_drawing_came_from(tmp_path):
    one = replace(THREE[0], group="reds", licence="CC BY 4.0", credit="somebody")
    shards.build([one], tmp_path / "set")
    shard = shards.load(tmp_path / "set")
    (entry,) = shard.entries
    for field in ("name", "source", "group", "licence", "credit"):
        assert getattr(entry, field) == getattr(one, field)
    assert entry.split == shards.split_of("hand-made", "reds")
    kinds = [shard.arrays[kind, SIZE][0].tobytes() for kind in shards.KINDS]
    assert entry.sha256 == hashlib.sha256(b"".join(kinds)).hexdigest()


def test_smaller_scales_are_means(tmp_path):
    shards.build(THREE[:1], tmp_path / "set")
    arrays = shards.load(tmp_path / "set").arrays
    for kind in ("line", "hairline", "edge"):
        large, half, quarter = (arrays[kind, scale][0].astype(float) for scale in shards.SCALES)
        assert abs(half - large.reshape(128, 2, 128, 2).mean((1, 3))).max() <= 0.5
        assert abs(quarter - large.reshape(64, 4, 64, 4).mean((1, 3))).max() <= 0.5
    assert set(np.unique(arrays["label", 64])) == {0, 1}


def test_paint_keeps_its_colour_where_it_thins_out():
    fill = np.zeros((SIZE, SIZE, 4), np.uint8)
    fill[:, :3] = (200, 100, 50, 255)  # three columns of paint: the second block is half empty
    empty = np.zeros((SIZE, SIZE), np.uint8)
    half = shards._shrink(Layers(fill, empty, empty, empty, empty), 2)["fill"]
    assert half[:, 0, :3].T.tolist() == [[200, 100, 50, 255], [200, 100, 50, 128], [0, 0, 0, 0]]


def test_one_worker_and_two_write_the_same_bytes(tmp_path):
    drawings = [*THREE, BROKEN, inked_square("#ff0", "last")]
    results = [shards.build(drawings, tmp_path / str(n), workers=n) for n in (1, 2)]
    assert results[0] == results[1]
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_a_drawing_that_fails_is_reported_and_left_out(tmp_path):
    calls = []
    count, failures = shards.build(
        [THREE[0], BROKEN, THREE[1]], tmp_path / "set", advance=lambda *call: calls.append(call)
    )
    assert count == 2
    assert [failure.split()[0] for failure in failures] == ["hand-made/broken"]
    assert calls == [(1, 0), (1, 1), (2, 1)]
    shard = shards.load(tmp_path / "set")
    assert [entry.name for entry in shard.entries] == ["#f00", "#0f0"]
    assert shard.arrays["fill", SIZE][1, :, 128, 128].tolist() == [0, 255, 0, 255]


def test_a_set_of_failures_alone_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(NurieError, match=r"^no drawing could be rendered: hand-made/broken .*$"):
        shards.build([BROKEN], tmp_path / "set")
    with pytest.raises(NurieError, match=r"^no drawing could be rendered: none$"):
        shards.build([], tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, OSError])
def test_a_build_that_breaks_off_leaves_nothing(tmp_path, interruption):
    def drawings():
        yield THREE[0]
        raise interruption

    with pytest.raises(interruption):
        shards.build(drawings(), tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_the_index_is_written_last(tmp_path):
    seen = []
    shards.build(
        THREE,
        tmp_path / "set",
        advance=lambda *_: seen.append(
            ((tmp_path / "set").exists(), list(tmp_path.rglob("index.json")))
        ),
    )
    assert seen == [(False, [])] * 3


def test_what_a_killed_build_left_is_no_hindrance(tmp_path):
    (tmp_path / ".set.part").mkdir()
    (tmp_path / ".set.part" / "fill-256.u8").write_bytes(b"half")
    shards.build(THREE[:1], tmp_path / "set")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_set_is_not_built_over_something_else(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("keep")
    (tmp_path / "file").write_text("keep")
    before = contents(tmp_path / "set")
    for taken in ("set", "file"):
        with pytest.raises(NurieError, match=r"is not empty: remove it, or .* -o$"):
            shards.build(THREE, tmp_path / taken)
    assert contents(tmp_path / "set") == before
    assert (tmp_path / "file").read_text() == "keep"


def test_an_empty_folder_may_become_a_set_and_so_may_the_one_one_stands_in(tmp_path, monkeypatch):
    (tmp_path / "set").mkdir()
    monkeypatch.chdir(tmp_path / "set")
    shards.build(THREE[:1], Path())
    assert len(shards.load(tmp_path / "set").entries) == 1


@pytest.fixture
def built(tmp_path):
    shards.build(THREE[:1], tmp_path / "set")
    return tmp_path / "set"


def damage_index(path: Path) -> None:
    (path / "index.json").write_text("{")


def another_version(path: Path) -> None:
    index = json.loads((path / "index.json").read_text())
    (path / "index.json").write_text(json.dumps({**index, "version": shards.VERSION + 1}))


def no_index(path: Path) -> None:
    (path / "index.json").unlink()


def cut_short(path: Path) -> None:
    data = (path / "line-128.u8").read_bytes()
    (path / "line-128.u8").write_bytes(data[:-1])


def no_array(path: Path) -> None:
    (path / "fill-64.u8").unlink()


def no_folder(path: Path) -> None:
    shutil.rmtree(path)


@pytest.mark.parametrize(("harm", "message"), [
    (no_folder, r"is no built set: make one with 'nurie data build -o .*'"),
    (no_index, r"is no built set: make one with 'nurie data build -o .*'"),
    (damage_index, r"is no built set: make one with 'nurie data build -o .*'"),
    (another_version, r"was built by another version of nurie: build it again"),
    (cut_short, r"line-128.u8 is missing or damaged: build the set again"),
    (no_array, r"fill-64.u8 is missing or damaged: build the set again"),
])  # fmt: skip
def test_what_is_no_whole_set_is_a_one_line_error(built, harm, message):
    harm(built)
    with pytest.raises(NurieError, match=rf"^.*{message}$"):
        shards.load(built)


def test_one_name_in_eight_is_held_out_and_always_the_same():
    splits = [shards.split_of("openmoji", str(number)) for number in range(4000)]
    assert splits.count("held-out") / 4000 == pytest.approx(1 / shards.HELD_OUT, abs=0.015)
    assert set(splits) == {"train", "held-out"}
    assert shards.split_of("dicebear", "micah style") == "train"
    assert shards.split_of("dicebear", "lorelei style") == "held-out"


def groups_of(split: str) -> Iterator[str]:
    """Names of groups that would be in a split were they alone, in their order."""
    names = (f"{number:03}" for number in itertools.count())
    return (name for name in names if shards.split_of("hand-made", name) == split)


def splits(drawings: list[Drawing], folder: Path) -> dict[str, str]:
    """The split of each drawing of a set, by its name."""
    shards.build(drawings, folder)
    return {entry.name: entry.split for entry in shards.load(folder).entries}


def test_a_group_that_is_alone_goes_by_its_own_name(tmp_path):
    trained, unseen = groups_of("train"), groups_of("held-out")
    names = [next(trained), next(unseen), next(trained), next(unseen)]
    rings = [inked_ring(radius, name) for radius, name in zip((12, 21, 30, 39), names, strict=True)]
    found = splits(rings, tmp_path / "set")
    assert [found[name] for name in names] == ["train", "held-out"] * 2


@pytest.mark.parametrize("leader", ["train", "held-out"])
def test_no_family_is_divided_and_it_goes_by_its_first_group(tmp_path, leader):
    follower = {"train": "held-out", "held-out": "train"}[leader]
    first = next(groups_of(leader))
    second = next(name for name in groups_of(follower) if name > first)
    alone = next(name for name in groups_of(follower) if name > second)
    drawings = [
        inked_ring(30, alone),
        inked_ring(12, second),
        replace(inked_ring(21, "sister"), group=second),  # unlike, but of its group
        inked_ring(12, first),  # the twin that joins the two
    ]
    found = splits(drawings, tmp_path / "set")
    assert found == {alone: follower, first: leader, second: leader, "sister": leader}
    assert splits(drawings[::-1], tmp_path / "turned") == found
    # Without the twin, the others stay where their own name puts them.
    assert set(splits(drawings[:3], tmp_path / "less").values()) == {follower}


def test_groups_of_one_name_in_two_sources_are_no_family(tmp_path):
    # Were they, both would go by the first of the sources.
    name = next(n for n in groups_of("held-out") if shards.split_of("elsewhere", n) == "train")
    here = inked_ring(12, name)
    there = replace(inked_ring(21, "other"), source="elsewhere", group=name)
    assert splits([here, there], tmp_path / "set") == {name: "held-out", "other": "train"}


def test_likeness_is_told_by_ink_not_by_paint(tmp_path):
    first = next(groups_of("train"))
    second, third = itertools.islice((n for n in groups_of("held-out") if n > first), 2)
    bars = '<path d="M20 30H80M20 50H80M20 70H80" stroke="#000" stroke-width="8"/>'
    drawings = [
        inked_square("#f00", first),
        inked_square("#0f0", second),
        drawing(f'<g id="color">{SQUARE} fill="#f00"/></g><g id="line">{bars}</g>', name=third),
    ]
    found = splits(drawings, tmp_path / "set")
    assert found == {first: "train", second: "train", third: "held-out"}


def test_rows_are_the_numbers_of_a_split():
    entry = shards.Entry("a", "b", "c", "CC0 1.0", "d", "train", "")
    unseen = replace(entry, split="held-out")
    shard = shards.Shard((entry, unseen, entry), {})
    assert shard.rows("train").tolist() == [0, 2]
    assert shard.rows("held-out").tolist() == [1]
    assert shard.rows("train").dtype == np.int64
    assert set(asdict(entry)) >= {"licence", "credit", "source", "sha256", "split"}
