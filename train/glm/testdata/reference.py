"""Writes leads.csv, a small made-up file, and reference.json, what statsmodels and scikit-learn make of it.

python reference.py, with statsmodels and scikit-learn installed; versions are in the file that it writes.
Columns: numbers standardised (mean 0, population standard deviation 1), then indicators of all
levels of each category in alphabetical order. Unpenalised fits leave out the last level of each.
"""
import json, sys
import numpy as np, pandas as pd, sklearn, statsmodels
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(20)
n = 320
frame = pd.DataFrame({
    "visits": rng.poisson(4, n).astype(float),
    "minutes": np.round(rng.gamma(1.5, 6, n), 2),
    "size": np.round(np.exp(rng.normal(4, 1.2, n)), 0),
    "source": rng.choice(["ads", "event", "organic", "referral"], n, p=[.4, .1, .3, .2]),
    "country": rng.choice(["DE", "ES", "FR", "IT", "UK", "US"], n, p=[.2, .1, .2, .15, .15, .2]),
    "weight": rng.integers(0, 4, n),
    "offset": np.round(rng.normal(0, .5, n), 3),
})
logit = (-1.2 + .25 * (frame.visits - 4) + .03 * frame.minutes + frame.source.map({"ads": -.5, "event": .9, "organic": 0, "referral": .6})
         + frame.country.map({"DE": .3, "ES": -.4, "FR": 0, "IT": -.2, "UK": .5, "US": .1}))
frame["won"] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
frame.to_csv("leads.csv", index=False)

frame = pd.read_csv("leads.csv")
numbers = frame[["visits", "minutes", "size"]]
dense = ((numbers - numbers.mean()) / numbers.std(ddof=0)).to_numpy()
levels = [np.column_stack([(frame[c] == v).astype(float) for v in sorted(frame[c].unique())]) for c in ["source", "country"]]
full = np.column_stack([dense] + levels)
dropped = sm.add_constant(np.column_stack([dense] + [x[:, :-1] for x in levels]))
y, weight, offset = frame.won.to_numpy(), frame.weight.to_numpy(), frame.offset.to_numpy()


def spread(v):  # back to all columns: an aliased level is 0
    v, out, at = list(v), [], 4
    out += v[:4]
    for x in levels:
        out += v[at:at + x.shape[1] - 1] + [0.0]
        at += x.shape[1] - 1
    return out


def unpenalised(**extra):
    m = sm.GLM(y, dropped, family=sm.families.Binomial(), **extra).fit(tol=1e-14, maxiter=100)
    return {"lambda": 0, "beta": spread(m.params), "se": spread(m.bse), "p": spread(m.pvalues), "log_lik": m.llf}


def ridge(lam, w=None):
    m = LogisticRegression(C=1 / lam, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(full, y, sample_weight=w)
    beta = np.concatenate([m.intercept_, m.coef_[0]])
    eta = full @ beta[1:] + beta[0]
    w = np.ones(n) if w is None else w
    return {"lambda": lam, "beta": beta.tolist(), "log_lik": float((w * (y * eta - np.logaddexp(0, eta))).sum())}


json.dump({
    "versions": {"python": sys.version.split()[0], "statsmodels": statsmodels.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "fits": {
        "unpenalised": unpenalised(),
        "unpenalised, weights and offset": unpenalised(freq_weights=weight, offset=offset) | {"weight": True, "offset": True},
        "ridge 1": ridge(1.0),
        "ridge 0.05": ridge(.05),
        "ridge 20, weights": ridge(20.0, weight) | {"weight": True},
    }}, open("reference.json", "w"), indent=1)
