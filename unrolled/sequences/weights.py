"""Moving self-attention and the ConvLSTM between NumPy, PyTorch and Keras.

Self-attention of H heads of d_k places on vectors of n. Head h owns rows h d_k … (h + 1) d_k here,
and index h of an axis of its own in Keras:

==========  ==================  ===============================  ==================================
            here                PyTorch                          Keras, ``get_weights()`` in order
==========  ==================  ===============================  ==================================
layer       ``SelfAttention``   ``nn.MultiheadAttention``        ``MultiHeadAttention``
W_q         (H d_k, n)          ``in_proj_weight`` (3n, n):      query kernel (n, H, d_k)
b_q         (H d_k,)            rows 0 … n, and                  query bias (H, d_k)
                                ``in_proj_bias`` (3n,)
W_k, b_k    as W_q, b_q         rows n … 2n of both              key kernel, bias
W_v, b_v    as W_q, b_q         rows 2n … 3n of both             value kernel, bias
W_o         (n, H d_k)          ``out_proj.weight`` (n, n)       output kernel (H, d_k, n)
b_o         (n,)                ``out_proj.bias`` (n,)           output bias (n,)
heads       any H, d_k          H d_k = n only                   ``num_heads``, ``key_dim`` = d_k
causal      ``causal``          ``attn_mask``, True *hides*      ``use_causal_mask``; in
                                                                 ``attention_mask`` True *shows*
==========  ==================  ===============================  ==================================

(``F.scaled_dot_product_attention`` has the mask as it is here and in Keras: True shows.) In float64
Keras rounds 1 / sqrt(d_k) to float32, so it agrees to 1e-10 where d_k is a power of 4, and to 1e-7
elsewhere.

ConvLSTM with kernels of k × k, C channels in, m channels of state:

==========  ==================  =====================================================
            here                Keras, ``ConvLSTM2D(m, k, padding="same")``
==========  ==================  =====================================================
frames      (B, T, C, H, W)     (B, T, H, W, C)
W_x         (4m, C, k, k)       kernel (k, k, C, 4m)
W_h         (4m, m, k, k)       recurrent kernel (k, k, m, 4m)
b           (4m,)               bias (4m,)
blocks      f, i, o, g          i, f, c, o (c is our g)
==========  ==================  =====================================================

PyTorch has no ConvLSTM; its ``torch.nn.functional.conv2d`` takes kernels as they are here.
What has no counterpart is refused with a ``ValueError`` that says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from unrolled.cells.weights import reorder
from unrolled.gates import Array
from unrolled.sequences.attention import SelfAttention
from unrolled.sequences.conv_lstm import ConvLSTM
from unrolled.sequences.shapes import read

#: The order of Keras' blocks in a ConvLSTM, in our letters (g is the candidate).
KERAS_ORDER = "ifgo"


def _refuse_rotary(layer: SelfAttention) -> None:
    if layer.rotary:
        raise ValueError(
            "neither library's layer turns queries and keys by their positions; no weights make it "
            "this layer"
        )


def pytorch_attention(layer: SelfAttention) -> dict[str, Array]:
    """Return a layer's numbers under the names of ``nn.MultiheadAttention``'s state.

    Raises:
        ValueError: PyTorch has no such layer: H d_k is not n, or positions are rotary.
    """
    _refuse_rotary(layer)
    if len(layer.W_q) != layer.size:
        raise ValueError(
            "PyTorch's heads share the n places out, H d_k = n; this layer has "
            f"H d_k = {len(layer.W_q)} and n = {layer.size}"
        )
    return {
        "in_proj_weight": np.concatenate([layer.W_q, layer.W_k, layer.W_v]),
        "in_proj_bias": np.concatenate([layer.b_q, layer.b_k, layer.b_v]),
        "out_proj.weight": layer.W_o,
        "out_proj.bias": layer.b_o,
    }


def from_pytorch_attention(
    arrays: Mapping[str, Array], heads: int, *, causal: bool = True
) -> SelfAttention:
    """Return the layer that the arrays of ``nn.MultiheadAttention`` describe.

    Args:
        arrays: by PyTorch's names; without biases (``bias=False``) those are zeros.
        heads: H, which the arrays do not tell.
        causal: whether a step may look at no later one, which the arrays do not tell either.

    Raises:
        ValueError: a shape does not fit.
    """
    W_o = read("out_proj.weight", arrays["out_proj.weight"], "n", "n")
    n = len(W_o)
    W = np.split(read("in_proj_weight", arrays["in_proj_weight"], 3 * n, n), 3)
    zeros = np.zeros(3 * n, dtype=W_o.dtype)
    b = np.split(read("in_proj_bias", arrays.get("in_proj_bias", zeros), 3 * n), 3)
    return _attention(W, W_o, b, arrays.get("out_proj.bias", zeros[:n]), heads, causal)


def _attention(
    W: Sequence[Array], W_o: Array, b: Sequence[Array], b_o: Array, heads: int, causal: bool
) -> SelfAttention:
    """Return the layer of three W and three b, for q, k and v, and those of the output."""
    (W_q, W_k, W_v), (b_q, b_k, b_v) = W, b
    return SelfAttention(W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, causal)


def keras_attention(layer: SelfAttention) -> list[Array]:
    """Return a layer's numbers as the weights of ``keras.layers.MultiHeadAttention``.

    Raises:
        ValueError: Keras has no such layer: positions are rotary.
    """
    _refuse_rotary(layer)
    n, heads = layer.size, layer.heads
    arrays = []
    for W, b in ((layer.W_q, layer.b_q), (layer.W_k, layer.b_k), (layer.W_v, layer.b_v)):
        arrays += [W.T.reshape(n, heads, -1), b.reshape(heads, -1)]
    return [*arrays, layer.W_o.T.reshape(heads, -1, n), layer.b_o]


def from_keras_attention(weights: Sequence[Array], *, causal: bool = True) -> SelfAttention:
    """Return the layer that the weights of ``keras.layers.MultiHeadAttention`` describe.

    Args:
        weights: the eight arrays of ``get_weights()``.
        causal: whether a step may look at no later one, which the arrays do not tell.

    Raises:
        ValueError: there are not eight arrays (``use_bias=False`` leaves four), or a shape does
            not fit.
    """
    if len(weights) != 8:
        raise ValueError(
            f"MultiHeadAttention with biases has 8 arrays, not {len(weights)}: make the layer with "
            "use_bias=True"
        )
    first = read("the query kernel", weights[0], "n", "H", "d_k")
    n, heads, d_k = first.shape
    W = [read("a kernel", w, n, heads, d_k).reshape(n, -1).T for w in weights[0:6:2]]
    b = [read("a bias", w, heads, d_k).reshape(-1) for w in weights[1:6:2]]
    W_o = read("the output kernel", weights[6], heads, d_k, n).reshape(-1, n).T
    return _attention(W, W_o, b, weights[7], heads, causal)


def keras_conv_lstm(layer: ConvLSTM) -> list[Array]:
    """Return a layer's numbers as the weights of ``keras.layers.ConvLSTM2D``.

    Returns:
        kernel (k, k, C, 4m), recurrent kernel (k, k, m, 4m), bias (4m,).

    Raises:
        ValueError: the layer has peepholes.
    """
    if layer.P is not None:
        raise ValueError("Keras' ConvLSTM2D has no peepholes: its gates never see the cell")
    W_x, W_h, b = (reorder(p, layer.order, KERAS_ORDER) for p in (layer.W_x, layer.W_h, layer.b))
    return [W_x.transpose(2, 3, 1, 0), W_h.transpose(2, 3, 1, 0), b]


def from_keras_conv_lstm(weights: Sequence[Array]) -> ConvLSTM:
    """Return the layer that the weights of ``keras.layers.ConvLSTM2D`` describe.

    Args:
        weights: kernel, recurrent kernel and bias (zeros without it), of a layer with
            ``padding="same"`` and ``strides=1``.

    Raises:
        ValueError: a shape does not fit.
    """
    kernel = read("the kernel", weights[0], "k", "k", "C", "4m")
    recurrent = read("the recurrent kernel", weights[1], "k", "k", "m", kernel.shape[-1])
    bias = weights[2] if len(weights) > 2 else np.zeros(kernel.shape[-1], dtype=kernel.dtype)
    W_x, W_h = (w.transpose(3, 2, 0, 1) for w in (kernel, recurrent))
    return ConvLSTM(*(reorder(p, KERAS_ORDER, ConvLSTM.order) for p in (W_x, W_h, bias)))
