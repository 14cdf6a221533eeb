"""The contest of lecture 05: its tasks are what they say, its budgets are kept, its runs repeat."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from unrolled.lessons import agreement, contest, rivals
from unrolled.lessons.contest import BLOCKS, ENTRIES, LADDER, RATES, TASKS, TRIED, Network

pytestmark = pytest.mark.usefixtures("one_thread")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- budgets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", BLOCKS)
@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 1), (2, 7, 3), (20, 12, 20)])
def test_parameters_are_those_of_the_network(cell: str, n: int, m: int, k: int) -> None:
    network = Network(cell, n, m, k)
    assert contest.parameters(cell, n, m, k) == sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("cell", BLOCKS)
@pytest.mark.parametrize("budget", [60, 500, 2000, 2001])
def test_places_fill_the_budget(cell: str, budget: int) -> None:
    m = contest.places(cell, 2, 1, budget)
    assert contest.parameters(cell, 2, m, 1) <= budget < contest.parameters(cell, 2, m + 1, 1)


def test_a_budget_can_be_too_small() -> None:
    with pytest.raises(ValueError, match="too few for a network of kind LSTM"):
        contest.places("LSTM", 2, 1, 10)


def test_the_best_rate_of_each_entry_stands_inside_what_was_tried() -> None:
    assert set(RATES) == set(TRIED) == set(TASKS)
    for name, entry in itertools.product(TASKS, ENTRIES):
        tried = TRIED[name][entry]
        rates = list(tried)
        assert rates == [rate for rate in LADDER if rates[0] <= rate <= rates[-1]], "no gap"
        assert set(contest.FIRST) <= set(rates)
        assert rates[0] < RATES[name][entry] < rates[-1]
        assert tried[RATES[name][entry]] == min(tried.values())


@pytest.mark.parametrize("best", LADDER)
def test_the_search_goes_on_beyond_an_end_until_the_best_is_inside(best: float) -> None:
    asked = []

    def score(rate: float) -> float:
        asked.append(rate)
        return abs(math.log(rate / best))

    tried = contest.search(score)
    assert len(asked) == len(set(asked)), "no rate is scored twice"
    assert list(tried) == sorted(asked)
    assert min(tried, key=lambda rate: tried[rate]) == best
    inside = min(tried) < best < max(tried)
    assert inside or best in (LADDER[0], LADDER[-1]), "or the ladder ends"
    assert len(tried) <= len(LADDER)


def test_the_recorded_scores_are_those_of_a_search() -> None:
    rate = RATES["chaos"]["LSTM, bias 1"]
    runs = [
        contest.run("chaos", "LSTM, bias 1", seed, rate=rate, on=contest.VALIDATION)
        for seed in range(100, 105)
    ]
    assert contest.interval(runs)[0] == pytest.approx(TRIED["chaos"]["LSTM, bias 1"][rate], rel=0.3)


# --- tasks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TASKS)
def test_a_task_fits_a_network(name: str) -> None:
    task = TASKS[name]
    x, y = task.draw(rng(), 5)
    assert x.shape[0] == y.shape[0] == 5
    assert x.shape[2] == task.inputs
    assert x.dtype == torch.float32
    loss = task.loss(Network("GRU", task.inputs, 3, task.outputs)(x), y)
    assert loss.shape == ()
    assert torch.isfinite(loss)
    again, _ = task.draw(rng(), 5)
    assert torch.equal(x, again), "the same seed draws the same data"
    other, _ = task.draw(rng(1), 5)
    assert not torch.equal(x, other)


def test_adding_marks_one_number_in_each_half() -> None:
    x, y = contest.adding(rng(), 500, steps=8)
    assert (x[:, :4, 1].sum(1) == 1).all()
    assert (x[:, 4:, 1].sum(1) == 1).all()
    assert torch.allclose((x[..., 0] * x[..., 1]).sum(1, keepdim=True), y)
    assert x[..., 0].min() >= 0
    assert x[..., 0].max() < 1
    assert set(x[..., 1].nonzero()[:, 1].tolist()) == set(range(8))


def test_only_the_last_answer_of_adding_counts() -> None:
    out = torch.zeros(3, 5, 1)
    y = torch.ones(3, 1)
    assert contest.last_error(out, y) == 1
    out[:, -1] = 1
    assert contest.last_error(out, y) == 0


def test_mackey_glass_follows_its_equation() -> None:
    s = contest.mackey_glass(rng(), 400, 60)
    assert s.shape == (400, 60)
    assert abs(s.mean()) < 0.1
    assert abs(s.std() - 1) < 0.1
    plain = s * 0.226 + 0.928
    late, middle = plain[:, :-17], plain[:, 17:]
    slope = 0.2 * late / (1 + late**10) - 0.1 * middle
    central = (middle[:, 2:] - middle[:, :-2]) / 2
    assert np.abs(central - slope[:, 1:-1]).max() < 0.02


def test_two_close_starts_part() -> None:
    class Near:
        def __init__(self, offset: float) -> None:
            self.offset = offset

        def uniform(self, low: float, high: float, count: int) -> np.ndarray:
            return np.full(count, 0.9 + self.offset)

    one, two = (contest.mackey_glass(Near(o), 1, 2000)[0] for o in (0, 1e-4))  # type: ignore[arg-type]
    assert np.abs(one[-200:] - two[-200:]).max() > 0.1, "chaos"


def test_the_target_of_chaos_is_the_series_itself_ahead() -> None:
    x, y = contest.chaos(rng(), 300, steps=40, ahead=10, noise=0.0)
    assert torch.equal(x[:, 10:], y[:, :-10])
    noisy, y = contest.chaos(rng(), 300, steps=40, ahead=10, noise=0.1)
    assert abs((noisy[:, 10:] - y[:, :-10]).std().item() - 0.1) < 0.005


def test_the_grammar_is_a_distribution_and_agrees() -> None:
    found = contest.sentences()
    assert sum(found.values()) == pytest.approx(1)
    assert "the cat near the trees sleeps. " in found
    assert "the children sleep. " in found
    assert "the children sleeps. " not in found
    assert "the cats near the tree sleeps. " not in found
    assert sum(share for s, share in found.items() if s.count(" ") == 3) == pytest.approx(0.5)


def test_surprises_give_the_entropy_of_the_grammar() -> None:
    found, bits = contest.sentences(), contest.surprises()
    for sentence in itertools.islice(found, 0, None, 97):
        assert len(bits[sentence]) == len(sentence)
        assert sum(bits[sentence]) == pytest.approx(-np.log2(found[sentence]))


def test_text_is_the_sentences_letter_by_letter() -> None:
    x, y = contest.text(rng(), 4, steps=30)
    letters = contest.alphabet()
    for one_hot, following, line in zip(x, y, contest.lines(rng(), 4, 30), strict=True):
        written = "".join(line)
        assert "".join(letters[i] for i in one_hot.argmax(-1)) == written[:30]
        assert "".join(letters[i] for i in following) == written[1:31]


def test_no_forecast_of_the_text_beats_the_floor() -> None:
    floor = contest.text_floor(rng(), 300)
    assert 0.3 < floor < 0.6
    x, y = contest.text(rng(), 300)
    uniform = contest.bits(torch.zeros(*y.shape, x.shape[2]), y).item()
    assert uniform == pytest.approx(np.log2(len(contest.alphabet())))
    assert contest.run("text", "GRU", 0).score > contest.text_floor(rng(contest.TEST), 1000)


def test_the_longest_wait_for_the_verb() -> None:
    waits = [len(s.split()[2] + s.split()[3] + s.split()[4]) + 4
             for s in contest.sentences() if s.count(" ") == 6]  # fmt: skip
    assert max(waits) == len(" behind the children ")


# --- runs -----------------------------------------------------------------------------------------


def test_a_run_repeats_and_keeps_its_budget() -> None:
    one, two = (contest.run("chaos", "LSTM", 3) for _ in range(2))
    assert one.score == two.score
    assert sum(p.numel() for p in one.network.parameters()) <= contest.BUDGET
    assert one.seconds > 0


def test_the_forget_bias_is_set_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def look(network: Network, *rest: object) -> None:
        m = network.cell.hidden_size
        seen["bias"] = network.cell.bias_ih_l0.detach().split(m)

    monkeypatch.setattr(contest, "learn", look)
    contest.run("chaos", "LSTM, bias 1", 0)
    i, f, g, o = seen["bias"]
    assert (f == 1).all()
    assert max(part.abs().max() for part in (i, g, o)) < 1


def test_longer_means_more_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    epochs = []
    monkeypatch.setattr(contest, "learn", lambda *a: epochs.append(a[4]))
    for entry in ("LSTM", "LSTM, longer", "GRU, longer"):
        contest.run("adding", entry, 0)
    assert epochs == [4, 10, 10]


def test_validation_and_test_data_are_different() -> None:
    test, _ = contest.unseen("chaos")
    validation, _ = contest.unseen("chaos", contest.VALIDATION)
    assert not torch.equal(test, validation)
    assert contest.unseen("chaos")[0] is test


def test_an_interval_is_median_lowest_highest() -> None:
    runs = [contest.Run(Network("RNN", 1, 1, 1), score, 1.0) for score in (3.0, 1.0, 2.0)]
    assert contest.interval(runs) == (2.0, 1.0, 3.0)


def test_the_gru_learns_to_add() -> None:
    assert contest.run("adding", "GRU", 0).score < 0.01


def test_milliseconds_are_a_time() -> None:
    cell = torch.nn.GRU(2, 3, batch_first=True)
    assert 0 < contest.milliseconds(cell, torch.randn(2, 4, 2), turns=3) < 10_000


def test_distant_agreement_is_counted_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only sentences with a second noun count, and only if the deciding letter is a target."""
    drawn = [
        ["the cat sleeps. ", "the cat near the dogs sleeps. "],  # decided at letter 43
        ["the cat near the dogs sleeps. "],  # "the cat near the dogs sleep" has 27: letter 27
        ["the cats near the dog sleep. "],  # the full stop after 27 letters: letter 27
    ]
    monkeypatch.setattr(contest, "lines", lambda rng, count, steps: drawn)
    rng = np.random.default_rng(0)
    assert contest.distant_share(rng, 3, steps=28) == 2 / 84
    assert contest.distant_share(rng, 3, steps=26) == 0
    assert contest.distant_share(rng, 3, steps=43) == 3 / 129


