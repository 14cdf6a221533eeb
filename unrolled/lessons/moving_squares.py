"""Movies to predict: squares that move, and digits that bounce off the walls.

A movie is an array (T, H, W) of numbers from 0, black, to 1, white; many of them are (B, T, H, W).

Squares move on a plane larger than what is seen, each with a velocity of its own that never
changes: -1, 0 or 1 pixel a frame along each axis. So some leave; none comes in from outside unless
a border lets it begin there. Where squares overlap they are white all the same. This is the film of
Keras' old example ``conv_lstm``
(https://github.com/keras-team/keras/blob/2.3.1/examples/conv_lstm.py), written anew and
vectorised: the same numbers of squares, sizes, velocities and noise (``LARGE``), and a smaller
film of the same kind (``SMALL``).

Digits move as in moving MNIST: N. Srivastava et al. (2015), Unsupervised learning of video
representations using LSTMs, ICML, https://arxiv.org/abs/1502.04681 (section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Setting:
    """What a film of squares looks like.

    Attributes:
        side: rows and columns of a frame, H = W.
        frames: T.
        squares: the smallest and the largest number of squares in a movie.
        halves: the smallest and the largest half of a square's side; sides are even.
        border: how far beyond the frame, on each side, a square may begin. In the sources' film
            squares begin anywhere in the frame; what lies beyond comes in no sooner than it moves.
        noise: by how much the grey values around a square may be off, see :meth:`Squares.noisy`.
    """

    side: int
    frames: int
    squares: tuple[int, int]
    halves: tuple[int, int]
    border: int = 0
    noise: float = 0.0

    def __post_init__(self) -> None:
        for name, pair in (("squares", self.squares), ("halves", self.halves)):
            if not 1 <= pair[0] <= pair[1]:
                raise ValueError(f"{name} must be two rising numbers from 1 up, not {pair}")
        if self.side < 1 or self.frames < 1 or self.border < 0:
            raise ValueError("side and frames are at least 1, border at least 0")


#: One or two squares of 4 × 4 or 6 × 6 pixels on 16 × 16.
SMALL = Setting(side=16, frames=15, squares=(1, 2), halves=(2, 3))
#: As in the sources: three to seven squares of 4 × 4 or 6 × 6 pixels on 40 × 40, with noise.
LARGE = Setting(side=40, frames=15, squares=(3, 7), halves=(2, 3), noise=0.1)


@dataclass(frozen=True)
class Squares:
    """The squares of B movies, at most n in each.

    Attributes:
        centre: row and column of each square in the first frame, (B, n, 2); a centre is the corner
            between four pixels, so that a square covers ``half`` pixels before it and after it.
        velocity: rows down and columns right in a frame, (B, n, 2), each -1, 0 or 1.
        half: half of each side, (B, n); 0 where a movie has fewer squares than n.
        setting: what they were drawn from.
    """

    centre: Array
    velocity: Array
    half: Array
    setting: Setting

    def covers(self, grow: int = 0) -> Iterator[Array]:
        """Yield for each of the n squares which pixels it covers, (B, T, H, W), true or false.

        Args:
            grow: by how many pixels each square is larger on each side.
        """
        t = np.arange(self.setting.frames)
        place = np.arange(self.setting.side)
        reach = np.where(self.half > 0, self.half + grow, 0)  # (B, n)
        for n in range(self.half.shape[1]):
            at = self.centre[:, n, None] + self.velocity[:, n, None] * t[:, None]  # (B, T, 2)
            away = place - at[..., None]  # (B, T, 2, side)
            far = reach[:, n, None, None, None]
            inside = (-far <= away) & (away < far)
            yield inside[:, :, 0, :, None] & inside[:, :, 1, None, :]

    def movies(self) -> Array:
        """Return the movies, (B, T, H, W), float32: 1 inside a square, 0 outside."""
        white: Array = np.zeros(self._shape, np.float32)
        for covered in self.covers():
            white[covered] = 1
        return white

    def noisy(self, rng: np.random.Generator) -> Array:
        """Return the movies as a bad camera sees them, (B, T, H, W), float32.

        In half of the frames, drawn by lot for each square, the square and one pixel around it are
        brighter or darker by the setting's noise. Nothing is brighter than 1; what is darker than
        0 stays so, as in the sources.
        """
        seen: Array = np.zeros(self._shape, np.float32)
        for covered, around in zip(self.covers(), self.covers(grow=1), strict=True):
            batch_and_time = covered.shape[:2]
            sign = rng.integers(0, 2, batch_and_time) * rng.choice([-1, 1], batch_and_time)
            off = np.float32(self.setting.noise) * sign.astype(np.float32)
            seen += covered + off[:, :, None, None] * around
        return seen.clip(None, 1)

    @property
    def _shape(self) -> tuple[int, int, int, int]:
        side = self.setting.side
        return len(self.half), self.setting.frames, side, side


def squares(rng: np.random.Generator, count: int, setting: Setting = SMALL) -> Squares:
    """Draw the squares of some movies by lot.

    Args:
        rng: the source of chance; the same state gives the same squares.
        count: B, how many movies.
        setting: how many squares, how large, on frames how large.
    """
    fewest, most = setting.squares
    number = rng.integers(fewest, most + 1, count)  # (B,)
    low, high = -setting.border, setting.side + setting.border
    centre = rng.integers(low, high, (count, most, 2))
    velocity = rng.integers(-1, 2, (count, most, 2))
    half = rng.integers(setting.halves[0], setting.halves[1] + 1, (count, most))
    half[np.arange(most) >= number[:, None]] = 0
    return Squares(centre, velocity, half, setting)


def movies(rng: np.random.Generator, count: int, setting: Setting = SMALL) -> Array:
    """Return movies of moving squares without noise, (B, T, H, W), float32, 0 or 1.

    ``movies(np.random.default_rng(0), 100)`` are 100 movies of 15 frames of 16 × 16 pixels.
    """
    return squares(rng, count, setting).movies()


def moving_digits(
    rng: np.random.Generator,
    pictures: Array,
    count: int,
    *,
    side: int = 64,
    frames: int = 20,
    digits: int = 2,
    speed: float = 3.6,
) -> Array:
    """Return movies of pictures that move straight on and bounce off the walls.

    Each picture starts anywhere inside the frame, in any direction; positions are rounded to whole
    pixels. Where pictures overlap, the brighter pixel is seen.

    Args:
        rng: the source of chance.
        pictures: what moves, (N, h, w), numbers from 0 to 1.
        count: B, how many movies.
        side: H = W, not below h and w.
        frames: T.
        digits: how many pictures move in a movie.
        speed: pixels in a frame.

    Returns:
        (B, T, H, W), float32.

    Raises:
        ValueError: a picture does not fit into the frame.
    """
    _, high, wide = pictures.shape
    if max(high, wide) > side:
        raise ValueError(f"pictures of {high} × {wide} do not fit into a frame of {side} × {side}")
    room = np.array([side - high, side - wide])  # places that a top left corner has, less one
    film = np.zeros((count, frames, side, side), np.float32)
    movie, t = np.arange(count)[:, None, None, None], np.arange(frames)[:, None, None]
    for _ in range(digits):
        chosen = pictures[rng.integers(0, len(pictures), count)].astype(np.float32)
        start = rng.uniform(0, 1, (count, 1, 2)) * room
        angle = rng.uniform(0, 2 * np.pi, (count, 1))
        velocity = speed * np.stack([np.sin(angle), np.cos(angle)], axis=-1)  # (B, 1, 2)
        corner = _bounced(start + velocity * np.arange(frames)[:, None], room)  # (B, T, 2)
        corner = np.rint(corner).astype(int)
        rows = corner[:, :, 0, None, None] + np.arange(high)[:, None]  # (B, T, h, 1)
        columns = corner[:, :, 1, None, None] + np.arange(wide)  # (B, T, 1, w)
        place = movie, t, rows, columns
        film[place] = np.maximum(film[place], chosen[:, None])
    return film


def _bounced(x: Array, room: Array) -> Array:
    """Return where a point is that would be at x without walls at 0 and at ``room``."""
    turn = np.maximum(2 * room, 1e-9)  # there and back; with no room at all it stays at 0
    bounced: Array = room - np.abs(x % turn - room)
    return np.clip(bounced, 0, room)
