"""A run killed with SIGKILL at any moment and started again ends in the tables of an undisturbed one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from batches import make_files

SCRIPT = """
import sys
from facediff import _batch_store
from facediff.batch import compare_many

_batch_store._PART_SECONDS = 0.05  # or so short a run would write one part at its end
folder, out = sys.argv[1:]
pairs = [(f"{folder}/real.png", f"{folder}/{'fake' if n % 3 else 'other'}.png", f"picture {n}") for n in range(120)]
pairs += [(f"{folder}/real.mp4", f"{folder}/fake.mp4", f"clip {n}") for n in range(12)]
pairs += [(f"{folder}/real.png", f"{folder}/broken.png", "broken")]
if __name__ == "__main__":
    compare_many(pairs, out=out, progress=False)
"""


def start(script: Path, files: Path, out: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, script, files, out], start_new_session=True)


def members(group: int) -> list[int]:
    """Return the living processes of a session: the first process and whatever it started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it ended in the meantime
            continue
        state, _, _, session, *_ = rest.split()
        if int(session) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def tables(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in ("pairs.parquet", "frames.parquet")]


@pytest.mark.slow
def test_a_run_killed_at_random_moments_and_resumed_ends_in_the_same_tables(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    make_files(files)
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    undisturbed = start(script, files, tmp_path / "undisturbed")
    begun = time.monotonic()
    assert undisturbed.wait(120) == 0
    lasted = time.monotonic() - begun
    moments = random.Random(7)
    killed = 0
    times = int(os.environ.get("FACEDIFF_TEST_KILLS", "3"))
    while killed < times:
        run = start(script, files, tmp_path / "out")
        try:
            run.wait(moments.uniform(0.3, 1.1) * lasted)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            killed += 1
            run.wait(10)
            deadline = time.monotonic() + 20
            while members(run.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert members(run.pid) == [], "workers end with the process that started them"
        else:
            assert run.returncode == 0
            assert tables(tmp_path / "out") == tables(tmp_path / "undisturbed")
            for path in sorted((tmp_path / "out").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
    assert start(script, files, tmp_path / "out").wait(120) == 0
    assert tables(tmp_path / "out") == tables(tmp_path / "undisturbed")