def test_products_of_values_beat_a_line_on_chaos() -> None:
    """The future of the series is no linear function of the window."""
    linear = contest.regression(11)
    assert 0.2 < linear < 0.5
    assert contest.regression(11, squares=True) < linear / 4


# --- the text by words ----------------------------------------------------------------------------


def test_a_verb_agrees_with_the_first_noun() -> None:
    generator = rng(5)
    for _ in range(200):
        words, cost, differing = agreement.sentence(generator)
        many = words[1] in agreement.PLURALS
        assert (words[-2] in agreement.VERBS) == many
        others = [word in agreement.PLURALS for word in words[4:-2:3]]
        assert differing == sum(other != many for other in others)
        assert len(words) == len(cost) == 4 + 3 * len(others)
    assert all(line.count(" ") in (6, 9) for line in agreement.examples(rng(), 20))


def test_the_bits_of_the_words_are_those_of_their_frequencies() -> None:
    """An average over many sentences: -log2 of how often a word follows its beginning's kind."""
    drawn = [agreement.sentence(rng(seed))[0] for seed in range(3000)]
    goes_on = np.mean([len(words) > 4 for words in drawn])
    assert goes_on == pytest.approx(2 / 3, abs=0.04)
    again = np.mean([len(words) > 7 for words in drawn if len(words) > 4])
    assert again == pytest.approx(1 / 2, abs=0.04)
    costs = {len(words): cost for words, cost, _ in map(agreement.sentence, map(rng, range(40)))}
    whole = {length: 2 ** -sum(cost) for length, cost in costs.items()}
    kinds = {4: 16 * 6, 7: 16 * 6 * 32, 10: 16 * 6 * 32**2}  # sentences of a length, equally often
    for length, share in whole.items():
        assert share * kinds[length] == pytest.approx(1 / 3)


