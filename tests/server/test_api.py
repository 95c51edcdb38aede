import hashlib
import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import nurie
from nurie.runtime.registry import cards
from serving import opened, png

HINTS = [
    {"x": 30, "y": 45, "color": "#f4c7a1"},
    {"points": [[70, 30], [80, 60]], "radius": 4, "color": "teal"},
]


@pytest.fixture
def session(served, line_art):
    """The address of a session with line art."""
    answer = served.open(line_art)
    assert answer.status_code == 201, answer.text
    yield f"sessions/{answer.json()['id']}"
    served.client.delete(f"sessions/{answer.json()['id']}")


def problem(answer, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said.keys() == {"type", "title", "status", "detail"}
    assert said["status"] == status
    assert "\n" not in said["detail"]
    return said["detail"]


# The server


def test_health(served):
    answer = served.client.get("health").json()
    assert answer == {"status": "ok", "version": nurie.__version__, "waiting": 0, "limit": 32}


def test_models(served):
    answer = served.client.get("models").json()
    assert [model["name"] for model in answer] == [card.name for card in cards()]
    assert answer[0]["sha256"] == cards()[0].sha256


def test_metrics_count_routes_not_addresses(served, session):
    served.client.get(session)
    served.client.request("ODD", "health")
    text = served.client.get("metrics").text
    route = '{method="GET",route="/api/v1/sessions/{id}",status="200"}'
    assert f"nurie_requests_total{route}" in text
    assert 'method="other"' in text
    assert session.removeprefix("sessions/") not in text
    for name in ("waiting 0.0", "sessions 1.0", "worker_restarts 0.0"):
        assert f"nurie_{name}" in text
    assert "nurie_request_seconds_bucket" in text


def test_the_api_describes_itself(served):
    schema = served.client.get("openapi.json").json()
    operations = [
        (path, operation) for path in schema["paths"].values() for operation in path.values()
    ]
    assert all("4XX" in operation["responses"] for _, operation in operations)
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    paint = schema["components"]["schemas"]["PaintRequest"]
    assert served.client.post("sessions/none/paint", json=paint["examples"][0]).status_code == 404


def test_the_page_is_served(served):
    root = served.client.base_url.copy_with(path="/")
    answer = served.client.get(root)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    scripts = list(served.static.rglob("*.js"))
    assert scripts
    script = served.client.get(root.join(scripts[0].relative_to(served.static).as_posix()))
    assert script.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path", ["/nothing", "/../pyproject.toml", "/%2e%2e/app.py", "/..%2fapp.py", "//etc/passwd"]
)
def test_nothing_but_the_page_is_served(served, path):
    url = served.client.base_url.copy_with(raw_path=path.encode())
    problem(served.client.get(url), 404)


# At once


def test_extract(served, picture):
    files = {"file": ("a.png", picture)}
    answer = served.client.post("extract", files=files)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == nurie.extract(picture).encode("png")


def test_extract_in_another_way(served, picture):
    data = {"style": "ink", "color": "true", "transparent": "true", "format": "webp"}
    answer = served.client.post("extract", files={"file": ("a.png", picture)}, data=data)
    options = nurie.ExtractOptions(style="ink", color=True, transparent=True)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content == nurie.extract(picture, options).encode("webp")


