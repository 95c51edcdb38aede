import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from nurie.core.errors import NurieError
from nurie.core.types import Group, Layer
from nurie.tasks import layers as module
from nurie.tasks.layers import FORMATS, flatten, save

H, W = 13, 20
WHITE = (255, 255, 255, 255)


def plain(color: tuple[int, ...], height: int = H, width: int = W) -> np.ndarray:
    return np.full((height, width, 4), color, np.uint8)


def noise(seed: int = 0, height: int = H, width: int = W) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def dot(color: tuple[int, ...] = (200, 40, 40, 255)) -> np.ndarray:
    """Three by four pixels of the colour; nothing around them."""
    image = plain((0, 0, 0, 0))
    image[5:8, 9:13] = color
    return image


def artwork() -> list[Layer | Group]:
    """Of every kind of layer one."""
    line = noise(1)
    line[..., 3] = 255
    skin, hair = Layer("肌", dot()), Layer("髪 #fc9", dot((9, 8, 7, 128)), visible=False)
    return [
        Layer("paper", plain(WHITE)),
        Group("flats", (skin, Group("hidden", (hair,), visible=False))),
        Layer("shade", noise(2), "multiply", opacity=0.6),
        Layer("hints", dot((1, 2, 3, 255)), visible=False),
        Layer("nothing", plain((0, 0, 0, 0))),
        Layer("線画", line, "multiply"),
    ]


def encoded(layers: Sequence[Layer | Group], format: str, height: int = H, width: int = W) -> bytes:
    file = io.BytesIO()
    save(layers, file, height=height, width=width, format=format)
    return file.getvalue()


def leaves(layers: Sequence[Layer | Group]) -> list[Layer]:
    return [
        leaf
        for layer in layers
        for leaf in (leaves(layer.layers) if isinstance(layer, Group) else [layer])
    ]


# Composing


def composed(layers: Sequence[Layer]) -> np.ndarray:
    """The formulas of the specification word for word, in double precision, not rounded."""
    color, alpha = np.zeros((1, 3, 3)), np.zeros((1, 3, 1))
    for layer in layers:
        source, cover = np.split(layer.image / 255, [3], axis=-1)
        cover = cover * layer.opacity
        blended = source * color if layer.blend == "multiply" else source
        source = (1 - alpha) * source + alpha * blended
        total = cover + alpha * (1 - cover)
        color = cover * source + (1 - cover) * alpha * color
        color = np.divide(color, total, out=np.zeros_like(color), where=total > 0)
        alpha = total
    return np.concatenate([color, alpha], axis=-1) * 255


images = hnp.arrays(np.uint8, (1, 3, 4), elements=st.integers(0, 255))
any_layer = st.builds(
    Layer,
    st.just("any"),
    images,
    st.sampled_from(["normal", "multiply"]),
    opacity=st.floats(0, 1, allow_subnormal=False),
)


@given(st.lists(any_layer, max_size=4))
def test_layers_are_composed_as_the_specification_says(layers):
    picture, exact = flatten(layers, 1, 3), composed(layers)
    assert picture.dtype == np.uint8
    seen = exact[..., 3] > 0.501  # of less, nothing is left, not even a colour
    assert np.abs(picture - exact)[seen].max(initial=0) < 0.501
    assert np.abs(picture - exact)[..., 3].max() < 0.501


