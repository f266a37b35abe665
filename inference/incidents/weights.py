"""How much each piece of evidence weighs."""

from __future__ import annotations

import math
from functools import cache

from annotations.io.json_text import read_json
from inference.incidents.evidence import evidence
from inference.incidents.report import Report
