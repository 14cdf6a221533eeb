"""Moving recurrent layers between NumPy, PyTorch and Keras, in every direction.

All three compute the same functions and keep the same numbers, differently packed:

==================  =======================  =======================  ==========================
one layer           here                     PyTorch                  Keras
==================  =======================  =======================  ==========================
weights of inputs   ``W_x`` (km, n)          ``weight_ih_l0`` (km,n)  ``kernel`` (n, km)
weights of states   ``W_h`` (km, m)          ``weight_hh_l0`` (km,m)  ``recurrent_kernel`` (m, km)
applied as          ``x @ W_x.T``            ``x @ weight_ih.T``      ``x @ kernel``
RNN, k = 1          –                        –                        –
LSTM, k = 4         f, i, o, g               i, f, g, o               i, f, c, o (c is our g)
GRU, k = 3          z, r, g                  r, z, n (n is our g)     z, r, h (h is our g)
biases              ``b`` (km,)              ``bias_ih_l0`` and       ``bias`` (km,);
                                             ``bias_hh_l0``, (km,)    GRU with ``reset_after``:
                    GRU, reset after:        each                     (2, 3m), row 0 with the
                    and ``b_h`` (m,)                                  input, row 1 with the state
==================  =======================  =======================  ==========================

So Keras is PyTorch transposed, but for the order of a GRU's blocks. The second bias is added to
the first, and so is redundant, except in one place: the candidate of a GRU that resets after the
product, where the reset gate multiplies it; that is our ``b_h``. Going out, the redundant second
biases are zeros; coming in, both are added up. Ours → theirs → ours returns every number unchanged;
theirs → ours → theirs returns the same function with the second biases moved into the first.

In Keras and PyTorch z keeps: h_t = z * h_{t-1} + (1 - z) * g. A GRU whose z takes has the
parameters of z negated on the way out (``GRU.rewritten``); coming in, z keeps.

Layers: PyTorch numbers them in one module, ``weight_ih_l1``, and marks the backward cell,
``weight_ih_l1_reverse``. Keras has one object for each layer, and wraps two directions in
``keras.layers.Bidirectional``, whose weights are the forward cell's, then the backward cell's. Here
they are ``Stack`` and ``Bidirectional``.

What has no counterpart is refused with a ``ValueError`` that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from unrolled.cells.gru import GRU
from unrolled.cells.lstm import LSTM
from unrolled.cells.rnn import SimpleRNN
from unrolled.cells.stack import Bidirectional, Cell, Layer, Stack
from unrolled.gates import Array

CellType: TypeAlias = type[SimpleRNN] | type[LSTM] | type[GRU]

#: The order of the blocks, in our letters (g is the candidate).
PYTORCH_ORDER = {SimpleRNN: "h", LSTM: "ifgo", GRU: "rzg"}
KERAS_ORDER = {SimpleRNN: "h", LSTM: "ifgo", GRU: "zrg"}
OUR_ORDER = {SimpleRNN: "h", LSTM: "fiog", GRU: "zrg"}


def reorder(packed: Array, source: str, target: str) -> Array:
    """Return the blocks of rows, packed in the order ``source``, in the order ``target``.

    Args:
        packed: (km, ...), k blocks of m rows.
        source: a letter for each block, as in "fiog".
        target: the same letters in another order.
    """
    blocks = dict(zip(source, np.split(packed, len(source)), strict=True))
    return np.concatenate([blocks[letter] for letter in target])


# --- one cell, arrays only ------------------------------------------------------------------------


def _refuse_options(cell: Cell, library: str) -> None:
    """Refuse what neither library has.

    Raises:
        ValueError: the cell has peepholes or coupled gates.
    """
    if isinstance(cell, LSTM) and cell.P is not None:
        raise ValueError(
            f"{library}'s LSTM has no peepholes: its gates see x and h, never c, so no weights "
            "make it this cell"
        )
    if isinstance(cell, LSTM) and cell.coupled:
        raise ValueError(
            f"{library}'s LSTM cannot tie its input gate to its forget gate; for the same outputs, "
            "untied in training, convert cell.uncoupled()"
        )


def pytorch_arrays(cell: Cell) -> dict[str, Array]:
    """Return a cell's numbers as PyTorch packs them.

    Returns:
        weight_ih (km, n), weight_hh (km, m), bias_ih (km,), bias_hh (km,), to be completed by
        "_l0" and the like; blocks i, f, g, o of an LSTM and r, z, n of a GRU. bias_hh is zeros but
        for a GRU's block n.

    Raises:
        ValueError: PyTorch has no such cell.
    """
    _refuse_options(cell, "PyTorch")
    second = np.zeros_like(cell.b)
    if isinstance(cell, GRU):
        if cell.reset == "before":
            raise ValueError(
                "PyTorch's GRU resets after the recurrent product, r * (W_hg h + b_h); this one "
                "resets before it, W_hg (r * h), and no weights turn one into the other"
            )
        cell = cell.rewritten("keeps")
        assert cell.b_h is not None
        second[-cell.size :] = cell.b_h
    ours, theirs = OUR_ORDER[type(cell)], PYTORCH_ORDER[type(cell)]
    return {
        "weight_ih": reorder(cell.W_x, ours, theirs),
        "weight_hh": reorder(cell.W_h, ours, theirs),
        "bias_ih": reorder(cell.b, ours, theirs),
        "bias_hh": second,
    }


def from_pytorch_arrays(kind: CellType, arrays: dict[str, Array], **options: Any) -> Cell:
    """Return the cell that PyTorch's arrays describe.

    Args:
        kind: SimpleRNN, LSTM or GRU.
        arrays: weight_ih and weight_hh, and bias_ih and bias_hh unless the layer has no biases.
        **options: for SimpleRNN, activation.
    """
    ours, theirs = OUR_ORDER[kind], PYTORCH_ORDER[kind]
    W_x, W_h = (reorder(arrays[name], theirs, ours) for name in ("weight_ih", "weight_hh"))
    zeros = np.zeros_like(W_x[:, 0])
    first = reorder(arrays.get("bias_ih", zeros), theirs, ours)
    second = reorder(arrays.get("bias_hh", zeros), theirs, ours)
    if kind is not GRU:
        return kind(W_x, W_h, first + second, **options)
    return _gru(W_x, W_h, first, second)


def _gru(W_x: Array, W_h: Array, first: Array, second: Array) -> GRU:
    """Return a GRU that resets after the product, from both libraries' two biases, z, r, g each."""
    m = W_h.shape[1]
    b = first.copy()
    b[: 2 * m] += second[: 2 * m]  # the candidate's stay apart: one inside the reset, one outside
    return GRU(W_x, W_h, b, second[2 * m :].copy(), reset="after", update="keeps")


