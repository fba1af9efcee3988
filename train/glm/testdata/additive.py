"""Writes additive.csv, codes of a small made-up problem, and additive.json, its penalised fit by plain numpy.

python additive.py. The model is that of Additive: blocks of codes, one penalty each, λ by generalised
Fellner-Schall updates repeated until no log λ moves by more than 1e-10, so that the result is the
fixed point and no path to it matters.
"""
import json, sys
import numpy as np

rng = np.random.default_rng(5)
n = 900
x = rng.gamma(2, 1, n)
curve = np.minimum((x / .5).astype(int), 11)            # 12 bins
curve[rng.random(n) < .08] = 12                         # missing
line = np.minimum((rng.random(n) * 10).astype(int), 9)  # 10 bins, a straight line in truth
level = rng.choice(7, n, p=[.3, .25, .2, .1, .08, .05, .02])
noise = rng.integers(0, 9, n)                           # tells nothing
a, b = rng.integers(0, 4, n), rng.integers(0, 3, n)
cell = a * 3 + b
logit = (1.2 * np.sin(np.minimum(curve, 11) / 2.5) - .6 * (curve == 12) + .18 * line - 1.3
         + np.array([0, .5, -.5, 1, -1, .3, 0])[level] + .9 * ((a >= 2) & (b == 1)))
y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
codes = np.column_stack([curve, line, level, noise, cell])
sizes = [13, 10, 7, 9, 12]
np.savetxt("additive.csv", np.column_stack([codes, y]), fmt="%d", delimiter=",", header="curve,line,level,noise,cell,won", comments="")


def differences(k, order):
    d = np.diff(np.eye(k), n=order, axis=0)
    return d.T @ d


smooth = np.zeros((13, 13))
smooth[:12, :12], smooth[12, 12] = differences(12, 2), 1
cross = np.kron(differences(4, 1), np.eye(3)) + np.kron(np.eye(4), differences(3, 1)) + .05 * np.eye(12)
S = [smooth, differences(10, 2), np.eye(7), np.eye(9), cross]
rank = [11, 8, 7, 9, 12]
start = 1 + np.concatenate([[0], np.cumsum(sizes)[:-1]])
K = 1 + sum(sizes)
X = np.zeros((n, K))
X[:, 0] = 1
for c, o in zip(codes.T, start):
    X[np.arange(n), c + o] = 1

lam, beta = np.full(5, 3.0), np.zeros(K)
for rounds in range(5000):
    P = 1e-4 * np.eye(K)
    P[0, 0] = 0
    for s, o, l in zip(S, start, lam):
        P[o:o + len(s), o:o + len(s)] += l * s
    for _ in range(30):
        mu = 1 / (1 + np.exp(-X @ beta))
        H = X.T @ (X * (mu * (1 - mu))[:, None]) + P
        step = np.linalg.solve(H, X.T @ (y - mu) - P @ beta)
        beta += step
        if np.abs(step).max() < 1e-13:
            break
    V = np.linalg.inv(H)
    new = []
    for s, o, l, r in zip(S, start, lam, rank):
        i = slice(o, o + len(s))
        new.append(np.clip((r - l * np.trace(V[i, i] @ s)) / max(beta[i] @ s @ beta[i], 1e-8), 1e-3, 1e5))
    moved, lam = np.abs(np.log(np.array(new) / lam)).max(), np.array(new)
    if moved < 1e-10:
        break
edf = [float(np.trace(np.eye(len(s)) - (V @ P)[o:o + len(s), o:o + len(s)])) for s, o in zip(S, start)]
eta = X @ beta

# Scores of pairs after a model of the base rate alone, by the formula of ScreenPairs.
mu = np.full(n, y.mean())
r, w = y - mu, mu * (1 - mu)
scores = []
for i in range(5):
    for j in range(i + 1, 5):
        c = codes[:, i] * sizes[j] + codes[:, j]
        G, W = np.bincount(c, r, sizes[i] * sizes[j]), np.bincount(c, w, sizes[i] * sizes[j])
        G, W = G[W > 0], W[W > 0]
        scores.append([i, j, float(((G ** 2 - W) / (W + 5)).sum() / ((2 * W ** 2 + W) / (W + 5) ** 2).sum() ** .5), len(W)])
json.dump({"numpy": np.__version__, "python": sys.version.split()[0], "rounds": rounds, "lambda": lam.tolist(), "edf": edf,
           "objective": float(np.logaddexp(0, eta).sum() - y @ eta + .5 * beta @ P @ beta), "beta": beta.tolist(),
           "se": np.sqrt(np.diag(V)).tolist(), "scores": scores}, open("additive.json", "w"), indent=1)