def test_extract_to_paths(served, picture):
    files = {"file": ("a.png", picture)}
    answer = served.client.post("extract", files=files, data={"format": "svg"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == 'attachment; filename="lines.svg"'
    refused = served.client.post("extract", files=files, data={"format": "svg", "color": "1"})
    assert "vector paths are black" in problem(refused, 422)


@pytest.mark.parametrize(
    "hints",
    [HINTS, {"strokes": HINTS[1:], "hints": HINTS[:1]}],
    ids=["a list", "a hints file"],
)
def test_colorize(served, line_art, hints):
    data = {"hints": json.dumps(hints), "options": '{"seed": 3, "fill": "soft"}', "format": "psd"}
    answer = served.client.post("colorize", files={"file": ("a.png", line_art)}, data=data)
    dots = [nurie.Hint(30, 45, "#f4c7a1"), nurie.Stroke([(70, 30), (80, 60)], "teal", 4)]
    options = nurie.ColorizeOptions(seed=3, fill="soft")
    assert answer.headers["content-type"] == "image/vnd.adobe.photoshop"
    assert answer.content == nurie.colorize(line_art, dots, options).encode("psd")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("hints", "{bad", "hints: this is no JSON"),
        ("hints", "[1]", "hints.0"),
        ("hints", '[{"x": 1, "y": 1}]', "hints.0.dot.color"),
        ("hints", '[{"x": 1, "y": 1, "color": "#fff", "z": 1}]', "hints.0.dot.z"),
        ("hints", '[{"x": 900, "y": 1, "color": "#fff"}]', "outside"),
        ("hints", '[{"x": 1, "y": 1, "color": "nocolour"}]', "nocolour"),
        ("hints", '[{"x": NaN, "y": 1, "color": "#fff"}]', "hints"),
        ("options", '{"model": "/tmp/a.onnx"}', "options.model"),
        ("options", '{"model": "lines"}', "no model is named 'lines'"),
        ("options", '{"device": "cuda"}', "options.device"),
        ("options", '{"spread": -1}', "options.spread"),
        ("options", "[" * 100_000, "options: this is no JSON"),
        ("format", "exe", "format"),
        ("more", "1", "more"),
    ],
)
def test_colorize_says_what_is_wrong(served, line_art, field, value, says):
    files = {"file": ("a.png", line_art)}
    assert says in problem(served.client.post("colorize", files=files, data={field: value}), 422)


def test_palettes(served, picture):
    gpl = b"GIMP Palette\nName: wood\n255 0 0 red\n0 128 0\n"
    answer = served.client.post("palettes", files={"file": ("a.gpl", gpl)})
    assert answer.json() == {"name": "wood", "colors": ["#ff0000", "#008000"]}
    answer = served.client.post("palettes", files={"file": ("a.png", picture)}).json()
    assert {"#add8e6", "#ff6347", "#ffd700"} <= set(answer["colors"])
    odd = b'{"name": "\\ud800", "colors": ["red"]}'
    assert served.client.post("palettes", files={"file": ("a.json", odd)}).status_code == 200
    wrong = served.client.post("palettes", files={"file": ("a.gpl", b"GIMP Palette\nx\n")})
    assert "line 2 is no colour" in problem(wrong, 422)


# Sessions


def test_a_session_from_beginning_to_end(served, line_art):
    answer = served.open(line_art, gap=4)
    facts = answer.json()
    assert answer.status_code == 201
    assert facts.items() >= {
        "width": 120,
        "height": 90,
        "kind": "lines",
        "style": "soft",
        "gap": 4.0,
        "regions": 3,
        "expires_in": 3600,
    }.items()  # fmt: skip
    path = f"sessions/{facts['id']}"
    assert served.client.get(path).json() == facts
    assert served.client.delete(path).status_code == 204
    assert "send the picture again" in problem(served.client.get(path), 404)
    problem(served.client.post(f"{path}/paint", json={}), 404)


def test_a_picture_s_lines_are_extracted(served, picture):
    facts = served.open(picture, style="ink").json()
    lines = served.client.get(f"sessions/{facts['id']}/lines.png")
    options = nurie.ExtractOptions(style="ink")
    assert facts["kind"] == "picture"
    assert np.array_equal(opened(lines.content), np.asarray(nurie.extract(picture, options).image))
    served.client.delete(f"sessions/{facts['id']}")


def test_the_kind_can_be_told(served, picture, line_art):
    for kind, file in (("lines", picture), ("picture", line_art)):
        facts = served.open(file, kind=kind).json()
        assert facts["kind"] == kind
        served.client.delete(f"sessions/{facts['id']}")


def test_a_session_is_read_anew(served, picture):
    facts = served.open(picture).json()
    path = f"sessions/{facts['id']}"
    soft = served.client.get(f"{path}/lines.png").content
    thin = served.client.patch(path, json={"style": "thin"})
    assert thin.json().items() >= {"style": "thin", "kind": "picture", "id": facts["id"]}.items()
    assert served.client.get(f"{path}/lines.png").content != soft
    wide = served.client.patch(path, json={"gap": 30, "kind": "lines"}).json()
    assert (wide["gap"], wide["kind"], wide["style"]) == (30, "lines", "thin")
    narrow = served.client.patch(path, json={"gap": None}).json()
    assert (narrow["gap"], narrow["kind"]) == (None, "lines")
    assert served.client.patch(path, json={}).json() == narrow
    assert "kind" in problem(served.client.patch(path, json={"kind": "photo"}), 422)
    assert served.client.get(path).json() == narrow
    served.client.delete(path)


