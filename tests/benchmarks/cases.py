"""All cases by name."""

from tests.benchmarks import assembling, importing, predicting

CASES = {**predicting.CASES, **assembling.CASES, **importing.CASES}
