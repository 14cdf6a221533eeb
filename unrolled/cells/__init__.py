"""Every recurrent cell of the course in NumPy, each beside its formula.

``rnn``, ``lstm`` and ``gru`` hold a cell each: forward along a batch of sequences, backpropagation
through time, the count of parameters. ``stack`` composes them: layers on layers, two directions.
``weights`` moves them to PyTorch and Keras and back. ``sequence`` holds what they share.

Letters for sizes: B sequences in the batch, T steps, n inputs, m places in the state.
Arrays that come in and go out are batch-first: inputs (B, T, n), states (B, T, m), masks (B, T).
"""

from unrolled.cells.gru import GRU, GRUGradients, GRUTrace, gru_parameters
from unrolled.cells.lstm import LSTM, LSTMGradients, LSTMTrace, lstm_parameters
from unrolled.cells.rnn import RNNGradients, SimpleRNN, rnn_parameters
from unrolled.cells.sequence import Trace, padding_mask, zero_padding
from unrolled.cells.stack import Bidirectional, Cell, Layer, Stack

__all__ = [
    "GRU",
    "LSTM",
    "Bidirectional",
    "Cell",
    "GRUGradients",
    "GRUTrace",
    "LSTMGradients",
    "LSTMTrace",
    "Layer",
    "RNNGradients",
    "SimpleRNN",
    "Stack",
    "Trace",
    "gru_parameters",
    "lstm_parameters",
    "padding_mask",
    "rnn_parameters",
    "zero_padding",
]
