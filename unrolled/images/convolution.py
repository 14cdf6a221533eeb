"""Convolutional layers: one small linear map, copied along a line or over a picture.

With x̃ the padded input, kernels K, stride s and dilation d, in one dimension and in two::

    y[b,o,i]   = bias[o] + Σ_c Σ_k     K[o,c,k]   x̃[b, c, s i + d k]
    y[b,o,i,j] = bias[o] + Σ_c Σ_u Σ_v K[o,c,u,v] x̃[b, c, s i + d u, s j + d v]

This is cross-correlation, as in PyTorch and Keras: no kernel is turned round (``correlation`` has
both). Channels stand first (``layout`` moves them). Padding words, output sizes and how they differ
between the libraries are in ``windows``.

With g groups the channels fall into g equal parts, each with o / g kernels of its own that see
nothing else: g convolutions side by side. With g = C, "depthwise", each channel is one.

Both sums are an ``einsum`` of the kernels with a view of the windows, and so are the derivatives:
the formulas' letters are the einsum's.

Source: I. Goodfellow, Y. Bengio, A. Courville (2016), Deep learning, MIT Press, chapter 9,
https://www.deeplearningbook.org/contents/convnets.html; the first net of such layers that was
trained by backpropagation on digits: Y. LeCun et al. (1989), Backpropagation applied to handwritten
zip code recognition, Neural Computation 1(4), 541–551, https://doi.org/10.1162/neco.1989.1.4.541.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.cells.sequence import read_parameters
from unrolled.gates import Array
from unrolled.images import windows as win
from unrolled.images.windows import Axis, Paddings, Sizes


def conv_parameters(inputs: int, outputs: int, window: tuple[int, ...], *, groups: int = 1) -> int:
    """Return the number of parameters: o (C / g) k weights and o biases.

    Args:
        inputs: C, channels of the input.
        outputs: o, channels of the output.
        window: the places of a kernel along each axis; k is their product.
        groups: g.
    """
    return outputs * (inputs // groups) * prod(window) + outputs


@dataclass(frozen=True)
class ConvTrace:
    """What a convolutional layer did on a batch, kept for the way back.

    Attributes:
        x: the batch, (B, C, T) or (B, C, H, W).
        padded: the batch with its padding.
        y: the outputs, (B, o, outputs along each axis).
    """

    x: Array
    padded: Array
    y: Array


@dataclass(frozen=True)
class ConvGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by."""

    K: Array
    b: Array
    x: Array


