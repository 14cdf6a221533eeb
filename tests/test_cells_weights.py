"""Weights survive every journey between NumPy, PyTorch and Keras; what has no place is refused."""

from __future__ import annotations

import os
import warnings
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from cells_cases import agree, make

from unrolled.cells import (
    GRU,
    LSTM,
    Bidirectional,
    SimpleRNN,
    Stack,
    gru_parameters,
    lstm_parameters,
    rnn_parameters,
)
from unrolled.cells.weights import (
    from_keras,
    from_keras_arrays,
    from_pytorch,
    from_pytorch_arrays,
    keras_arrays,
    keras_to_pytorch,
    pytorch_arrays,
    pytorch_to_keras,
    reorder,
    to_keras,
    to_pytorch,
)

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
    pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")

IN_BOTH = ["rnn-tanh", "rnn-relu", "lstm", "gru-after-keeps"]
IN_KERAS = [*IN_BOTH, "gru-before-keeps"]
KINDS = {"rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


def models(name: str, dtype: str = "float64") -> list[Any]:
    """One cell, both directions, three layers, three layers in both directions."""
    rng = np.random.default_rng(0)

    def cell(n: int) -> Any:
        return make(name, n, 4, rng, dtype)

    def pair(n: int) -> Bidirectional:
        return Bidirectional(cell(n), cell(n))

    stacks = [Stack([cell(3), cell(4), cell(4)]), Stack([pair(3), pair(8), pair(8)])]
    return [cell(3), pair(3), *stacks]


def same(one: Any, other: Any) -> None:
    """The same types, options and numbers."""
    assert type(one) is type(other)
    assert one.parameters.keys() == other.parameters.keys()
    for name, array in one.parameters.items():
        assert array.dtype == other.parameters[name].dtype
        assert np.array_equal(array, other.parameters[name]), name
    for option in ("activation", "coupled", "reset", "update"):
        assert getattr(one, option, None) == getattr(other, option, None)


# --- packing ------------------------------------------------------------------------------------


def marked(kind: Any, letters: str, n: int = 2, m: int = 3) -> Any:
    """A cell in which all numbers of a gate's block are the letter's code."""
    rng = np.random.default_rng(0)
    cell = kind.random(n, m, rng)
    for letter in letters:
        for array in cell.part(letter):
            array[:] = ord(letter)
    return cell


def letters_of(array: Any) -> str:
    """The letters of blocks of three rows."""
    rows = array.reshape(len(array), -1)
    assert (rows == rows[:, :1]).all()
    return "".join(chr(int(v)) for v in rows[::3, 0])


def test_lstm_blocks_stand_where_each_library_expects_them() -> None:
    cell = marked(LSTM, "fiog")
    theirs = pytorch_arrays(cell)
    assert {k: a.shape for k, a in theirs.items()} == {
        "weight_ih": (12, 2),
        "weight_hh": (12, 3),
        "bias_ih": (12,),
        "bias_hh": (12,),
    }
    assert [letters_of(theirs[k]) for k in ("weight_ih", "weight_hh", "bias_ih")] == ["ifgo"] * 3
    assert (theirs["bias_hh"] == 0).all()
    kernel, recurrent, bias = keras_arrays(cell)
    assert (kernel.shape, recurrent.shape, bias.shape) == ((2, 12), (3, 12), (12,))
    assert [letters_of(a) for a in (kernel.T, recurrent.T, bias)] == ["ifgo"] * 3


def test_gru_blocks_and_biases_stand_where_each_library_expects_them() -> None:
    cell = marked(GRU, "zrg")
    cell.b_h[:] = 5
    theirs = pytorch_arrays(cell)
    assert [letters_of(theirs[k]) for k in ("weight_ih", "weight_hh", "bias_ih")] == ["rzg"] * 3
    assert theirs["bias_hh"].tolist() == [0] * 6 + [5] * 3
    kernel, recurrent, bias = keras_arrays(cell)
    assert (kernel.shape, recurrent.shape, bias.shape) == ((2, 9), (3, 9), (2, 9))
    assert [letters_of(a) for a in (kernel.T, recurrent.T, bias[0])] == ["zrg"] * 3
    assert bias[1].tolist() == [0] * 6 + [5] * 3
    before = GRU(cell.W_x, cell.W_h, cell.b, reset="before")
    assert keras_arrays(before)[2].shape == (9,)


def test_a_gru_whose_z_takes_is_negated_on_the_way_out() -> None:
    cell = make("gru-after-takes", 2, 3, np.random.default_rng(0))
    assert np.array_equal(pytorch_arrays(cell)["weight_ih"][3:6], -cell.part("z")[0])
    assert np.array_equal(keras_arrays(cell)[0][:, :3].T, -cell.part("z")[0])
    back = from_pytorch(to_pytorch(cell))
    assert back.update == "keeps"
    same(back.rewritten("takes"), cell)


def test_reorder() -> None:
    assert reorder(np.arange(6), "abc", "cab").tolist() == [4, 5, 0, 1, 2, 3]


# --- journeys -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", IN_KERAS)
def test_ours_to_theirs_to_ours_changes_no_number(name: str, dtype: str) -> None:
    for model in models(name, dtype):
        same(from_keras(to_keras(model)), model)
        if name in IN_BOTH:
            same(from_pytorch(to_pytorch(model)), model)
            same(from_keras(pytorch_to_keras(to_pytorch(model))), model)
            same(from_pytorch(keras_to_pytorch(to_keras(model))), model)


@pytest.mark.parametrize("name", IN_KERAS)
def test_arrays_alone_make_the_journey_too(name: str) -> None:
    cell = make(name, 3, 4, np.random.default_rng(1))
    kind, options = type(cell), {}
    if kind is SimpleRNN:
        options = {"activation": cell.activation}
    if name in IN_BOTH:
        same(from_pytorch_arrays(kind, pytorch_arrays(cell), **options), cell)
    if kind is GRU:
        options = {"reset": cell.reset}
    same(from_keras_arrays(kind, keras_arrays(cell), **options), cell)


def pytorch_module(name: str, **options: Any) -> Any:
    """A float64 PyTorch module with PyTorch's own random weights and both its biases."""
    torch.manual_seed(0)
    kinds = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    kind, _, activation = name.partition("-")
    if kind == "rnn":
        options["nonlinearity"] = activation
    return kinds[kind](3, 4, batch_first=True, dtype=torch.float64, **options)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("layers", "both"), [(1, False), (1, True), (2, False), (2, True)])
