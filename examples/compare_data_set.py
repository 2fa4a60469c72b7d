"""
Compare a whole data set
========================

Every fake of a data set against the clip that it was made from, on all cores: one table of pairs, one of frames, and
what is worth a look. Killed at any moment, the same call goes on where it was.

Run it on a folder of your own, of DFDC, FaceForensics++, Celeb-DF or DeepfakeTIMIT::

    python examples/compare_data_set.py dfdc_train_part_0

Without arguments it makes a small folder in the shape of DFDC, the clips synthetic. It needs the extras ``datasets``
and ``video``. Results go to ``facediff-results``, the figure to ``facediff-run.png``.
"""

# %%
# A folder to compare
# -------------------
#
# Two clips are filmed; five fakes are made of them, one of which was never manipulated, and one is broken.

import json
import shutil
import sys
import tempfile
from concurrent.futures import Executor
from pathlib import Path

import skimage.data

import facediff
from facediff import batch, batch_figures, datasets, synthesis, video

FACE = facediff.Box(82, 36, 146, 124)
REALS = {"atvmxvwyns.mp4": 0, "qzimuostzz.mp4": 8}
FAKES = {
    "aagfhgtpmv.mp4": ("warp", "atvmxvwyns.mp4"),
    "aapnvogymq.mp4": ("recolour", "atvmxvwyns.mp4"),
    "abofeumbvv.mp4": ("inpaint", "qzimuostzz.mp4"),
    "acifjvzvpm.mp4": ("recolour", "qzimuostzz.mp4"),
    "acqfdwsrhi.mp4": (None, "qzimuostzz.mp4"),
}


def film(start):
    """Pan over a portrait: ten frames of 240x176 pixels."""
    portrait = skimage.data.astronaut()
    return [portrait[40:216, left : left + 240] for left in range(100 + start, 110 + start)]


def make_folder(folder):
    """Make a folder in the shape of the data set."""
    for name, start in REALS.items():
        video.write_video(folder / name, film(start), rate=30)
    for seed, (name, (kind, original)) in enumerate(FAKES.items()):
        frames = film(REALS[original])
        if kind is not None:
            frames = [synthesis.manipulate(frame, kind=kind, box=FACE, seed=seed).fake for frame in frames]
        video.write_video(folder / name, frames, rate=30, quality=24)
    broken = folder / "acifjvzvpm.mp4"
    broken.write_bytes(broken.read_bytes()[:2000])
    metadata = {name: {"label": "FAKE", "split": "train", "original": FAKES[name][1]} for name in FAKES}
    metadata |= {name: {"label": "REAL", "split": "train", "original": None} for name in REALS}
    (folder / "metadata.json").write_text(json.dumps(metadata))


# %%
# Which pairs
# -----------
#
# ``find_pairs`` knows which fake was made from which real. So that there is something to tell them from, each real is
# also compared with itself after coding it once more, which is what happens to a clip that is shared: these pairs bear
# the label "REAL".


def recoded(pairs, folder):
    """Yield each real clip with itself coded once more."""
    for real in sorted({pair.real for pair in pairs}):
        again = folder / f"{real.stem}-again.mp4"
        with video.read_frames(real) as frames:
            video.write_video(again, frames, rate=30, quality=28)
        yield batch.LabelledPair(real, again, f"{real.stem} coded again", "REAL", split="train")


# %%
# Comparing them
# --------------
#
# By default there is a process for each core. ``executor`` takes any other: threads, or a cluster's, as the page on
# clusters shows. A pair that cannot be compared is a row with its error, and the rest goes on.


def compare(folder, out, executor: Executor | None = None):
    """Compare all that is in a folder, and say what was found."""
    pairs = datasets.find_pairs(folder)
    print(pairs)
    with tempfile.TemporaryDirectory() as again:
        run = batch.compare_many([*pairs, *recoded(pairs, Path(again))], out=out, executor=executor, progress=False)
    print(run)


# %%
# What came of it
# ---------------
#
# Two data frames, and their sum: what was found by label, method and split, how well the evidence tells fakes from
# reals, and the pairs that are worth a look.


def show(out):
    """Print the tables of a run, and draw them."""
    pairs, frames = batch.read_results(out)
    print(pairs[["label", "manipulated", "margin", "ssim", "segments"]])
    print(frames.groupby("name")[["margin", "manipulated"]].mean())

    summary = batch.summarise(out, bins=12)
    print(summary)
    print(summary.groups)
    print("Fakes in which nothing was found:", *summary.missed.index, sep="\n  ")
    print("Not compared:", *(f"{name}: {error}" for name, error in summary.failures["error"].items()), sep="\n  ")
    if summary.failed == summary.pairs:
        return None
    figure = batch_figures.summary_figure(summary)
    figure.savefig("facediff-run.png")
    return figure


# %%
# Worker processes import the program that starts them: what starts them stands below the usual line. Called a second
# time, ``compare_many`` finds what is there and compares only what failed; a folder made by another version or recipe
# is refused.

if __name__ == "__main__":
    results = Path("facediff-results")
    if len(sys.argv) == 2:
        compare(Path(sys.argv[1]), results)
    elif len(sys.argv) == 1:
        shutil.rmtree(results, ignore_errors=True)
        with tempfile.TemporaryDirectory() as scratch:
            make_folder(Path(scratch))
            compare(Path(scratch), results)
    else:
        sys.exit("usage: python examples/compare_data_set.py [FOLDER]")
    figure = show(results)
