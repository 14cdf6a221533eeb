"""Convolution and pooling on lines and pictures in NumPy, each beside its formula.

``windows`` says what windows see and how many there are; ``convolution`` and ``pooling`` hold the
layers, forward and backward; ``correlation`` shows what is turned round in a convolution proper;
``receptive`` follows one output back to the input; ``layout`` moves channels and ``weights`` moves
kernels to PyTorch and Keras and back.

Letters for sizes: B examples in the batch, C channels in, o channels out, T steps or H × W places,
k or kh × kw places of a window. Batches are channels first: (B, C, T) and (B, C, H, W).
"""

from unrolled.images.convolution import Conv1D, Conv2D, ConvGradients, ConvTrace, conv_parameters
from unrolled.images.correlation import convolve, correlate
from unrolled.images.layout import (
    channels_first,
    channels_last,
    dense_channels_first,
    dense_channels_last,
)
from unrolled.images.pooling import (
    AveragePool1D,
    AveragePool2D,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
    PoolTrace,
)
from unrolled.images.receptive import ReceptiveField, receptive_field
from unrolled.images.windows import Axis, output_size

__all__ = [
    "AveragePool1D",
    "AveragePool2D",
    "Axis",
    "Conv1D",
    "Conv2D",
    "ConvGradients",
    "ConvTrace",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "MaxPool1D",
    "MaxPool2D",
    "PoolTrace",
    "ReceptiveField",
    "channels_first",
    "channels_last",
    "conv_parameters",
    "convolve",
    "correlate",
    "dense_channels_first",
    "dense_channels_last",
    "output_size",
    "receptive_field",
]
