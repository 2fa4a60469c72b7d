"""Time whole clips at 1080p beside decoding them: ``python -m pytest -n 0 tests/benchmarks/bench_clips.py``, a minute.

As `bench_compare.py` it measures and judges nothing.
"""

import pytest
from clip_pairs import decode, write_pair

from facediff.timeline import compare_videos

WAYS = {
    "decoding both alone": decode,
    "metrics only": lambda real, fake: compare_videos(real, fake, recipe=None),
    "with regions": compare_videos,
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return write_pair(tmp_path_factory.mktemp("clips"), frames=50)


@pytest.mark.parametrize("name", WAYS)
def test_a_clip_of_50_frames(benchmark, name, pair):
    benchmark.group = "50 frames of 1080p, real and fake"
    benchmark.pedantic(WAYS[name], pair, rounds=3, warmup_rounds=1)
