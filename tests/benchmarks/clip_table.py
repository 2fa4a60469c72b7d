"""What comparing clips costs: ``python tests/benchmarks/clip_table.py``, some minutes on two cores.

First time, at 1080p, over that of decoding both clips alone; the ways are taken in turn, and the median counts. Then
the peak memory of a process that compares 100 frames, and of one that compares 1,000: it must not grow with the clip.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench_clips import WAYS
from clip_pairs import write_pair
from table import seconds

FRAMES = 130
COMPARE = """
import resource, sys
from facediff.timeline import compare_videos
result = compare_videos(*sys.argv[1:])
print(result.index.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def times(folder):
    """Print the time of each way over that of decoding."""
    pair = write_pair(folder, frames=FRAMES)
    taken = seconds(*(lambda way=way: way(*pair) for way in WAYS.values()), rounds=3)
    print(f"| {FRAMES} frames of 1080p, real and fake | s | over decoding |")
    print("|---|---|---|")
    for name, each in zip(WAYS, taken, strict=True):
        print(f"| {name} | {each:.2f} | {each / taken[0]:.2f} |")


def memory(folder):
    """Print the peak memory of clips of different lengths, the largest of three runs each."""
    print("\n| frames of 320x192 | peak memory, MB |")
    print("|---|---|")
    for frames in (100, 1000):
        pair = write_pair(folder, frames=frames, height=192, width=320)
        peaks = []
        for _ in range(3):
            run = subprocess.run([sys.executable, "-c", COMPARE, *pair], check=True, capture_output=True, text=True)
            count, peak = run.stdout.split()
            assert int(count) == frames
            peaks.append(float(peak))
        print(f"| {frames} | {max(peaks):.1f} |")


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        times(Path(folder))
        memory(Path(folder))


if __name__ == "__main__":
    main()
