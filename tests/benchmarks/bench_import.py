"""Time what an import costs in a new interpreter: ``python -m pytest -n 0 tests/benchmarks/bench_*.py``."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("statement", ["pass", "import facediff", "import facediff.compare", "import skimage.metrics"])
def test_import(benchmark, statement):
    benchmark.group = "a new interpreter"
    benchmark.pedantic(subprocess.run, ([sys.executable, "-c", statement],), {"check": True}, rounds=5, warmup_rounds=1)
