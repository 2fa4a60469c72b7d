"""Time the core at 1080p beside scikit-image and OpenCV: ``python -m pytest -n 0 tests/benchmarks/bench_*.py``.

The name keeps these out of a plain ``pytest``: a busy machine must not fail a test. They measure and judge nothing.
"""

import pytest
from workloads import workloads

WORKLOADS = workloads()


@pytest.mark.parametrize("name", WORKLOADS)
def test_facediff(benchmark, name):
    benchmark.group = name
    benchmark(WORKLOADS[name].ours)


@pytest.mark.parametrize("name", WORKLOADS)
def test_scikit_image_and_opencv(benchmark, name):
    benchmark.group = name
    benchmark.pedantic(WORKLOADS[name].theirs, rounds=3, warmup_rounds=1)
