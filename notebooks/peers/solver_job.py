"""Fits the reference job with one solver and prints a line of JSON: seconds of the fit alone, steps, objective.

    python solver_job.py lbfgs|newton-cholesky|newton-cg|liblinear|saga|glum leads.csv

Each solver runs at the tolerance that its documentation calls the default, but for saga, which would need many
more passes: 1e-3. The objective is that of all: sum of the log losses + half the squared norm of the coefficients,
the intercept free. liblinear penalises the intercept too and so ends elsewhere.
"""

import json
import sys
import time

import numpy as np
from pandas_job import encoder, read
from sklearn.linear_model import LogisticRegression

solver, path = sys.argv[1:3]
leads, outcome, _ = read(path)
began = time.perf_counter()
encode = encoder()
design = encode.fit_transform(leads)
encoding = time.perf_counter() - began

if solver == "glum":
    import glum
    import tabmat

    numbers = encode.transformers_[0][1].transform(leads.select_dtypes("number"))
    words = leads.select_dtypes(exclude="number")
    design = tabmat.SplitMatrix(
        [tabmat.DenseMatrix(np.asfortranarray(numbers))] + [tabmat.CategoricalMatrix(words[c].astype("category")) for c in words]
    )
    fit = glum.GeneralizedLinearRegressor(family="binomial", alpha=1 / len(outcome), l1_ratio=0, gradient_tol=1e-8, max_iter=200)
else:
    fit = LogisticRegression(solver=solver, tol=1e-3 if solver == "saga" else 1e-4, max_iter=1000, random_state=0)

cpu, began = time.process_time(), time.perf_counter()
fit.fit(design, outcome)
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu

coefficients, intercept = np.ravel(fit.coef_), float(np.ravel(fit.intercept_)[0])
logit = (design.matvec(coefficients) if solver == "glum" else design @ coefficients) + intercept
objective = np.logaddexp(0, logit).sum() - logit[outcome == 1].sum() + 0.5 * coefficients @ coefficients
steps = int(np.ravel(fit.n_iter_)[0])
print(json.dumps({"columns": design.shape[1], "encoding": encoding, "fit": seconds, "fit_cpu": cpu, "steps": steps, "objective": objective}))
