"""
Explore a DFDC folder
=====================

What is in a folder of the Deepfake Detection Challenge, which fake was made from which original, what is wrong with the
files, and how far are fake and original apart? From ``metadata.json`` to a score and compared faces.

Run it on a folder of your own, one part or the sample::

    python examples/explore_dfdc.py train_sample_videos

Without arguments it makes a small folder of the same shape: names and metadata as in the data set, the clips synthetic.
It needs the extras ``datasets``, ``video`` and ``faces``. Figures are written to the current folder, as
``facediff-dfdc-*.png``.
"""

# %%
# A folder to explore
# -------------------
#
# Three clips are filmed, and seven fakes are made of them. As in real folders, not all is well: one original was not
# given away, one fake is broken, one was never manipulated, one clip is not listed.

import json
import sys
import tempfile
from pathlib import Path

import skimage.data

import facediff
from facediff import dataset_figures, datasets, face_figures, faces, synthesis, video

EDITS = {
    "aagfhgtpmv.mp4": ("warp", "atvmxvwyns.mp4"),
    "aapnvogymq.mp4": ("recolour", "atvmxvwyns.mp4"),
    "abofeumbvv.mp4": ("inpaint", "atvmxvwyns.mp4"),
    "abqwwspghj.mp4": ("inpaint", "qzimuostzz.mp4"),
    "acifjvzvpm.mp4": ("recolour", "qzimuostzz.mp4"),
    "acqfdwsrhi.mp4": (None, "qzimuostzz.mp4"),
    "acxnxvbsxk.mp4": ("warp", "fjlyaizcwc.mp4"),
}
REALS = {"atvmxvwyns.mp4": 0, "qzimuostzz.mp4": 8, "fjlyaizcwc.mp4": 16}
FACE = facediff.Box(82, 36, 146, 124)


def film(start):
    """Pan over a portrait: twelve frames of 240x176 pixels."""
    portrait = skimage.data.astronaut()
    return [portrait[40:216, left : left + 240] for left in range(100 + start, 112 + start)]


def make_folder(folder):
    """Make a folder in the shape of the data set."""
    for name, start in REALS.items():
        video.write_video(folder / name, film(start), rate=30)
    for seed, (name, (kind, original)) in enumerate(EDITS.items()):
        frames = film(REALS[original])
        if kind is not None:
            frames = [synthesis.manipulate(frame, kind=kind, box=FACE, seed=seed).fake for frame in frames]
        video.write_video(folder / name, frames, rate=30, quality=24)
    video.write_video(folder / "unlisted.mp4", film(30), rate=30)
    (folder / "fjlyaizcwc.mp4").unlink()
    broken = folder / "acifjvzvpm.mp4"
    broken.write_bytes(broken.read_bytes()[:2000])

    metadata = {name: {"label": "FAKE", "split": "train", "original": EDITS[name][1]} for name in EDITS}
    metadata |= {name: {"label": "REAL", "split": "train", "original": None} for name in REALS}
    (folder / "metadata.json").write_text(json.dumps(metadata))


if len(sys.argv) == 2:
    folder = Path(sys.argv[1])
elif len(sys.argv) == 1:
    scratch = tempfile.TemporaryDirectory()
    folder = Path(scratch.name)
    make_folder(folder)
else:
    sys.exit("usage: python examples/explore_dfdc.py [FOLDER]")

# %%
# What the metadata say
# ---------------------
#
# The table has a row for each clip. It is read strictly: a file that names a clip twice, or one outside of the folder,
# is refused.

metadata = datasets.read_metadata(folder / "metadata.json")
print(metadata.head())

# %%
# What is missing? The original, for exactly the real ones.

print(datasets.missing_values(metadata))

# %%
# How many different values are there, and which is the most frequent? ``ties`` says how many are as frequent as that.

print(datasets.unique_values(metadata))
print(datasets.most_frequent_values(metadata))

# %%
# The counts as bars:

labels = dataset_figures.plot_counts(datasets.count_values(metadata, "label")).figure
labels.savefig("facediff-dfdc-labels.png")

# %%

originals = dataset_figures.plot_counts(datasets.count_values(metadata, "original")).figure
originals.savefig("facediff-dfdc-originals.png")

# %%
# What the folder holds
# ---------------------
#
# Files by their type, and clips that are only in the metadata or only in the folder.

print(datasets.file_types(folder))
print(datasets.compare_with_folder(metadata, folder))

# %%
# Which fake belongs to which original
# ------------------------------------
#
# ``find_pairs`` knows the layouts of DFDC, FaceForensics++ with DeepFakeDetection, Celeb-DF and DeepfakeTIMIT, and
# takes a rule for any other. What has no partner is reported with the reason.

pairs = datasets.find_pairs(folder)
print(pairs)
for alone in pairs.unpaired:
    print(f"  {alone}")

# %%
# The fakes that were made from the most used original, and how their first frames differ from it:

most_used = datasets.most_frequent_values(metadata).loc["original", "value"]
print(datasets.same_original(metadata, most_used))

family = [pair for pair in pairs if pair.real.name == most_used] or pairs[:1]
if family:
    grid = dataset_figures.fakes_figure(family)
    grid.savefig("facediff-dfdc-fakes.png")

# %%
# What is wrong with it
# ---------------------
#
# An audit compares the clips of each pair: sizes, lengths, rates, the offset in time, whether anything was manipulated
# in some sampled frames. What cannot be read is named, and the rest is done.

audit = datasets.audit(pairs, frames=3)
print(audit)
for name, finding in audit.findings.iterrows():
    print(f"  {name}: {finding['kind']}: {finding['detail']}")

# %%
# How well a score tells fakes from reals
# ---------------------------------------
#
# Here the score is the margin of `facediff.find_regions`: the largest evidence for an edit, over what coding alone
# could reach. Each fake is compared with its original; each original with itself after coding it as H.264 once more,
# which is what happens to a real clip that is shared.

sound = audit.table.index[~audit.table["findings"].str.contains("unreadable")]
rows = []
for pair in (pair for pair in pairs if pair.name in sound):
    real, fake = video.first_frame(pair.real).picture, video.first_frame(pair.fake).picture
    rows.append(("FAKE", facediff.find_regions(facediff.compare_images(real, fake)).margin))
for original in sorted({pair.real for pair in pairs}):
    real = video.first_frame(original).picture
    for quality in (24, 30, 36):
        again = synthesis.encode(real, "h264", quality)
        rows.append(("REAL", facediff.find_regions(facediff.compare_images(real, again)).margin))
kinds, scores = zip(*rows, strict=True)

histogram = dataset_figures.plot_histogram(kinds, scores, bins=20).figure
histogram.savefig("facediff-dfdc-histogram.png")

# %%
# One fake scores as the reals do: the one that the audit calls unmanipulated.

roc = dataset_figures.plot_roc(kinds, scores).figure
roc.savefig("facediff-dfdc-roc.png")

# %%
# Compared faces
# --------------
#
# Where in the face was it changed? The face is found on the real side (by MTCNN, from the extra ``faces``), and both
# sides are cut by the same box.

if family:
    real, fake = (video.first_frame(path).picture for path in (family[0].real, family[0].fake))
    compared = faces.compare_faces(real, fake)
    print(compared)
    for face in compared.manipulated:
        print(f"  {face}")
    page = face_figures.faces_figure(compared)
    page.savefig("facediff-dfdc-faces.png")
