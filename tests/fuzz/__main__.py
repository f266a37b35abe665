"""`python -m tests.fuzz conll --seconds 600`: try inputs until time is up, or keep the shortest that fails."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

ROUND = 200  # inputs of one round; each has a seed of its own
SLOWEST = 60  # seconds that one input may take


def main() -> int:
    """Try one target; exit with 1 where an input fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--to", type=Path, help="file for the shortest input that fails")
    chosen = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_slow)
    target, deadline, count = TARGETS[chosen.target](), time.monotonic() + chosen.seconds, 0
    while time.monotonic() < deadline:
        number = random.randrange(2**32)
        failing = shortest_failing(target, number)
        count += ROUND
        if failing is not None:
            path = chosen.to or Path(f"{chosen.target}.failing")
            path.write_bytes(failing)
            print(f"{chosen.target}: {len(failing)} bytes in {path} fail; seed {number}", file=sys.stderr)
            return 1
    print(f"{chosen.target}: some {count} inputs, none fails")
    return 0


def shortest_failing(target: Target, number: int) -> bytes | None:
    """Try a round of inputs; return the shortest that fails, if one does."""
    tried: list[bytes] = []

    @seed(number)
    @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs())
    def attempt(data: bytes) -> None:
        tried[:] = [data]  # the shortest is tried last
        signal.alarm(SLOWEST)
        try:
            target.run(data)
        finally:
            signal.alarm(0)

    try:
        attempt()
    except Exception:  # noqa: BLE001 - whatever it is, it is what we are looking for
        traceback.print_exc(limit=-6)
        return tried[0]
    return None


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"an input took more than {SLOWEST} s")


if __name__ == "__main__":
    sys.exit(main())
