"""Writes elastic.json: paths of L1 and elastic-net fits of leads.csv (see reference.py) by glum and scikit-learn.

python elastic.py, with glum and scikit-learn installed; versions are in the file that it writes.
Objective: sum of w·loss + lambda·((1 − l1)/2·|b|² + l1·|b|₁), intercept free, numbers standardised, all levels of the
categories as 0/1. glum divides by the sum of weights, so its alpha is lambda over it. With l1 = 1 the coefficients of all
levels are not unique (a constant can move from them to the intercept where as many are positive as negative), the linear predictors
are: they are compared, of the first 25 rows. glum's fit is kept only if the optimality conditions hold to 1e-8 and scikit-learn's saga, wherever it
converges to the same tolerance, agrees to 1e-8; saga knows no offset, and ends at once where all coefficients are zero.
"""
import json, sys, warnings
import glum, numpy as np, pandas as pd, sklearn
from glum import GeneralizedLinearRegressor
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
frame = pd.read_csv("leads.csv")
numbers = frame[["visits", "minutes", "size"]]
dense = ((numbers - numbers.mean()) / numbers.std(ddof=0)).to_numpy()
full = np.column_stack([dense] + [(frame[c] == v).astype(float) for c in ["source", "country"] for v in sorted(frame[c].unique())])
y, weight, offset = frame.won.to_numpy().astype(float), frame.weight.to_numpy().astype(float), frame.offset.to_numpy()


def by_glum(lam, l1, w, o):
    m = GeneralizedLinearRegressor(family="binomial", alpha=lam / w.sum(), l1_ratio=l1, gradient_tol=1e-12, max_iter=200, solver="irls-cd")
    m.fit(full, y, sample_weight=w, offset=o)
    return np.concatenate([[m.intercept_], m.coef_])


def by_saga(lam, l1, w):
    m = LogisticRegression(C=1 / lam, l1_ratio=l1, solver="saga", tol=1e-13, max_iter=4000, random_state=1)
    m.fit(full, y, sample_weight=w)
    return np.concatenate([m.intercept_, m.coef_[0]])


def violation(beta, lam, l1, w, o):
    p = 1 / (1 + np.exp(-(full @ beta[1:] + beta[0] + o)))
    g = full.T @ (w * (p - y)) + lam * (1 - l1) * beta[1:]
    at_zero = np.maximum(np.abs(g) - lam * l1, 0)
    off = np.abs(g + lam * l1 * np.sign(beta[1:]))
    return max(abs((w * (p - y)).sum()), np.where(beta[1:] == 0, at_zero, off).max())


fits, compared = [], 0
for l1 in [1, .5, .1]:
    for weighted, shifted in [(False, False), (True, False), (True, True)]:
        w = weight if weighted else np.ones(len(y))
        o = offset if shifted else np.zeros(len(y))
        for lam in [40, 10, 3, 1, .3]:
            beta = by_glum(lam, l1, w, o)
            assert violation(beta, lam, l1, w, o) < 1e-8, (lam, l1, violation(beta, lam, l1, w, o))
            eta = full @ beta[1:] + beta[0] + o
            if not shifted:
                other = by_saga(lam, l1, w)
                if violation(other, lam, l1, w, o) < 1e-8:
                    compared += 1
                    assert np.abs(eta - full @ other[1:] - other[0]).max() < 1e-8, (lam, l1, weighted)
            value = (w * (np.logaddexp(0, eta) - y * eta)).sum() + lam * ((1 - l1) / 2 * (beta[1:] ** 2).sum() + l1 * np.abs(beta[1:]).sum())
            fits.append({"lambda": lam, "l1_ratio": l1, "weight": weighted, "offset": shifted, "objective": value,
                         "beta": beta.tolist(), "eta": eta[:25].tolist()})

json.dump({"versions": {"python": sys.version.split()[0], "glum": glum.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
           "agreed": compared,
           "fits": fits}, open("elastic.json", "w"), indent=1)
print(len(fits), "fits,", compared, "by both,", [sum(b != 0 for b in f["beta"][1:]) for f in fits])
