import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from nurie.server.security import Gatekeeper, SafeHeaders, is_loopback


async def _hello(request) -> PlainTextResponse:
    return PlainTextResponse("hello")


PATHS = ("/", "/api/v1/health", "/api/v1/models")
APP = Starlette(routes=[Route(path, _hello, methods=["GET", "POST"]) for path in PATHS])


def ask(
    path: str = "/api/v1/models",
    method: str = "POST",
    *,
    host: str = "127.0.0.1",
    token: str | None = None,
    allow_origins: tuple[str, ...] = (),
    **headers: str,
) -> httpx.Response:
    app = Gatekeeper(APP, host=host, token=token, allow_origins=allow_origins)
    transport = httpx.ASGITransport(SafeHeaders(app))
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:7860") as it:
            return await it.request(method, path, headers=named)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.9", False),
        ("localhost.example.org", False),
    ],
)
def test_what_is_this_machine_alone(host, local):
    assert is_loopback(host) == local


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "127.0.0.1:1", "[::1]:7860"])
def test_this_machine_s_names_are_let_in(host):
    assert ask(host="127.0.0.1", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example:7860", "127.0.0.1.evil.example", "", "[", "a@b"],
)
def test_a_name_that_was_bent_to_this_machine_is_refused(host):
    answer = ask(method="GET", Host=host)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_on_other_addresses_the_name_is_free():
    assert ask(host="0.0.0.0", token="t", Host="studio", Authorization="Bearer t").is_success


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:7860"},
        {"Origin": "http://localhost:7860", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_our_own_page_and_programs_may_change_things(headers):
    assert ask(**headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://localhost:7860", "Sec_Fetch_Site": "cross-site"},
    ],
)
def test_pages_of_others_may_not(headers):
    assert ask(**headers).status_code == 403
    assert ask(method="GET", **headers).status_code == 200  # they can't read the answer


def test_an_allowed_page_may():
    headers = {"Origin": "https://example.org", "Sec_Fetch_Site": "cross-site"}
    assert ask(allow_origins=("https://example.org",), **headers).status_code == 200
    assert ask(allow_origins=("https://example.com",), **headers).status_code == 403


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic t", "t", "Bearer tt", "Bearer ü"],
)
def test_without_the_token_the_api_is_closed(authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    if authorization == "Bearer ü":
        headers = {"Authorization": authorization.encode("latin-1")}  # type: ignore[dict-item]
    answer = ask(token="t", **headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "token" in answer.json()["detail"]


def test_with_the_token_it_is_open():
    assert ask(token="t", Authorization="Bearer t").status_code == 200
    assert ask(token="t", Authorization="bearer t").status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/health"])
def test_the_page_and_health_need_no_token(path):
    assert ask(path, "GET", token="t").status_code == 200


@pytest.mark.parametrize("path", ["//api/v1/models", "/./api/v1/models", "/API/v1/models"])
def test_no_other_way_to_write_an_address_goes_past_the_token(path):
    assert ask(path, "GET", token="t").status_code in (401, 404)


@pytest.mark.parametrize("path", ["/", "/api/v1/models", "/nothing"])
def test_browsers_are_told_to_trust_nothing_else(path):
    headers = ask(path, "GET").headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' blob: data:"
    assert not any("unsafe" in rule or "http" in rule for rule in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_a_refusal_has_the_headers_as_well():
    answer = ask(Origin="https://evil.example")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


def test_starlette_s_cors_is_what_the_app_relies_on():
    """An allowed page reads answers, refusals too, and another one reads none."""
    guarded = Gatekeeper(APP, host="127.0.0.1", token="t", allow_origins=("https://example.org",))
    app = CORSMiddleware(guarded, allow_origins=["https://example.org"])

    async def run(origin: str) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as it:
            return await it.post("/api/v1/models", headers={"Origin": origin})

    answer = asyncio.run(run("https://example.org"))
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://example.org"
    assert "access-control-allow-origin" not in asyncio.run(run("https://evil.example")).headers
