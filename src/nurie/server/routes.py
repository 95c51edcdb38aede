"""The API: each route turns a request into an order, and its result into an answer."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from pydantic import TypeAdapter, ValidationError

from nurie import __version__
from nurie.runtime.registry import cards
from nurie.server import orders
from nurie.server.metrics import MEDIA_TYPE as METRICS_TYPE
from nurie.server.orders import Coloring, Colors, Drawing, Reference, Result, Upload
from nurie.server.problems import GONE, Problem, sentence
from nurie.server.schemas import (
    ColorizeForm,
    ExportRequest,
    ExtractForm,
    FileForm,
    Health,
    HintsFile,
    Marks,
    Model,
    PaintOptions,
    PaintRequest,
    PaletteColors,
    SessionChange,
    SessionFacts,
    SessionForm,
)
from nurie.server.sessions import Session
from nurie.server.studio import Studio

T = TypeVar("T")

MEDIA_TYPES = {
    "png": "image/png",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "ora": "image/openraster",
    "psd": "image/vnd.adobe.photoshop",
}

LONGEST_NAME = 100
"""Characters of an upload's name that messages repeat."""

_PROBLEM = {
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    }
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request can't be answered; detail says why", **_PROBLEM},
    "5XX": {
        "description": "The server is busy (503, try again after Retry-After) or failed",
        **_PROBLEM,
    },
}


def _file(*formats: str) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPES[format]: {"schema": {"type": "string", "format": "binary"}}
               for format in formats}  # fmt: skip
    return {200: {"description": "The file", "content": content}}


router = APIRouter(prefix="/api/v1", responses=PROBLEMS)


def _studio(request: Request) -> Studio:
    return request.app.state.studio


def _session(id: str, request: Request) -> Session:
    return _studio(request).session(id)


InStudio = Annotated[Studio, Depends(_studio)]
InSession = Annotated[Session, Depends(_session)]
_MULTIPART = Form(media_type="multipart/form-data")


# The server -----------------------------------------------------------------------------------


@router.get("/health", tags=["server"])
async def health(request: Request) -> Health:
    """Whether the server is there, and how many requests wait."""
    studio, limit = _studio(request), request.app.state.settings.queue
    return Health(version=__version__, waiting=studio.jobs.waiting, limit=limit)