@pytest.mark.parametrize("name", ["rnn-tanh", "rnn-relu", "lstm", "gru"])
def test_pytorch_to_keras_and_back_is_the_same_function(
    name: str, layers: int, both: bool, bias: bool
) -> None:
    module = pytorch_module(name, num_layers=layers, bidirectional=both, bias=bias)
    x = np.random.default_rng(2).normal(size=(2, 5, 3))
    theirs = module(torch.tensor(x))[0].detach().numpy()
    agree(np.ascontiguousarray(from_pytorch(module).forward(x).states), theirs, 1e-10)
    moved = pytorch_to_keras(module)
    assert len(moved) == layers
    outputs: Any = x  # layer by layer: a Sequential would cast the inputs to float32
    for layer in moved:
        outputs = layer(outputs)
    agree(outputs.numpy(), theirs, 1e-10)
    back = keras_to_pytorch(keras.Sequential(moved))
    agree(back(torch.tensor(x))[0].detach().numpy(), theirs, 1e-10)


def keras_layer(name: str, **options: Any) -> Any:
    """A float64 Keras layer, built, with random weights and biases."""
    kind, _, rest = name.partition("-")
    layer: Any
    if kind == "rnn":
        layer = keras.layers.SimpleRNN(4, activation=rest, dtype="float64", **options)
    elif kind == "lstm":
        layer = keras.layers.LSTM(4, dtype="float64", **options)
    else:
        layer = keras.layers.GRU(4, reset_after=rest == "after", dtype="float64", **options)
    return built(layer)


def built(layer: Any, n: int = 3) -> Any:
    rng = np.random.default_rng(3)
    layer.build((None, None, n))
    layer.set_weights([rng.normal(0, 0.6, w.shape) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["rnn-tanh", "rnn-relu", "lstm", "gru-after", "gru-before"])
def test_keras_to_numpy_and_pytorch_is_the_same_function(name: str, bias: bool) -> None:
    layer = keras_layer(name, return_sequences=True, use_bias=bias)
    wrapped = keras.layers.Bidirectional(
        type(layer).from_config(layer.get_config()), dtype="float64"
    )
    pair = built(wrapped)
    x = np.random.default_rng(4).normal(size=(2, 5, 3))
    for one in (layer, pair):
        theirs = one(x).numpy()
        agree(np.ascontiguousarray(from_keras(one).forward(x).states), theirs, 1e-10)
        if name != "gru-before":
            moved = keras_to_pytorch([one])
            agree(moved(torch.tensor(x))[0].detach().numpy(), theirs, 1e-10)


def test_a_whole_keras_model_is_read_layer_by_layer() -> None:
    model = keras.Sequential(
        [
            keras.layers.Input((None, 3)),
            keras.layers.Masking(),
            keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True)),
            keras.layers.GRU(5, return_sequences=True),
        ]
    )
    ours = from_keras(model)
    assert isinstance(ours, Stack)
    assert [type(layer) for layer in ours.layers] == [Bidirectional, GRU]
    x = np.random.default_rng(5).normal(size=(2, 4, 3)).astype("float32")
    agree(np.ascontiguousarray(ours.forward(x).states), model(x).numpy(), 1e-5)