@dataclass
class Convolution:
    """What the layers of one and of two dimensions share; use ``Conv1D`` or ``Conv2D``.

    Attributes:
        K: kernels, (o, C / g, places along each axis).
        b: biases, (o,); zeros by default.
        stride: s, for all axes or one for each.
        dilation: d, for all axes or one for each.
        padding: "valid", "same", in one dimension "causal", or places on both sides, for all axes;
            or for each axis places on both sides or (before, after).
        groups: g; must divide C and o.
    """

    K: Array
    b: Array = None  # type: ignore[assignment]  # zeros: __post_init__ knows their number
    stride: Sizes = 1
    dilation: Sizes = 1
    padding: Paddings = "valid"
    groups: int = 1

    dimensions: ClassVar[int]
    forward_sum: ClassVar[str]
    kernel_sum: ClassVar[str]
    window_sum: ClassVar[str]

    def __post_init__(self) -> None:
        self.K, b = read_parameters(K=self.K, b=self.b)
        names = win.NAMES[self.dimensions]
        if self.K.ndim != 2 + self.dimensions or not self.K.size:
            raise ValueError(
                f"K must be (outputs, channels / groups, {', '.join(names)}), none of them 0, "
                f"not {self.K.shape}"
            )
        self.b = np.zeros_like(self.K, shape=(self.outputs,)) if b is None else b
        if self.b.shape != (self.outputs,):
            raise ValueError(
                f"with K of shape {self.K.shape}, b must be ({self.outputs},), not {self.b.shape}"
            )
        if self.groups < 1 or self.outputs % self.groups:
            raise ValueError(
                f"groups={self.groups} does not divide the {self.outputs} output channels of K: "
                "each group must have equally many"
            )
        if self.padding == "causal" and self.dimensions > 1:
            raise ValueError(
                "padding='causal' is for time; in two dimensions give (before, after) of each axis"
            )
        self.axes  # noqa: B018  # refuses impossible settings now, not at the first batch

    @classmethod
    def random(
        cls,
        inputs: int,
        outputs: int,
        window: Sizes,
        rng: np.random.Generator,
        *,
        groups: int = 1,
        scale: float | None = None,
        dtype: DTypeLike = np.float64,
        **options: Any,
    ) -> Self:
        """Return a layer with random kernels and no biases.

        Args:
            inputs: C.
            outputs: o.
            window: places of a kernel, for all axes or one for each.
            rng: the source of the weights.
            groups: g.
            scale: standard deviation of the weights; by default √(2 / inputs of an output), He's,
                which keeps the size of signals through layers of ReLU.
            dtype: float64 or float32.
            **options: stride, dilation and padding.

        Raises:
            ValueError: the groups do not divide the channels, or a setting is impossible.
        """
        if groups < 1 or inputs % groups or outputs % groups:
            raise ValueError(
                f"groups={groups} must divide both the {inputs} input and the {outputs} output "
                "channels"
            )
        shape = (outputs, inputs // groups, *win.read_sizes("window", window, cls.dimensions))
        scale = np.sqrt(2 / max(prod(shape[1:]), 1)) if scale is None else scale
        return cls(rng.normal(0, scale, shape).astype(dtype), groups=groups, **options)

    @property
    def axes(self) -> list[Axis]:
        """The windows along each axis; ``receptive_field`` takes them."""
        return win.read_axes(self.K.shape[2:], self.stride, self.dilation, self.padding)

    @property
    def inputs(self) -> int:
        """The number of input channels, C."""
        return self.K.shape[1] * self.groups

    @property
    def outputs(self) -> int:
        """The number of output channels, o."""
        return len(self.K)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        return {"K": self.K, "b": self.b}

    def count(self) -> int:
        """Return the number of parameters: o (C / g) k + o."""
        return self.K.size + self.b.size

    def output_shape(self, *sizes: int) -> tuple[int, ...]:
        """Return the shape of the feature maps, (o, …), that inputs of these sizes give.

        Raises:
            ValueError: a kernel does not fit, or there are more or fewer sizes than axes.
        """
        if len(sizes) != self.dimensions:
            raise ValueError(f"give {' and '.join(win.NAMES[self.dimensions])}, not {sizes}")
        return self.outputs, *(a.outputs(n) for a, n in zip(self.axes, sizes, strict=True))

    def multiplications(self, *sizes: int) -> int:
        """Return how many products one example of these sizes costs: each weight once per place."""
        return self.K.size * prod(self.output_shape(*sizes)[1:])

    def forward(self, x: ArrayLike) -> ConvTrace:
        """Run the layer on a batch, in the dtype of its weights.

        Args:
            x: inputs, channels first, (B, C, T) or (B, C, H, W).

        Returns:
            The trace: ``y`` (B, o, …).

        Raises:
            ValueError: a shape does not fit.
        """
        axes = self.axes
        x = win.read_inputs(x, axes, channels=self.inputs, dtype=self.K.dtype)
        self.output_shape(*x.shape[2:])  # says so if a kernel does not fit
        padded = win.pad(x, axes)
        seen = win.windows(padded, axes)  # (B, C, outputs…, places…)
        y = np.concatenate(
            [
                np.einsum(self.forward_sum, part, K, optimize=True)
                for part, K in zip(self._split(seen, 1), self._split(self.K, 0), strict=True)
            ],
            axis=1,
        )
        y += self._along_channels(self.b)
        return ConvTrace(x, padded, y)

    def backward(self, trace: ConvTrace, d_y: ArrayLike) -> ConvGradients:
        """Backpropagate.

        Each derivative is the same product with one of its factors replaced by dL/dy. In two
        dimensions::

            dL/dK[o,c,u,v]   = Σ_b Σ_i Σ_j dL/dy[b,o,i,j] x̃[b, c, s i + d u, s j + d v]
            dL/dbias[o]      = Σ_b Σ_i Σ_j dL/dy[b,o,i,j]
            dL/dx̃[b,c,p,q]   = Σ_o K[o,c,u,v] dL/dy[b,o,i,j] over all i, j, u, v
                               with s i + d u = p and s j + d v = q

        The last is what a "transposed" convolution computes forward.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by ``trace.y``.

        Raises:
            ValueError: ``d_y`` has not the shape of the outputs.
        """
        axes = self.axes
        d_y = win.read_gradient(d_y, trace.y)
        seen = win.windows(trace.padded, axes)
        d_K, d_seen = [], []
        for part, K, d in zip(
            self._split(seen, 1), self._split(self.K, 0), self._split(d_y, 1), strict=True
        ):
            d_K.append(np.einsum(self.kernel_sum, part, d, optimize=True))
            d_seen.append(np.einsum(self.window_sum, K, d, optimize=True))
        d_padded = win.add_windows(np.concatenate(d_seen, axis=1), trace.padded.shape, axes)
        return ConvGradients(
            K=np.concatenate(d_K),
            b=d_y.sum(axis=(0, *range(2, d_y.ndim))),
            x=win.unpad(d_padded, axes, trace.x.shape[2:]),
        )

    def _split(self, a: Array, axis: int) -> list[Array]:
        """Return the groups' parts of an array, views along the axis of its channels."""
        return np.split(a, self.groups, axis=axis)

    def _along_channels(self, b: Array) -> Array:
        """Return the biases shaped to be added to (B, o, …)."""
        return b.reshape(-1, *(1,) * self.dimensions)


class Conv1D(Convolution):
    """Kernels along a line: x (B, C, T), K (o, C / g, k), y (B, o, outputs)."""

    dimensions = 1
    forward_sum = "bcik,ock->boi"
    kernel_sum = "bcik,boi->ock"
    window_sum = "ock,boi->bcik"


class Conv2D(Convolution):
    """Kernels over a picture: x (B, C, H, W), K (o, C / g, kh, kw), y (B, o, rows, columns)."""

    dimensions = 2
    forward_sum = "bcijuv,ocuv->boij"
    kernel_sum = "bcijuv,boij->ocuv"
    window_sum = "ocuv,boij->bcijuv"
