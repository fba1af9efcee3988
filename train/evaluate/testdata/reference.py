"""Writes reference.json: samples and their figures by scikit-learn, scipy and plain definitions.

Run with Python 3, numpy, scipy and scikit-learn: python reference.py > reference.json
Nothing here shares an algorithm with the Go code: DeLong is the O(mn) definition, ties at a cut are
shared by expanding each row into copies.
"""
import json

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import ks_2samp, norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

Z = norm.ppf(0.975)


def delong(y, *scores):
    """AUCs and their covariance matrix, DeLong, DeLong & Clarke-Pearson 1988, from the kernel itself."""
    aucs, v10, v01 = [], [], []
    for s in scores:
        kernel = (s[y][:, None] > s[~y][None, :]) + 0.5 * (s[y][:, None] == s[~y][None, :])
        aucs.append(kernel.mean())
        v10.append(kernel.mean(axis=1))
        v01.append(kernel.mean(axis=0))
    cov = np.atleast_2d(np.cov(np.array(v10))) / y.sum() + np.atleast_2d(np.cov(np.array(v01))) / (~y).sum()
    return np.array(aucs), cov


def mean_interval(x):
    se = x.std(ddof=1) / np.sqrt(len(x))
    return [x.mean(), x.mean() - Z * se, x.mean() + Z * se]


def shared(y, s):
    """Each row as 100 hundredths; equal scores interleaved, so that any cut shares them in proportion."""
    order = np.argsort(-s, kind="stable")
    y, s = y[order].astype(float), s[order].copy()
    for v in np.unique(s):
        y[s == v] = y[s == v].mean()
    return np.repeat(y, 100), np.repeat(s, 100)


def lift(y, s):
    ys, _ = shared(y, s)
    return ys[: len(ys) // 10].mean() / y.mean()


def ece(y, p):
    ys, ps = shared(y, p)
    parts = np.array_split(np.arange(len(ys)), 10)  # equal: the length is a multiple of 100
    return sum(len(k) * abs(ys[k].mean() - ps[k].mean()) for k in parts) / len(ys)


def losses(y, p):
    q = np.clip(p, 2.0**-52, 1 - 2.0**-52)
    return np.where(y, -np.log(q), -np.log1p(-q))


def wilson(k, n):
    from statsmodels.stats.proportion import proportion_confint
    lo, hi = proportion_confint(k, n, method="wilson")
    return [k / n, float(lo), float(hi)]


def newcombe(auc, m, n):
    """Method 5 of Newcombe 2006 by Brent's method."""
    star = (m + n) / 2 - 1
    def excess(t):
        v = t * (1 - t) * (1 + star * (1 - t) / (2 - t) + star * t / (1 + t)) / (m * n)
        return abs(auc - t) - Z * np.sqrt(v)
    lo = 0.0 if auc == 0 else brentq(excess, 1e-12, auc - 1e-9)
    hi = 1.0 if auc == 1 else brentq(excess, auc + 1e-9, 1 - 1e-12)
    return [auc, lo, hi]


def jackknife_skill(y, p):
    """Standard error of the skill by leaving out one row at a time."""
    ll, n = losses(y, p), len(y)
    total, pos = ll.sum(), y.sum()
    out = []
    for i in range(n):
        pi = (pos - y[i]) / (n - 1)
        out.append(1 - (total - ll[i]) / (n - 1) / -(pi * np.log(pi) + (1 - pi) * np.log(1 - pi)))
    return np.std(out) * np.sqrt(n - 1)


def figures(y, s, p):
    auc, cov = delong(y, s)
    assert abs(auc[0] - roc_auc_score(y, s)) < 1e-12
    se = np.sqrt(cov[0, 0])
    half = Z * se / (auc[0] * (1 - auc[0]))
    ll = losses(y, p)
    assert abs(ll.mean() - log_loss(y, p)) < 1e-12
    br = (p - y) ** 2
    assert abs(br.mean() - brier_score_loss(y, p)) < 1e-12
    base = np.full(len(y), y.mean())
    return {
        "auc": [auc[0], expit(logit(auc[0]) - half), expit(logit(auc[0]) + half)],
        "pr_auc": average_precision_score(y, s),
        "ks": ks_2samp(s[y], s[~y]).statistic,
        "lift": lift(y, s),
        "log_loss": mean_interval(ll),
        "brier": mean_interval(br),
        "skill": 1 - log_loss(y, p) / log_loss(y, base),
        "ece": ece(y, p),
        "skill_se": jackknife_skill(y, p),
    }


def comparison(y, a, b, pa, pb):
    auc, cov = delong(y, a, b)
    d = auc[0] - auc[1]
    se = np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    ll = losses(y, pa) - losses(y, pb)
    lse = ll.std(ddof=1) / np.sqrt(len(ll))
    return {
        "auc": [d, d - Z * se, d + Z * se], "auc_p": 2 * norm.sf(abs(d / se)),
        "log_loss": mean_interval(ll), "log_loss_p": 2 * norm.sf(abs(ll.mean() / lse)),
        "pr_auc": average_precision_score(y, a) - average_precision_score(y, b),
        "lift": lift(y, a) - lift(y, b),
    }


def case(name, rng, n, shift, tied):
    x = rng.normal(size=n)
    y = rng.random(n) < expit(1.3 * x + shift)
    p = expit(1.1 * x + shift + 0.2)                     # slightly miscalibrated
    s = 3 * x + 7                                        # same order, another scale
    other = x + rng.normal(size=n)
    q = expit(0.6 * other + shift)
    if tied:
        p, q = np.round(p, 1), np.round(q, 1)            # has 0s and 1s: log loss clips
        s, other = p * 10, q * 10
    p, q, s, other = (np.round(v, 9) for v in (p, q, s, other))
    return {
        "name": name, "label": [int(v) for v in y], "score": list(s), "probability": list(p),
        "other_score": list(other), "other_probability": list(q),
        "figures": figures(y, s, p), "comparison": comparison(y, s, other, p, q),
        "calibration": None if tied else [list(v) for v in calibration_curve(y, p, n_bins=10, strategy="quantile")],
    }


rng = np.random.default_rng(20240501)
out = {
    "cases": [
        case("continuous", rng, 1000, -1.0, False),
        case("tied", rng, 300, -0.5, True),
        case("rare", rng, 600, -3.5, False),
    ],
    "newcombe": [{"m": m, "n": n, "want": newcombe(a, m, n)} for a, m, n in [(1.0, 3, 4), (0.0, 10, 20), (0.8, 5, 9), (0.5, 1, 30), (1.0, 200, 300)]],
    "wilson": [{"k": k, "n": n, "want": wilson(k, n)} for k, n in [(0, 10), (3, 10), (10, 10), (81, 263), (1, 100000)]],
}
print(json.dumps(out, default=float))
