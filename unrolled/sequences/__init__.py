"""What stands beside the gated cells: scans, attention, matrix states, convolutions through time.

``scan``: linear recurrences, by a loop and by parallel scans. ``minimal``: minGRU and minLSTM on
them. ``fast_weights``: linear attention and the delta rule, networks whose state is a matrix.
``state_space``: a diagonal state-space layer, as a convolution and as a recurrence. ``attention``,
``positions``, ``norm``, ``block``: a Transformer's block. ``conv_lstm``: an LSTM on frames.
``streaming``: a causal convolution that goes step by step. ``weights`` moves attention and the
ConvLSTM to PyTorch and Keras and back. ``shapes`` reads arrays.

Letters for sizes: B sequences in the batch, T steps, n inputs, m places in the state.
Arrays that come in and go out are batch-first: inputs (B, T, n), states (B, T, m).
"""

from unrolled.sequences.attention import (
    Cache,
    SelfAttention,
    attend,
    attend_back,
    causal_mask,
)
from unrolled.sequences.block import Block
from unrolled.sequences.conv_lstm import ConvLSTM
from unrolled.sequences.fast_weights import (
    delta_rule,
    delta_step,
    elu_plus_one,
    linear_attention,
    linear_attention_parallel,
)
from unrolled.sequences.minimal import MinGRU, MinLSTM
from unrolled.sequences.norm import LayerNorm
from unrolled.sequences.positions import LearnedPositions, rotate, sinusoidal
from unrolled.sequences.scan import linear_recurrence, linear_recurrence_back
from unrolled.sequences.state_space import DiagonalStateSpace
from unrolled.sequences.streaming import StreamingConvolution

__all__ = [
    "Block",
    "Cache",
    "ConvLSTM",
    "DiagonalStateSpace",
    "LayerNorm",
    "LearnedPositions",
    "MinGRU",
    "MinLSTM",
    "SelfAttention",
    "StreamingConvolution",
    "attend",
    "attend_back",
    "causal_mask",
    "delta_rule",
    "delta_step",
    "elu_plus_one",
    "linear_attention",
    "linear_attention_parallel",
    "linear_recurrence",
    "linear_recurrence_back",
    "rotate",
    "sinusoidal",
]
