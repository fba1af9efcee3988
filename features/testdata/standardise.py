"""Reference design of scikit-learn for sklearn_test.go: python standardise.py > standardise.json

Numbers: SimpleImputer(strategy="mean", add_indicator=True), then StandardScaler. Categories: OneHotEncoder, no
level left out. The objective is that of ridge_objective in the test, at coefficients drawn once.
"""
import json
import numpy as np, pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(11)
n = 80
visits = np.round(rng.gamma(1.5, 2, n), 3)
visits[rng.random(n) < .2] = np.nan
score = np.round(rng.normal(100, 15, n), 2)
size = np.where(rng.random(n) < .5, np.nan, np.round(rng.lognormal(4, 2, n)))
country = rng.choice(["DE", "FR", "ES"], n, p=[.5, .3, .2])
frame = pd.DataFrame({"visits": visits, "score": score, "size": size, "country": country})
numeric = ["visits", "score", "size"]
encode = ColumnTransformer([
    ("n", make_pipeline(SimpleImputer(strategy="mean", add_indicator=True), StandardScaler()), numeric),
    ("c", OneHotEncoder(), ["country"])], sparse_threshold=0)
X = encode.fit_transform(frame)
names = ["visits", "score", "size", "visits missing", "size missing", "DE", "ES", "FR"]
beta = np.round(rng.normal(0, 1, X.shape[1]), 3)
y = (rng.random(n) < .4).astype(int)
eta = X @ beta - .5
print(json.dumps({
    "frame": {c: [None if v != v else v for v in frame[c].tolist()] for c in frame},
    "columns": {name: X[:, j].tolist() for j, name in enumerate(names)},
    "beta": dict(zip(names, beta.tolist())), "intercept": -.5, "y": y.tolist(),
    "objective": float(np.logaddexp(0, eta).sum() - y @ eta + .5 * beta @ beta)}))
