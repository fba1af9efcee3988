"""Accuracy on the real leads: five stratified folds out of fold, and trained on the earliest 80 % for the latest 20 %.

    python accuracy_job.py DATA_FOLDER LEADSCORE_BINARY WORK_FOLDER [PROGRAM ...]

Prints a line of JSON a result. Every program sees the same columns and the same rows; leadscore holds five in a
hundred of its rows out of the fit for its own evaluation, as it always does, so it learns from a little less.
"""

import json
import pathlib
import subprocess
import sys
import time
import warnings

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from leads import named, numbers, sets, words
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

HOLDOUT = 0.05  # of leadscore's own


class Peer:
    """A scikit-learn estimator behind the encoding that suits it."""

    def __init__(self, leads, estimator, linear=False):
        number = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()) if linear else "passthrough"
        word = (
            OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
            if linear
            else OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        )
        encode = ColumnTransformer([("numbers", number, numbers(leads)), ("words", word, words(leads))])
        self.model = make_pipeline(encode, estimator)

    def __call__(self, train, outcome, test):
        return self.model.fit(named(train), outcome).predict_proba(named(test))[:, 1]


class EBM:
    def __call__(self, train, outcome, test):
        from interpret.glassbox import ExplainableBoostingClassifier

        return ExplainableBoostingClassifier(random_state=0, n_jobs=2).fit(named(train), outcome).predict_proba(named(test))[:, 1]


class Leadscore:
    """The command line: a file to train on, a file to score. Nothing is tuned."""

    def __init__(self, binary, work):
        self.binary, self.work = binary, pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "lead.yaml").write_text(
            "version: 1\ndata:\n  leads: {path: train.csv, id: row}\n"
            "targets:\n  converted: {column: outcome, positive: [1], negative: [0]}\n"
            f"split: {{by: random, holdout: {HOLDOUT}}}\n"
        )

    def __call__(self, train, outcome, test):
        train.assign(outcome=outcome).to_csv(self.work / "train.csv", index_label="row")
        test.to_csv(self.work / "test.csv", index_label="row")
        self.do("train", "-c", "lead.yaml", "--out", "run")
        self.do("score", "--model", "run/model.json", "--in", "test.csv", "--out", "scores.csv")
        scores = pd.read_csv(self.work / "scores.csv")
        assert (scores["lead_id"].to_numpy() == test.index.to_numpy()).all(), "scores in another order"
        return scores["probability"].to_numpy()

    def do(self, *args):
        done = subprocess.run([self.binary, *args], cwd=self.work, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"leadscore {args[0]} ended with {done.returncode}: {done.stderr}")


# What can be asked for, in the order of the tables.
PROGRAMS = {
    "leadscore": lambda leads, binary, work: Leadscore(binary, work),
    "logistic regression": lambda leads, *_: Peer(leads, LogisticRegression(max_iter=2000), linear=True),
    "HGB": lambda leads, *_: Peer(leads, HistGradientBoostingClassifier(learning_rate=0.05, max_iter=200, early_stopping=True, random_state=0)),
    "XGBoost": lambda leads, *_: Peer(leads, xgboost.XGBClassifier(
        n_estimators=300, max_depth=4, learning_rate=0.05, subsample=0.8, colsample_bytree=0.8, eval_metric="logloss", random_state=0)),
    "LightGBM": lambda leads, *_: Peer(leads, lightgbm.LGBMClassifier(
        n_estimators=300, num_leaves=15, learning_rate=0.05, subsample=0.8, subsample_freq=1, colsample_bytree=0.8, verbose=-1, random_state=0)),
    "EBM": lambda *_: EBM(),
}


def tell(data, test, program, outcome, p, seconds):
    print(json.dumps({
        "data": data, "test": test, "program": program, "rows": len(outcome), "rate": float(np.mean(outcome)),
        "auc": roc_auc_score(outcome, p), "log_loss": log_loss(outcome, p), "brier": brier_score_loss(outcome, p), "seconds": seconds,
    }), flush=True)


def main(folder, binary, work, *wanted):
    for data, leads, outcome in sets(folder):
        leads = leads.reset_index(drop=True)
        for program in wanted or PROGRAMS:
            predict = PROGRAMS[program](leads, binary, work)
            began, p = time.perf_counter(), np.empty(len(outcome))
            for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(leads, outcome):
                p[test] = predict(leads.iloc[train], outcome[train], leads.iloc[test])
            tell(data, "five folds", program, outcome, p, time.perf_counter() - began)
            began, early = time.perf_counter(), int(0.8 * len(outcome))
            p = predict(leads.iloc[:early], outcome[:early], leads.iloc[early:])
            tell(data, "latest 20 %", program, outcome[early:], p, time.perf_counter() - began)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