def test_every_product_of_two_values_is_rounded_correctly():
    value = np.arange(256, dtype=np.uint8)
    lower, upper = plain(WHITE, 256, 256), plain(WHITE, 256, 256)
    lower[..., :3] = value[:, None, None]
    upper[..., :3] = value[:, None]
    picture = flatten([Layer("a", lower), Layer("b", upper, "multiply")], 256, 256)
    product = value[:, None].astype(int) * value
    assert (picture[..., :3] == ((product + 127) // 255)[..., None]).all()
    assert (picture[..., 3] == 255).all()


@pytest.mark.parametrize("blend", ["normal", "multiply"])
def test_a_layer_alone_is_the_picture(blend):
    image = noise()
    image[..., 3] |= 1
    assert (flatten([Layer("a", image, blend)], H, W) == image).all()


def test_an_opaque_layer_hides_what_is_below():
    top = noise(1)
    top[..., 3] = 255
    assert (flatten([Layer("a", noise(2)), Layer("b", top)], H, W) == top).all()


def test_white_lines_on_white_multiply_to_nothing_new():
    flats = noise()
    flats[..., 3] = 255
    paper = Layer("line", plain(WHITE), "multiply")
    assert (flatten([Layer("flats", flats), paper], H, W) == flats).all()


def test_what_is_hidden_or_fully_faded_is_not_there():
    shown = Layer("a", noise(1))
    hidden = Layer("b", plain(WHITE), visible=False)
    faded = Layer("c", plain(WHITE), opacity=0.0)
    group = Group("d", (Layer("e", plain(WHITE)),), visible=False)
    assert (flatten([shown, hidden, faded, group], H, W) == flatten([shown], H, W)).all()


def test_a_group_passes_through():
    below, above = Layer("a", noise(1)), Layer("b", noise(2), "multiply")
    nested = [below, Group("c", (Group("d", (above,)),))]
    assert (flatten(nested, H, W) == flatten([below, above], H, W)).all()


def test_no_layers_are_an_empty_picture():
    assert (flatten([], 3, 4) == np.zeros((3, 4, 4))).all()


@pytest.mark.parametrize("band", [1, 3 * W, 1000 * W])
def test_bands_leave_no_trace(monkeypatch, band):
    expected = flatten(artwork(), H, W)
    monkeypatch.setattr(module, "BAND", band)
    assert (flatten(artwork(), H, W) == expected).all()


# Layers that begin somewhere


def full(layer: Layer) -> Layer:
    """The same layer with an image of the whole picture's size."""
    image = plain((0, 0, 0, 0))
    height, width = layer.image.shape[:2]
    image[layer.top : layer.top + height, layer.left : layer.left + width] = layer.image
    return replace(layer, image=image, left=0, top=0)


@st.composite
def placed_layers(draw: st.DrawFn) -> Layer:
    top, left = draw(st.integers(0, H - 1)), draw(st.integers(0, W - 1))
    height, width = draw(st.integers(0, H - top)), draw(st.integers(0, W - left))
    return Layer(
        "any",
        noise(draw(st.integers(0, 9)), height, width),
        draw(st.sampled_from(["normal", "multiply"])),
        opacity=draw(st.sampled_from([0.0, 0.5, 1.0])),
        left=left,
        top=top,
    )


@given(st.lists(placed_layers(), max_size=4), st.sampled_from([1, 3 * W, 1000 * W]))
def test_a_layer_lies_where_it_begins(layers, band):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BAND", band)
        picture = flatten(layers, H, W)
    assert (picture == flatten([full(layer) for layer in layers], H, W)).all()


CORNER = Layer("corner", noise(3, 4, 6), left=W - 6, top=H - 4)
INNER = Layer("inner", dot()[2:, 3:], left=3, top=2)
EMPTY = Layer("empty", plain((0, 0, 0, 0), 2, 3), left=5, top=6)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_does_not_show_how_a_layer_was_cut(format):
    placed = [Layer("paper", plain(WHITE)), Group("cut", (CORNER, INNER, EMPTY))]
    whole = [placed[0], Group("cut", tuple(full(layer) for layer in (CORNER, INNER, EMPTY)))]
    expected = encoded(whole, format)
    assert encoded(placed, format) == expected


def test_layers_are_read_back_where_they_begin():
    layers = [CORNER, INNER]
    for layer, (_, image) in zip(layers, psd_layers(encoded(layers, "psd")), strict=True):
        assert (image == full(layer).image).all()
    with zipfile.ZipFile(io.BytesIO(encoded(layers, "ora"))) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
        entries = {entry.get("name"): entry for entry in root.iter("layer")}
        for layer in layers:
            assert (ora_layer(archive, entries[layer.name]) == full(layer).image).all()
    assert (entries["inner"].get("x"), entries["inner"].get("y")) == ("9", "5")
    assert (entries["corner"].get("x"), entries["corner"].get("y")) == ("14", "9")


# OpenRaster


def ora_layer(archive: zipfile.ZipFile, entry: ElementTree.Element) -> np.ndarray:
    picture = Image.new("RGBA", (W, H))
    with archive.open(entry.attrib["src"]) as file, Image.open(file) as image:
        assert image.mode == "RGBA"
        picture.paste(image, (int(entry.attrib["x"]), int(entry.attrib["y"])))
    return np.asarray(picture)


def test_an_ora_starts_with_its_type_as_plain_bytes():
    content = encoded(artwork(), "ora")
    assert content[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None


def test_an_ora_describes_the_layers_from_the_top():
    with zipfile.ZipFile(io.BytesIO(encoded(artwork(), "ora"))) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
    assert (root.tag, root.get("w"), root.get("h")) == ("image", "20", "13")
    stack = root[0]
    assert [entry.tag for entry in stack] == "layer layer layer layer stack layer".split()
    assert [entry.get("name") for entry in stack] == [layer.name for layer in artwork()][::-1]
    line, _, hints, shade, flats, _ = stack
    assert (line.get("composite-op"), line.get("opacity")) == ("svg:multiply", "1")
    assert hints.get("visibility") == "hidden"
    assert shade.get("opacity") == "0.6"
    assert (flats.get("isolation"), flats.get("visibility")) == ("auto", "visible")
    assert flats[0].get("visibility") == "hidden"
    assert flats[1].get("composite-op") == "svg:src-over"
    assert (flats[1].get("x"), flats[1].get("y")) == ("9", "5")


def test_an_ora_keeps_every_pixel_of_every_layer():
    with zipfile.ZipFile(io.BytesIO(encoded(artwork(), "ora"))) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
        found = {entry.get("name"): ora_layer(archive, entry) for entry in root.iter("layer")}
    assert len(found) == 7
    for layer in leaves(artwork()):
        assert (found[layer.name] == layer.image).all()


def test_an_ora_shows_the_picture_to_programs_without_layers():
    layers = [Layer("a", noise(0, 300, 600))]
    with zipfile.ZipFile(io.BytesIO(encoded(layers, "ora", 300, 600))) as archive:
        with archive.open("mergedimage.png") as file, Image.open(file) as image:
            assert (np.asarray(image) == flatten(layers, 300, 600)).all()
        with archive.open("Thumbnails/thumbnail.png") as file, Image.open(file) as image:
            assert image.size == (256, 128)


def test_pyora_reads_an_ora_alike(tmp_path):
    pyora = pytest.importorskip("pyora")
    save(artwork(), tmp_path / "a.ora", height=H, width=W)
    project = pyora.Project.load(str(tmp_path / "a.ora"))
    layers = {layer.name: layer for layer in project.children_recursive}
    line = layers["線画"]
    assert line.composite_op == "svg:multiply"
    assert (np.asarray(line.get_image_data(raw=True)) == leaves(artwork())[-1].image).all()
    assert not layers["hints"].visible
    assert layers["肌"].offsets == (9, 5)


# PSD


def opened(content: bytes):
    """A PSD file as psd-tools reads it."""
    return pytest.importorskip("psd_tools").PSDImage.open(io.BytesIO(content))


def psd_layers(content: bytes) -> list[tuple[str, np.ndarray]]:
    """Names and pixels of the layers of a PSD file, out of their groups, the bottom one first."""
    psd = opened(content)
    found = []
    for layer in psd.descendants():
        if not layer.is_group():
            picture = np.zeros((psd.height, psd.width, 4), np.uint8)
            if layer.width:
                box = slice(layer.top, layer.bottom), slice(layer.left, layer.right)
                picture[box] = np.asarray(layer.topil())
            found.append((layer.name, picture))
    return found


def test_a_psd_keeps_every_pixel_of_every_layer():
    found = psd_layers(encoded(artwork(), "psd"))
    for layer, (name, image) in zip(leaves(artwork()), found, strict=True):
        assert name == layer.name
        assert (image == layer.image).all()


runs = st.lists(st.tuples(st.integers(0, 255), st.integers(1, 300)), min_size=1, max_size=30)


@given(runs)
def test_runs_of_any_length_come_back(runs):
    row = np.repeat(*np.transpose(runs))
    image = np.stack([row, row[::-1], np.arange(row.size), np.full(row.size, 255)], axis=-1)
    image = np.stack([image, image[::-1]]).astype(np.uint8)
    with Image.open(io.BytesIO(encoded([Layer("a", image)], "psd", *image.shape[:2]))) as psd:
        assert (np.asarray(psd) == image[..., :3]).all()


def test_psd_tools_reads_the_structure_of_a_psd():
    psd = opened(encoded(artwork(), "psd"))
    assert [entry.name for entry in psd] == [layer.name for layer in artwork()]
    paper, flats, shade, hints, nothing, line = psd
    assert [line.blend_mode.value, shade.blend_mode.value] == [b"mul ", b"mul "]
    assert (paper.blend_mode.value, flats.blend_mode.value) == (b"norm", b"pass")
    assert (shade.opacity, line.opacity) == (153, 255)
    assert [entry.visible for entry in (paper, flats, hints, line)] == [True, True, False, True]
    assert [entry.name for entry in flats] == ["肌", "hidden"]
    assert not flats[1].visible
    assert flats[0].bbox == (9, 5, 13, 8)
    assert nothing.bbox == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "layers", [artwork(), artwork()[1:3]], ids=["on opaque paper", "transparent"]
)
def test_a_psd_shows_the_picture_to_programs_without_layers(layers):
    psd = opened(encoded(layers, "psd"))
    shown = np.asarray(psd.topil().convert("RGBA"), int)
    picture = flatten(layers, H, W)
    assert (shown[..., 3] == picture[..., 3]).all()
    # Laid on white to be stored, a colour loses what its transparency does not show.
    weight = picture[..., 3:] / 255
    assert (np.abs(shown - picture) * weight).max() <= 1


def image_magick() -> str | None:
    """Its program, which is called `convert` in version 6, as is a tool of Windows for disks."""
    for program in filter(None, map(shutil.which, ("magick", "convert-im6", "convert"))):
        version = subprocess.run([program, "-version"], capture_output=True, check=False)
        if b"Version: ImageMagick" in version.stdout:
            return program
    return None


@pytest.fixture(scope="module")
def magick() -> str:
    program = image_magick()
    if program is None:
        pytest.skip("ImageMagick is not installed")
    return program


@pytest.mark.parametrize("layer", [0, -1], ids=["picture", "line"])
def test_image_magick_reads_the_picture_and_the_line_of_a_psd(tmp_path, magick, layer):
    path = tmp_path / "a.psd"
    save(artwork(), path, height=H, width=W)
    read = [magick, f"{path}[{layer}]", "-depth", "8", "rgba:-"]
    pixels = subprocess.run(read, capture_output=True, check=True).stdout
    expected = flatten(artwork(), H, W) if layer == 0 else leaves(artwork())[-1].image
    assert pixels == expected.tobytes()


@pytest.mark.parametrize("size", [(30_001, 1), (1, 30_001)])
def test_a_psd_holds_no_more_than_its_format_allows(tmp_path, size):
    layers = [Layer("a", plain(WHITE, *size))]
    path = tmp_path / "a.psd"
    path.write_bytes(b"old")
    with pytest.raises(NurieError, match=r"30,000.*\.ora") as caught:
        save(layers, path, height=size[0], width=size[1])
    assert str(caught.value).isprintable()
    assert path.read_bytes() == b"old"
    assert len(encoded(layers, "ora", *size)) > 0


# Both


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_layers_give_the_same_bytes(monkeypatch, format):
    before = encoded(artwork(), format)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert encoded(artwork(), format) == before


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1)])
def test_pictures_of_any_proportion(size):
    layers = [Layer("a", noise(0, *size)), Layer("b", plain((0, 0, 0, 0), *size))]
    found = [image for _, image in psd_layers(encoded(layers, "psd", *size))]
    assert (found[0] == layers[0].image).all()
    assert not found[1].any()
    with zipfile.ZipFile(io.BytesIO(encoded(layers, "ora", *size))) as archive:
        with archive.open("data/layer002.png") as file, Image.open(file) as image:
            assert (np.asarray(image) == layers[0].image).all()
        with archive.open("Thumbnails/thumbnail.png") as file, Image.open(file) as image:
            assert 1 <= max(image.size) <= 256


