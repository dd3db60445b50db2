#!/usr/bin/env python3
"""Reference values for probabilities, from SciPy and scikit-learn (Debian: python3-sklearn).

Makes search/calibration/testdata/temperature.json: random scores, the temperature that makes their
classes most likely, and the log loss and Brier score at it; and report/testdata/reliability.json:
confidences with whether the answers were right, and scikit-learn's calibration curve of 15 bins of
equal mass. Confidences differ from one another: of equal ones the bins depend on the order.
report/testdata/rejection.json has scores of pictures of known and of unknown classes, some of them
equal, with the area under the ROC curve and the false positives at 95 % true positives.
"""

import json
import pathlib

import numpy as np
import sklearn
from scipy.optimize import minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

ROOT = pathlib.Path(__file__).resolve().parent.parent


def probabilities(scores: np.ndarray, temperature: float) -> np.ndarray:
    logits = scores / temperature
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    return p / p.sum(axis=1, keepdims=True)


def temperature_case(rng: np.random.Generator, examples: int, classes: int, scale: float) -> dict:
    truth = rng.integers(0, classes, examples)
    scores = rng.normal(size=(examples, classes)) * scale
    scores[np.arange(examples), truth] += 1.5 * scale
    scores = scores.round(4)
    labels = np.arange(classes)

    def loss(log_temperature: float) -> float:
        return log_loss(truth, probabilities(scores, np.exp(log_temperature)), labels=labels)

    best = minimize_scalar(loss, bracket=(np.log(scale) - 1, np.log(scale) + 1), tol=1e-12)
    p = probabilities(scores, np.exp(best.x))
    # scikit-learn's Brier score is of two classes: the sum over the classes is that of one against
    # the rest.
    brier = sum(brier_score_loss(truth == c, p[:, c]) for c in labels)
    return {
        "scores": scores.tolist(),
        "class": truth.tolist(),
        "temperature": float(np.exp(best.x)),
        "loss": float(log_loss(truth, p, labels=labels)),
        "brier": float(brier),
        "confidences": p.max(axis=1).tolist(),
    }


def reliability_case(rng: np.random.Generator, answers: int, bins: int) -> dict:
    confidences = rng.beta(3, 1.5, answers).round(6)
    assert len(set(confidences)) == answers
    right = rng.random(answers) < confidences**1.5
    accuracies, means = calibration_curve(right, confidences, n_bins=bins, strategy="quantile")
    return {
        "confidences": confidences.tolist(),
        "right": right.tolist(),
        "bins": bins,
        "mean_confidences": means.tolist(),
        "accuracies": accuracies.tolist(),
    }


def rejection_case(rng: np.random.Generator, known: int, unknown: int, digits: int) -> dict:
    scores = np.concatenate([rng.normal(1, 1, known), rng.normal(0, 1, unknown)]).round(digits)
    truth = np.arange(known + unknown) < known
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    return {
        "known": scores[:known].tolist(),
        "unknown": scores[known:].tolist(),
        "auroc": float(roc_auc_score(truth, scores)),
        "false_positives": float(false[true >= 0.95].min()),
    }


def write(path: str, cases: list[dict]) -> None:
    file = ROOT / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"sklearn": sklearn.__version__, "cases": cases}) + "\n")


def main() -> None:
    rng = np.random.default_rng(17)
    write(
        "search/calibration/testdata/temperature.json",
        [temperature_case(rng, *size) for size in ((40, 3, 1.0), (25, 10, 0.02), (60, 2, 300.0))],
    )
    write("report/testdata/reliability.json", [reliability_case(rng, *size) for size in ((200, 15), (33, 15), (10, 4))])
    write("report/testdata/rejection.json", [rejection_case(rng, *size) for size in ((50, 30, 4), (40, 60, 1), (7, 3, 1))])


if __name__ == "__main__":
    main()
