"""nurie itself: the packages that it needs, its optional parts, its models."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nurie.runtime.facts import Facts
from nurie.runtime.store import FOLDER_VARIABLE
from nurie.tasks.doctor.findings import Finding, fault, ok
from nurie.tasks.doctor.versions import numbers

RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
"""Packages that put their files into the one folder `onnxruntime`, where the last one wins."""


def packages(facts: Facts) -> Iterator[Finding]:
    if facts.requirements is None:
        yield ok("nurie", f"{facts.version}, run from its source; what it needs is not checked")
        return
    needs = [need for text in facts.requirements if (need := read_requirement(text))]
    lacking = [need for need in needs if not need.extra and not _is_met(need, needs, facts)]
    if lacking:
        names = ", ".join(need.name for need in lacking)
        wanted = " ".join(f"'{need.name}>={need.oldest}'" for need in lacking)
        yield fault("nurie", f"{facts.version} lacks {names}", f"pip install {wanted}")
    else:
        yield ok("nurie", f"{facts.version}, with all that it needs")
    extras = dict.fromkeys(need.extra for need in needs if need.extra)
    if extras:
        yield ok("extras", "; ".join(_extra(extra, needs, facts) for extra in extras))


@dataclass(frozen=True)
class Requirement:
    """What a package needs: for `extra`, or always where that is ""."""

    name: str
    oldest: str
    extra: str
    extras_of: tuple[str, ...] = ()


def read_requirement(text: str) -> Requirement | None:
    """Read one as packages state it; None for one that holds on some systems or Pythons only."""
    found = re.match(r"([\w.-]+)(?:\[([^\]]*)\])?([^;]*)(?:;\s*(.*))?$", text.strip())
    if not found:
        return None
    name, of, versions, marker = found.groups(default="")
    extra = re.fullmatch(r"extra == ['\"]([\w.-]+)['\"]\s*", marker)
    if marker and not extra:
        return None
    oldest = re.search(r">=\s*([0-9.]+)", versions)
    return Requirement(
        name=re.sub(r"[-_.]+", "-", name).lower(),
        oldest=oldest[1] if oldest else "0",
        extra=extra[1] if extra else "",
        extras_of=tuple(part.strip() for part in of.split(",") if part.strip()),
    )


def _extra(extra: str, needs: Sequence[Requirement], facts: Facts) -> str:
    own = [need for need in needs if need.extra == extra]
    lacking = [need for need in own if not _is_met(need, needs, facts)]
    if not lacking:
        return f"{extra} installed"
    if len(lacking) == len(own):
        return f"{extra} not installed"
    names = (" ".join(need.extras_of) or f"{need.name} {need.oldest}" for need in lacking)
    return f"{extra} lacks {', '.join(names)}"


def _is_met(need: Requirement, needs: Sequence[Requirement], facts: Facts) -> bool:
    if need.name == "nurie":
        # An extra that names itself, through others or not, asks for nothing more.
        others = [other for other in needs if other is not need]
        parts = [other for other in others if other.extra in need.extras_of]
        return all(_is_met(part, others, facts) for part in parts)
    names = RUNTIMES if need.name == "onnxruntime" else (need.name,)
    versions = [facts.installed[name] for name in names if name in facts.installed]
    return any(numbers(version) >= numbers(need.oldest) for version in versions)


def models(facts: Facts) -> Iterator[Finding]:
    for model in facts.models:
        if model.trouble:
            found, _, mend = model.trouble.rpartition("; ")
            yield fault("models", f"{model.name}: {found}", mend)
    whole = [model.name for model in facts.models if not model.trouble]
    if whole:
        folder = facts.environment.get(FOLDER_VARIABLE)
        place = f", sought first in {FOLDER_VARIABLE}, which is {folder}" if folder else ""
        yield ok("models", f"whole: {', '.join(whole)}{place}")