def test_many_layers_in_a_group():
    colors = tuple(Layer(f"#{i:02x}4080", dot((i, 64, 128, 255))) for i in range(40))
    found = psd_layers(encoded([Group("colours", colors)], "psd"))
    assert [name for name, _ in found] == [layer.name for layer in colors]
    with zipfile.ZipFile(io.BytesIO(encoded([Group("colours", colors)], "ora"))) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names)) == 4 + 40


@pytest.mark.parametrize("layers", [[], [Group("empty", ())]])
def test_files_without_a_layer(layers):
    psd = opened(encoded(layers, "psd"))
    assert [entry.name for entry in psd] == [layer.name for layer in layers]
    with zipfile.ZipFile(io.BytesIO(encoded(layers, "ora"))) as archive:
        assert ElementTree.fromstring(archive.read("stack.xml")).find("layer") is None


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("髪\u3000の影 🎨", "髪\u3000の影 🎨"),
        ("<a & 'b'> \"c\"", "<a & 'b'> \"c\""),
        ("x" * 300, "x" * 300),
        ("", ""),
        ("a\x00b\x1b", "a\ufffdb\ufffd"),
        ("\udcff", "\ufffd"),
    ],
)
def test_names_of_any_kind(name, stored):
    layers = [Group(name, (Layer(name, dot()),))]
    (group,) = opened(encoded(layers, "psd"))
    assert [group.name, group[0].name] == [stored, stored]
    with zipfile.ZipFile(io.BytesIO(encoded(layers, "ora"))) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
    assert [entry.get("name") for entry in root[0].iter() if "name" in entry.attrib] == [stored] * 2


