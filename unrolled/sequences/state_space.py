"""A diagonal state-space layer: one linear system, as a recurrence and as a convolution.

Each of the H channels of the input drives N modes of its own, in continuous time::

    dh/dt = A h + B u        y = 2 Re(C · h) + D u

A, B, C are complex, (H, N); D is real, (H,). Re A < 0: a mode decays, and Im A is how fast it
turns. Modes come in conjugate pairs; one of each pair is kept, hence twice the real part. The input
is held constant for a time Δ (H,), one step (zero-order hold), which gives exactly::

    Ā = exp(Δ A)        B̄ = (Ā - 1) / A * B
    h_t = Ā * h_{t-1} + B̄ u_t                            a linear recurrence: see ``scan``
    y_t = 2 Re(C · h_t) + D u_t

As Ā is the same at all steps, the recurrence unrolled is a convolution with a fixed kernel::

    y = K * u + D u,        K_l = 2 Re(Σ_n C_n Ā_n^l B̄_n),  l = 0, …, T - 1

which the fast Fourier transform computes in T log T: in training by convolution, in use by steps.

Sources: A. Gu, A. Gupta, K. Goel, C. Ré (2022), On the parameterization and initialization of
diagonal state space models (S4D), NeurIPS, https://arxiv.org/abs/2206.11893 (the layer, and
S4D-Lin, A_n = -1/2 + i π n); A. Gu, K. Goel, C. Ré (2022), Efficiently modeling long sequences with
structured state spaces, ICLR, https://arxiv.org/abs/2111.00396.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.sequences.scan import Method, linear_recurrence
from unrolled.sequences.shapes import Numbers, read


@dataclass
class DiagonalStateSpace:
    """H channels with N complex modes each.

    Attributes:
        A: decay and turning of each mode, (H, N), complex, with a negative real part.
        B: how the input drives it, (H, N), complex.
        C: how the output reads it, (H, N), complex.
        D: the input's share of the output past the state, (H,).
        step_size: Δ, the time of one step, (H,), positive.
    """

    A: Numbers
    B: Numbers
    C: Numbers
    D: Array
    step_size: Array

    def __post_init__(self) -> None:
        self.A = read("A", self.A, "H", "N", dtype=np.complex128)
        self.B = read("B", self.B, *self.A.shape, dtype=np.complex128)
        self.C = read("C", self.C, *self.A.shape, dtype=np.complex128)
        self.D = read("D", self.D, len(self.A), dtype=np.float64)
        self.step_size = read("step_size", self.step_size, len(self.A), dtype=np.float64)
        if (self.A.real >= 0).any():
            raise ValueError("the real part of every A must be negative, or its mode never decays")
        if (self.step_size <= 0).any():
            raise ValueError("every step_size must be positive: it is a time")

    @classmethod
    def random(
        cls,
        channels: int,
        modes: int,
        rng: np.random.Generator,
        *,
        shortest: float = 1e-3,
        longest: float = 1e-1,
    ) -> DiagonalStateSpace:
        """Return a layer as S4D-Lin starts: A_n = -1/2 + i π n, B = 1, C and D normal.

        Args:
            channels: H.
            modes: N.
            rng: the source of C, D and Δ.
            shortest: the smallest Δ; its logarithm is uniform up to that of ``longest``.
            longest: the largest Δ.
        """
        shape = channels, modes
        C = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        return cls(
            A=np.tile(-0.5 + 1j * np.pi * np.arange(modes), (channels, 1)),
            B=np.ones(shape, dtype=np.complex128),
            C=C * np.sqrt(0.5),
            D=rng.normal(size=channels),
            step_size=np.exp(rng.uniform(np.log(shortest), np.log(longest), channels)),
        )

    @property
    def channels(self) -> int:
        """The number of channels, H."""
        return len(self.A)

    def discretised(self) -> tuple[Numbers, Numbers]:
        """Return Ā and B̄ by zero-order hold, (H, N) each."""
        turn = self.step_size[:, None] * self.A
        return np.exp(turn), np.expm1(turn) / self.A * self.B

    def kernel(self, time: int) -> Array:
        """Return the convolution's kernel, K_0 … K_{T-1}, (H, T).

        Args:
            time: T.
        """
        A_bar, B_bar = self.discretised()
        powers = A_bar[..., None] ** np.arange(time)  # (H, N, T)
        return 2 * ((self.C * B_bar)[..., None] * powers).sum(axis=1).real

    def step(self, u: ArrayLike, h: ArrayLike) -> tuple[Array, Numbers]:
        """Return the output and the state after one step.

        Args:
            u: input, (B, H).
            h: state, (B, H, N), complex; zeros before the first step.

        Returns:
            y (B, H), h (B, H, N).

        Raises:
            ValueError: a shape does not fit.
        """
        u = read("u", u, "batch", self.channels)
        before = read("h", h, len(u), *self.A.shape, dtype=np.complex128)
        A_bar, B_bar = self.discretised()
        after = A_bar * before + B_bar * u[..., None]
        return 2 * (self.C * after).sum(axis=-1).real + self.D * u, after

    def forward(self, u: ArrayLike, *, method: Method | Literal["convolution"] = "loop") -> Array:
        """Run the layer along a batch of sequences, from a state of zeros.

        Args:
            u: inputs, (B, T, H).
            method: "convolution" by fast Fourier transform, or a recurrence: "loop", "doubling",
                "tree".

        Returns:
            y, (B, T, H).

        Raises:
            ValueError: a shape does not fit, or there is no such method.
        """
        u = read("u", u, "batch", "time", self.channels)
        if method == "convolution":
            return _causal_convolution(u, self.kernel(u.shape[1])) + self.D * u
        A_bar, B_bar = self.discretised()
        driven = B_bar * u[..., None]  # (B, T, H, N)
        h = linear_recurrence(np.broadcast_to(A_bar, driven.shape), driven, method=method)
        return 2 * (self.C * h).sum(axis=-1).real + self.D * u


def _causal_convolution(u: Array, kernel: Array) -> Array:
    """Return Σ_l K_l u_{t-l} per channel; padded to 2T, so that the end does not wrap around."""
    time = u.shape[1]
    transformed = np.fft.rfft(u, 2 * time, axis=1) * np.fft.rfft(kernel, 2 * time, axis=1).T
    return np.fft.irfft(transformed, 2 * time, axis=1)[:, :time]