def test_the_targets_of_the_words_are_the_next_words() -> None:
    x, y = agreement.text(rng(3), 5)
    assert x.shape == (5, agreement.STEPS, len(agreement.WORDS))
    assert torch.equal(x[:, 1:].argmax(-1), y[:, :-1])


class Knowing(torch.nn.Module):
    """Forecasts a verb of the first noun's number, or of the last noun's."""

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self.first = first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = torch.zeros_like(x)
        for row, words in enumerate(x.argmax(-1).tolist()):
            many = None
            for i, word in enumerate(words):
                if word < 16 and (many is None or not self.first):
                    many = word >= 8
                if agreement.WORDS[word] == ".":
                    many = None
                verbs = agreement.VERBS if many else [f"{v}s" for v in agreement.VERBS]
                out[row, i, [agreement.WORDS.index(v) for v in verbs]] = 1
        return out


def test_agreement_tells_the_first_noun_from_the_last() -> None:
    assert agreement.agreement(Knowing(first=True), rng(4), 100) == 1
    assert agreement.agreement(Knowing(first=False), rng(4), 100) < 0.5


def test_no_model_of_the_words_beats_the_floor() -> None:
    floor = agreement.floor(rng(contest.TEST), 1000)
    assert floor < rivals.ngram(4) < rivals.ngram(1)
    assert all(floor < min(scores) for scores in rivals.SCORES["agreement"].values())


