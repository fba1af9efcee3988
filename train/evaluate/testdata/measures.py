"""Writes measures.json: weighted, tied and clustered samples with their figures by scikit-learn, statsmodels, dcurves,
uncertainty-calibration and pROC, and by plain definitions.

Run with Python 3 and numpy, scipy, pandas, scikit-learn, statsmodels, dcurves, uncertainty-calibration, and R with pROC:
python measures.py > measures.json
A weight is the row so many times: every figure here is of the rows written out. Nothing shares an algorithm with the Go code.
"""
import contextlib
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from calibration.utils import normal_debiased_ce
from dcurves import dca
from scipy.special import expit, logit
from scipy.stats import foldnorm, norm
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

Z = norm.ppf(0.975)
THRESHOLDS = [i / 100 for i in range(1, 100)]


def shared(y, s, copies):
    """Each row in so many copies, from the highest score down; tied rows have their mean outcome, so that a cut shares them."""
    order = np.argsort(-s, kind="stable")
    y, s = y[order].astype(float), s[order].copy()
    for v in np.unique(s):
        y[s == v] = y[s == v].mean()
    return np.repeat(y, copies), np.repeat(s, copies)


def lifts(y, s):
    ys, _ = shared(y, s, 100)
    return [ys[: len(y) * k].mean() / y.mean() for k in (1, 5, 10, 20)]


def bins(y, p):
    ys, ps = shared(y, p, 10)
    return [(len(k) / 10, ys[k].mean(), ps[k].mean()) for k in np.split(np.arange(len(ys)), 10)]


def brier_parts(y, p):
    b = np.array(bins(y, p))
    share, base = b[:, 0] / len(y), y.mean()
    rel = (share * (b[:, 2] - b[:, 1]) ** 2).sum()
    res = (share * (b[:, 1] - base) ** 2).sum()
    unc = base * (1 - base)
    return [rel, res, unc, brier_score_loss(y, p) - (rel - res + unc)]


def corrected(y, p, effect):
    """Twice the plug-in ECE minus its mean when every bin's rate is drawn anew, by scipy's folded normal."""
    plain = again = 0.0
    for n, rate, mean in bins(y, p):
        s = np.sqrt(effect * rate * (1 - rate) / n)
        plain += n * abs(rate - mean)
        again += n * (abs(rate - mean) if s == 0 else foldnorm.mean(abs(rate - mean) / s, scale=s))
    return max(0.0, (2 * plain - again) / len(y))


def drawn(y, p):
    """The same by the package's random draws; of samples without ties whose size is a multiple of ten."""
    order = np.argsort(-p)
    parts = np.split(order, 10)
    np.random.seed(1)
    return normal_debiased_ce([[(p[i], float(y[i])) for i in k] for k in parts], resamples=20000)


def cluster_factor(c):
    g = len(np.unique(c))
    return np.sqrt(g / (g - 1))


def glm(y, x, offset, c):
    m = sm.GLM(y.astype(float), x, family=sm.families.Binomial(), offset=offset)
    how = {"tol": 1e-12, "tol_criterion": "params", "maxiter": 200, "start_params": np.zeros(x.shape[1])}  # its own start fails beside logits of 36
    if c is None:
        r = m.fit(**how)
        return r.params[-1], r.bse[-1]
    r = m.fit(**how, cov_type="cluster", cov_kwds={"groups": c, "use_correction": False})
    return r.params[-1], r.bse[-1] * cluster_factor(c)


def wald(value, se):
    return [value, value - Z * se, value + Z * se]


def mean(x, c):
    if c is None:
        return wald(x.mean(), x.std(ddof=1) / np.sqrt(len(x)))
    r = sm.OLS(x, np.ones(len(x))).fit(cov_type="cluster", cov_kwds={"groups": c, "use_correction": False})
    return wald(r.params[0], r.bse[0] * cluster_factor(c))


def design_effect(y, p, c):
    if c is None:
        return 1.0
    r = (y - p) - (y - p).mean()
    sums = np.array([r[c == g].sum() for g in np.unique(c)])
    return len(sums) / (len(sums) - 1) * (sums**2).sum() / (r**2).sum()


def obuchowski(y, c, *scores):
    """AUCs and the covariance matrix of Obuchowski 1997, from the kernel itself."""
    groups = np.unique(c)
    a, b, aucs = [], [], []
    for s in scores:
        kernel = (s[y][:, None] > s[~y][None, :]) + 0.5 * (s[y][:, None] == s[~y][None, :])
        auc = kernel.mean()
        v10, v01 = kernel.mean(axis=1) - auc, kernel.mean(axis=0) - auc
        a.append([v10[c[y] == g].sum() for g in groups])
        b.append([v01[c[~y] == g].sum() for g in groups])
        aucs.append(auc)
    a, b = np.array(a), np.array(b)
    m, n, i = y.sum(), (~y).sum(), len(groups)
    i10, i01 = len(np.unique(c[y])), len(np.unique(c[~y]))
    cov = i10 / (i10 - 1) * a @ a.T / m**2 + i01 / (i01 - 1) * b @ b.T / n**2 + i / (i - 1) * (a @ b.T + b @ a.T) / (m * n)
    return aucs, cov


