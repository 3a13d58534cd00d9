"""Answers questions of statistics with SciPy and plain Python, to check Copilot.Bench.Statistics against.

usage: python3 scipy_peer.py QUESTIONS ANSWERS

QUESTIONS is a JSON list of [method, argument...]; ANSWERS becomes the list of their answers, each a list of numbers.
Whatever SciPy does not have is written here from its definition, in another way than in the product. The file is not called
statistics.py: that would hide the module of Python that SciPy may import.
"""

import json
import math
import sys
from fractions import Fraction

import numpy
from scipy import stats


def wilson(successes, trials, confidence):
    return list(stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson"))


def exact_by_search(successes, trials, confidence):
    return list(stats.binomtest(successes, trials).proportion_ci(confidence, method="exact"))


def exact_by_quantile(successes, trials, confidence):
    tail = (1 - confidence) / 2
    low = 0 if successes == 0 else stats.beta.ppf(tail, successes, trials - successes + 1)
    high = 1 if successes == trials else stats.beta.isf(tail, successes + 1, trials - successes)
    return [low, high]


def t_above(tail, freedom):
    """From the beta distribution: stats.t.isf of SciPy 1.10 is wrong by up to 2e-9, stats.beta is good to the last digits."""
    x = stats.beta.ppf(2 * tail, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x)


def student(freedom, tail):
    return [t_above(tail, freedom)]


def student_roughly(freedom, tail):
    return [stats.t.isf(tail, freedom)]


def clustered(clusters, confidence):
    """The sandwich formula over weighted residuals, cluster by cluster."""
    k = len(clusters)
    weights = [numpy.full(len(c), 1 / (k * len(c))) for c in clusters]
    mean = sum(w @ numpy.array(c) for w, c in zip(weights, clusters))
    scores = [w @ (numpy.array(c) - mean) for w, c in zip(weights, clusters)]
    error = math.sqrt(k / (k - 1) * sum(s * s for s in scores))
    half = t_above((1 - confidence) / 2, k - 1) * error
    return [mean, error, mean - half, mean + half]


def mcnemar(only_a, only_b):
    return [1 if only_a + only_b == 0 else stats.binomtest(only_a, only_a + only_b, 0.5).pvalue]


def sign_flip(differences):
    result = stats.permutation_test(
        (numpy.array(differences),), lambda x, axis: numpy.mean(x, axis=axis), permutation_type="samples", vectorized=True, n_resamples=numpy.inf)
    return [result.pvalue]


def holm(pvalues):
    """The largest, among the values up to this one, of value times number of values not below it."""
    return [max(min(1, q * sum(r >= q for r in pvalues)) for q in pvalues if q <= p) for p in pvalues]


def pass_at_k(n, c, k):
    return [float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))]


def pass_hat_k(n, c, k):
    return [float(Fraction(math.comb(c, k), math.comb(n, k)))]


def calibration(confidences, right, bins):
    confidences, right = numpy.array(confidences), numpy.array(right, dtype=float)
    which = numpy.searchsorted([i / bins for i in range(1, bins)], confidences, side="right")
    gaps = [abs(right[which == b].mean() - confidences[which == b].mean()) * (which == b).sum() for b in range(bins) if (which == b).any()]
    return [numpy.mean((confidences - right) ** 2), sum(gaps) / len(right)]


METHODS = {f.__name__: f for f in (
    wilson, exact_by_search, exact_by_quantile, student, student_roughly, clustered, mcnemar, sign_flip, holm, pass_at_k, pass_hat_k, calibration)}

with open(sys.argv[1], encoding="utf-8") as questions:
    answers = [[float(x) for x in METHODS[method](*arguments)] for method, *arguments in json.load(questions)]
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(answers, file)