def test_the_source_is_upright_and_knows_nothing_of_its_camera(served):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"  # turned by a quarter; its maker
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(file, "JPEG", exif=exif, comment=b"at home")
    facts = served.open(file.getvalue()).json()
    content = served.client.get(f"sessions/{facts['id']}/source.png").content
    image = Image.open(io.BytesIO(content))
    assert (facts["width"], facts["height"]) == image.size == (20, 40)
    assert not image.info
    assert b"camera" not in content
    assert b"home" not in content
    served.client.delete(f"sessions/{facts['id']}")


def test_what_is_transparent_stays_so_in_the_source(served):
    image = Image.new("RGBA", (9, 9), (9, 9, 9, 0))
    facts = served.open(png(image)).json()
    source = served.client.get(f"sessions/{facts['id']}/source.png")
    assert np.array_equal(opened(source.content), np.asarray(image))
    served.client.delete(f"sessions/{facts['id']}")


def test_regions_are_numbered_from_1(served, session, line_art):
    red, green, blue = np.moveaxis(
        opened(served.client.get(f"{session}/regions.png").content).astype(int), -1, 0
    )
    assert np.array_equal(red + 256 * green + 65536 * blue, nurie.Colorizer(line_art).regions.label)


@pytest.mark.parametrize("fill", ["flat", "soft"])
@pytest.mark.parametrize("only_hints", [False, True])
def test_the_preview_is_the_result(served, session, fill, only_hints):
    asked = {"hints": HINTS, "options": {"fill": fill, "seed": 5, "only_hints": only_hints}}

    def painted(layer: str) -> np.ndarray:
        answer = served.client.post(f"{session}/paint", json={**asked, "layer": layer})
        assert answer.headers["x-nurie-hints"] == "2"
        return opened(answer.content) / 255

    flats, lines = painted("flats"), opened(served.client.get(f"{session}/lines.png").content)
    assert flats.shape == (90, 120, 3)
    if fill == "soft":
        shade = painted("shade")
        alpha = shade[..., 3:]
        flats = flats * (1 - alpha) + flats * shade[..., :3] * alpha
    exported = served.client.post(f"{session}/export", json=asked)
    expected = np.rint(flats * lines[..., None]).astype(np.uint8)
    assert np.array_equal(opened(exported.content)[..., :3], expected)


def test_a_hint_is_law(served, session):
    flats = opened(served.client.post(f"{session}/paint", json={"hints": HINTS}).content)
    assert tuple(flats[60, 30]) == (0xF4, 0xC7, 0xA1)
    assert tuple(flats[60, 90]) == (0, 128, 128)


def test_options_change_what_is_painted(served, session):
    def painted(**options) -> bytes:
        answer = served.client.post(f"{session}/paint", json={"options": options})
        assert answer.status_code == 200, answer.text
        return answer.content

    plain = painted()
    assert painted() == plain
    assert painted(seed=4) != plain
    only = {tuple(color) for color in opened(painted(palette=["#102030"])).reshape(-1, 3)}
    assert only == {(16, 32, 48)}
    assert painted(gap=60, model="nearest", only_hints=True) != plain
    assert painted() == plain


@pytest.mark.parametrize("format", ["png", "webp", "ora", "psd"])
@pytest.mark.parametrize("layers", ["all", "flats", "lines"])
def test_export(served, session, line_art, format, layers):
    asked = {"hints": HINTS, "format": format, "layers": layers, "by_color": format == "psd"}
    answer = served.client.post(f"{session}/export", json=asked)
    assert answer.status_code == 200, answer.text
    name = "art" if layers == "all" else layers
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.{format}"'
    dots = [nurie.Hint(30, 45, "#f4c7a1"), nurie.Stroke([(70, 30), (80, 60)], "teal", 4)]
    art = nurie.colorize(line_art, dots)
    if layers != "lines":
        by_color = format == "psd"
        assert answer.content == art.encode(format, by_color=by_color, flats_only=layers == "flats")
    elif format in ("png", "webp"):
        assert np.array_equal(Image.open(io.BytesIO(answer.content)).convert("RGBA"), art.line)
    elif format == "ora":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.read("stack.xml").count(b"<layer ") == 1
    else:
        assert answer.content.startswith(b"8BPS")


