"""The peer of serving.py: logistic regression of scikit-learn behind FastAPI.

    python fastapi_app.py train LEADS.csv COLUMNS.json model.joblib pipeline.joblib
    LEADSCORE_PEER=model.joblib uvicorn fastapi_app:app --workers 2

COLUMNS.json lists {"name", "kind"} of what leadscore's model reads, and the outcome; pipeline.joblib is the model alone, for MLServer. The service is written as its documentation does it: a typed
request, a data frame of one row, predict_proba. It answers the probability alone, without reasons, intervals, stages or checks of the attributes.
"""

import json
import os
import sys
from typing import Any

import joblib
import pandas


def train(leads, columns, out, pipeline):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    with open(columns) as f:
        wanted = json.load(f)
    table = pandas.read_csv(leads)
    numeric = [c["name"] for c in wanted["features"] if c["kind"] == "numeric"]
    levels = [c["name"] for c in wanted["features"] if c["kind"] != "numeric"]
    texts = make_pipeline(SimpleImputer(strategy="constant", fill_value="", missing_values=None), OneHotEncoder(handle_unknown="ignore", min_frequency=10))
    encode = ColumnTransformer([("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numeric), ("levels", texts, levels)])
    model = make_pipeline(encode, LogisticRegression(max_iter=1000))
    frame = table[numeric + levels].astype({c: object for c in levels})
    model.fit(frame.where(frame.notna(), None).astype({c: float for c in numeric}), table[wanted["outcome"]])
    joblib.dump((model, numeric, levels), out)
    joblib.dump(model, pipeline)


if __name__ == "__main__":
    train(*sys.argv[2:])
else:
    from fastapi import FastAPI
    from pydantic import BaseModel

    model, numeric, levels = joblib.load(os.environ["LEADSCORE_PEER"])
    app = FastAPI()

    class Request(BaseModel):
        lead: dict[str, Any]

    @app.get("/readyz")
    def ready():
        return {"status": "ready"}

    @app.post("/v1/score")
    def score(request: Request):
        row = pandas.DataFrame([{c: request.lead.get(c) for c in numeric + levels}]).astype({c: float for c in numeric})
        return {"probability": float(model.predict_proba(row)[0, 1])}