def keras_arrays(cell: Cell) -> list[Array]:
    """Return a cell's numbers as Keras packs them: what ``layer.set_weights`` takes.

    Returns:
        kernel (n, km), recurrent_kernel (m, km) and bias: (km,), or (2, 3m) for a GRU that resets
        after the product, its second row zeros but for block h. Blocks i, f, c, o of an LSTM and
        z, r, h of a GRU.

    Raises:
        ValueError: Keras has no such cell.
    """
    _refuse_options(cell, "Keras")
    if isinstance(cell, GRU):
        cell = cell.rewritten("keeps")
    ours, theirs = OUR_ORDER[type(cell)], KERAS_ORDER[type(cell)]
    bias = reorder(cell.b, ours, theirs)
    if isinstance(cell, GRU) and cell.b_h is not None:
        second = np.zeros_like(bias)
        second[-cell.size :] = cell.b_h
        bias = np.stack([bias, second])
    kernels = [reorder(W, ours, theirs).T for W in (cell.W_x, cell.W_h)]
    return [*map(np.ascontiguousarray, kernels), bias]


def from_keras_arrays(kind: CellType, arrays: Sequence[Array], **options: Any) -> Cell:
    """Return the cell that Keras' arrays describe.

    Args:
        kind: SimpleRNN, LSTM or GRU.
        arrays: kernel, recurrent_kernel, and bias unless the layer has no biases: what
            ``layer.get_weights()`` returns.
        **options: for SimpleRNN, activation; for GRU, reset ("after" by default, as in Keras).
    """
    ours, theirs = OUR_ORDER[kind], KERAS_ORDER[kind]
    W_x, W_h = (reorder(np.ascontiguousarray(W.T), theirs, ours) for W in arrays[:2])
    after = kind is GRU and options.get("reset", "after") == "after"
    bias = arrays[2] if len(arrays) > 2 else np.zeros((2,) * after + W_x.shape[:1], W_x.dtype)
    if after:
        return _gru(W_x, W_h, *(reorder(row, theirs, ours) for row in bias))
    return kind(W_x, W_h, reorder(bias, theirs, ours), **options)


