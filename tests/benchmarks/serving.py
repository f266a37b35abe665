"""`python -m tests.benchmarks.serving --clients 32 --seconds 60`: the service under load, beside the bare model.

Clients on loopback send the texts of `corpus/test`, one a request, each as soon as it has its answer. The bare model
reads the same texts in lists, in turns with the service, so that both meet the same noise of the machine. Where others
use the machine, the processor time for each text, of the service and of the bare model, says more than seconds.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from annotations import read_documents
from inference import Model, load
from tests.inference.service.processes import started

_ROUNDS = 4
_LISTED = 32  # texts that the bare model reads at once


@dataclass
class Load:
    """What the clients met: seconds of each answer, and statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    spent: float = 0.0

    def rate(self) -> float:
        return self.statuses["200"] / self.spent

    def percentile(self, share: float) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def main(words: list[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.serving", description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60.0, help="of load, in all")
    parser.add_argument("--model", metavar="ADDRESS", help="by default as for predict")
    chosen = parser.parse_args(words)
    texts = [document.text for document in read_documents("corpus/test")]
    model = load(chosen.model)
    options = ("--model", chosen.model) if chosen.model else ()
    loads, bare, processor = [], [], []
    with tempfile.TemporaryDirectory(prefix="serving-") as folder, started(Path(folder), *options) as (client, _):
        for _ in range(_ROUNDS):
            rate, alone = _bare(model, texts, chosen.seconds / _ROUNDS / 2)
            before = _processor(client)
            loads.append(_loaded(str(client.base_url), texts, chosen.clients, chosen.seconds / _ROUNDS))
            served = (_processor(client) - before) / loads[-1].statuses["200"]
            bare.append(rate)
            processor.append((served, alone))
    _print(chosen.clients, loads, bare)
    served, alone = (1000 * statistics.median(part) for part in zip(*processor, strict=True))
    print(f"processor time a text: service {served:.0f} ms, bare model {alone:.0f} ms: {alone / served:.0%}")


def _processor(client: httpx.Client) -> float:
    """Return the processor seconds that the service has taken."""
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("process_cpu_seconds_total ")))


def _bare(model: Model, texts: list[str], seconds: float) -> tuple[float, float]:
    """Return the texts a second of the bare model, and the processor seconds a text."""
    source = itertools.cycle(texts)
    start, count, processor = time.perf_counter(), 0, time.process_time()
    while time.perf_counter() - start < seconds:
        count += len(model.predict(list(itertools.islice(source, _LISTED))))
    return count / (time.perf_counter() - start), (time.process_time() - processor) / count


def _loaded(address: str, texts: list[str], clients: int, seconds: float) -> Load:
    """Let clients send texts for some seconds; the last requests are waited for."""
    found, lock = Load(), threading.Lock()
    source = itertools.cycle(texts)
    start = time.perf_counter()

    def work() -> None:
        place = urlsplit(address)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=120)
        while time.perf_counter() - start < seconds:
            with lock:
                text = next(source)
            begin = time.perf_counter()
            try:
                connection.request("POST", "/predict", json.dumps({"text": text}), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                status = str(answer.status)
            except OSError as error:
                status = type(error).__name__
                connection.close()
            with lock:
                found.seconds.append(time.perf_counter() - begin)
                found.statuses[status] += 1

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.spent = time.perf_counter() - start
    return found


def _print(clients: int, loads: list[Load], bare: list[float]) -> None:
    whole = Load([s for one in loads for s in one.seconds], sum((one.statuses for one in loads), Counter()))
    shares = [one.rate() / rate for one, rate in zip(loads, bare, strict=True)]
    p50, p95, p99 = (f"{whole.percentile(share):.2f}" for share in (0.5, 0.95, 0.99))
    statuses = ", ".join(f"{count} × {status}" for status, count in whole.statuses.items())
    print("| clients | answers | texts/s | bare texts/s | share | p50 s | p95 s | p99 s |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    rates = f"{statistics.median(one.rate() for one in loads):.1f} | {statistics.median(bare):.1f}"
    print(f"| {clients} | {statuses} | {rates} | {statistics.median(shares):.0%} | {p50} | {p95} | {p99} |")
    print(f"shares by round: {', '.join(f'{share:.0%}' for share in shares)}")


if __name__ == "__main__":
    main()
