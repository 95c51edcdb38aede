"""The nearest of many places in a maze: no way leads through a wall, and borders are straight.

A wave runs from every place, and each pixel belongs to the wave that comes first. A wave comes to a
pixel when it has run as far as the pixel is from its place, as the crow flies; or later, if the way
there leads through what is further. Waves run over *cells*, the connected parts of small squares,
and only the pixels of cells where two waves meet are looked at one by one.
"""

from dataclasses import dataclass

import cc3d
import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """Cells and the ways between them. There are C cells, numbered from 1; 0 stands for none.

    Attributes:
        side: of the squares, in pixels.
        middle: x and y of the middle of each cell's square, (C + 1, 2) float32.
        way: the cells beside cell 1, then those beside cell 2, and so on, (W,) int32.
        first: where the ways out of each cell begin, (C + 2,) int64.
    """

    side: int
    middle: np.ndarray
    way: np.ndarray
    first: np.ndarray

    def beside(self, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All ways out of some cells: index into `cells`, ascending, and the cell beside."""
        first, ways = self.first[cells], self.first[cells + 1] - self.first[cells]
        which = np.repeat(np.arange(cells.size, dtype=np.int32), ways)
        skipped = first - (np.cumsum(ways) - ways)
        return which, self.way[np.arange(which.size) + skipped[which]]


@dataclass(frozen=True, eq=False)
class Waves:
    """Which wave comes to each cell first.

    Attributes:
        mesh: what they ran over.
        place: x and y that each ran from, (N, 2) float32.
        first: the wave that comes first to each cell, (C + 1,) int32; -1 where none comes.
        late: how far it had run by then, if it came late, (C + 1,) float32 in pixels; else 0.
    """

    mesh: Mesh
    place: np.ndarray
    first: np.ndarray
    late: np.ndarray

    def meeting(self, name: np.ndarray) -> np.ndarray:
        """Which cells are beside one whose wave has another name, (C + 1,) bool.

        Args:
            name: of each wave, (N,).
        """
        cells = np.flatnonzero(self.first >= 0)
        which, beside = self.mesh.beside(cells)
        differ = name[self.first[cells]][which] != name[self.first[beside]]
        meeting = np.zeros(self.first.size, bool)
        meeting[cells[which[differ]]] = True
        return meeting

    def at(self, x: np.ndarray, y: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """The wave that comes first to single pixels, (P,): their cell's, or one from beside it."""
        cells = np.flatnonzero(np.bincount(cell))
        number = np.zeros(self.first.size, np.int32)
        number[cells] = np.arange(cells.size)
        which, beside = self.mesh.beside(cells)
        other = self.first[beside] != self.first[cells[which]]
        which, beside = which[other], beside[other]
        end = np.searchsorted(which, np.arange(1, cells.size + 1))

        wave, soonest = self.first[cell], self._comes(x, y, cell)
        pixel, last = np.arange(cell.size), end[number[cell]]
        rival = np.append(0, end)[number[cell]]
        while (more := rival < last).any():
            pixel, rival, last = pixel[more], rival[more], last[more]
            comes = self._comes(x[pixel], y[pixel], beside[rival])
            sooner = comes < soonest[pixel]
            soonest[pixel[sooner]] = comes[sooner]
            wave[pixel[sooner]] = self.first[beside[rival[sooner]]]
            rival = rival + 1
        return wave

    def _comes(self, x: np.ndarray, y: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """How far the wave of a cell has run when it comes to a pixel."""
        from_x, from_y = self.place[self.first[cell]].T
        return np.maximum(np.hypot(x - from_x, y - from_y), self.late[cell])


def cut(areas: np.ndarray, side: int) -> tuple[np.ndarray, Mesh]:
    """Cut areas into cells.

    Args:
        areas: the area of each pixel, (H, W) int32, from 1; 0 is a wall. No way leads from one area
            into another.
        side: of the squares, in pixels.

    Returns:
        The cell of each pixel, (H, W) int32, 0 in walls; and the mesh.
    """
    row, column = (np.arange(length) // side for length in areas.shape)
    board = (row % 2 == 0)[:, None] ^ (column % 2 == 0)  # a chessboard: no square touches its like
    squares = np.where(areas > 0, 2 * areas + board, 0).view(np.uint32)
    cell, count = cc3d.connected_components(squares, connectivity=4, return_N=True)
    cell = cell.astype(np.int32)
    middle = np.zeros((count + 1, 2), np.float32)
    middle[cell, 0] = column * side + (side - 1) / 2
    middle[cell, 1] = (row * side + (side - 1) / 2)[:, None]

    pairs = np.append(_borders(cell, areas), _borders(cell.T, areas.T), axis=1).astype(np.int64)
    ways = np.sort((pairs * (count + 1) + pairs[::-1]).ravel())
    first = np.searchsorted(ways, np.arange(count + 2) * (count + 1))
    return cell, Mesh(side, middle, (ways % (count + 1)).astype(np.int32), first)


def _borders(cell: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Two cells of an area, one right above the other, for every run of such pixels: (2, N)."""
    at = (cell[1:] != cell[:-1]) & (areas[1:] == areas[:-1]) & (areas[1:] > 0)
    pairs = np.stack([cell[1:][at], cell[:-1][at]])
    begins = np.ones(pairs.shape[1], bool)
    begins[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(0)
    return pairs[:, begins]


def run(mesh: Mesh, place: np.ndarray, cell: np.ndarray) -> Waves:
    """Let waves run.

    Args:
        place: x and y that each runs from, (N, 2).
        cell: that each place lies in, (N,).
    """
    place = place.astype(np.float32)

    def away(cell: np.ndarray, wave: np.ndarray) -> np.ndarray:
        way = mesh.middle[cell] - place[wave]
        return np.hypot(way[:, 0], way[:, 1])

    first = np.full(len(mesh.middle), -1, np.int32)
    ran = np.zeros(len(mesh.middle), np.float32)
    claim = np.empty(len(mesh.middle), np.int32)
    wave, beside = mesh.beside(cell)  # of two places in one cell, each shall get somewhere
    wave = np.append(np.arange(cell.size, dtype=np.int32), wave)
    cell = np.append(cell, beside)
    comes = away(cell, wave)
    while cell.size:
        now = comes <= comes.min() + mesh.side / 2
        turn = np.flatnonzero(now)
        turn = turn[first[cell[turn]] < 0]
        turn = turn[np.argsort(-comes[turn], kind="stable")]
        claim[cell[turn]] = turn  # the soonest is written last and stays
        turn = turn[claim[cell[turn]] == turn]
        first[cell[turn]], ran[cell[turn]] = wave[turn], comes[turn]

        which, beside = mesh.beside(cell[turn])
        free = first[beside] < 0
        turn, beside = turn[which[free]], beside[free]
        comes = np.append(comes[~now], np.maximum(comes[turn], away(beside, wave[turn])))
        cell, wave = np.append(cell[~now], beside), np.append(wave[~now], wave[turn])
    reached = np.flatnonzero(first >= 0)
    in_time = ran[reached] <= away(reached, first[reached]) + mesh.side
    ran[reached[in_time]] = 0
    return Waves(mesh, place, first, ran)
