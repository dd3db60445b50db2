#!/usr/bin/env python3
"""Reference values for the tests of search/classifier, from scikit-learn (Debian: python3-sklearn).

Makes search/classifier/testdata: lda.json, ridge.json, logistic.json and mahalanobis.json. Each has cases of
examples with integer coordinates, so that they are the same in float32, and the scores that scikit-learn gives: of
queries, and of each picture by a classifier fitted to the examples of the others. Scores of ridge are
its predictions, those of the others log-probabilities. mahalanobis.json has squared Mahalanobis
distances, by NumPy. With instances a picture has several examples, each a row for scikit-learn, and is
itself none of them.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model import Ridge as RidgeRegression

OUT = pathlib.Path(__file__).resolve().parent.parent / "search/classifier/testdata"


def transform(x: np.ndarray, power: float) -> np.ndarray:
    y = np.sign(x) * np.abs(x) ** power
    return y / np.linalg.norm(y, axis=1, keepdims=True)


def normalized(scores: np.ndarray) -> np.ndarray:
    """Log-probabilities of scores; of two classes scikit-learn gives the difference alone. Its own are
    cut off where a probability rounds to one."""
    if scores.ndim == 1:
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def lda(x: np.ndarray, y: np.ndarray, queries: np.ndarray, shrinkage: float, counts: bool) -> np.ndarray:
    """scikit-learn weights the covariances of the classes by their priors. Ours are pooled by counts
    whatever the priors, so it is fitted with those, and equal priors are put in afterwards."""
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(x, y)
    if not counts:
        logs = np.log(model.priors_)
        model.intercept_ = model.intercept_ - (logs[1:] - logs[:1] if len(logs) == 2 else logs)
    return normalized(model.decision_function(queries))


def ridge(x: np.ndarray, y: np.ndarray, queries: np.ndarray, penalty: float) -> np.ndarray:
    targets = np.eye(y.max() + 1)[y]
    return RidgeRegression(alpha=penalty, fit_intercept=False, solver="cholesky").fit(x, targets).predict(queries)


def logistic(x: np.ndarray, y: np.ndarray, queries: np.ndarray, penalty: float) -> np.ndarray:
    model = LogisticRegression(C=1 / penalty, multi_class="multinomial", solver="newton-cg", tol=1e-7, max_iter=1000).fit(x, y)
    return model.predict_log_proba(queries)


def case(rng: np.random.Generator, fit, sizes: list[int], dim: int, power: float, instances: int = 1, **parameters) -> dict:
    y = np.repeat(np.arange(len(sizes)), sizes)
    centres = rng.integers(-6, 7, (len(sizes), dim))
    x = pictures = centres[y] + rng.integers(-9, 10, (len(y), dim))
    queries = rng.integers(-12, 13, (7, dim))
    more = {}
    if instances > 1:
        x = (pictures[:, None] + rng.integers(-3, 4, (len(y), instances, dim))).reshape(-1, dim)
        more = {"instances": instances, "pictures": pictures.ravel().tolist()}
    picture = np.repeat(np.arange(len(y)), instances)
    own = y
    y = y[picture]
    t = transform(x, power)
    left_out = []
    for i, asked in enumerate(transform(pictures, power)):
        others = picture != i
        left_out.append(fit(t[others], y[others], asked[None], **parameters)[0].tolist())
    return {
        "dim": dim,
        "class": own.tolist(),
        **more,
        "embeddings": x.ravel().tolist(),
        "queries": queries.ravel().tolist(),
        "power": power,
        **parameters,
        "scores": fit(t, y, transform(queries, power), **parameters).tolist(),
        "left_out": left_out,
    }


def shortest(t: np.ndarray, y: np.ndarray, queries: np.ndarray, shrinkage: float) -> np.ndarray:
    """Squared Mahalanobis distances from the nearest mean, under the shrunk pooled covariance."""
    means = np.stack([t[y == c].mean(axis=0) for c in range(y.max() + 1)])
    centred = t - means[y]
    covariance = centred.T @ centred / len(t)
    dim = t.shape[1]
    covariance = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / dim * np.eye(dim)
    differences = queries[:, None, :] - means[None]
    return np.einsum("qcd,de,qce->qc", differences, np.linalg.inv(covariance), differences).min(axis=1)


def distance_case(rng: np.random.Generator, sizes: list[int], dim: int, power: float, shrinkage: float) -> dict:
    one = case(rng, lda, sizes, dim, power, shrinkage=shrinkage, counts=False)
    y = np.array(one["class"])
    t = transform(np.array(one["embeddings"], dtype=float).reshape(len(y), dim), power)
    queries = transform(np.array(one["queries"], dtype=float).reshape(-1, dim), power)
    keys = ("dim", "class", "embeddings", "queries", "power", "shrinkage")
    return {key: one[key] for key in keys} | {
        "nearest": shortest(t, y, queries, shrinkage).tolist(),
        "background": shortest(t, np.zeros_like(y), queries, shrinkage).tolist(),
    }


def write(name: str, cases: list[dict]) -> None:
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text(json.dumps({"sklearn": sklearn.__version__, "cases": cases}) + "\n")


def main() -> None:
    rng = np.random.default_rng(17)
    later = np.random.default_rng(18)
    write(
        "lda.json",
        [
            case(rng, lda, [9, 9, 9], 5, 1, shrinkage=0.1, counts=False),
            case(rng, lda, [12, 5, 8, 3], 6, 0.5, shrinkage=0.3, counts=True),
            case(rng, lda, [12, 5, 8, 3], 6, 0.5, shrinkage=0.3, counts=False),
            case(rng, lda, [20, 20], 4, 1, shrinkage=0, counts=False),
            case(rng, lda, [4, 3, 5], 19, 0.5, shrinkage=0.5, counts=False),  # fewer examples than dimensions
            case(rng, lda, [2, 6], 30, 1, shrinkage=0.05, counts=True),
            case(rng, lda, [7, 7, 7], 5, 2, shrinkage=1, counts=False),
            case(later, lda, [7, 4, 5], 6, 0.5, instances=3, shrinkage=0.3, counts=True),
            case(later, lda, [9, 8], 5, 1, instances=2, shrinkage=0, counts=False),
            case(later, lda, [3, 2, 4], 40, 1, instances=4, shrinkage=0.2, counts=False),  # fewer examples than dimensions
        ],
    )
    write(
        "mahalanobis.json",
        [
            distance_case(np.random.default_rng(3), [9, 9, 9], 5, 1, 0.1),
            distance_case(np.random.default_rng(4), [12, 5, 8, 3], 6, 0.5, 0.3),
            distance_case(np.random.default_rng(5), [4, 3, 5], 19, 0.5, 0.5),  # fewer examples than dimensions
        ],
    )
    for name, fit in (("ridge.json", ridge), ("logistic.json", logistic)):
        write(
            name,
            [
                case(rng, fit, [9, 9, 9], 5, 1, penalty=0.1),
                case(rng, fit, [12, 5, 8, 3], 6, 0.5, penalty=1),
                case(rng, fit, [20, 20], 4, 2, penalty=0.01),
                case(rng, fit, [4, 3, 5], 19, 0.5, penalty=0.3),
                case(rng, fit, [2, 6], 30, 1, penalty=10),
                case(later, fit, [7, 4, 5], 6, 0.5, instances=3, penalty=0.5),
                case(later, fit, [3, 2, 4], 40, 1, instances=4, penalty=0.2),
            ],
        )


if __name__ == "__main__":
    main()
