"""Errors as clients see them: application/problem+json (RFC 9457), with a plain sentence."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from nurie.core.files import one_line

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER = 1
"""Seconds after which a refused request has a chance: most work takes less."""


GONE = 499
"""The status, none of HTTP's own, of a request whose client has gone: nobody sees it but us."""

_TITLES = {GONE: "Client Closed Request"}


class Problem(HTTPException):
    """A request that can't be answered.

    Args:
        status: of HTTP.
        detail: what is wrong and what to do, in a sentence.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None):
        super().__init__(status, detail, headers)


def unavailable(detail: str) -> Problem:
    """A problem that goes away by itself."""
    return Problem(503, detail, {"Retry-After": str(RETRY_AFTER)})


def response(error: HTTPException) -> JSONResponse:
    """The answer that tells of a problem."""
    content = {
        "type": "about:blank",
        "title": _TITLES.get(error.status_code) or HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "detail": one_line(error.detail),  # it may repeat what a client sent
    }
    return JSONResponse(content, error.status_code, error.headers, MEDIA_TYPE)


def sentence(errors: Sequence[Any], field: str | None = None) -> str:
    """What is wrong with the values that a client sent: the first thing that pydantic found.

    Args:
        field: where they stood; None where the errors say so, after the part of the request.
    """
    if errors[0]["type"] == "json_invalid":
        return f"{field or 'the request'}: this is no JSON"
    place = errors[0]["loc"]
    place = [field, *place] if field else place[1:]
    name = ".".join(str(part) for part in place if part is not None)
    if name == "file":
        return "file: send a file here"
    message = str(errors[0]["msg"]).removeprefix("Value error, ")
    return f"{name or 'the request'}: {message[0].lower()}{message[1:]}"
