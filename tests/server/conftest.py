from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw

for package in ("fastapi", "httpx", "prometheus_client", "uvicorn"):
    pytest.importorskip(package)

from serving import Served, png, serving  # noqa: E402


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A server with its defaults; tests leave no session behind that others would miss."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def line_art() -> bytes:
    """Two closed shapes on paper, 120 x 90."""
    image = Image.new("L", (120, 90), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 20, 50, 70), outline="black", width=2)
    draw.rectangle((65, 20, 110, 70), outline="black", width=2)
    return png(image)


@pytest.fixture(scope="session")
def picture() -> bytes:
    """The same, painted, 120 x 90."""
    image = Image.new("RGB", (120, 90), "lightblue")
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 20, 50, 70), fill="tomato", outline="black", width=2)
    draw.rectangle((65, 20, 110, 70), fill="gold", outline="black", width=2)
    return png(image)
