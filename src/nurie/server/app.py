"""The server put together: the API, the studio's files, and what stands before them."""

import asyncio
import contextlib
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from nurie import __version__
from nurie.server.jobs import Jobs
from nurie.server.limits import Admission
from nurie.server.metrics import Metrics
from nurie.server.orders import Limits
from nurie.server.problems import Problem, response, sentence
from nurie.server.routes import router
from nurie.server.schemas import ProblemDetails
from nurie.server.security import Gatekeeper, SafeHeaders
from nurie.server.settings import Settings
from nurie.server.studio import Studio
from nurie.server.workers import Worker

# Browsers run no script of another type, and some systems have one registered.
mimetypes.add_type("text/javascript", ".js")

STATIC = Path(__file__).parent / "static"

SWEEP = 30
"""Seconds between two looks at which sessions have expired."""


def create_api(settings: Settings) -> FastAPI:
    """The API and the studio's files; workers are started when it is.

    It takes whatever comes: `protected` is what may listen on a network.
    """

    @contextlib.asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        limits = Limits(settings.threads, settings.max_pixels)
        workers = [Worker(limits) for _ in range(settings.workers)]
        jobs = Jobs(workers, settings.timeout)
        api.state.studio = Studio(settings, jobs)
        sweeping = asyncio.create_task(_sweep(api.state.studio))
        yield
        sweeping.cancel()
        await jobs.end()

    api = FastAPI(
        title="nurie",
        summary="Line art out of pictures, colour into line art.",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    api.state.settings = settings
    api.include_router(router)
    # What is no address of the API. Mounted, it would also answer for the API's wrong methods.
    api.router.default = StaticFiles(directory=STATIC, html=True)
    api.add_exception_handler(HTTPException, _explain)
    api.add_exception_handler(RequestValidationError, _explain_values)
    api.add_exception_handler(Exception, _admit)
    api.openapi = lambda: _openapi(api)
    return api


def protected(api: FastAPI) -> ASGIApp:
    """The API behind all that a request has to pass; the first to see one comes last here."""
    settings: Settings = api.state.settings
    places = settings.workers + settings.queue
    app: ASGIApp = Admission(
        api, places=places, max_bytes=settings.max_upload, timeout=settings.timeout
    )
    app = Gatekeeper(
        app, host=settings.host, token=settings.token, allow_origins=settings.allow_origins
    )
    if settings.allow_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.allow_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Nurie-Hints", "Retry-After", "Content-Disposition"],
        )
    app = Metrics(SafeHeaders(app))
    _watch(app, api)
    return app


def _watch(metrics: Metrics, api: FastAPI) -> None:
    """Have the metrics tell of the queue, the sessions and the workers."""
    api.state.metrics = metrics

    def studio() -> Studio:
        return api.state.studio

    metrics.watch("nurie_waiting", "Jobs that wait.", lambda: studio().jobs.waiting)
    metrics.watch("nurie_sessions", "Sessions that are open.", lambda: len(studio().sessions))
    metrics.watch("nurie_session_bytes", "Memory of the sessions.", lambda: studio().sessions.bytes)
    metrics.watch(
        "nurie_worker_restarts", "Workers that were replaced.", lambda: studio().jobs.restarts
    )


async def _sweep(studio: Studio) -> None:
    while True:
        await asyncio.sleep(SWEEP)
        studio.sessions.sweep()


_PLAIN = {
    404: "there is nothing at this address",
    405: "this address is not for that method",
}
"""What the framework's own errors say here."""


async def _explain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not isinstance(error, Problem):
        status, headers = error.status_code, error.headers
        if status == 405:
            headers = {"Allow": ", ".join(_methods(request))}
        error = Problem(status, _PLAIN.get(status, error.detail), headers)
    return response(error)


def _methods(request: Request) -> list[str]:
    """What an address is for: the framework says only what the first of its routes is for."""
    path = request.url.path
    found = [
        route.methods or ()
        for route in router.routes
        if isinstance(route, APIRoute) and route.path_regex.match(path)
    ]
    return sorted(set().union(*found)) if found else ["GET", "HEAD"]  # one of the studio's files


async def _explain_values(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return response(Problem(422, sentence(error.errors())))


async def _admit(request: Request, error: Exception) -> Response:
    return response(Problem(500, "the server failed at this, which is a defect of nurie"))


def _openapi(api: FastAPI) -> dict:
    if not api.openapi_schema:
        schema = get_openapi(
            title=api.title, version=api.version, summary=api.summary, routes=api.routes
        )
        components = schema["components"]
        components["schemas"]["ProblemDetails"] = ProblemDetails.model_json_schema()
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{}, {"token": []}]
        api.openapi_schema = schema
    return api.openapi_schema
