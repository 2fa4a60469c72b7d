"""Print the README's table of measured figures: ``python tests/benchmarks/table.py``.

The two ways are taken in turn, so that a change in the machine's pace hits both; the median of each counts. Ratios
travel from machine to machine, milliseconds do not.
"""

import statistics
import subprocess
import sys
import time

from workloads import workloads

ROUNDS = 9


def seconds(*functions, rounds=ROUNDS):
    """Return the median seconds of each function, after one call to warm up."""
    taken = [[] for _ in functions]
    for turn in range(rounds + 1):
        for function, times in zip(functions, taken, strict=True):
            start = time.perf_counter()
            function()
            if turn > 0:
                times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in taken]


def start(statement):
    """Start a new interpreter for one statement."""
    subprocess.run([sys.executable, "-c", statement], check=True)


def main():
    """Measure and print."""
    print("| 1080p pair | facediff | scikit-image and OpenCV | ratio |")
    print("|---|---|---|---|")
    for name, (ours, theirs) in workloads().items():
        mine, other = seconds(ours, theirs)
        print(f"| `{name}` | {mine * 1e3:.2f} ms | {other * 1e3:.1f} ms | {other / mine:.1f} |")
    bare, package, compare = seconds(
        lambda: start("pass"), lambda: start("import facediff"), lambda: start("import facediff.compare")
    )
    print()
    print(f"`import facediff` takes {(package - bare) * 1e3:.0f} ms beyond the interpreter's own start, ", end="")
    print(f"`import facediff.compare` {(compare - bare) * 1e3:.0f} ms.")


if __name__ == "__main__":
    main()
