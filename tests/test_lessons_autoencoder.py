"""What lecture 08 takes from ``unrolled.lessons`` is what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.lessons import autoencoder, codec, denoising, principal, sparse, variational


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def some(count: int = 40, n: int = 64) -> np.ndarray:
    return rng().random((count, n)).astype(np.float32)


def test_the_digits_are_parted_once() -> None:
    digits, again = autoencoder.digits(), autoencoder.digits()
    assert digits.train.shape == (1200, 64)
    assert digits.test.shape == (597, 64)
    assert digits.train.dtype == np.float32
    assert digits.train.min() == 0
    assert digits.train.max() == 1
    assert set(digits.test_label) == set(range(10))
    assert np.array_equal(digits.train, again.train)


def test_an_epoch_takes_each_row_once() -> None:
    parts = list(autoencoder.batches(rng(), 3, 20, 5))
    assert [part.shape for part in parts] == [(3, 5)] * 4
    for row in np.concatenate(parts, axis=1):
        assert sorted(row) == list(range(20))
    assert len(list(autoencoder.batches(rng(), 1, 23, 5))) == 4


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_networks_learn_side_by_side_and_repeat(loss: autoencoder.Loss) -> None:
    x, runs = some(), []
    for _ in range(2):
        nets = autoencoder.Nets((1, 4), hidden=8, loss=loss, seed=2)
        before = np.square(nets.rebuilt(x) - x).mean()
        nets.learn(x, epochs=30, rate=1e-2, batch=20)
        runs.append(nets.rebuilt(x))
        assert np.square(runs[-1] - x).mean() < before
    assert runs[0].shape == (2, 40, 64)
    assert np.array_equal(*runs)
    assert not nets.codes(x)[0, :, 1:].any(), "a code of one number keeps one"
    assert nets.codes(x)[1].any(axis=0).all()


def test_a_network_knows_nothing_of_its_neighbour() -> None:
    x = some(20)
    both = np.stack([x, 1 - x])
    pair = autoencoder.Nets((2, 2), hidden=8, seed=0)
    pair.learn(both, epochs=1, batch=20)
    other = autoencoder.Nets((2, 2), hidden=8, seed=0)
    other.learn(np.stack([x, x]), epochs=1, batch=20)
    assert np.allclose(pair.rebuilt(x)[0], other.rebuilt(x)[0], atol=1e-6)
    assert not np.allclose(pair.rebuilt(x)[1], other.rebuilt(x)[1], atol=1e-6)


def test_a_sheet_is_cut_into_the_pictures_it_was_laid_from() -> None:
    x = np.round(255 * some(37)) / 255
    assert codec.sheet(x, columns=8).shape == (40, 64)
    assert np.allclose(codec.cut(codec.sheet(x, columns=8), 37), x)


def test_bits_of_a_known_distribution() -> None:
    known = np.repeat([0.0, 1.0], 499)[:, None]  # two values; one more for each: even odds
    bits, kept = codec.rounded(np.array([[0.2], [0.9], [0.4]]), known, 1.0)
    assert bits == pytest.approx(1.0)
    assert kept.tolist() == [[0.0], [1.0], [0.0]]


def test_psnr_and_jpeg() -> None:
    x = some()
    assert codec.psnr(x + 0.1 * (x < 0.5) - 0.1 * (x >= 0.5), x) == pytest.approx(20, abs=1e-4)
    (few, rough), (many, fine) = codec.jpeg(x, 5), codec.jpeg(x, 90)
    assert few < many
    assert codec.psnr(rough, x) < codec.psnr(fine, x)
    assert codec.png_bits(x) > codec.png_bits(np.zeros_like(x))


def test_a_curve_has_a_point_for_each_step() -> None:
    x = some()
    points = codec.curve(lambda x: x, lambda z: z, x, x, np.array([0.5, 0.1]))
    assert points.shape == (2, 2)
    assert (points[1] > points[0]).all(), "finer steps: more bits, better pictures"


def test_filters_keep_flat_pictures_and_their_count() -> None:
    flat = np.full((3, 64), 0.5)
    for one in (denoising.gaussian(0.7), denoising.median(3)):
        assert np.allclose(one(flat), flat)
    assert denoising.wiener(3, 0.2)(some()).shape == (40, 64)


def test_wiener_takes_pictures_one_by_one() -> None:
    x = some().astype(float)
    together = denoising.wiener(3, 0.2)(x)
    assert np.allclose(together[7], denoising.wiener(3, 0.2)(x[7:8])[0])


def test_the_linear_denoiser_is_best_among_scalings() -> None:
    clean = rng().normal(size=(4000, 3))
    noisy = clean + rng(1).normal(size=clean.shape)
    assert np.allclose(denoising.linear(clean, 1.0)(noisy), noisy / 2, atol=0.2)


def test_remembering_averages_by_likelihood() -> None:
    points = np.array([[0.0], [1.0]])
    answer = denoising.remembering(points, 0.5)(np.array([[0.5], [-9.0], [0.75]]))
    assert answer[:2].ravel() == pytest.approx([0.5, 0.0])
    assert answer[2, 0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_tuned_returns_the_best() -> None:
    x = some()
    best = denoising.tuned([lambda x: 0 * x, lambda x: 0.9 * x], x, x)
    assert np.array_equal(best(x), 0.9 * x)


def test_the_spiral_is_a_spiral_and_its_denoiser_learns() -> None:
    points = denoising.spiral(rng(), 200)
    assert points.shape == (200, 2)
    radius = np.linalg.norm(points, axis=1)
    assert radius.max() < 0.6 * np.pi + 0.2
    net = denoising.Denoiser(0)
    noisy = points + 0.3 * rng(1).normal(size=points.shape)
    net.learn(points, updates=150)
    before = np.square(noisy - points).mean()
    assert np.square(net(noisy, 0.3) - points).mean() < before


def test_compressed_rows_have_the_same_moments() -> None:
    x = rng().normal(size=(50, 6)) + 3
    small, centred = principal.compressed(x), x - x.mean(axis=0)
    assert small.shape == (6, 6)
    assert np.allclose(small.T @ small / 6, centred.T @ centred / 50)


def test_a_linear_autoencoder_reaches_the_bound() -> None:
    x = rng().normal(size=(60, 5)) * [5, 3, 2, 1, 0.5]
    x = x - x.mean(axis=0)
    sizes = np.linalg.svd(x, compute_uv=False)
    least = (sizes[2:] ** 2).sum() / 60
    net = principal.linear(x, 2, 0)
    assert net.W.shape == (2, 5)
    assert net.error == pytest.approx(least, rel=1e-6)
    assert principal.linear(x, 2, 0, decay=0.1).error > least
    assert principal.one_sigmoid(x, 2, 0).error >= least


def test_a_fine_makes_the_code_sparse() -> None:
    x = some(100)
    used = []
    for fine in (0.0, 0.5):
        net = sparse.Sparse(96, fine=fine, seed=0)
        net.learn(x, epochs=15, batch=50)
        z, back = net.both(x)
        assert z.shape == (100, 96)
        assert back.shape == x.shape
        assert (z >= 0).all()
        assert np.allclose(net.V.detach().norm(dim=0), 1, atol=1e-5)
        used.append((z > 1e-3).mean())
    assert used[1] < used[0]


def test_the_terms_are_those_of_the_formula() -> None:
    x = (some() > 0.5).astype(np.float32)
    nets = variational.Vaes([1.0, None], k=3, seed=0)
    terms = nets.terms(x)
    mean, logvar = (part[0].detach().numpy() for part in nets.encode(torch.as_tensor(x)))
    kl = 0.5 * (mean**2 + np.exp(logvar) - 1 - logvar)
    assert np.allclose(terms.kl[0], kl.mean(axis=0), atol=1e-5)
    assert not terms.kl[1].any(), "a plain autoencoder pays nothing"
    p = nets.pictures(nets.means(x))[1]
    plain = -np.log(np.where(x > 0.5, p, 1 - p)).sum(axis=1).mean()
    assert terms.reconstruction[1] == pytest.approx(plain, rel=1e-4)


def test_a_pixel_sees_only_those_before_it() -> None:
    nets = variational.Vaes([1.0], k=2, past=True, seed=0)
    assert nets.before is not None
    assert nets.before[3, 4] == 1
    assert not nets.before.tril().any()


def test_learning_returns_both_terms_and_a_dear_code_falls_silent() -> None:
    x = (some(100) > 0.5).astype(np.float32)
    nets = variational.Vaes([0.1, 50.0], k=2, hidden=16, seed=0)
    history = nets.learn(x, epochs=40, batch=50)
    assert len(history) == 40
    assert history[-1].reconstruction[0] < history[0].reconstruction[0]
    assert history[-1].kl[1].sum() < 0.1 * history[-1].kl[0].sum()
