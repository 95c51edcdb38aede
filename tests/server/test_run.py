import socket

import pytest

from nurie.core.errors import NurieError
from nurie.server.run import address, listen
from nurie.server.settings import Settings


@pytest.fixture
def listener():
    with listen(Settings(port=0)) as taken:
        yield taken


def test_small_answers_are_sent_at_once(listener):
    """asyncio switches Nagle's algorithm off for sockets that say that they speak TCP."""
    assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"host": "127.0.0.1"}, "http://127.0.0.1:{port}/"),
        ({"host": "localhost"}, "http://localhost:{port}/"),
        ({"host": "::1"}, "http://[::1]:{port}/"),
        ({"host": "192.168.0.7", "token": "t-_k"}, "http://192.168.0.7:{port}/#token=t-_k"),
    ],
)
def test_the_address_is_one_to_open(listener, settings, expected):
    port = listener.getsockname()[1]
    assert address(Settings(**settings), listener) == expected.format(port=port)


def test_for_all_addresses_one_is_shown_that_others_reach(listener):
    shown = address(Settings(host="0.0.0.0", token="t"), listener)
    assert "//0.0.0.0" not in shown


def test_a_port_in_use_is_known_before_anything_starts(listener):
    port = listener.getsockname()[1]
    with pytest.raises(NurieError, match=f"port {port} is in use"):
        listen(Settings(port=port))


@pytest.mark.parametrize("name", ["workers", "queue", "timeout", "max_pixels"])
def test_numbers_that_make_no_sense_are_refused(name):
    with pytest.raises(NurieError, match=name):
        Settings(**{name: 0})
    with pytest.raises(NurieError, match=name):
        Settings(**{name: float("nan")})