def test_lines_are_exported_as_paths(served, session):
    answer = served.client.post(f"{session}/export", json={"format": "svg"})
    assert answer.content.startswith(b"<svg")
    asked = {"format": "svg", "layers": "flats"}
    assert "vector paths are lines" in problem(
        served.client.post(f"{session}/export", json=asked), 422
    )


def test_transparent_line_art_keeps_its_layer(served):
    ink = np.zeros((40, 40, 4), np.uint8)
    ink[5:35, 5:35, 3] = 255
    ink[7:33, 7:33, 3] = 0
    facts = served.open(png(Image.fromarray(ink))).json()
    path = f"sessions/{facts['id']}"
    shown = opened(served.client.get(f"{path}/lines.png").content)
    assert (shown[6, 6], shown[0, 0]) == (0, 255)
    exported = served.client.post(f"{path}/export", json={"layers": "lines"})
    assert np.array_equal(opened(exported.content), ink)
    bare = {"options": {"only_hints": True}}
    assert opened(served.client.post(f"{path}/export", json=bare).content)[0, 0, 3] == 0
    assert tuple(opened(served.client.post(f"{path}/paint", json=bare).content)[0, 0]) == (255,) * 3
    served.client.delete(path)


def test_a_reference_gives_its_colours(served, session, picture):
    before = served.client.post(f"{session}/paint", json={}).content
    put = served.client.put(f"{session}/reference", files={"file": ("b.png", picture)})
    assert put.status_code == 204
    flats = opened(served.client.post(f"{session}/paint", json={}).content).reshape(-1, 3)
    palette = set(nurie.Reference(picture).palette.colors)
    assert {tuple(color) for color in flats} <= palette
    wrong = served.client.put(f"{session}/reference", files={"file": ("b.png", b"nothing")})
    problem(wrong, 415)
    assert served.client.post(f"{session}/paint", json={}).content != before
    assert served.client.delete(f"{session}/reference").status_code == 204
    assert served.client.post(f"{session}/paint", json={}).content == before


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"hints": [{"x": 1, "y": 1}]}, "hints.0.dot.color"),
        ({"hints": [{"points": [], "color": "#fff"}]}, "hints.0.stroke.points"),
        ({"hints": [{"points": [[1]], "color": "#fff"}]}, "hints.0.stroke.points"),
        ({"hints": [{"x": "1", "y": 1, "color": "#fff"}]}, "hints.0.dot.x"),
        ({"hints": [{"x": True, "y": 1, "color": "#fff"}]}, "hints.0.dot.x"),
        ({"hints": [{"x": 500, "y": 1, "color": "#fff"}]}, "outside"),
        ({"hints": None}, "hints"),
        ({"options": {"seed": -1}}, "options.seed"),
        ({"options": {"palette": []}}, "options.palette"),
        ({"options": {"reference": "a.png"}}, "options.reference"),
        ({"layer": "hints"}, "layer"),
        ({"nonsense": 1}, "nonsense"),
        ([], "the request"),
    ],
)
def test_paint_says_what_is_wrong(served, session, body, says):
    assert says in problem(served.client.post(f"{session}/paint", json=body), 422)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 50_000, b'{"hints": ' + b"9" * 9999])
def test_what_is_no_json_is_refused(served, session, content):
    headers = {"Content-Type": "application/json"}
    answer = served.client.post(f"{session}/paint", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_wrong_methods_and_forms(served, session):
    answer = served.client.put("health")
    assert problem(answer, 405)
    assert answer.headers["allow"] == "GET"
    assert served.client.post(served.client.base_url.copy_with(path="/")).headers["allow"]
    assert "file" in problem(served.client.post("extract", data={"file": "text"}), 422)
    assert "file" in problem(served.client.post("extract"), 422)
    asked = {"files": {"file": ("a", b"")}}
    assert "'a' is empty" in problem(served.client.post("extract", **asked), 415)


def test_many_at_once_get_what_each_would_get_alone(served, session):
    def painted(number: int) -> str:
        hints = [{"x": 30, "y": 45, "color": f"#0000{number:02x}"}]
        answer = served.client.post(f"{session}/paint", json={"hints": hints})
        return hashlib.sha256(answer.content).hexdigest()

    alone = [painted(number) for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(painted, range(12))) == alone
    assert len(set(alone)) == 12


def test_health_does_not_wait_for_work(served, session):
    began = time.perf_counter()
    served.client.get("health")
    assert time.perf_counter() - began < 5