def test_a_converted_module_does_not_share_memory_with_the_cell() -> None:
    cell = make("rnn-tanh", 2, 3, np.random.default_rng(0))
    kept = cell.W_x.copy()
    module = to_pytorch(cell)
    with torch.no_grad():
        module.weight_ih_l0.zero_()
    assert np.array_equal(cell.W_x, kept)
    module = to_pytorch(cell)
    back = from_pytorch(module)
    with torch.no_grad():
        module.weight_ih_l0.zero_()
    assert np.array_equal(back.W_x, kept)


# --- counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 1), (1, 4), (10, 20)])
def test_counts_are_the_libraries(n: int, m: int) -> None:
    def in_pytorch(kind: Any) -> int:
        return sum(p.numel() for p in kind(n, m).parameters())

    def in_keras(layer: Any) -> int:
        layer.build((None, None, n))
        return layer.count_params()

    # PyTorch's second bias is m more for each block: one in the RNN, four in the LSTM …
    assert in_pytorch(torch.nn.RNN) == rnn_parameters(n, m, biases=2) == rnn_parameters(n, m) + m
    assert in_pytorch(torch.nn.LSTM) == lstm_parameters(n, m, biases=2)
    assert lstm_parameters(n, m, biases=2) == lstm_parameters(n, m) + 4 * m
    # … three in the GRU, of which our GRU has the one that matters, b_h.
    assert (
        in_pytorch(torch.nn.GRU) == gru_parameters(n, m, biases=2) == gru_parameters(n, m) + 2 * m
    )
    assert in_keras(keras.layers.SimpleRNN(m)) == rnn_parameters(n, m)
    assert in_keras(keras.layers.LSTM(m)) == lstm_parameters(n, m)
    assert in_keras(keras.layers.GRU(m)) == gru_parameters(n, m, biases=2)
    plain = keras.layers.GRU(m, reset_after=False)
    assert in_keras(plain) == gru_parameters(n, m, reset="before")


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("convert", [to_pytorch, to_keras, pytorch_arrays, keras_arrays])
def test_what_no_library_has_is_refused(convert: Any) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no peepholes"):
        convert(make("lstm-peepholes", 2, 3, rng))
    with pytest.raises(ValueError, match=r"cell\.uncoupled\(\)"):
        convert(make("lstm-coupled", 2, 3, rng))


def test_what_pytorch_does_not_have_is_refused() -> None:
    rng = np.random.default_rng(0)
    before = make("gru-before-keeps", 2, 3, rng)
    for convert in (to_pytorch, pytorch_arrays):
        with pytest.raises(ValueError, match="resets after the recurrent product"):
            convert(before)
    with pytest.raises(ValueError, match="resets after the recurrent product"):
        keras_to_pytorch(keras_layer("gru-before"))
    rnn, lstm, small = (make(name, 2, 2, rng) for name in ("rnn-tanh", "lstm", "rnn-relu"))
    with pytest.raises(ValueError, match="of one kind"):
        to_pytorch(Stack([rnn, lstm]))
    with pytest.raises(ValueError, match="of one kind"):
        to_pytorch(Stack([rnn, small]))
    with pytest.raises(ValueError, match="number of directions"):
        to_pytorch(Stack([Bidirectional(rnn, rnn), make("rnn-tanh", 4, 2, rng)]))
    with pytest.raises(ValueError, match=r"one size, not \[2, 5\]"):
        to_pytorch(Stack([rnn, make("rnn-tanh", 2, 5, rng)]))
    with pytest.raises(ValueError, match="both directions must be of the same kind"):
        to_pytorch(Bidirectional(rnn, small))
    with pytest.raises(ValueError, match="stacks inside a bidirectional layer"):
        to_keras(Bidirectional(Stack([rnn]), Stack([rnn])))
    with pytest.raises(ValueError, match="a cell, a Stack or a Bidirectional"):
        to_keras(3)  # type: ignore[arg-type]


def test_pytorch_modules_with_no_counterpart_are_refused() -> None:
    with pytest.raises(ValueError, match=r"torch\.nn\.GRU is wanted"):
        from_pytorch(torch.nn.Linear(2, 3))
    with pytest.raises(ValueError, match="proj_size"):
        from_pytorch(torch.nn.LSTM(3, 4, proj_size=2))


def test_keras_layers_with_no_counterpart_are_refused() -> None:
    layers = keras.layers
    refused = [
        (layers.Dense(3), "is wanted"),
        (layers.LSTM(3), "no weights yet"),
        (built(layers.LSTM(3, go_backwards=True)), "go_backwards"),
        (built(layers.LSTM(3, activation="relu")), "is 'relu'; here it can be 'tanh'"),
        (built(layers.LSTM(3, recurrent_activation="hard_sigmoid")), "'hard_sigmoid'"),
        (built(layers.SimpleRNN(3, activation="elu")), "'tanh' or 'relu'"),
        (built(layers.Bidirectional(layers.LSTM(3), merge_mode="sum")), "merge_mode='concat'"),
        ([], "no recurrent layer"),
    ]
    for layer, words in refused:
        with pytest.raises(ValueError, match=words):
            from_keras(layer)
