"""What NVIDIA's driver says, and which builds for CUDA it runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nurie.runtime.facts import Facts
from nurie.runtime.trials import told
from nurie.tasks.doctor.versions import dotted, numbers

OLDEST_DRIVER = {11: "450.80.02", 12: "525.60.13", 13: "580.65.06"}
"""The first driver, on Linux, for whatever was built with CUDA of that major version; from NVIDIA's
"CUDA Compatibility", chapter "Minor Version Compatibility", and the release notes of CUDA."""


@dataclass(frozen=True)
class Card:
    """A GPU as nvidia-smi lists it, its memory in MiB, None where it tells none."""

    name: str
    driver: str
    memory: int | None
    free: int | None


@dataclass(frozen=True)
class Nvidia:
    """The driver and its GPUs.

    Attributes:
        cards: that nvidia-smi lists.
        usable: that CUDA gives to this process: name, memory, capability of each.
        driver: its version, "" where that is not known.
        cuda: the latest version of CUDA that it runs, such as (12, 4).
    """

    cards: tuple[Card, ...]
    usable: tuple[Mapping[str, Any], ...]
    driver: str
    cuda: tuple[int, int] | None

    @property
    def is_there(self) -> bool:
        return bool(self.cards or self.usable)

    def runs(self, major: int) -> bool:
        """Whether it runs what was built with CUDA of that major version, as far as is known."""
        # What CUDA says of itself counts NVIDIA's compatibility package too, so it comes first.
        if self.cuda:
            return self.cuda[0] >= major
        return not self.driver or numbers(self.driver) >= numbers(OLDEST_DRIVER.get(major, "0"))

    @property
    def newest(self) -> int:
        """The latest major version of CUDA whose builds it runs; 0 if it runs none."""
        return max((major for major in OLDEST_DRIVER if self.runs(major)), default=0)

    @property
    def too_new(self) -> str:
        """What is said of a build that it does not run."""
        runs = f", which runs CUDA {dotted(self.cuda)} and older" if self.cuda else ""
        return f"too new for driver {self.driver or 'of unknown version'}{runs}"

    @property
    def first_steps(self) -> list[str]:
        """What comes before installing a build for CUDA, of which the oldest are for CUDA 12."""
        return [] if self.newest >= 12 else [newer_driver(12)]


def newer_driver(major: int) -> str:
    version = f" ({OLDEST_DRIVER[major]} or newer on Linux)" if major in OLDEST_DRIVER else ""
    return f"update the NVIDIA driver to one for CUDA {major}{version}"


def read_nvidia(facts: Facts) -> Nvidia:
    header = facts.nvidia_smi.out if facts.nvidia_smi else ""
    cards = read_cards(facts.gpu_list.out) if facts.gpu_list else ()
    said = told(facts.driver)
    number = said.get("version")
    driver = cards[0].driver if cards else read_driver(header) or read_driver(facts.kernel_module)
    return Nvidia(
        cards=cards,
        usable=tuple(said.get("gpus", ())),
        driver=driver,
        cuda=(number // 1000, number % 1000 // 10) if number else read_cuda(header),
    )


def read_cards(text: str) -> tuple[Card, ...]:
    """Read nvidia-smi's list of index, name, driver, memory and free memory."""
    cards = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 5 and parts[0].isdecimal():
            memory, free = (int(part) if part.isdecimal() else None for part in parts[3:])
            cards.append(Card(parts[1], parts[2], memory, free))
    return tuple(cards)


def read_driver(text: str) -> str:
    """The driver's version in nvidia-smi's heading, or in what its kernel module says; or ""."""
    # Newer drivers call it KMD; the open module names the machine between.
    found = re.search(
        r"(?:Driver|KMD) Version\s*: ?([0-9.]+)|Module (?:for \S+)?\s*([0-9.]+)", text
    )
    return found[1] or found[2] if found else ""


def read_cuda(text: str) -> tuple[int, int] | None:
    """The latest CUDA that a driver runs, as nvidia-smi's heading says; newer ones call it UMD."""
    found = re.search(r"CUDA (?:UMD )?Version\s*: ?([0-9]+)\.([0-9]+)", text)
    return (int(found[1]), int(found[2])) if found else None