def test_colours_of_what_is_fully_transparent_are_kept():
    image = plain((255, 255, 255, 0))
    ((_, found),) = psd_layers(encoded([Layer("a", image)], "psd"))
    assert (found == image).all()


def test_the_ending_names_the_format(tmp_path):
    for name, start in (("a.ora", b"PK"), ("a.PSD", b"8BPS")):
        save(artwork(), tmp_path / name, height=H, width=W)
        assert (tmp_path / name).read_bytes().startswith(start)
    save(artwork(), tmp_path / "b.ora", height=H, width=W, format="psd")
    assert (tmp_path / "b.ora").read_bytes() == encoded(artwork(), "psd")


@pytest.mark.parametrize(
    ("target", "format"),
    [("a.png", None), ("a", None), ("a\n.x\ny", None), ("a.psd", "png"), (io.BytesIO(), None)],
)
def test_an_unknown_ending_is_a_one_line_error(tmp_path, monkeypatch, target, format):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NurieError, match=r"\.ora and \.psd") as caught:
        save(artwork(), target, height=H, width=W, format=format)
    assert str(caught.value).isprintable()
    assert list(Path().iterdir()) == []


def test_where_no_file_can_be_is_a_one_line_error(tmp_path):
    with pytest.raises(NurieError, match="can't be written: No such file"):
        save(artwork(), tmp_path / "missing" / "a.ora", height=H, width=W)
