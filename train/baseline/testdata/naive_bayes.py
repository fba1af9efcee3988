"""Makes naive_bayes.json: scikit-learn's BernoulliNB on one-hot columns, with golearn's smoothing.

golearn takes (n + 1)/(N + 1) for the probability that one of a class's N rows has a level that n of them have, where
scikit-learn (alpha=1) takes (n + 1)/(N + 2). scikit-learn counts the levels and predicts; only the smoothing is put in its place.
No level stands in all rows of a class here: there golearn has a rule of its own.

    pip install scikit-learn numpy && python naive_bayes.py
"""

import json

import numpy as np
import sklearn
from sklearn.naive_bayes import BernoulliNB
from sklearn.preprocessing import OneHotEncoder

rng = np.random.default_rng(20240611)
levels = [3, 5, 2, 9, 4]
n = 400
codes = np.column_stack([rng.integers(0, k, n) for k in levels])
logit = -1.2 + np.array([0, 1, -1])[codes[:, 0]] + 0.3 * codes[:, 1] - 0.8 * codes[:, 2]
label = rng.random(n) < 1 / (1 + np.exp(-logit))

one_hot = OneHotEncoder(categories=[list(range(k)) for k in levels], sparse_output=False).fit_transform(codes)
train = slice(0, 300)
nb = BernoulliNB(alpha=1).fit(one_hot[train], label[train])
assert list(nb.classes_) == [False, True] and (nb.feature_count_ < nb.class_count_[:, None]).all()
nb.feature_log_prob_ = np.log((nb.feature_count_ + 1) / (nb.class_count_[:, None] + 1))

out = {
    "made_with": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "levels": levels,
    "train": 300,
    "codes": codes.T.tolist(),
    "label": label.tolist(),
    "probability": nb.predict_proba(one_hot)[:, 1].tolist(),
}
with open("naive_bayes.json", "w") as f:
    json.dump(out, f)
    f.write("\n")