@router.get(
    "/metrics",
    tags=["server"],
    response_class=Response,
    responses={200: {"content": {METRICS_TYPE: {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    return Response(request.app.state.metrics.text(), media_type=METRICS_TYPE)


@router.get("/models", tags=["server"])
async def models() -> list[Model]:
    """The networks that colour and extract."""
    return [
        Model(
            name=card.name,
            task=card.task,
            title=card.title,
            description=card.description,
            version=__version__,
            bytes=card.bytes,
            sha256=card.sha256,
            parameters=card.parameters,
            licence=card.licence,
            data=list(card.data),
        )
        for card in cards()
    ]


# At once --------------------------------------------------------------------------------------


@router.post(
    "/extract",
    tags=["at once"],
    response_class=Response,
    responses=_file("png", "webp", "svg"),
)
async def extract(
    request: Request, form: Annotated[ExtractForm, _MULTIPART], studio: InStudio
) -> Response:
    """Line art out of a picture."""
    order = orders.Extract(
        await _upload(form.file), form.style, form.color, form.transparent, form.format
    )
    result, _ = await _while_there(request, studio.jobs.do(order))
    return _download(result, form.format, "lines")


@router.post(
    "/colorize",
    tags=["at once"],
    response_class=Response,
    responses=_file("png", "webp", "ora", "psd"),
)
async def colorize(
    request: Request, form: Annotated[ColorizeForm, _MULTIPART], studio: InStudio
) -> Response:
    """Colour into line art."""
    coloring = Coloring(_marks(form.hints), _parsed("options", PaintOptions, form.options))
    order = orders.Colorize(await _upload(form.file), coloring, form.format)
    result, _ = await _while_there(request, studio.jobs.do(order))
    return _download(result, form.format, "art")


@router.post("/palettes", tags=["at once"])
async def palettes(
    request: Request, form: Annotated[FileForm, _MULTIPART], studio: InStudio
) -> PaletteColors:
    """The colours of a palette (.gpl, .ase, .json), or the main ones of a picture."""
    order = orders.ReadPalette(await _upload(form.file))
    result, _ = await _while_there(request, studio.jobs.do(order))
    assert isinstance(result, Colors)
    return PaletteColors(name=result.name, colors=list(result.colors))


# Sessions -------------------------------------------------------------------------------------


@router.post("/sessions", tags=["sessions"], status_code=201)
async def open_session(
    request: Request, form: Annotated[SessionForm, _MULTIPART], studio: InStudio
) -> SessionFacts:
    """Read a picture once, to colour it often."""
    drawing = Drawing(await _upload(form.file), form.kind, form.style, form.gap)
    session = await _while_there(request, studio.open(drawing))
    return _facts(session, studio)


@router.get("/sessions/{id}", tags=["sessions"])
async def session_facts(session: InSession, studio: InStudio) -> SessionFacts:
    """What a session's line art is like."""
    return _facts(session, studio)


@router.patch("/sessions/{id}", tags=["sessions"])
async def change_session(
    request: Request, change: SessionChange, session: InSession, studio: InStudio
) -> SessionFacts:
    """Read the picture anew in another way."""
    values = change.model_dump(include=change.model_fields_set)
    await _while_there(request, studio.change(session, **values))
    return _facts(session, studio)


@router.delete("/sessions/{id}", tags=["sessions"], status_code=204)
async def end_session(session: InSession, studio: InStudio) -> None:
    """Forget a session."""
    studio.sessions.drop(session.id)


@router.get(
    "/sessions/{id}/source.png",
    tags=["sessions"],
    response_class=Response,
    responses=_file("png"),
)
async def source(request: Request, session: InSession, studio: InStudio) -> Response:
    """What was uploaded, upright and without metadata."""
    order = orders.ShowSource(session.drawing.upload)
    result, _ = await _while_there(request, studio.jobs.do(order))
    return _picture(result)


@router.get(
    "/sessions/{id}/lines.png",
    tags=["sessions"],
    response_class=Response,
    responses=_file("png"),
)
async def lines(request: Request, session: InSession, studio: InStudio) -> Response:
    """The line layer, to be multiplied onto the flats."""
    order = orders.ShowLines(session.drawing.key)
    return _picture(await _while_there(request, studio.work_on(session, order)))


@router.get(
    "/sessions/{id}/regions.png",
    tags=["sessions"],
    response_class=Response,
    responses=_file("png"),
)
async def regions(request: Request, session: InSession, studio: InStudio) -> Response:
    """The number of each pixel's region: R + 256 G + 65536 B, from 1."""
    order = orders.ShowRegions(session.drawing.key)
    return _picture(await _while_there(request, studio.work_on(session, order)))


@router.put("/sessions/{id}/reference", tags=["sessions"], status_code=204)
async def set_reference(
    request: Request,
    form: Annotated[FileForm, _MULTIPART],
    session: InSession,
    studio: InStudio,
) -> None:
    """Take colours from another picture from now on."""
    reference = Reference(await _upload(form.file))
    await _while_there(request, studio.refer(session, reference))


@router.delete("/sessions/{id}/reference", tags=["sessions"], status_code=204)
async def remove_reference(session: InSession, studio: InStudio) -> None:
    """Take colours from no other picture any more."""
    studio.refer_to_none(session)


@router.post(
    "/sessions/{id}/paint",
    tags=["sessions"],
    response_class=Response,
    responses=_file("png"),
)
async def paint(
    request: Request, wanted: PaintRequest, session: InSession, studio: InStudio
) -> Response:
    """One layer of the coloured drawing, as it is while it is drawn."""
    order = orders.Paint(
        session.drawing.key,
        session.reference and session.reference.key,
        _coloring(wanted),
        wanted.layer,
    )
    answer = _picture(await _while_there(request, studio.work_on(session, order)))
    answer.headers["X-Nurie-Hints"] = str(len(wanted.hints))
    return answer


@router.post(
    "/sessions/{id}/export",
    tags=["sessions"],
    response_class=Response,
    responses=_file(*MEDIA_TYPES),
)
async def export(
    request: Request, wanted: ExportRequest, session: InSession, studio: InStudio
) -> Response:
    """The coloured drawing, or some of its layers, as a file."""
    order = orders.Export(
        session.drawing.key,
        session.reference and session.reference.key,
        _coloring(wanted),
        wanted.format,
        wanted.layers,
        wanted.by_color,
    )
    result = await _while_there(request, studio.work_on(session, order))
    return _download(result, wanted.format, "art" if wanted.layers == "all" else wanted.layers)


# Requests and answers -------------------------------------------------------------------------


async def _upload(file: UploadFile) -> Upload:
    name = (file.filename or "the file")[:LONGEST_NAME]
    return Upload(name, await file.read())


def _coloring(wanted: PaintRequest | ExportRequest) -> Coloring:
    return Coloring([mark.model_dump() for mark in wanted.hints], wanted.options.model_dump())


def _marks(text: str) -> list[dict]:
    """Hints in a form: a list of them, or what a hints file holds."""
    if text.lstrip().startswith("{"):
        file = _parsed("hints", HintsFile, text)
        return [*file["strokes"], *file["hints"]]
    return _parsed("hints", Marks, text)


def _parsed(field: str, kind: Any, text: str) -> Any:
    """JSON in a field of a form, as plain values of that kind."""
    adapter = TypeAdapter(kind)
    try:
        return adapter.dump_python(adapter.validate_json(text))
    except ValidationError as error:
        raise Problem(422, sentence(error.errors(), field)) from error


def _facts(session: Session, studio: Studio) -> SessionFacts:
    facts = session.facts
    return SessionFacts(
        id=session.id,
        width=facts.width,
        height=facts.height,
        kind=facts.kind,
        style=session.drawing.style,
        gap=session.drawing.gap,
        regions=facts.regions,
        expires_in=round(studio.sessions.seconds_left(session)),
    )


def _picture(content: Result) -> Response:
    return Response(content, media_type="image/png")


def _download(content: Result, format: str, name: str) -> Response:
    # Our own name: that of the upload is the client's, and may be anything.
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    return Response(content, media_type=MEDIA_TYPES[format], headers=headers)


async def _while_there(request: Request, work: Awaitable[T]) -> T:
    """Wait for work, unless the client goes away meanwhile."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Problem(GONE, "the client has gone")
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
