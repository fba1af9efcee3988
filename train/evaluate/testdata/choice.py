"""Writes choice.json: cut-offs by precision and what they give, by scikit-learn, scipy, statsmodels and plain definitions.

Run with Python 3, numpy, scipy, scikit-learn and statsmodels: python choice.py > choice.json
The pooled curve is scikit-learn's isotonic regression; candidates are the ends of its steps.
"""
import json

import numpy as np
from scipy.stats import chi2, norm
from sklearn.isotonic import IsotonicRegression
from statsmodels.stats.proportion import proportion_confint

DAYS, CONTACT, WIN, FEWEST = 31, 5, 40, 30
rng = np.random.default_rng(5)
x = rng.normal(size=800)
label = rng.random(800) < 1 / (1 + np.exp(-(1.3 * x - 1.5)))
score = np.round(100 / (1 + np.exp(-(x - 1))), 1)


def wilson(k, n):
    low, high = proportion_confint(k, n, method="wilson")
    return [k / n, low, high]


def precision_cut(target):
    rate = IsotonicRegression().fit_transform(score, label.astype(float))
    found = None
    for cut in np.unique(score)[::-1]:
        inside, below = rate[score >= cut], rate[score < cut]
        if len(below) and np.isclose(below.max(), inside.min()):
            continue  # within a step
        n = (score >= cut).sum()
        if n >= FEWEST and label[score >= cut].mean() >= target - 1e-12:
            found = float(cut)
    return found


choices = []
for target in [0.3, 0.4, 0.5, 0.6, 0.7]:
    cut = precision_cut(target)
    sel = score >= cut
    k, n = int(label[sel].sum()), int(sel.sum())
    gain = np.where(sel, WIN * label - CONTACT, 0.0)
    half = norm.ppf(0.975) * gain.std(ddof=1) / np.sqrt(len(gain))
    choices.append({
        "target": target, "cut": cut, "selected": n,
        "precision": wilson(k, n), "recall": wilson(k, int(label.sum())),
        "volume": [n / DAYS, chi2.ppf(0.025, 2 * n) / 2 / DAYS, chi2.ppf(0.975, 2 * n + 2) / 2 / DAYS],
        "benefit": [gain.mean(), gain.mean() - half, gain.mean() + half],
    })
print(json.dumps({"label": label.astype(int).tolist(), "score": score.tolist(), "choices": choices}))
