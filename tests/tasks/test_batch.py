import importlib.util
import io
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from nurie.core.errors import NurieError, UnreadableImage
from nurie.tasks import batch
from nurie.tasks.batch import Job, fetch, find, plan, store


def fill(folder: Path, *names: str) -> None:
    """Files that hold their own name; what is in them is none of batch's business."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def listing(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def upper(source) -> bytes:
    """Work that can be checked: the file's content in capitals."""
    content = Path(source).read_bytes() if isinstance(source, str) else source.read()
    if b"bad" in content:
        raise UnreadableImage(f"'{source if isinstance(source, str) else source.name}' is bad")
    return content.upper()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder, so that the tests read as a user types."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def memory(here):
    """The URL of an empty folder that is in memory alone."""
    url = f"memory://{here.name}"
    yield url
    fsspec.filesystem("memory").store.clear()


def pairs(*inputs: str, out: str = "out", ending: str = ".png") -> list[tuple[str, str]]:
    return [(job.source, job.target) for job in plan(inputs, out, ending, single=False)]


# What is found


def test_a_folder_is_searched_throughout_for_pictures(here):
    fill(here, "in/b.JPG", "in/a.png", "in/deep/er/c.webp", "in/notes.txt", "in/a.svg")
    assert find("in") == [
        ("in/a.png", "a.png"),
        ("in/b.JPG", "b.JPG"),
        ("in/deep/er/c.webp", "deep/er/c.webp"),
    ]
    assert find("in/") == find("./in/") == find("in")
    assert [name for _, name in find(str(here / "in"))] == [name for _, name in find("in")]


