"""What a data team writes today: pandas reads, scikit-learn encodes and fits, joblib keeps.

    python pandas_job.py train leads.csv model.joblib
    python pandas_job.py score leads.csv model.joblib scores.csv
"""

import sys

import joblib
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def encoder(unseen="ignore"):
    """Numbers: mean for missing, an indicator of it, all standardised. Words: one column a level."""
    return make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown=unseen), make_column_selector(dtype_exclude="number")),
    )


def read(path):
    leads = pd.read_csv(path)
    return leads.drop(columns=["lead_id", "converted"]), leads["converted"].to_numpy(), leads["lead_id"]


if __name__ == "__main__":
    what, path, kept = sys.argv[1:4]
    leads, outcome, ids = read(path)
    if what == "train":
        joblib.dump(make_pipeline(encoder(), LogisticRegression(max_iter=1000)).fit(leads, outcome), kept)
    else:
        probability = joblib.load(kept).predict_proba(leads)[:, 1]
        pd.DataFrame({"lead_id": ids, "probability": probability}).to_csv(sys.argv[4], index=False)