def proc(y, s, other):
    """Variance of the AUC, of the difference of two, and p of DeLong's test by R's pROC; each row a cluster of its own."""
    frame = pd.DataFrame({"y": y.astype(int), "s": s, "o": other})
    code = """
    suppressMessages(library(pROC)); d <- read.csv(file("stdin"))
    a <- roc(d$y, d$s, direction="<", quiet=TRUE); b <- roc(d$y, d$o, direction="<", quiet=TRUE)
    t <- roc.test(a, b, method="delong", paired=TRUE)
    cat(sprintf("%.15g", c(var(a, method="delong"), var(a) + var(b) - 2*cov(a, b), t$p.value)))
    """
    out = subprocess.run(["Rscript", "-e", code], input=frame.to_csv(index=False, float_format="%.17g"), capture_output=True, text=True, check=True)
    return [float(v) for v in out.stdout.split()]


def net_benefit(y, p):
    """The package counts by numpy comparisons at the thresholds that it is given."""
    with contextlib.redirect_stdout(io.StringIO()):
        d = dca(data=pd.DataFrame({"y": y.astype(int), "p": p}), outcome="y", modelnames=["p"], thresholds=THRESHOLDS)
    take = lambda name: [float(v) for v in d[d["model"] == name].sort_values("threshold")["net_benefit"]]
    return {"all": take("all"), "p": take("p")}


def case(name, rng, rows, decimals=None, weighted=False, clustered=False):
    c = None
    x = rng.normal(size=rows)
    if clustered:
        c = rng.integers(0, rows // 3, size=rows)
        x = 0.6 * x + rng.normal(size=rows // 3 + 1)[c]
    lead = rng.normal(size=rows // 3 + 1)[c] if clustered else 0.0
    label = rng.random(rows) < expit(1.3 * x - 0.8 + lead)
    p = expit(1.7 * x - 0.4)  # too sure, and too high
    other = x + rng.normal(size=rows)
    if decimals is not None:
        p, other = np.round(p, decimals), np.round(other, 1)
    p, other = np.round(p, 9), np.round(other, 9)
    w = np.ones(rows, dtype=int)
    if weighted:
        w = rng.integers(0, 4, size=rows)
        w[0] += -w.sum() % 10  # so that ten bins are whole
    y, pe, oe = np.repeat(label, w), np.repeat(p, w), np.repeat(other, w)
    ce = None if c is None else np.repeat(c, w)
    q = np.clip(pe, 2.0**-52, 1 - 2.0**-52)
    ones = np.ones(len(y))
    aucs, cov = obuchowski(y, np.arange(len(y)) if ce is None else ce, pe, oe)
    assert abs(aucs[0] - roc_auc_score(y, pe)) < 1e-12
    ll = np.where(y, -np.log(q), -np.log1p(-q))
    assert abs(ll.mean() - log_loss(y, pe)) < 1e-12
    effect = design_effect(y, pe, ce)
    if weighted and not clustered:  # a weight's rows are independent: no package takes them for anything else
        assert effect == 1
    figures = {
        "gini": 2 * roc_auc_score(y, pe) - 1,
        "auc_variance": cov[0, 0],
        "difference": aucs[0] - aucs[1], "difference_variance": cov[0, 0] + cov[1, 1] - 2 * cov[0, 1],
        "lifts": lifts(y, pe),
        "brier_parts": brier_parts(y, pe),
        "brier": mean((pe - y) ** 2, ce), "log_loss": mean(ll, ce),
        "ece_corrected": corrected(y, pe, effect),
        "slope": wald(*glm(y, np.column_stack([ones, logit(q)]), None, ce)),
        "intercept": wald(*glm(y, ones[:, None], logit(q), ce)),
        "net_benefit": net_benefit(y, pe),
    }
    if decimals is None and not weighted and not clustered:
        figures["ece_drawn"] = drawn(y, pe)
    if not clustered:
        figures["proc"] = proc(y, pe, oe)
    print(name, len(y), "rows", file=sys.stderr)
    return {
        "name": name, "label": [int(v) for v in label], "probability": list(p), "other": list(other),
        "weight": [float(v) for v in w] if weighted else None, "cluster": None if c is None else [int(v) for v in c], "figures": figures,
    }


rng = np.random.default_rng(20261125)
print(json.dumps({"cases": [
    case("continuous", rng, 300),
    case("tied", rng, 300, decimals=1),
    case("weighted", rng, 200, decimals=2, weighted=True),
    case("clustered", rng, 300, clustered=True),
    case("clustered, weighted, tied", rng, 250, decimals=1, weighted=True, clustered=True),
]}, default=float))
