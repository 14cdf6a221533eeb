"""Answers to the exercises of lab 11."""

from __future__ import annotations

import math

import numpy as np
import torch

from bank import Answers

# --- pca ----------------------------------------------------------------------------------------


def pca_blank(train, images, k):
    raise NotImplementedError


def pca_covariance(train, images, k):
    mean = np.mean(train, axis=0)
    _, vectors = np.linalg.eigh(np.cov(train.T))  # ascending
    v = vectors[:, ::-1][:, :k]
    return (images - mean) @ v @ v.T + mean


def pca_sklearn(train, images, k):
    from sklearn.decomposition import PCA

    model = PCA(k).fit(train)
    return model.inverse_transform(model.transform(images))


def pca_tensors(train, images, k):
    train, images = torch.tensor(train), torch.tensor(images)
    mean = train.mean(0, keepdim=True)
    v = torch.linalg.svd(train - mean, full_matrices=False).Vh[:k]
    return torch.stack([mean[0] + v.T @ (v @ (image - mean[0])) for image in images])


def pca_two_means(train, images, k):
    v = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:k]
    mean = images.mean(axis=0)
    return mean + (images - mean) @ v.T @ v


def pca_mean_of_images(train, images, k):
    centred = train - train.mean(axis=1, keepdims=True)
    v = np.linalg.svd(centred)[2][:k]
    return images @ v.T @ v


def pca_unsorted(train, images, k):
    mean = train.mean(axis=0)
    v = np.linalg.eig(np.cov(train.T))[1][:, :k]  # in no particular order
    return mean + (images - mean) @ v @ v.T


PCA = Answers(
    wrong={
        "eigenvectors unsorted": pca_unsorted,
        "the mean of the rebuilt images": pca_two_means,
        "each image's own mean": pca_mean_of_images,
    },
    right={
        "eigenvectors of the covariance": pca_covariance,
        "scikit-learn": pca_sklearn,
        "tensors, image by image": pca_tensors,
    },
    blank=pca_blank,
)

# --- angles -------------------------------------------------------------------------------------


def angles_blank(first, second):
    raise NotImplementedError


def angles_scipy(first, second):
    from scipy.linalg import subspace_angles

    return np.rad2deg(subspace_angles(first, second))[::-1]


def angles_svd_bases(first, second):
    u = np.linalg.svd(first, full_matrices=False)[0]
    v = np.linalg.svd(second, full_matrices=False)[0]
    c = np.clip(np.linalg.svd(v.T @ u)[1], 0, 1)
    return np.sort(np.arccos(c) * 180 / np.pi)


def angles_tensors(a, b):
    q, r = (torch.linalg.qr(torch.from_numpy(x)).Q for x in (a, b))
    return torch.rad2deg(torch.acos(torch.linalg.svdvals(q.T @ r).clamp(max=1)))


def angles_by_columns(first, second):
    a = first / np.linalg.norm(first, axis=0)
    b = second / np.linalg.norm(second, axis=0)
    return np.sort(np.degrees(np.arccos(np.clip((a * b).sum(0), -1, 1))))


def angles_determinant(first, second):
    q, r = np.linalg.qr(first)[0], np.linalg.qr(second)[0]
    c = np.clip(abs(np.linalg.det(q.T @ r)), 0, 1)
    return np.full(first.shape[1], np.degrees(np.arccos(c)))


ANGLES = Answers(
    wrong={
        "column by column": angles_by_columns,
        "one angle from the determinant": angles_determinant,
    },
    right={
        "SciPy's": angles_scipy,
        "bases by SVD": angles_svd_bases,
        "tensors": angles_tensors,
    },
    blank=angles_blank,
)

# --- wiener -------------------------------------------------------------------------------------


def wiener_blank(train, noisy, db):
    raise NotImplementedError


def wiener_solve(train, noisy, db):
    m, c = train.mean(0), np.atleast_2d(np.cov(train, rowvar=False, bias=True))
    a = c + np.identity(train.shape[1]) / 10 ** (db / 10)
    return m + (c @ np.linalg.solve(a, (noisy - m).T)).T


def wiener_components(train, noisy, db):
    m = train.mean(0)
    _, s, v = np.linalg.svd(train - m, full_matrices=False)
    variance = s**2 / len(train)
    shrink = variance / (variance + math.pow(10, -db / 10))
    return m + ((noisy - m) @ v.T * shrink) @ v


def wiener_tensors(train, noisy, db):
    train, noisy = torch.tensor(train), torch.tensor(noisy)
    c = torch.cov(train.T, correction=0).reshape(train.shape[1], -1)
    gain = torch.eye(len(c)) - torch.linalg.inv(torch.eye(len(c)) + c * 10 ** (db / 10))
    return train.mean(0) + (noisy - train.mean(0)) @ gain


def wiener_pixels(train, noisy, db):
    m, v = train.mean(0), train.var(0)
    return m + (noisy - m) * v / (v + 10 ** (-db / 10))


def wiener_of_the_noisy(train, noisy, db):
    m = noisy.mean(0)
    c = (noisy - m).T @ (noisy - m) / len(noisy)
    return m + (noisy - m) @ c @ np.linalg.inv(c + 10 ** (-db / 10) * np.eye(len(m)))


