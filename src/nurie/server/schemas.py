"""The shapes of requests and answers; what is not in them is refused."""

import json
from typing import Annotated, Any, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag
from pydantic.json_schema import SkipJsonSchema

from nurie.server.orders import FoundKind, Kind, Style

MOST_MARKS, MOST_POINTS = 20_000, 50_000
"""Hints of a request, and points of a stroke."""

PixelFormat = Literal["png", "webp"]


class Strict(BaseModel):
    """Numbers are no text, and no key is unknown."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Form(BaseModel):
    """Fields of a form, where all is text."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


Color = Annotated[
    str, Field(min_length=3, max_length=32, examples=["#f4c7a1", "tomato"], description="sRGB")
]
Radius = Annotated[float, Field(ge=0, le=10_000, description="in pixels; 0 is a single one")]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]
Gap = Annotated[
    float,
    Field(
        ge=0, le=1e6, description="widest break in a line, in pixels, that no colour leaks through"
    ),
]


class Dot(Strict):
    """A dot of colour: its region gets exactly this colour."""

    x: Coordinate
    y: Coordinate
    color: Color
    radius: Radius = 3.0


class StrokeHint(Strict):
    """A line of colour."""

    points: Annotated[
        list[Annotated[list[Coordinate], Field(min_length=2, max_length=2)]],
        Field(min_length=1, max_length=MOST_POINTS),
    ]
    color: Color
    radius: Radius = 3.0


def _shape(mark: Any) -> str:
    has_points = "points" in mark if isinstance(mark, dict) else isinstance(mark, StrokeHint)
    return "stroke" if has_points else "dot"


Mark = Annotated[
    Annotated[Dot, Tag("dot")] | Annotated[StrokeHint, Tag("stroke")], Discriminator(_shape)
]
Marks = Annotated[list[Mark], Field(max_length=MOST_MARKS)]

_MARKS: list[JsonValue] = [
    {"x": 120, "y": 80, "radius": 3, "color": "#f4c7a1"},
    {"points": [[40, 200], [90, 210]], "radius": 4, "color": "tomato"},
]


class PaintOptions(Strict):
    """How to colour; the names are those of nurie.ColorizeOptions."""

    spread: Annotated[
        float, Field(ge=0, le=1e6, description="how readily colours go to what belongs together")
    ] = 1.0
    only_hints: Annotated[bool, Field(description="regions without a hint stay bare")] = False
    palette: Annotated[list[Color], Field(min_length=1, max_length=256)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0
    fill: Literal["flat", "soft"] = "flat"
    gap: Annotated[Gap | None, Field(description="of the session, if null")] = None
    # A name, never a file.
    model: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")] = "color"


class PaintRequest(Strict):
    """Hints, and how to colour by them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"hints": _MARKS, "options": {"seed": 3}}]}
    )

    hints: Marks = []
    options: PaintOptions = PaintOptions()
    layer: Literal["flats", "shade"] = "flats"


class ExportRequest(Strict):
    """Hints, how to colour by them, and the file that is wanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"hints": _MARKS, "options": {"fill": "soft"}, "format": "psd"}]
        }
    )

    hints: Marks = []
    options: PaintOptions = PaintOptions()
    format: Literal["png", "webp", "svg", "ora", "psd"] = "png"
    layers: Literal["all", "flats", "lines"] = "all"
    by_color: Annotated[bool, Field(description="in .ora and .psd, a layer for every colour")] = (
        False
    )


class SessionChange(Strict):
    """What is to be read anew; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"style": "ink"}, {"gap": 16}]})

    kind: Kind = "auto"
    style: Style = "soft"
    gap: Gap | None = None


class HintsFile(Strict):
    """What 'nurie colorize --hints' reads as well; strokes are painted first."""

    hints: Marks = []
    strokes: Annotated[list[StrokeHint], Field(max_length=MOST_MARKS)] = []


class ExtractForm(Form):
    file: UploadFile
    style: Style = "soft"
    color: Annotated[bool, Field(description="the ink keeps its colour")] = False
    transparent: Annotated[bool, Field(description="no paper")] = False
    format: Literal["png", "webp", "svg"] = "png"


class ColorizeForm(Form):
    file: Annotated[UploadFile, Field(description="line art")]
    hints: Annotated[
        str,
        Field(description="JSON: a list of hints, or a hints file", examples=[json.dumps(_MARKS)]),
    ] = "[]"
    options: Annotated[str, Field(description="JSON", examples=['{"seed": 3}'])] = "{}"
    format: Literal["png", "webp", "ora", "psd"] = "png"


class SessionForm(Form):
    file: UploadFile
    kind: Annotated[Kind, Field(description="auto looks at the picture")] = "auto"
    style: Annotated[Style, Field(description="of the lines that are extracted")] = "soft"
    gap: Gap | SkipJsonSchema[None] = None


class FileForm(Form):
    file: UploadFile


class Health(Strict):
    status: Literal["ok"] = "ok"
    version: str
    waiting: Annotated[int, Field(description="requests that wait for a worker")]
    limit: Annotated[int, Field(description="how many may")]


class Model(Strict):
    name: str
    task: str
    title: str
    description: str
    version: str
    bytes: int
    sha256: str
    parameters: int
    licence: str
    data: list[str]


class PaletteColors(Strict):
    name: str
    colors: Annotated[list[str], Field(examples=[["#f4c7a1", "#e63946"]])]


class SessionFacts(Strict):
    id: str
    width: int
    height: int
    kind: Annotated[FoundKind, Field(description="what it was taken for")]
    style: Style
    gap: float | None
    regions: int
    expires_in: Annotated[int, Field(description="seconds, unless it is used")]


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
