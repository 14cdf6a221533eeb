"""Layers on layers, and layers in two directions, composed of the cells.

A ``Stack`` feeds each layer's states, at every step, to the next layer::

    h¹_t = cell¹(x_t, h¹_{t-1})    h²_t = cell²(h¹_t, h²_{t-1})    …

A ``Bidirectional`` layer lets one cell read the sequence forwards and another read it backwards,
and concatenates what they say about the same step::

    y_t = ⟨→h_t, ←h_t⟩,    →h_t = cell(x_t, →h_{t-1}),    ←h_t = cell'(x_t, ←h_{t+1})

so (B, T, n) becomes (B, T, 2m). Both are used like a cell, and each can stand inside the other.
Initial and last states are flat: those of the first layer (or of the forward cell) first, h before
c, as Keras orders them.

Source: M. Schuster, K. K. Paliwal (1997), Bidirectional recurrent neural networks,
https://doi.org/10.1109/78.650093.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from unrolled.cells.gru import GRU
from unrolled.cells.lstm import LSTM
from unrolled.cells.rnn import SimpleRNN
from unrolled.gates import Array

Cell: TypeAlias = SimpleRNN | LSTM | GRU
Layer: TypeAlias = "SimpleRNN | LSTM | GRU | Stack | Bidirectional"


@dataclass(frozen=True)
class Composed:
    """What several layers did on a batch of sequences.

    Attributes:
        traces: each layer's trace.
        states: the outputs, (B, T, size).
    """

    traces: tuple[Any, ...]
    states: Array

    @property
    def last(self) -> tuple[Array, ...]:
        """All layers' last states, one after another."""
        return tuple(s for trace in self.traces for s in trace.last)


@dataclass(frozen=True)
class ComposedGradients:
    """Derivatives of a loss: each layer's own, and by the inputs, x, (B, T, n)."""

    layers: tuple[Any, ...]
    x: Array

    @property
    def initial(self) -> tuple[Array, ...]:
        """The derivatives by all layers' initial states, one after another."""
        return tuple(s for layer in self.layers for s in layer.initial)


def _deal(states: Sequence[Any], layers: Sequence[Layer]) -> list[list[Any]]:
    """Deal a flat list of states out to the layers; none at all means None for each.

    Raises:
        ValueError: there are too many or too few.
    """
    wanted = [name for layer in layers for name in layer.state_names]
    if not states:
        states = [None] * len(wanted)
    if len(states) != len(wanted):
        raise ValueError(
            f"these layers have {len(wanted)} states ({', '.join(wanted)}), not {len(states)}; "
            "write None for one that is zero"
        )
    rest = iter(states)
    return [[next(rest) for _ in layer.state_names] for layer in layers]


def _check_traces(trace: Composed, layers: Sequence[Layer]) -> None:
    if len(trace.traces) != len(layers):
        raise ValueError(f"the trace is of {len(trace.traces)} layers, not of {len(layers)}")


@dataclass
class Stack:
    """Layers on layers.

    Attributes:
        layers: cells, bidirectional layers or stacks, the one that reads the inputs first.
    """

    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        self.layers = tuple(self.layers)
        if not self.layers:
            raise ValueError("a stack needs at least one layer")
        for k, (below, above) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if above.inputs != below.size:
                raise ValueError(
                    f"layer {k + 1} takes {above.inputs} inputs, "
                    f"but layer {k} below it gives {below.size}"
                )

    @property
    def inputs(self) -> int:
        """The number of inputs of the first layer."""
        return self.layers[0].inputs

    @property
    def size(self) -> int:
        """The number of outputs of the last layer at each step."""
        return self.layers[-1].size

    @property
    def state_names(self) -> tuple[str, ...]:
        """What the arrays of the initial and of the last state are."""
        return tuple(name for layer in self.layers for name in layer.state_names)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name: "0.W_x" is the first layer's W_x."""
        return {
            f"{k}.{name}": array
            for k, layer in enumerate(self.layers)
            for name, array in layer.parameters.items()
        }

    def count(self) -> int:
        """Return the number of parameters of all layers."""
        return sum(layer.count() for layer in self.layers)

    def forward(
        self, x: ArrayLike, *initial: ArrayLike | None, mask: ArrayLike | None = None
    ) -> Composed:
        """Run all layers along a batch of sequences.

        Args:
            x: inputs, (B, T, n).
            *initial: the layers' initial states, first layer first; zeros by default.
            mask: (B, T), True at real steps; the same for every layer.

        Raises:
            ValueError: a shape does not fit, or the number of states.
        """
        traces: list[Any] = []
        states = x
        for layer, own in zip(self.layers, _deal(initial, self.layers), strict=True):
            traces.append(layer.forward(states, *own, mask=mask))
            states = traces[-1].states
        return Composed(tuple(traces), traces[-1].states)

    def backward(
        self, trace: Composed, d_states: ArrayLike | None = None, *d_last: ArrayLike | None
    ) -> ComposedGradients:
        """Backpropagate: each layer's dL/dx is the dL/dh of the layer below.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's derivative by the outputs, (B, T, size); zeros by default.
            *d_last: its derivatives by ``trace.last``; zeros by default.

        Raises:
            ValueError: a shape does not fit, or the number of states.
        """
        _check_traces(trace, self.layers)
        gradients: list[Any] = []
        d = d_states
        steps = list(zip(self.layers, trace.traces, _deal(d_last, self.layers), strict=True))
        for layer, own_trace, own in reversed(steps):
            gradients.append(layer.backward(own_trace, d, *own))
            d = gradients[-1].x
        return ComposedGradients(tuple(reversed(gradients)), gradients[-1].x)


