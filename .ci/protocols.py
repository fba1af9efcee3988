#!/usr/bin/env python3
"""Talks to a server at ADDRESS with clients that were not written here, about the first leads of LEADS (CSV):

    protocols.py ADDRESS LEADS

Each lead must get, by each client and form, bit for bit what POST /v1/score gives it, and each JSON answer of the Open Inference
Protocol must be valid by the protocol's OpenAPI file, as MLServer's package publishes it. Exits 1 if anything differs or was not run."""
import csv, importlib.util, json, math, pathlib, sys, types, urllib.error, urllib.request

import jsonschema
import numpy as np
import pandas as pd
import tritonclient.http as triton
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from open_inference.openapi.client import OpenInferenceClient
from open_inference.openapi.types import InferenceRequest, RequestInput, TensorData
from tritonclient.utils import InferenceServerException

ROWS = 40
address, path = sys.argv[1:]

# MLServer's package imports its whole server; its codecs do not need it.
found = importlib.util.find_spec("mlserver")
mlserver = types.ModuleType("mlserver")
mlserver.__path__ = list(found.submodule_search_locations)
sys.modules["mlserver"] = mlserver
from mlserver.codecs.pandas import PandasCodec
from mlserver.types import InferenceResponse

dataplane = json.loads(pathlib.Path(mlserver.__path__[0], "rest/openapi/dataplane.json").read_text())
checker = jsonschema.Draft4Validator.TYPE_CHECKER.redefine("bytes", lambda _, x: isinstance(x, bytes))
Validator = jsonschema.validators.extend(jsonschema.Draft4Validator, type_checker=checker)


def http(method, path, body=None, status=200):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{address}{path}", data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            got, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        got, text = error.code, error.read()
    assert got == status, (method, path, got, text[:300])
    return json.loads(text)


def valid(answer, schema):
    assert answer is not None
    Validator({**dataplane, "$ref": f"#/components/schemas/{schema}"}).validate(answer)
    return answer


checks = []


def check(f):
    checks.append(f)
    return f


with open(path, newline="", encoding="utf-8") as file:
    rows = [row for row, _ in zip(csv.DictReader(file), range(ROWS))]
assert len(rows) == ROWS, f"{path} has {len(rows)} leads"
frame = pd.read_csv(path, nrows=ROWS)
model = http("GET", "/v1/models")["models"][0]["name"]
version = http("GET", "/v1/models")["models"][0]["version"]
inputs = {t["name"]: t["datatype"] for t in http("GET", f"/v2/models/{model}")["inputs"]}
columns = {name: [row[name] for row in rows] for name in inputs if name in rows[0]}
assert len(columns) > 15, columns.keys()
want = [http("POST", "/v1/score", {"lead": row}) for row in rows]
NUMBERS, TEXTS = ["probability", "rule_score", "score"], ["grade", "stage"]


def same(got, what):
    """got maps the name of an output to its values."""
    for i, w in enumerate(want):
        for name in NUMBERS:
            assert float(got[name][i]) == w[name], (what, i, name, got[name][i], w[name])
        for name, p in w["probabilities"].items():
            assert float(got["probability." + name][i]) == p, (what, i, name)
        for name, v in (("grade", w["grade"]), ("stage", w["recommendation"]["stage"])):
            text = got[name][i]
            assert (text.decode() if isinstance(text, bytes) else text) == v, (what, i, name, text, v)
    assert all(len(v) == ROWS for v in got.values())
    assert len({w["probability"] for w in want}) > ROWS / 2, "the leads are all alike: nothing was compared"


def tensors(binary):
    """The leads as Triton's tensors: numbers with NaN where they are missing; booleans with missing ones are texts."""
    out = []
    for name, values in columns.items():
        kind = inputs[name]
        if kind == "FP64":
            data = np.array([float(v) if v else math.nan for v in values])
        elif kind == "BOOL" and all(values):
            data = np.array([v == "true" for v in values])
        else:
            kind, data = "BYTES", np.array(values, dtype=object)
        tensor = triton.InferInput(name, [ROWS], kind)
        tensor.set_data_from_numpy(data, binary_data=binary)
        out.append(tensor)
    kinds = {t.datatype() for t in out}
    assert kinds == {"FP64", "BOOL", "BYTES"}, kinds
    return out


client = triton.InferenceServerClient(address)


@check
def triton_health_and_metadata():
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready(model) and client.is_model_ready(model, version) and not client.is_model_ready("nobody")
    server = valid(client.get_server_metadata(), "MetadataServerResponse")
    assert server["name"] == "leadscore" and server["extensions"] == ["binary_tensor_data"]
    for v in ("", version):
        metadata = valid(client.get_model_metadata(model, v), "MetadataModelResponse")
        assert metadata["versions"] == [version] and {t["name"] for t in metadata["outputs"]} >= set(NUMBERS + TEXTS)


@check
def triton_binary_by_default():
    answer = client.infer(model, tensors(True), request_id="r 1")
    got = answer.get_response()
    assert got["id"] == "r 1" and got["model_name"] == model and got["model_version"] == version
    assert all("data" not in o for o in got["outputs"])
    same({o["name"]: answer.as_numpy(o["name"]) for o in got["outputs"]}, "binary")


@check
def triton_json():
    names = [t["name"] for t in client.get_model_metadata(model)["outputs"]]
    answer = client.infer(model, tensors(False), model_version=version, outputs=[triton.InferRequestedOutput(n, binary_data=False) for n in names])
    valid(answer.get_response(), "InferenceResponse")
    same({n: answer.as_numpy(n) for n in names}, "JSON")


