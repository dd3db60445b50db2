#!/usr/bin/env python3
"""Reference values for the tests of search/classifier, from scikit-learn (Debian: python3-sklearn).

Makes search/classifier/testdata/lda.json: examples with integer coordinates, so that they are the same
in float32, and for each case the log-probabilities of scikit-learn's discriminant, of queries and of
each example by a discriminant fitted to the others.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

OUT = pathlib.Path(__file__).resolve().parent.parent / "search/classifier/testdata/lda.json"


def transform(x: np.ndarray, power: float) -> np.ndarray:
    y = np.sign(x) * np.abs(x) ** power
    return y / np.linalg.norm(y, axis=1, keepdims=True)


def fit(x: np.ndarray, y: np.ndarray, shrinkage: float, counts: bool) -> LinearDiscriminantAnalysis:
    """scikit-learn weights the covariances of the classes by their priors. Ours are pooled by counts
    whatever the priors, so it is fitted with those, and equal priors are put in afterwards."""
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(x, y)
    if not counts:
        logs = np.log(model.priors_)
        model.intercept_ = model.intercept_ - (logs[1:] - logs[:1] if len(logs) == 2 else logs)
    return model


def log_probabilities(model: LinearDiscriminantAnalysis, x: np.ndarray) -> np.ndarray:
    """predict_log_proba, but not cut off where a probability of two classes rounds to one."""
    scores = model.decision_function(x)
    if scores.ndim == 1:
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def case(rng: np.random.Generator, counts: list[int], dim: int, power: float, shrinkage: float, priors: bool) -> dict:
    y = np.repeat(np.arange(len(counts)), counts)
    centres = rng.integers(-6, 7, (len(counts), dim))
    x = centres[y] + rng.integers(-9, 10, (len(y), dim))
    queries = rng.integers(-12, 13, (7, dim))
    t = transform(x, power)
    left_out = []
    for i in range(len(y)):
        others = np.arange(len(y)) != i
        left_out.append(log_probabilities(fit(t[others], y[others], shrinkage, priors), t[i : i + 1])[0].tolist())
    return {
        "dim": dim,
        "class": y.tolist(),
        "embeddings": x.ravel().tolist(),
        "queries": queries.ravel().tolist(),
        "power": power,
        "shrinkage": shrinkage,
        "counts": priors,
        "log_probabilities": log_probabilities(fit(t, y, shrinkage, priors), transform(queries, power)).tolist(),
        "left_out": left_out,
    }


def main() -> None:
    rng = np.random.default_rng(17)
    cases = [
        case(rng, [9, 9, 9], 5, 1, 0.1, False),
        case(rng, [12, 5, 8, 3], 6, 0.5, 0.3, True),
        case(rng, [12, 5, 8, 3], 6, 0.5, 0.3, False),
        case(rng, [20, 20], 4, 1, 0, False),
        case(rng, [4, 3, 5], 19, 0.5, 0.5, False),  # fewer examples than dimensions
        case(rng, [2, 6], 30, 1, 0.05, True),
        case(rng, [7, 7, 7], 5, 2, 1, False),
    ]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"sklearn": sklearn.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
