"""Kernels between NumPy, PyTorch and Keras.

How each library packs a convolutional layer of o outputs and C inputs in g groups:

========  ===========================  ==========================  ==================
          kernel, 1-D                  kernel, 2-D                 inputs
========  ===========================  ==========================  ==================
here      K (o, C/g, k)                K (o, C/g, kh, kw)          (B, C, H, W)
PyTorch   weight (o, C/g, k)           weight (o, C/g, kh, kw)     (B, C, H, W)
Keras     kernel (k, C/g, o)           kernel (kh, kw, C/g, o)     (B, H, W, C)
========  ===========================  ==========================  ==================

Biases are (o,) everywhere. What one of them lacks is refused with a word on what to do:

- PyTorch has "same" without a stride only, no "causal", and pads both sides alike;
- Keras has padding words only, no numbers, and no stride together with a dilation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.images.convolution import Conv1D, Conv2D, Convolution
from unrolled.images.windows import Axis, Paddings

Layer = TypeVar("Layer", bound=Convolution)


def kernel_to_keras(K: ArrayLike) -> Array:
    """Return kernels (o, C/g, k) as (k, C/g, o), or (o, C/g, kh, kw) as (kh, kw, C/g, o)."""
    K = _kernels(K)
    return np.ascontiguousarray(K.transpose(*range(2, K.ndim), 1, 0))


def kernel_from_keras(kernel: ArrayLike) -> Array:
    """Return kernels (k, C/g, o) as (o, C/g, k), or (kh, kw, C/g, o) as (o, C/g, kh, kw)."""
    K = _kernels(kernel)
    return np.ascontiguousarray(K.transpose(K.ndim - 1, K.ndim - 2, *range(K.ndim - 2)))


def _kernels(K: ArrayLike) -> Array:
    """Return the kernels, checked to have the axes of one or two dimensions."""
    K = np.asarray(K)
    if K.ndim not in (3, 4):
        raise ValueError(
            f"kernels have three axes in one dimension and four in two, not {K.ndim}: {K.shape}"
        )
    return K


def pytorch_arrays(layer: Convolution) -> dict[str, Array]:
    """Return a layer's numbers as PyTorch packs them: weight and bias."""
    return {"weight": layer.K, "bias": layer.b}


def from_pytorch_arrays(kind: type[Layer], arrays: dict[str, Array], **options: Any) -> Layer:
    """Return the layer that PyTorch's arrays describe.

    Args:
        kind: Conv1D or Conv2D.
        arrays: weight, and bias unless the layer has none (zeros then).
        **options: stride, dilation, padding and groups.
    """
    return kind(np.asarray(arrays["weight"]), arrays.get("bias"), **options)  # type: ignore[arg-type]


def keras_arrays(layer: Convolution) -> list[Array]:
    """Return a layer's numbers as Keras packs them, kernel and bias: for ``layer.set_weights``."""
    return [kernel_to_keras(layer.K), layer.b]


def from_keras_arrays(kind: type[Layer], arrays: Sequence[Array], **options: Any) -> Layer:
    """Return the layer that Keras' arrays describe.

    Args:
        kind: Conv1D or Conv2D.
        arrays: kernel, and bias unless the layer has none (zeros then): what
            ``layer.get_weights()`` returns.
        **options: stride, dilation, padding and groups.
    """
    b = arrays[1] if len(arrays) > 1 else None
    return kind(kernel_from_keras(arrays[0]), b, **options)  # type: ignore[arg-type]


def to_pytorch(layer: Convolution) -> Any:
    """Return a ``torch.nn.Conv1d`` or ``Conv2d`` with the layer's weights and settings.

    Args:
        layer: a Conv1D or Conv2D.

    Raises:
        ValueError: PyTorch has no such padding.
    """
    import torch

    kind: Any = {1: torch.nn.Conv1d, 2: torch.nn.Conv2d}[layer.dimensions]
    axes = layer.axes
    module = kind(
        layer.inputs,
        layer.outputs,
        tuple(a.window for a in axes),
        stride=tuple(a.stride for a in axes),
        dilation=tuple(a.dilation for a in axes),
        padding=_pytorch_padding(axes),
        groups=layer.groups,
        dtype=getattr(torch, layer.K.dtype.name),
    )
    arrays = pytorch_arrays(layer)
    module.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return module


def _pytorch_padding(axes: Sequence[Axis]) -> str | tuple[int, ...]:
    """Return the padding as PyTorch takes it.

    Raises:
        ValueError: PyTorch has none like it.
    """
    if all(a.padding == "same" for a in axes):
        if any(a.stride > 1 for a in axes):
            raise ValueError(
                "PyTorch has no padding='same' with a stride: pad with torch.nn.functional.pad by "
                "what axis.pads(n) says of each of layer.axes, then convolve with padding=0"
            )
        return "same"
    sides = []
    for a in axes:
        before, after = a.pads(1)  # of a word other than "same" the same for every n
        if before != after:
            raise ValueError(
                f"PyTorch pads both sides of {a.name} alike, not by {before} before and {after} "
                "after: pad with torch.nn.functional.pad, then convolve with padding=0"
            )
        sides.append(before)
    return tuple(sides)


