from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory) -> Path:
    """A built set of four drawings, of which one is held out: discs, no two of one size."""
    pytest.importorskip("resvg_py")
    pytest.importorskip("skimage")
    import hand_made
    from nurie.data import shards

    names = sorted(map(str, range(40)), key=lambda name: shards.split_of("hand-made", name))
    rings = zip((12, 21, 30, 39), [names[0], *names[-3:]], strict=True)
    folder = tmp_path_factory.mktemp("sets") / "discs"
    shards.build([hand_made.inked_ring(*ring) for ring in rings], folder)
    return folder
