"""
Which fake was made from which real
===================================

Every data set has its own way to say it. `facediff.datasets.find_pairs` knows those of DFDC, FaceForensics++ with
DeepFakeDetection, Celeb-DF and DeepfakeTIMIT beside VidTIMIT, by their folders alone, and takes a rule for any other.

Run it on a data set of your own::

    python examples/find_pairs.py FOLDER

Without arguments it makes a small folder in the shape of each: names as in the data sets, one synthetic clip in all of
them. It needs the extra ``video`` for that; finding pairs itself needs none.
"""

# %%
# Folders in the shape of each data set
# -------------------------------------

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from facediff import datasets, video

SHAPES = {
    "DFDC": ("aagfhgtpmv.mp4", "atvmxvwyns.mp4", "unlisted.mp4"),
    "FaceForensics++": (
        "original_sequences/youtube/c23/videos/033.mp4",
        "original_sequences/actors/c23/videos/01__exit_phone_room.mp4",
        "manipulated_sequences/Deepfakes/c23/videos/033_097.mp4",
        "manipulated_sequences/Deepfakes/masks/videos/033_097.mp4",
        "manipulated_sequences/Face2Face/c23/videos/097_033.mp4",
        "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__exit_phone_room__YVGY8LOK.mp4",
    ),
    "Celeb-DF": (
        "Celeb-real/id0_0000.mp4",
        "YouTube-real/00170.mp4",
        "Celeb-synthesis/id0_id16_0000.mp4",
        "Celeb-synthesis/id2_id1_0003.mp4",
    ),
    "TIMIT": (
        "DeepfakeTIMIT/higher_quality/fadg0/sa1-video-fram1.avi",
        "DeepfakeTIMIT/lower_quality/fadg0/sa1-video-fram1.avi",
        "VidTIMIT/fadg0/video/sa1/001",
    ),
    "of one's own": ("clips/monday.mp4", "clips/monday-swapped.mp4", "clips/tuesday-swapped.mp4"),
}


def make_folders(root):
    """Make a small folder in the shape of each data set, with one clip in all places."""
    clip = root / "clip.mp4"
    video.write_video(clip, [np.full((64, 96, 3), 20 * n, np.uint8) for n in range(8)], rate=25)
    for name, files in SHAPES.items():
        for file in files:
            path = root / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(clip, path)
    fake, real, _ = SHAPES["DFDC"]
    listed = {fake: {"label": "FAKE", "split": "train", "original": real}, real: {"label": "REAL", "split": "train"}}
    (root / "DFDC" / "metadata.json").write_text(json.dumps(listed))
    (root / "Celeb-DF" / "List_of_testing_videos.txt").write_text("0 Celeb-synthesis/id0_id16_0000.mp4\n")


def show(pairs):
    """Print the pairs, and what has no partner with the reason."""
    print(pairs)
    for pair in pairs:
        of = ", ".join(filter(None, (pair.method, pair.split)))
        print(f"  {pair.name}: {pair.fake.name} was made from {pair.real.name} ({of or 'no more is known'})")
    for alone in pairs.unpaired:
        print(f"  {alone}")


if len(sys.argv) == 2:
    show(datasets.find_pairs(sys.argv[1]))
    sys.exit()
scratch = tempfile.TemporaryDirectory()
root = Path(scratch.name)
make_folders(root)

# %%
# The Deepfake Detection Challenge
# --------------------------------
#
# Its ``metadata.json`` names the original of each fake.

show(datasets.find_pairs(root / "DFDC"))

# %%
# FaceForensics++ and DeepFakeDetection
# -------------------------------------
#
# The name of a fake begins with that of its original; compression levels are kept apart, masks go with their fakes.

show(datasets.find_pairs(root / "FaceForensics++"))

# %%
# Celeb-DF
# --------

show(datasets.find_pairs(root / "Celeb-DF"))

# %%
# DeepfakeTIMIT beside VidTIMIT
# -----------------------------
#
# The originals are folders of numbered frames.

show(datasets.find_pairs(root / "TIMIT"))

# %%
# A rule of one's own
# -------------------
#
# A function from the path of a file to that of its original, or None for what is no fake.


def original_of(path):
    """Tell ``monday-swapped.mp4`` from ``monday.mp4``."""
    stem, swapped, _ = path.stem.partition("-swapped")
    return path.with_name(f"{stem}.mp4") if swapped else None


show(datasets.find_pairs(root / "of one's own", rule=original_of))