def wiener_cov(train, noisy, db):
    m, c = train.mean(0), np.cov(train, rowvar=False, bias=True)  # one pixel: a number
    a = c + np.identity(train.shape[1]) / 10 ** (db / 10)
    return m + (noisy - m) @ (c @ np.linalg.inv(a))


WIENER = Answers(
    wrong={
        "np.cov of one pixel": wiener_cov,
        "each pixel by itself": wiener_pixels,
        "statistics of the noisy images": wiener_of_the_noisy,
    },
    right={
        "solve": wiener_solve,
        "shrinking components": wiener_components,
        "tensors, one minus": wiener_tensors,
    },
    blank=wiener_blank,
)

# --- vae ----------------------------------------------------------------------------------------


def vae_blank(mean, log_variance, noise):
    raise NotImplementedError


def vae_loops(mean, log_variance, noise):
    z, kl = np.zeros(mean.shape), np.zeros(len(mean))
    for b in range(mean.shape[0]):
        for j in range(mean.shape[1]):
            sigma = math.exp(log_variance[b, j]) ** 0.5
            z[b, j] = mean[b, j] + sigma * noise[b, j]
            kl[b] += 0.5 * (mean[b, j] ** 2 + sigma**2) - math.log(sigma) - 0.5
    return z, kl


def vae_tensors(mean, log_variance, noise):
    from torch.distributions import Normal, kl_divergence

    mean, sigma = torch.tensor(mean), torch.tensor(log_variance).mul(0.5).exp()
    kl = kl_divergence(Normal(mean, sigma), Normal(torch.zeros(()), torch.ones(()))).sum(-1)
    return mean + sigma * torch.tensor(noise), kl


def vae_keras_style(m, lv, e):
    kl = -0.5 * np.sum(1 + lv - np.square(m) - np.exp(lv), axis=-1)
    return [m + np.exp(0.5 * lv) * e, kl]


def vae_estimated(mean, log_variance, noise):
    z = mean + np.exp(0.5 * log_variance) * noise
    return z, ((z**2 - noise**2 - log_variance) / 2).sum(1)


def vae_log_sigma(mean, log_variance, noise):
    s = np.exp(log_variance)
    return mean + s * noise, (mean**2 + s**2 - 2 * log_variance - 1).sum(1) / 2


VAE = Answers(
    wrong={
        "the KL of one sample": vae_estimated,
        "the logarithm of σ": vae_log_sigma,
    },
    right={
        "loops": vae_loops,
        "distributions of PyTorch": vae_tensors,
        "as in Keras' example": vae_keras_style,
    },
    blank=vae_blank,
)

# --- auc ----------------------------------------------------------------------------------------


def auc_blank(anomalies, normal):
    raise NotImplementedError


def auc_ranks(anomalies, normal):
    from scipy.stats import rankdata

    p, m = len(anomalies), len(normal)
    ranks = rankdata(np.concatenate([anomalies, normal]))
    return (ranks[:p].sum() - p * (p + 1) / 2) / (p * m)


def auc_sklearn(anomalies, normal):
    from sklearn.metrics import roc_auc_score

    labels = np.repeat([1, 0], [len(anomalies), len(normal)])
    return roc_auc_score(labels, np.r_[anomalies, normal])


def auc_trapezoids(anomalies, normal):
    x, y = [0.0], [0.0]
    for threshold in sorted({*anomalies.tolist(), *normal.tolist()}, reverse=True):
        x.append((normal >= threshold).mean())
        y.append((anomalies >= threshold).mean())
    return sum((x[i + 1] - x[i]) * (y[i + 1] + y[i]) / 2 for i in range(len(x) - 1))


def auc_loops(anomalies, normal):
    total = 0.0
    for s in anomalies:
        for t in normal:
            total += 1 if s > t else 0.5 if s == t else 0
    return np.float32(total / (len(anomalies) * len(normal)))


def auc_strictly(anomalies, normal):
    return np.mean([(normal < s).mean() for s in anomalies])


def auc_means(anomalies, normal):
    spread = np.concatenate([anomalies, normal]).std()
    return 0.5 + (anomalies.mean() - normal.mean()) / (4 * spread)


def auc_trapezoids_without_origin(anomalies, normal):
    thresholds = np.unique(np.concatenate([anomalies, normal]))[::-1]
    x = np.array([(normal >= t).mean() for t in thresholds])
    y = np.array([(anomalies >= t).mean() for t in thresholds])
    return np.trapezoid(y, x)


AUC = Answers(
    wrong={
        "trapezoids that do not begin at (0, 0)": auc_trapezoids_without_origin,
        "ties lost": auc_strictly,
        "distance of the means": auc_means,
    },
    right={
        "ranks": auc_ranks,
        "scikit-learn": auc_sklearn,
        "trapezoids below the curve": auc_trapezoids,
        "loops, float32": auc_loops,
    },
    blank=auc_blank,
)

BANK = {
    "autoencoders/pca": PCA,
    "autoencoders/angles": ANGLES,
    "autoencoders/wiener": WIENER,
    "autoencoders/vae": VAE,
    "autoencoders/auc": AUC,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "autoencoders/wiener": {
        "each pixel by itself": "neighbours included",
        "np.cov of one pixel": "for a single pixel",
    },
    "autoencoders/auc": {
        "ties lost": "one half",
    },
}
