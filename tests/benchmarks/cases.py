"""All cases by name."""

from tests.benchmarks import assembling, importing, predicting, preparing

CASES = {**predicting.CASES, **assembling.CASES, **importing.CASES, **preparing.CASES}