def test_hidden_files_and_folders_are_left_alone(here):
    fill(here, ".cache/in/a.png", ".cache/in/.b.png", ".cache/in/.trash/c.png")
    assert [name for _, name in find(".cache/in")] == ["a.png"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(here):
    fill(here, "in/scan", "in/[1] *?.txt", "in/.hidden")
    assert find("in/scan") == [("in/scan", "scan")]
    assert find("in/[1] *?.txt") == [("in/[1] *?.txt", "[1] *?.txt")]
    assert find("in/.hidden") == [("in/.hidden", ".hidden")]


def test_a_glob_keeps_the_folders_below_its_fixed_part(here):
    fill(here, "in/x/1.png", "in/y/1.png", "in/y/z/1.png", "in/1.png", "in/1.txt")
    assert find("in/*/1.png") == [("in/x/1.png", "x/1.png"), ("in/y/1.png", "y/1.png")]
    assert [name for _, name in find("in/**/*.png")] == ["1.png", "x/1.png", "y/1.png", "y/z/1.png"]
    assert [name for _, name in find(f"{here}/*/?.png")] == ["in/1.png"]
    assert [name for _, name in find("./in/y/../x/*")] == ["1.png"]


@pytest.mark.parametrize("place", ["missing.png", "*.none", "missing/", "memory://missing/a.png"])
def test_what_is_not_there_is_named(here, place):
    with pytest.raises(NurieError, match=r"'.*(missing|none).*' (does not exist|holds no picture)"):
        find(place)


def test_a_folder_without_pictures_is_said_to_hold_none(here):
    fill(here, "in/notes.txt")
    with pytest.raises(NurieError, match="'in' holds no picture"):
        find("in")


def test_a_name_that_no_file_can_have_is_a_one_line_error(here):
    with pytest.raises(NurieError, match="too long"):
        find("x" * 300)


def test_urls_are_searched_like_folders(memory):
    system = fsspec.filesystem("memory")
    folder = memory.removeprefix("memory:/")
    for name in ("a.png", "deep/[b]*?.PNG", "c.txt"):
        system.pipe(f"{folder}/in/{name}", b"x")
    assert [name for _, name in find(f"{memory}/in")] == ["a.png", "deep/[b]*?.PNG"]
    assert [name for _, name in find(f"{memory}/*/*.txt")] == ["in/c.txt"]
    assert [name for _, name in find(f"{memory}/in/c.txt")] == ["c.txt"]
    assert [name for _, name in find(f"{memory}/in/deep/[b]*?.PNG")] == ["[b]*?.PNG"]
    for file, _ in find(f"{memory}/in"):
        assert fetch(file).read() == b"x"


def test_a_file_url_is_the_file(here):
    fill(here, "in/deep/a.png")
    assert [name for _, name in find(f"file://{here}/in")] == ["deep/a.png"]


@pytest.mark.parametrize("url", ["gibberish://x/a.png", "zip://a.png::missing.zip"])
def test_a_url_that_cannot_be_opened_is_a_one_line_error(here, url):
    with pytest.raises(NurieError, match=r"can't be opened") as caught:
        find(url)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(importlib.util.find_spec("s3fs") is not None, reason="s3fs is installed")
def test_a_url_whose_package_is_missing_says_which(here):
    fill(here, "a.png")
    with pytest.raises(NurieError, match=r"'s3://b/a\.png' can't be opened: .*s3fs"):
        plan(["s3://b/a.png"], "out", ".png", single=False)
    with pytest.raises(NurieError, match=r"'s3://b/' can't be opened: .*s3fs"):
        plan(["a.png"], "s3://b/", ".png", single=False)


# Where results go


def test_results_keep_folders_and_take_the_ending(here):
    fill(here, "in/a.jpg", "in/deep/b.c.webp", "d")
    assert pairs("in", "d", ending=".svg") == [
        ("in/a.jpg", "out/a.svg"),
        ("in/deep/b.c.webp", "out/deep/b.c.svg"),
        ("d", "out/d.svg"),
    ]


def test_two_pictures_of_one_name_both_keep_their_endings(here):
    fill(here, "in/a.jpg", "in/a.png", "in/b.png")
    assert pairs("in") == [
        ("in/a.jpg", "out/a.jpg.png"),
        ("in/a.png", "out/a.png.png"),
        ("in/b.png", "out/b.png"),
    ]


def test_a_result_is_never_passed_off_as_that_of_a_newcomer(here):
    fill(here, "in/a.png")
    batch.run(plan(["in"], "out", ".png", single=False), upper)
    fill(here, "in/a.jpg")
    batch.run(plan(["in"], "out", ".png", single=False), upper)
    assert (here / "out/a.jpg.png").read_text() == "IN/A.JPG"


def test_the_same_name_from_two_folders_is_numbered(here):
    fill(here, "x/a.png", "y/a.png", "z/a.png")
    assert [target for _, target in pairs("x", "y/a.png", "z")] == [
        "out/a.png",
        "out/a.2.png",
        "out/a.3.png",
    ]


def test_an_input_that_is_named_twice_is_done_once(here):
    fill(here, "in/a.png")
    assert len(pairs("in", "in/a.png", "in/*")) == 1


def test_the_output_folder_may_end_in_a_slash_or_be_the_root(here):
    fill(here, "a.png")
    assert pairs("a.png", out="out/") == pairs("a.png", out="out")
    assert pairs("a.png", out="/") == [("a.png", "/a.png")]
    assert pairs("a.png", out="memory://x/") == [("a.png", "memory://x/a.png")]


def test_one_file_takes_one_input(here):
    fill(here, "in/a.png", "in/b.png")
    assert plan(["in/a.png"], "l.svg", ".svg", single=True) == [Job("in/a.png", "l.svg")]
    with pytest.raises(NurieError, match=r"2 inputs can't all go to 'l\.png'"):
        plan(["in"], "l.png", ".png", single=True)


@pytest.mark.parametrize(("inputs", "out"), [([""], "out"), (["a.png"], ""), (["a.png", ""], "o")])
def test_an_empty_name_is_no_place(here, inputs, out):
    fill(here, "a.png")
    with pytest.raises(NurieError, match="empty name"):
        plan(inputs, out, ".png", single=False)


def test_the_output_folder_must_not_be_a_file(here):
    fill(here, "a.png", "taken")
    with pytest.raises(NurieError, match="'taken' is no folder"):
        pairs("a.png", out="taken")


# The artist's pictures are safe


def test_results_inside_the_input_folder_are_no_inputs(here):
    fill(here, "in/a.png", "in/lines/a.png", "in/lines/old/b.png")
    expected = [("in/a.png", "in/lines/a.png")]
    assert pairs("in", out="in/lines") == expected
    assert [source for source, _ in pairs("in/**/*.png", out="./in/lines/")] == ["in/a.png"]
    assert [target for _, target in pairs(".", out="in/lines")] == ["in/lines/in/a.png"]
    assert [target for _, target in pairs(f"file://{here}/in", out="in/lines")] == [
        "in/lines/a.png"
    ]


@pytest.mark.parametrize(
    ("place", "out"),
    [
        ("in", "in"),
        ("in", "../{here}/in/"),
        ("in/a.png", "in"),
        ("in/*.png", "in"),
        ("link", "in"),
        ("file://{parent}/{here}/in", "in"),
    ],
)
def test_no_input_is_overwritten(here, place, out):
    fill(here, "in/a.png")
    (here / "link").symlink_to("in")
    names = {"here": here.name, "parent": here.parent}
    with pytest.raises(NurieError, match="is an input"):
        pairs(place.format(**names), out=out.format(**names))


@pytest.mark.parametrize("out", ["in/a.png", "./in/../in/a.png", "link.png"])
def test_no_input_is_overwritten_by_a_file_either(here, out):
    fill(here, "in/a.png")
    (here / "link.png").symlink_to("in/a.png")
    with pytest.raises(NurieError, match="is an input"):
        plan(["in/a.png"], out, ".png", single=True)


def test_a_result_may_replace_a_file_that_is_no_input(here):
    fill(here, "in/a.jpg", "in/a.png")
    assert pairs("in/*.jpg", out="in") == [("in/a.jpg", "in/a.png")]


# Doing it


def test_what_fails_is_noted_and_the_rest_goes_on(here):
    fill(here, "in/a.png", "in/bad.png", "in/c.png")
    calls = []
    outcome = batch.run(
        plan(["in"], "out", ".png", single=False),
        upper,
        after=lambda job, error: calls.append((job.source, error)),
    )
    assert [job.source for job in outcome.done] == ["in/a.png", "in/c.png"]
    assert [(job.source, error) for job, error in outcome.failed] == [
        ("in/bad.png", "'in/bad.png' is bad")
    ]
    assert calls == [("in/a.png", None), ("in/bad.png", "'in/bad.png' is bad"), ("in/c.png", None)]
    assert listing(here / "out") == ["a.png", "c.png"]


def test_what_is_done_is_skipped_unless_asked_for_again(here):
    fill(here, "in/a.png", "in/b.png")
    jobs = plan(["in"], "out", ".png", single=False)
    batch.run(jobs[:1], upper)
    (here / "out/a.png").write_text("old")
    outcome = batch.run(jobs, upper)
    assert (outcome.skipped, outcome.done) == (jobs[:1], jobs[1:])
    assert (here / "out/a.png").read_text() == "old"
    assert batch.run(jobs, upper, again=True).done == jobs
    assert (here / "out/a.png").read_text() == "IN/A.PNG"


def test_running_out_of_memory_fails_one_picture(here):
    fill(here, "in/a.png")

    def work(source):
        raise MemoryError

    outcome = batch.run(plan(["in"], "out", ".png", single=False), work)
    assert [error for _, error in outcome.failed] == ["'in/a.png' needs more memory than there is"]


def test_an_interruption_stops_all_and_leaves_whole_results(here):
    fill(here, "in/a.png", "in/b.png", "in/c.png")

    def work(source):
        if source == "in/b.png":
            raise KeyboardInterrupt
        return upper(source)

    with pytest.raises(KeyboardInterrupt):
        batch.run(plan(["in"], "out", ".png", single=False), work)
    assert listing(here / "out") == ["a.png"]


def test_a_result_whose_place_is_taken_by_a_folder_fails_alone(here):
    fill(here, "in/a.png", "in/b.png", "out/a.png/x")
    outcome = batch.run(plan(["in"], "out", ".png", single=False), upper, again=True)
    assert [job.source for job in outcome.done] == ["in/b.png"]
    assert "'out/a.png' can't be written" in outcome.failed[0][1]


def test_urls_work_both_ways(here, memory):
    fill(here, "in/a.png", "in/deep/bad.png", "in/deep/c [1].png")
    there = plan(["in"], f"{memory}/up", ".txt", single=False)
    assert len(batch.run(there, lambda source: Path(source).read_bytes()).done) == 3
    back = plan([f"{memory}/up/**/*.txt"], "out", ".png", single=False)
    outcome = batch.run(back, upper)
    assert listing(here / "out") == ["a.png", "deep/c [1].png"]
    # The error names the URL, for bytes have no name of their own.
    assert outcome.failed[0][1].endswith("/up/deep/bad.txt' is bad")
    assert len(batch.run(there, upper).skipped) == 3


def test_a_url_that_vanished_is_a_one_line_error(memory):
    with pytest.raises(NurieError, match=r"a\.png' can't be read: "):
        fetch(f"{memory}/a.png")


def test_what_is_fetched_is_a_path_or_a_named_stream(here):
    fill(here, "a.png")
    assert fetch("a.png") == "a.png"
    stream = fetch(f"file://{here}/a.png")
    assert isinstance(stream, io.BytesIO)
    assert (stream.name, stream.read()) == (f"file://{here}/a.png", b"a.png")


# Writing


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_result_is_stored_whole_below_new_folders(here, scheme):
    store(f"{scheme}{here}/new/folder/a.bin", b"one")
    store(f"{scheme}{here}/new/folder/a.bin", b"two")
    assert (here / "new/folder/a.bin").read_bytes() == b"two"
    assert listing(here) == ["new/folder/a.bin"]


@pytest.mark.parametrize("place", ["taken/a.png", "taken/deep/a.png", "x" * 300 + ".png"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_where_no_result_can_be_is_a_one_line_error(here, place, scheme):
    fill(here, "taken")
    with pytest.raises(NurieError, match=r"can't be written: \S") as caught:
        store(f"{scheme}{here}/{place}", b"x")
    assert "\n" not in str(caught.value)
    assert listing(here) == ["taken"]


def test_a_file_system_that_fails_half_way_is_left_clean(here, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(LocalFileSystem, "mv", refuse)
    with pytest.raises(NurieError, match=r"a\.png' can't be written: Permission denied"):
        store(f"file://{here}/a.png", b"x")
    assert listing(here) == []
