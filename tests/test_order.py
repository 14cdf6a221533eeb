"""The task of lecture 01 and how a model learns it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.lessons.order import LETTERS, OneNumber, accuracy, order_task, train


def test_each_sequence_has_one_a_one_b_and_its_mirror() -> None:
    x, y = order_task(np.random.default_rng(0), 40, 7)
    assert x.shape == (40, 7, 8)
    assert x.dtype == np.float32
    assert y.shape == (40, 7)
    assert (x[:, :, :2].sum(axis=1) == 1).all()
    assert (x.sum(axis=2) == 1).all()
    mirrored = x[:20, :, [1, 0, 2, 3, 4, 5, 6, 7]]
    assert np.array_equal(x[20:], mirrored)


def test_the_class_is_settled_by_the_first_of_a_and_b() -> None:
    x, y = order_task(np.random.default_rng(3), 200, 9)
    for row, classes in zip(x.argmax(axis=2), y, strict=True):
        text = "".join(LETTERS[i] for i in row)
        first = min(text.index("A"), text.index("B"))
        expected = [0] * first + [1 + "AB".index(text[first])] * (9 - first)
        assert classes.tolist() == expected


@pytest.mark.parametrize(("batch", "steps"), [(3, 12), (0, 12), (4, 1)])
def test_an_impossible_task_is_refused(batch: int, steps: int) -> None:
    with pytest.raises(ValueError, match=r"even batch|two steps"):
        order_task(np.random.default_rng(0), batch, steps)


def test_one_number_gives_the_probabilities_of_a_sigmoid() -> None:
    torch.manual_seed(0)
    readout, s = OneNumber(4), torch.randn(5, 3, 4)
    p = readout(s).softmax(dim=-1)
    a = torch.nn.functional.linear(s, readout.weight, readout.bias)[..., 0]
    assert p.shape == (5, 3, 3)
    torch.testing.assert_close(p[..., 1], torch.sigmoid(a))
    assert p[..., 0].max() < 1e-10


class Sure(torch.nn.Module):
    """Says the same of everything."""

    def __init__(self, logits: list[float]) -> None:
        super().__init__()
        self.logits = torch.nn.Parameter(torch.tensor(logits))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(*x.shape[:2], 3)


def test_a_constant_answer_is_right_half_of_the_time() -> None:
    test = order_task(np.random.default_rng(1), 100)
    assert accuracy(Sure([9.0, 1.0, 0.0]), *test) == 0.5
    assert accuracy(Sure([0.0, 0.0, 1.0]), *test) == 0.5


def test_the_loss_is_taken_where_it_is_asked_for() -> None:
    test = order_task(np.random.default_rng(1), 20)
    last, every = Sure([0.0, 0.0, 0.0]), Sure([0.0, 0.0, 0.0])
    assert len(train(last, 0, updates=30, test=test)) == 30
    assert train(every, 0, updates=30, every=True) == []
    with torch.no_grad():
        assert last.logits[0] < last.logits[1:].min() - 0.5  # “nothing yet” is never the last class
        assert every.logits[0] > -0.5


def test_lengths_are_drawn_from_the_range() -> None:
    seen: set[int] = set()

    class Watching(Sure):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.add(x.shape[1])
            return super().forward(x)

    train(Watching([0.0, 0.0, 0.0]), 0, lengths=(2, 4), updates=40)
    assert seen == {2, 3, 4}