# --- layers and directions ------------------------------------------------------------------------


def _plan(model: Layer) -> list[list[Cell]]:
    """Return a model's cells, layer by layer: one cell, or the forward and the backward one.

    Raises:
        ValueError: the model is not cells, in one or two directions, layer on layer.
    """
    if isinstance(model, Stack):
        return [cells for layer in model.layers for cells in _plan(layer)]
    if isinstance(model, Bidirectional):
        pair = [cell for cell in model.layers if isinstance(cell, Cell)]
        if len(pair) < 2:
            raise ValueError(
                "neither library has stacks inside a bidirectional layer; "
                "convert a Stack of Bidirectional layers"
            )
        if len({_kind(cell) for cell in pair}) > 1 or pair[0].size != pair[1].size:
            raise ValueError("both directions must be of the same kind, options and size")
        return [pair]
    if isinstance(model, Cell):
        return [[model]]
    raise ValueError(f"a cell, a Stack or a Bidirectional layer is wanted, not {type(model)}")


def _kind(cell: Cell) -> tuple[Any, ...]:
    """Return what must agree for cells to stand in one layer: type, options and dtype."""
    option = getattr(cell, "activation", None) or getattr(cell, "reset", None)
    return type(cell), option, cell.W_x.dtype


def _rebuild(plan: list[list[Cell]]) -> Layer:
    """Return the model with these cells: a Stack if there are several layers."""
    layers: list[Layer]
    layers = [Bidirectional(*cells) if len(cells) > 1 else cells[0] for cells in plan]
    return layers[0] if len(layers) == 1 else Stack(layers)


def to_pytorch(model: Layer) -> Any:
    """Return a ``torch.nn.RNN``, ``LSTM`` or ``GRU`` with the model's weights.

    It is made with ``batch_first=True``: its outputs are (B, T, m), or (B, T, 2m) in both
    directions. Its states are stacked over layers and directions, (layers · directions, B, m), in
    the order of ours.

    Args:
        model: a cell, a Bidirectional layer, or a Stack of either.

    Raises:
        ValueError: PyTorch has no such cell or cannot hold these layers in one module.
    """
    import torch

    plan = _plan(model)
    cells = [cell for layer in plan for cell in layer]
    packed = [[pytorch_arrays(cell) for cell in layer] for layer in plan]
    if len({_kind(cell) for cell in cells}) > 1 or len({len(layer) for layer in plan}) > 1:
        raise ValueError(
            "PyTorch's layers in one module are of one kind, dtype and number of directions; "
            "convert each of these layers by itself"
        )
    if len({cell.size for cell in cells}) > 1:
        raise ValueError(
            "PyTorch's layers in one module have one size, not "
            f"{sorted({cell.size for cell in cells})}; convert each layer by itself"
        )
    first = cells[0]
    options: dict[str, Any] = {
        "num_layers": len(plan),
        "bidirectional": len(plan[0]) == 2,
        "batch_first": True,
        "dtype": getattr(torch, first.W_x.dtype.name),
    }
    module: Any
    if isinstance(first, SimpleRNN):
        module = torch.nn.RNN(first.inputs, first.size, nonlinearity=first.activation, **options)
    elif isinstance(first, LSTM):
        module = torch.nn.LSTM(first.inputs, first.size, **options)
    else:
        module = torch.nn.GRU(first.inputs, first.size, **options)
    module.load_state_dict(
        {
            f"{name}_l{k}{suffix}": torch.tensor(array)
            for k, layer in enumerate(packed)
            for suffix, arrays in zip(("", "_reverse"), layer, strict=False)
            for name, array in arrays.items()
        }
    )
    return module


