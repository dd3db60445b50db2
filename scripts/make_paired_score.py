#!/usr/bin/env python3
"""Prints the rows of TestPairedScore in report/interval_test.go: score intervals of the difference of two shares among the
same n pictures, found from the likelihood itself, by search, without Tango's closed form.

    python3 scripts/make_paired_score.py
"""

import math

from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

CASES = [(0, 0, 71), (0, 0, 1), (1, 0, 44), (12, 2, 50), (0, 14, 54), (7, 7, 20), (20, 0, 20), (0.5, 0.25, 40), (3, 1, 10)]


def log_likelihood(q, difference, b, c, n):
    """q is the share of pairs of which the first alone is right."""
    def term(count, share):
        return 0 if count == 0 else count * math.log(share) if share > 0 else -math.inf
    return term(b, q + difference) + term(c, q) + term(n - b - c, 1 - 2 * q - difference)


def statistic(difference, b, c, n):
    low, high = max(0, -difference), (1 - difference) / 2
    found = minimize_scalar(lambda q: -log_likelihood(q, difference, b, c, n), bounds=(low, high), method="bounded",
                            options={"xatol": 1e-14})
    q = max([found.x, low, high], key=lambda q: log_likelihood(q, difference, b, c, n))
    variance = n * (2 * q + difference * (1 - difference))
    distance = b - c - n * difference
    return math.copysign(math.inf, distance) if variance <= 0 else distance / math.sqrt(variance)


def interval(b, c, n, confidence):
    z, seen, edge = norm.ppf((1 + confidence) / 2), (b - c) / n, 1e-12
    low = -1 if seen <= -1 else brentq(lambda d: statistic(d, b, c, n) - z, -1 + edge, seen - edge, xtol=1e-13)
    high = 1 if seen >= 1 else brentq(lambda d: statistic(d, b, c, n) + z, seen + edge, 1 - edge, xtol=1e-13)
    return low, high


for case in CASES:
    for confidence in (0.95, 0.9):
        print("{%g, %g, %g, %g, %.6f, %.6f}," % (*case, confidence, *interval(*case, confidence)))