@check
def triton_some_outputs():
    answer = client.infer(model, tensors(True), outputs=[triton.InferRequestedOutput("stage"), triton.InferRequestedOutput("score", binary_data=False)],
                          priority=1, timeout=1000, parameters={"as_of": "2025-01-01T00:00:00Z"})
    assert [o["name"] for o in answer.get_response()["outputs"]] == ["stage", "score"] and len(answer.as_numpy("stage")) == ROWS
    assert answer.as_numpy("probability") is None


@check
def triton_errors():
    bad = triton.InferInput(next(n for n, d in inputs.items() if d == "FP64"), [2], "BYTES")
    bad.set_data_from_numpy(np.array(["1", "many"], dtype=object))
    for name, tensor, status, words in ((model, bad, "400", [bad.name(), "data[1]", "many"]), ("nobody", bad, "404", ["nobody"])):
        try:
            client.infer(name, [tensor])
        except InferenceServerException as error:
            assert error.status() == status and all(w in error.message() for w in words), error
        else:
            raise AssertionError("no error")


@check
def open_inference_client():
    oip = OpenInferenceClient(base_url=f"http://{address}")
    oip.check_server_liveness()
    oip.check_server_readiness()
    oip.check_model_readiness(model)
    oip.check_model_version_readiness(model, version)
    assert oip.read_server_metadata().name == "leadscore"
    assert len(oip.read_model_version_metadata(model, version).inputs) == len(oip.read_model_metadata(model).inputs) == len(inputs)
    request = InferenceRequest(id="7", inputs=[RequestInput(name=n, shape=[ROWS], datatype="BYTES", data=TensorData.parse_obj(v)) for n, v in columns.items()])
    for answer in (oip.model_infer(model, request=request), oip.model_version_infer(model, version, request=request)):
        assert answer.id == "7" and answer.model_version == version
        same({o.name: [x if o.datatype == "BYTES" else float(x) for x in json.loads(o.data.json())] for o in answer.outputs}, "open-inference")


@check
def mlserver_codec():
    """MLServer encodes a frame of texts and numbers, and decodes the answer to a frame."""
    texts = pd.DataFrame(columns, dtype=object)
    for name, kind in inputs.items():
        if kind == "FP64" and name in texts:
            texts[name] = pd.to_numeric(texts[name])
    request = PandasCodec.encode_request(texts, use_bytes=False)
    for body in (request.model_dump_json(), request.model_dump_json(exclude_none=True)):
        valid(json.loads(body), "InferenceRequest")
        answer = valid(http("POST", f"/v2/models/{model}/infer", body.encode()), "InferenceResponse")
        same({k: list(v) for k, v in PandasCodec.decode_response(InferenceResponse.model_validate(answer)).items()}, "MLServer")


@check
def openapi_errors():
    for path in (f"/v2/models/{model}/infer", f"/v2/models/{model}/versions/{version}/infer"):
        assert "inputs" in valid(http("POST", path, {}, 400), "InferenceErrorResponse")["error"]
    assert "nobody" in valid(http("POST", "/v2/models/nobody/infer", {}, 404), "InferenceErrorResponse")["error"]
    assert "nobody" in valid(http("GET", "/v2/models/nobody", status=404), "MetadataModelErrorResponse")["error"]


mlflow = ScoringServerClient(*address.rsplit(":", 1))


def predictions(answer, what):
    got = answer.get_predictions()
    assert list(got["lead_id"]) == [w["lead_id"] for w in want], what
    same({k: list(v) for k, v in got.items()}, what)


@check
def mlflow_health():
    mlflow.wait_server_ready(timeout=5)
    mlflow.ping()
    assert mlflow.get_version()


@check
def mlflow_frame():
    assert frame.isna().any().any() and frame.dtypes.nunique() > 2
    predictions(mlflow.invoke(frame), "dataframe_split")
    predictions(mlflow.invoke(frame, params={"unknown": "warn", "model": model}), "dataframe_split with params")


@check
def mlflow_records():
    predictions(mlflow.invoke(rows), "inputs of records")
    for form in ({"dataframe_records": rows}, {"instances": rows}, {"inputs": {n: [r[n] for r in rows] for n in rows[0]}}):
        predictions(mlflow.invoke(json.dumps(form)), next(iter(form)))


@check
def mlflow_csv():
    body = frame.to_csv(index=False).encode()
    request = urllib.request.Request(f"http://{address}/invocations", body, {"Content-Type": "text/csv"})
    with urllib.request.urlopen(request) as answer:
        got = json.load(answer)["predictions"]
    same({k: [p[k] for p in got] for k in got[0]}, "text/csv")


@check
def mlflow_errors():
    for data, words in ((frame.rename(columns={"country": "cuontry"}), ['"error_code":"BAD_REQUEST"', "cuontry", "country"]), (np.zeros((2, 3)), ["BAD_REQUEST", "inputs[0]"])):
        try:
            mlflow.invoke(data)
        except Exception as error:
            assert "error code 400" in str(error) and all(w in str(error) for w in words), error
        else:
            raise AssertionError("no error")


failed = 0
for f in checks:
    try:
        f()
        print("ok  ", f.__name__)
    except Exception as error:
        failed += 1
        print("FAIL", f.__name__, type(error).__name__, str(error)[:600])
assert len(checks) == 13, f"{len(checks)} checks"
print(f"{len(checks) - failed} passed, {failed} failed")
sys.exit(failed > 0)