def from_pytorch(module: Any) -> Layer:
    """Return the NumPy model of a ``torch.nn.RNN``, ``LSTM`` or ``GRU``.

    One layer gives a cell or a Bidirectional layer, several a Stack. ``batch_first`` makes no
    difference to the weights, and dropout between layers is left out, as in ``module.eval()``.

    Args:
        module: the PyTorch module.

    Raises:
        ValueError: it is something else, or an LSTM with projections.
    """
    import torch

    kinds = {torch.nn.RNN: SimpleRNN, torch.nn.LSTM: LSTM, torch.nn.GRU: GRU}
    if type(module) not in kinds:
        raise ValueError(
            f"torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU is wanted, not {type(module)}"
        )
    if module.proj_size:
        raise ValueError("an LSTM with projections (proj_size) has one matrix more than our LSTM")
    kind: Any = kinds[type(module)]
    options = {"activation": module.nonlinearity} if kind is SimpleRNN else {}
    numbers = {name: value.detach().cpu().numpy() for name, value in module.named_parameters()}
    plan: list[list[Cell]] = []
    for k in range(module.num_layers):
        layer = []
        for suffix in ("", "_reverse") if module.bidirectional else ("",):
            end = f"_l{k}{suffix}"
            names = [name for name in numbers if name.endswith(end)]
            arrays = {name.removesuffix(end): numbers[name] for name in names}
            layer.append(from_pytorch_arrays(kind, arrays, **options))
        plan.append(layer)
    return _rebuild(plan)


def to_keras(model: Layer, *, return_state: bool = False) -> list[Any]:
    """Return Keras layers with the model's weights, one for each layer of the model.

    Each returns its states at every step, so that ``keras.Sequential(layers)`` is the whole model.
    (With float64 weights call the layers one after another: a Sequential casts its inputs to
    Keras' default, float32.)

    Args:
        model: a cell, a Bidirectional layer, or a Stack of either.
        return_state: whether each layer also returns its last state (then they fit no Sequential).

    Raises:
        ValueError: Keras has no such cell.
    """
    import keras

    plan = _plan(model)
    packed = [[keras_arrays(cell) for cell in cells] for cells in plan]
    layers: list[Any] = []
    for cells, arrays in zip(plan, packed, strict=True):
        cell = cells[0]
        options: dict[str, Any] = {
            "return_sequences": True,
            "return_state": return_state,
            "dtype": cell.W_x.dtype.name,
        }
        layer: Any
        if isinstance(cell, SimpleRNN):
            layer = keras.layers.SimpleRNN(cell.size, activation=cell.activation, **options)
        elif isinstance(cell, LSTM):
            layer = keras.layers.LSTM(cell.size, **options)
        else:
            layer = keras.layers.GRU(cell.size, reset_after=cell.reset == "after", **options)
        if len(cells) == 2:
            layer = keras.layers.Bidirectional(layer, dtype=options["dtype"])
        layer.build((None, None, cell.inputs))
        layer.set_weights([array for own in arrays for array in own])
        layers.append(layer)
    return layers


