"""Input that is there when it is asked for: batches composed and drawings fetched ahead of time."""

import collections
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch

from nurie.data.shards import Shard

T = TypeVar("T")


def ahead(
    compose: Callable[[int], T], seeds: Iterable[int], count: int
) -> Generator[T, None, None]:
    """The batches of `seeds`, in order; while one is used, a thread composes the next `count`.

    A batch depends on its seed alone, so it is the same whenever it is composed. With a count of 0
    each is composed when it is asked for.
    """
    if not count:
        yield from map(compose, seeds)
        return
    coming: collections.deque[Future[T]] = collections.deque()
    # A process would have to send what it composed; a thread needs not, and torch's kernels let go
    # of Python's lock.
    with ThreadPoolExecutor(1, "batches") as pool:
        try:
            for seed in seeds:
                coming.append(pool.submit(compose, seed))
                if len(coming) > count:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for batch in coming:
                batch.cancel()


@dataclass(frozen=True, eq=False)
class _Part(Shard):
    """A set of which some drawings are spoken of alone."""

    chosen: np.ndarray

    def rows(self, split: str) -> np.ndarray:
        return self.chosen


class Windows(Generic[T]):
    """The drawings of one split, of which a part at a time lies on the device: a window.

    For sets that do not fit. While batches are composed from one window, a thread reads the next
    from the disk. In one pass over the split every drawing is in one window; each pass shuffles
    anew. Which window a batch is composed from depends on its seed alone, so a resumed run goes on
    exactly; seeds that follow on each other, as the loop's do, find their window there.

    Args:
        bank: what makes a bank of a split's drawings: `Bank` or `Cutouts`.
        resident: drawings that may lie on the device, half of them in the next window; 0 lets all.
        family: how many of a group are in one pass at most, each time others. A bank that picks
            those of large groups more rarely goes by how many it holds, which is but a part.
    """

    STEPS = 500
    """Batches that are composed from one window."""

    def __init__(
        self,
        bank: Callable[[Shard, str, torch.device], T],
        shard: Shard,
        split: str,
        device: torch.device,
        *,
        resident: int = 0,
        family: int | None = None,
    ):
        self._bank, self._shard, self._split, self._device = bank, shard, split, device
        self._family = family
        self._size = resident // 2 if 0 < resident < len(shard.rows(split)) else 0
        self._pool = ThreadPoolExecutor(1, "windows")
        self._fetched: dict[tuple[int, int], Future[T]] = {}

    def at(self, seed: int) -> T:
        """The bank that the batch of this seed is composed from; not for two threads at once.

        Raises:
            NurieError: it would be an empty one.
        """
        run, number = divmod(seed, 1 << 32)  # as the loop puts its seeds together
        window = (run, number // self.STEPS) if self._size else (0, 0)
        wanted = {window: self._fetching(window)}
        # The first batch leaves time for the window before to go, and looks at held-out drawings,
        # which are all of one window, never ask for a second.
        if self._size and number % self.STEPS:
            following = (run, window[1] + 1)
            wanted[following] = self._fetching(following)
        self._fetched = wanted
        return wanted[window].result()

    def _fetching(self, window: tuple[int, int]) -> Future[T]:
        return self._fetched.get(window) or self._pool.submit(self._fetch, *window)

    def _fetch(self, run: int, window: int) -> T:
        shard = self._shard
        if self._size:
            shard = _Part(shard.entries, shard.arrays, self._chosen(run, window))
        return self._bank(shard, self._split, self._device)

    def _chosen(self, run: int, window: int) -> np.ndarray:
        """The rows of a window, in the order in which they lie on the disk."""
        rows = self._limited(self._shard.rows(self._split))
        count = -(-len(rows) // self._size)
        repeated, place = divmod(window, count)
        random = np.random.default_rng([run % (1 << 64), repeated])
        rows = self._limited(random.permutation(self._shard.rows(self._split)))
        return np.sort(np.array_split(rows, count)[place])

    def _limited(self, rows: np.ndarray) -> np.ndarray:
        """The first of each group, up to `family`."""
        if self._family is None:
            return rows
        seen = collections.Counter()
        kept = []
        for row in rows:
            group = self._shard.entries[row].group
            seen[group] += 1
            if seen[group] <= self._family:
                kept.append(row)
        return np.array(kept, np.int64)