def from_pytorch(module: Any) -> Convolution:
    """Return the NumPy layer of a ``torch.nn.Conv1d`` or ``Conv2d``; without biases, zeros.

    Args:
        module: the PyTorch module.

    Raises:
        ValueError: it is something else, or pads with something else than zeros.
    """
    import torch

    kinds: dict[Any, type[Convolution]] = {torch.nn.Conv1d: Conv1D, torch.nn.Conv2d: Conv2D}
    if type(module) not in kinds:
        raise ValueError(f"torch.nn.Conv1d or torch.nn.Conv2d is wanted, not {type(module)}")
    if module.padding_mode != "zeros":
        raise ValueError(
            f"here padding is zeros, not {module.padding_mode!r}: pad by yourself, then convert a "
            "module with padding=0"
        )
    return from_pytorch_arrays(
        kinds[type(module)],
        {name: value.detach().cpu().numpy() for name, value in module.named_parameters()},
        stride=module.stride,
        dilation=module.dilation,
        padding=module.padding,
        groups=module.groups,
    )


def to_keras(layer: Convolution) -> Any:
    """Return a built ``keras.layers.Conv1D`` or ``Conv2D`` with the layer's weights and settings.

    It takes channels last: ``to_keras(layer)(channels_last(x))``. Padding in numbers is turned into
    a word where the word says the same for every input: padding 1 of a 3×3 kernel without a stride
    is "same".

    Args:
        layer: a Conv1D or Conv2D.

    Raises:
        ValueError: Keras has no such padding, or no such stride and dilation together.
    """
    import keras

    axes = layer.axes
    if max(a.stride for a in axes) > 1 and max(a.dilation for a in axes) > 1:
        raise ValueError(
            "Keras has no stride together with a dilation: convolve with stride=1 and keep every "
            "s-th output, which is the same"
        )
    kind: Any = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D}[layer.dimensions]
    theirs = kind(
        layer.outputs,
        tuple(a.window for a in axes),
        strides=tuple(a.stride for a in axes),
        dilation_rate=tuple(a.dilation for a in axes),
        padding=_keras_padding(axes),
        groups=layer.groups,
        data_format="channels_last",
        dtype=layer.K.dtype.name,
    )
    theirs.build((None, *(None,) * layer.dimensions, layer.inputs))
    theirs.set_weights(keras_arrays(layer))
    return theirs


def _keras_padding(axes: Sequence[Axis]) -> str:
    """Return the word that Keras has for the padding.

    Raises:
        ValueError: it has none.
    """
    for word in ("valid", "same", "causal")[: 2 if len(axes) > 1 else 3]:
        if all(_means(word, a) for a in axes):
            return word
    raise ValueError(
        "Keras' layers pad by words, 'valid', 'same' and in one dimension 'causal', not by "
        f"{[a.padding for a in axes]}: put a ZeroPadding layer before one with padding='valid'"
    )


def _means(word: str, axis: Axis) -> bool:
    """Tell whether an axis is padded as by this word, whatever its places."""
    if axis.padding == word:
        return True
    if "same" in (axis.padding, word) and axis.stride > 1:
        return False  # then "same" depends on the places, and the others do not
    return axis.pads(1) == Axis(axis.window, axis.stride, axis.dilation, word).pads(1)


def from_keras(layer: Any) -> Convolution:
    """Return the NumPy layer of a Keras ``Conv1D`` or ``Conv2D``; without biases, zeros.

    Kernels are packed alike for both of Keras' data formats; the layer here takes channels first.

    Args:
        layer: the Keras layer.

    Raises:
        ValueError: it is something else, is not built yet, or has an activation.
    """
    import keras

    kinds: dict[Any, type[Convolution]] = {
        keras.layers.Conv1D: Conv1D,
        keras.layers.Conv2D: Conv2D,
    }
    if type(layer) not in kinds:
        raise ValueError(f"keras.layers.Conv1D or Conv2D is wanted, not {type(layer)}")
    if not layer.built:
        raise ValueError(f"{layer.name} has no weights yet: build it or call it on a batch first")
    activation = layer.get_config()["activation"]
    if activation != "linear":
        raise ValueError(
            f"{layer.name} has the activation {activation!r}: make it a layer of its own; here "
            "a convolution is linear"
        )
    padding: Paddings = layer.padding
    return from_keras_arrays(
        kinds[type(layer)],
        layer.get_weights(),
        stride=layer.strides,
        dilation=layer.dilation_rate,
        padding=padding,
        groups=layer.groups,
    )


def pytorch_to_keras(module: Any) -> Any:
    """Return a Keras layer with a PyTorch module's weights: ``to_keras(from_pytorch(module))``.

    Raises:
        ValueError: see ``from_pytorch`` and ``to_keras``.
    """
    return to_keras(from_pytorch(module))


def keras_to_pytorch(layer: Any) -> Any:
    """Return a PyTorch module with a Keras layer's weights: ``to_pytorch(from_keras(layer))``.

    Raises:
        ValueError: see ``from_keras`` and ``to_pytorch``.
    """
    return to_pytorch(from_keras(layer))
