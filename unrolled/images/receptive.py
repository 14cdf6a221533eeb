"""The receptive field: which places of the input one output can see, through layers of windows.

With windows k_l, strides s_l, dilations d_l and padding p_l before, the layers l = 1 … L in order::

    jump_l = s_1 s_2 … s_l                              input places from an output to the next
    size   = 1 + Σ_l d_l (k_l - 1) jump_{l-1}           input places that one output sees
    start  = -Σ_l p_l jump_{l-1}                        the first that output 0 sees; padding is < 0

with jump_0 = 1. Output i sees the places start + i jump … start + i jump + size - 1, those within
the input. This is the theoretical edge: how much each place weighs is another matter.

Source: A. Araujo, W. Norris, J. Sim (2019), Computing receptive fields of convolutional neural
networks, Distill, https://doi.org/10.23915/distill.00021 (there without dilation, which makes a
window's k - 1 into d(k - 1)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unrolled.images.windows import Axis


@dataclass(frozen=True)
class ReceptiveField:
    """What the outputs of some layers see, along one axis.

    Attributes:
        size: the places that one output sees.
        jump: the places from what one output sees to what the next does.
        start: the first place that output 0 sees; below 0 in the padding.
    """

    size: int
    jump: int
    start: int

    def seen(self, i: int, n: int) -> range:
        """Return the places that output i sees on an axis of n places, padding left out."""
        first = self.start + i * self.jump
        return range(max(first, 0), min(first + self.size, n))


def receptive_field(layers: Iterable[Axis], n: int | None = None) -> ReceptiveField:
    """Return what one output of a chain of layers sees along one axis.

    Args:
        layers: the windows along this axis, first layer first: ``layer.axes[0]`` of each layer, or
            ``Axis(window, stride, dilation, padding)``.
        n: places of the input; needed only where "same" meets a stride, as its padding depends on
            them.

    Raises:
        ValueError: the padding depends on n and n is not given, or a window does not fit.
    """
    size, jump, start = 1, 1, 0
    for axis in layers:
        if n is None and axis.padding == "same" and axis.stride > 1:
            raise ValueError(
                "with padding='same' and a stride the padding depends on the input: "
                "give n, the places along the axis"
            )
        before = axis.pads(axis.span if n is None else n)[0]
        start -= before * jump
        size += (axis.span - 1) * jump
        jump *= axis.stride
        n = None if n is None else axis.outputs(n)
    return ReceptiveField(size, jump, start)