# --- the rivals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", rivals.TASKS)
@pytest.mark.parametrize("entry", rivals.ENTRIES)
def test_a_rival_keeps_the_budget_and_fills_it(name: str, entry: str) -> None:
    network = rivals.network(name, entry)
    size = sum(p.numel() for p in network.parameters())
    assert 0.9 * contest.BUDGET < size <= contest.BUDGET
    x, y = rivals.TASKS[name].draw(rng(), 3)
    assert torch.isfinite(rivals.TASKS[name].loss(network(x), y))


def test_a_window_sees_its_width_and_no_more() -> None:
    torch.manual_seed(0)
    network = rivals.Window(2, 7, 1, width=3)
    x = torch.randn(1, 8, 2, requires_grad=True)
    network(x)[0, 5].sum().backward()
    assert (x.grad[0].abs().sum(-1) > 0).tolist() == [False] * 3 + [True] * 3 + [False] * 2
    assert rivals.units(3, 2, 1) * 8 + 1 <= contest.BUDGET < (rivals.units(3, 2, 1) + 1) * 8 + 1


def test_the_starts_of_the_simple_networks() -> None:
    identity, orthogonal = (rivals.network("adding", e).cell for e in ("identity", "orthogonal"))
    m = identity.hidden_size
    assert identity.nonlinearity == "relu"
    assert torch.equal(identity.weight_hh_l0, torch.eye(m))
    assert not identity.bias_ih_l0.any()
    assert orthogonal.nonlinearity == "tanh"
    W = orthogonal.weight_hh_l0
    assert torch.allclose(W @ W.T, torch.eye(m), atol=1e-5)


def test_the_recorded_scores_of_the_rivals_are_those_of_a_run() -> None:
    run = rivals.run("chaos", "window", 0)
    assert run.score == pytest.approx(rivals.SCORES["chaos"]["window"][0], rel=0.2)
    for name, entry in itertools.product(rivals.TASKS, rivals.ENTRIES):
        tried, rate = rivals.TRIED[name][entry], rivals.best_rate(name, entry)
        assert min(tried) < rate < max(tried)
        assert len(rivals.SCORES[name][entry]) == 5


def test_products_add_the_marked_numbers() -> None:
    assert rivals.products(squares=True) < 1e-9
    assert rivals.products(squares=False) > 0.1


def test_pairs_are_counted_seed_by_seed() -> None:
    assert rivals.pairs([1.0, 2.0, 9.0], [2.0, 3.0, 4.0]) == (2, -1.0)