def from_keras(layers: Any) -> Layer:
    """Return the NumPy model of Keras' recurrent layers.

    Dropout is left out, as when Keras predicts.

    Args:
        layers: a SimpleRNN, LSTM, GRU or Bidirectional layer, a list of such layers, or a
            ``keras.Sequential`` of them (its InputLayer and Masking may be there).

    Raises:
        ValueError: a layer is something else, is not built yet, or computes another function than
            the cells here.
    """
    import keras

    if isinstance(layers, keras.Sequential):
        layers = layers.layers
    if not isinstance(layers, list | tuple):
        layers = [layers]
    skipped = (keras.layers.InputLayer, keras.layers.Masking)
    plan: list[list[Cell]] = []
    for layer in layers:
        if isinstance(layer, skipped):
            continue
        if isinstance(layer, keras.layers.Bidirectional):
            if layer.merge_mode != "concat":
                raise ValueError(
                    "only merge_mode='concat' has a counterpart here, "
                    f"not {layer.merge_mode!r} of {layer.name}"
                )
            plan.append([_from_keras_layer(layer.forward_layer)])
            plan[-1].append(_from_keras_layer(layer.backward_layer, backwards=True))
        else:
            plan.append([_from_keras_layer(layer)])
    if not plan:
        raise ValueError("there is no recurrent layer among these layers")
    return _rebuild(plan)


def _from_keras_layer(layer: Any, *, backwards: bool = False) -> Cell:
    """Return the cell of one Keras layer of one direction.

    Raises:
        ValueError: there is no such cell here.
    """
    import keras

    kinds = {keras.layers.SimpleRNN: SimpleRNN, keras.layers.LSTM: LSTM, keras.layers.GRU: GRU}
    if type(layer) not in kinds:
        raise ValueError(
            "keras.layers.SimpleRNN, LSTM, GRU or Bidirectional of these is wanted, "
            f"not {type(layer)}"
        )
    if not layer.built:
        raise ValueError(f"{layer.name} has no weights yet: build it or call it on a batch first")
    if layer.go_backwards != backwards:
        raise ValueError(
            f"{layer.name} reads from the end (go_backwards): "
            "turn its inputs round, or convert a Bidirectional layer"
        )
    kind: Any = kinds[type(layer)]
    config = layer.get_config()
    options: dict[str, Any] = {}
    allowed: tuple[str, ...] = ("tanh",)
    if kind is SimpleRNN:
        allowed = ("tanh", "relu")
        options["activation"] = config["activation"]
    elif config["recurrent_activation"] != "sigmoid":
        raise ValueError(
            f"the gates of {layer.name} use {config['recurrent_activation']!r}; ours use 'sigmoid'"
        )
    if config["activation"] not in allowed:
        raise ValueError(
            f"the activation of {layer.name} is {config['activation']!r}; "
            f"here it can be {' or '.join(map(repr, allowed))}"
        )
    if kind is GRU:
        options["reset"] = "after" if layer.reset_after else "before"
    weights = [layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias]
    arrays = [w.numpy() for w in weights if w is not None]
    return from_keras_arrays(kind, arrays, **options)


def pytorch_to_keras(module: Any, *, return_state: bool = False) -> list[Any]:
    """Return Keras layers with the weights of a PyTorch module: ``to_keras(from_pytorch(module))``.

    Raises:
        ValueError: see ``from_pytorch``; everything else has a counterpart.
    """
    return to_keras(from_pytorch(module), return_state=return_state)


def keras_to_pytorch(layers: Any) -> Any:
    """Return a PyTorch module with the weights of Keras layers: ``to_pytorch(from_keras(layers))``.

    Raises:
        ValueError: see ``from_keras`` and ``to_pytorch``: a GRU with ``reset_after=False`` has no
            counterpart in PyTorch.
    """
    return to_pytorch(from_keras(layers))