@dataclass
class Bidirectional:
    """A layer that reads the sequence in both directions.

    Padding may stand at either end: both cells skip it.

    Attributes:
        forwards: the cell that reads from the first step to the last.
        backwards: the cell that reads from the last step to the first.
    """

    forwards: Layer
    backwards: Layer

    def __post_init__(self) -> None:
        if self.forwards.inputs != self.backwards.inputs:
            raise ValueError(
                "both directions must take the same inputs, "
                f"not {self.forwards.inputs} and {self.backwards.inputs}"
            )

    @property
    def layers(self) -> tuple[Layer, Layer]:
        """Both cells, the forward one first."""
        return self.forwards, self.backwards

    @property
    def inputs(self) -> int:
        """The number of inputs, n."""
        return self.forwards.inputs

    @property
    def size(self) -> int:
        """The number of outputs at each step, 2m."""
        return self.forwards.size + self.backwards.size

    @property
    def state_names(self) -> tuple[str, ...]:
        """What the arrays of the initial and of the last state are."""
        return tuple(name for layer in self.layers for name in layer.state_names)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name: "forwards.W_x" is the forward cell's W_x."""
        return {
            f"{direction}.{name}": array
            for direction in ("forwards", "backwards")
            for name, array in getattr(self, direction).parameters.items()
        }

    def count(self) -> int:
        """Return the number of parameters of both cells."""
        return sum(layer.count() for layer in self.layers)

    def forward(
        self, x: ArrayLike, *initial: ArrayLike | None, mask: ArrayLike | None = None
    ) -> Composed:
        """Run both cells along a batch of sequences.

        Args:
            x: inputs, (B, T, n).
            *initial: the forward cell's initial states, then the backward cell's, which stand
                after the last step; zeros by default.
            mask: (B, T), True at real steps.

        Returns:
            The trace: ``states`` (B, T, 2m); ``last`` holds the forward cell's state after the
            last step and the backward cell's after the first. The backward cell's own trace runs
            in its order of reading.

        Raises:
            ValueError: a shape does not fit, or the number of states.
        """
        x = np.asarray(x)
        one, other = _deal(initial, self.layers)
        turned = None if mask is None else np.asarray(mask)[:, ::-1]
        there = self.forwards.forward(x, *one, mask=mask)
        back = self.backwards.forward(x[:, ::-1], *other, mask=turned)
        states = np.concatenate([there.states, back.states[:, ::-1]], axis=2)
        return Composed((there, back), states)

    def backward(
        self, trace: Composed, d_states: ArrayLike | None = None, *d_last: ArrayLike | None
    ) -> ComposedGradients:
        """Backpropagate through both directions; dL/dx is the sum of theirs.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's derivative by the outputs, (B, T, 2m); zeros by default.
            *d_last: its derivatives by ``trace.last``; zeros by default.

        Raises:
            ValueError: a shape does not fit, or the number of states.
        """
        _check_traces(trace, self.layers)
        one, other = _deal(d_last, self.layers)
        d_there, d_back = None, None
        if d_states is not None:
            d_states = np.asarray(d_states)
            if d_states.shape != trace.states.shape:
                raise ValueError(f"d_states must be {trace.states.shape}, not {d_states.shape}")
            m = self.forwards.size
            d_there, d_back = d_states[..., :m], d_states[:, ::-1, m:]
        there = self.forwards.backward(trace.traces[0], d_there, *one)
        back = self.backwards.backward(trace.traces[1], d_back, *other)
        return ComposedGradients((there, back), there.x + back.x[:, ::-1])
