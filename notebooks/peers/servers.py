"""The servers of serving.py as processes, and what MLServer needs: its settings and the body that it reads."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Server:
    """A process that answers GET /readyz when it is ready, or POST path with a body, 20 times since each worker has to be; ready is how many seconds
    that took."""

    def __init__(self, name, argv, port, env=None, log=None, path="/readyz", body=None):
        self.name, self.port = name, port
        self.question = ("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
        start = time.perf_counter()
        self.process = subprocess.Popen(argv, env=env, cwd=HERE, stdout=log, stderr=log)
        while not all(self.answers() for _ in range(20 if body else 1)):
            if self.process.poll() is not None:
                sys.exit(f"{name} ended with {self.process.returncode}")
            if time.perf_counter() - start > 180:
                self.stop()
                sys.exit(f"{name} is not ready after three minutes")
            time.sleep(0.5 if body else 0.002)
        self.ready = time.perf_counter() - start

    def answers(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            c.request(*self.question)
            return c.getresponse().status == 200
        except OSError:
            return False
        finally:
            c.close()

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        c.request(method, path, body, {"Content-Type": "application/json"})
        answer = c.getresponse()
        text = answer.read()
        c.close()
        if answer.status != 200:
            sys.exit(f"{self.name}: {path} answered {answer.status}: {text[:400]}")
        return text

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def mlserver(folder, pipeline, port, workers, batch):
    """Writes the settings of an MLServer with the pipeline as its model converted, and gives the command that starts it: so many workers beside the
    process that speaks HTTP (its documentation: as many as processors), batches of so many requests that wait at most 5 ms for each other, which is
    quicker here than none and than smaller ones, no log of requests, no metrics. It opens a port for gRPC whether or not it is wanted."""
    os.makedirs(os.path.join(folder, "converted"), exist_ok=True)
    settings = {"debug": False, "host": "127.0.0.1", "http_port": port, "grpc_port": port + 1, "metrics_endpoint": None, "parallel_workers": workers}
    model = {"name": "converted", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": pipeline, "extra": {"predict_fn": "predict_proba"}}}
    model |= {"max_batch_size": batch, "max_batch_time": 0.005}
    for name, content in (("settings.json", settings), ("converted/model-settings.json", model)):
        with open(os.path.join(folder, name), "w") as f:
            json.dump(content, f)
    return [os.path.join(os.path.dirname(sys.executable), "mlserver"), "start", folder]


def tensors(lead, fields):
    """The lead as one row of the Open Inference Protocol, a tensor for each column, which MLServer makes a data frame of (content type pd)."""
    inputs = []
    for f in fields:
        numeric = f["kind"] == "numeric"
        tensor = {"name": f["name"], "shape": [1], "datatype": "FP64" if numeric else "BYTES", "data": [lead.get(f["name"])]}
        inputs.append(tensor if numeric else {**tensor, "parameters": {"content_type": "str"}})
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}
