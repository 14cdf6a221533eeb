"""GloVe (Global Vectors): a weighted regression of the logarithms of co-occurrence counts.

::

    e_ij = w_i·c_j + b_i + d_j - log X_ij
    f(x) = min( (x / x_max)^α, 1 )               x_max = 100, α = ¾
    L    = Σ_{ij: X_ij > 0} f(X_ij) e_ij²

    dL/dw_i = Σ_j 2 f(X_ij) e_ij c_j        dL/db_i = Σ_j 2 f(X_ij) e_ij
    dL/dc_j = Σ_i 2 f(X_ij) e_ij w_i        dL/dd_j = Σ_i 2 f(X_ij) e_ij

f(0) = 0: pairs that never occur cost nothing, and so log 0 is never asked for.

Source: J. Pennington, R. Socher, C. D. Manning (2014), GloVe: Global vectors for word
representation, EMNLP, 1532–1543, https://aclanthology.org/D14-1162 (the authors' program has ½ L).

Letters for sizes: V words in the vocabulary, m places in a vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array


@dataclass(frozen=True)
class Loss:
    """GloVe's loss and its derivatives, each of the shape of what it is a derivative by."""

    value: float
    W: Array
    C: Array
    b: Array
    d: Array


def weight(X: ArrayLike, *, x_max: float = 100.0, alpha: float = 0.75) -> Array:
    """Return f(X): how much each count matters; frequent pairs are held at 1.

    Args:
        X: counts, any shape.
        x_max: the count from which on the weight is 1.
        alpha: the power below it.

    Raises:
        ValueError: ``x_max`` or ``alpha`` is not positive.
    """
    if x_max <= 0 or alpha <= 0:
        raise ValueError(f"x_max and alpha must be positive, not {x_max} and {alpha}")
    return np.minimum((np.asarray(X, dtype=np.float64) / x_max) ** alpha, 1)


def loss(
    W: ArrayLike,
    C: ArrayLike,
    b: ArrayLike,
    d: ArrayLike,
    X: ArrayLike,
    *,
    x_max: float = 100.0,
    alpha: float = 0.75,
) -> Loss:
    """Return GloVe's loss on a whole matrix of counts, and its gradients.

    Args:
        W: the words' vectors, (V, m).
        C: the contexts' vectors, (V, m).
        b: the words' biases, (V,).
        d: the contexts' biases, (V,).
        X: counts, (V, V).
        x_max: the count from which on the weight is 1.
        alpha: the power of the weight below it.

    Raises:
        ValueError: a shape does not fit, or a count is negative.
    """
    W, C, b, d, X = (np.asarray(a) for a in (W, C, b, d, X))
    v = len(W)
    if W.ndim != 2 or C.shape != W.shape or b.shape != (v,) or d.shape != (v,):
        raise ValueError(
            "W and C must be (V, m), b and d (V,), "
            f"not {W.shape}, {C.shape}, {b.shape} and {d.shape}"
        )
    if X.shape != (v, v) or X.min(initial=0) < 0:
        raise ValueError(f"X must be ({v}, {v}) counts, none negative; its shape is {X.shape}")
    seen = X > 0
    e = np.where(seen, W @ C.T + b[:, None] + d - np.log(np.where(seen, X, 1)), 0)
    fe = weight(X, x_max=x_max, alpha=alpha) * e
    g = 2 * fe  # dL/de, (V, V)
    return Loss(float((fe * e).sum()), W=g @ C, C=g.T @ W, b=g.sum(axis=1), d=g.sum(axis=0))
