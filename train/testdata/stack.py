"""Makes stack.json: logistic stacking with no weight below 0, by scipy's bounded optimiser (L-BFGS-B, then Newton on the free weights).

Python 3, numpy, scipy:  python stack.py > stack.json
The objective is train.stackPositive's: the weighted log loss and half of 1e-3 times the squared weights, the intercept free. Standard errors
are from the inverse Hessian over the intercept and the weights that are not at the bound.
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize

rng = np.random.default_rng(6)
rows, penalty = 300, 1e-3
logit = rng.normal(-1, 1.2, rows).round(3)
fit = rng.choice([0, .1, .2, .35], rows)
busy = (rng.poisson(2, rows) * .05 + .2 * fit).round(3)
against = np.where(rng.random(rows) < .3, -.25, 0)  # a group of penalties
wrong = (.5 * fit + rng.choice([0, .15], rows)).round(3)  # goes with fewer conversions
same = np.full(rows, .2)
weight = rng.choice([1., 2., 3.], rows)
eta = .2 + .9 * logit + 2 * fit + 1.5 * against - 2.5 * wrong
label = rng.random(rows) < 1 / (1 + np.exp(-eta))
columns = {"model": logit, "fit": fit, "busy": busy, "against": against, "wrong": wrong, "same": same}
names = [n for n in columns if n != "same"]
x = np.column_stack([np.ones(rows)] + [columns[n] for n in names])


def loss(b):
    z = x @ b
    return weight @ (np.logaddexp(0, z) - label * z) + penalty / 2 * b[1:] @ b[1:]


def slope(b):
    p = 1 / (1 + np.exp(-(x @ b)))
    return x.T @ (weight * (p - label)) + penalty * np.r_[0, b[1:]]


def solve(bounds):
    b = minimize(loss, np.zeros(x.shape[1]), jac=slope, method="L-BFGS-B", bounds=bounds, options={"maxiter": 10000, "ftol": 1e-15, "gtol": 1e-12}).x
    free = np.array([True] + [bounds[j + 1][0] is None or b[j + 1] > 1e-7 for j in range(len(names))])
    b[~free] = 0
    for _ in range(20):
        p = 1 / (1 + np.exp(-(x @ b)))
        hessian = (x[:, free] * (weight * p * (1 - p))[:, None]).T @ x[:, free] + penalty * np.diag(np.r_[0, np.ones(free.sum() - 1)])
        b[free] -= np.linalg.solve(hessian, slope(b)[free])
    se = np.zeros(len(b))
    se[free] = np.sqrt(np.diag(np.linalg.inv(hessian)))
    return b, se


b, se = solve([(None, None)] + [(0, None)] * len(names))
unbounded, _ = solve([(None, None)] * (len(names) + 1))
assert min(slope(b)[1:][b[1:] == 0]) > 0
json.dump({
    "columns": {n: list(map(float, c)) for n, c in columns.items()}, "label": [bool(v) for v in label], "weight": list(weight),
    "intercept": b[0], "weights": dict(zip(names, b[1:])), "se": dict(zip(names, se[1:])), "unbounded": dict(zip(names, unbounded[1:])),
}, sys.stdout)
