"""
Training masks for a folder of pairs
====================================

"Where is the code that makes masks from real and fake pairs?" Here: read the pairs, find what was changed, and write
it in the format of the tools that train or label. `facediff.export` knows COCO, PNG masks, YOLO, Pascal VOC, CVAT and
Label Studio.
"""

# %%
# A folder of pairs
# -----------------
#
# Real pictures in one folder, their fakes in another, under the same names; both coded as JPEG, as such sets are. Three
# are edited: another face pasted in, a patch recoloured, something removed. The fourth is only coded again.

import tempfile
from pathlib import Path

import matplotlib.cbook
import numpy as np
import skimage.data
from matplotlib.figure import Figure

import facediff
from facediff import Box, export, synthesis

scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)
for name in ("real", "fake", "masks", "yolo"):
    (folder / name).mkdir()

face = facediff.read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))[90:330, 170:360]
astronaut = skimage.data.astronaut()
portrait, suit = astronaut[:300, 80:380], astronaut[200:500, 130:430]
cat, cup = skimage.data.chelsea()[:, 60:360], skimage.data.coffee()[80:380, 200:500]
made = {
    "0001": synthesis.manipulate(portrait, kind="paste", source=face, box=Box(100, 70, 190, 185), shape="ellipse"),
    "0002": synthesis.manipulate(cat, kind="recolour", box=Box(50, 70, 120, 130), shape="ellipse", feather=0, seed=1),
    "0003": synthesis.manipulate(cup, kind="inpaint", box=Box(125, 155, 215, 255), shape="rectangle"),
}
pairs = {name: (edit.real, edit.fake) for name, edit in made.items()} | {"0004": (suit, suit)}
for name, (real, fake) in pairs.items():
    facediff.write_image(folder / "real" / f"{name}.jpg", real, quality=95)
    facediff.write_image(folder / "fake" / f"{name}.jpg", fake, quality=85)

# %%
# Find what was changed
# ---------------------
#
# One result a pair. What is exported later has the name of its picture. The last pair has nothing to mark: that is an
# answer too, and becomes an empty mask and a negative example.

items, records = [], []
for path in sorted((folder / "fake").iterdir()):
    comparison = facediff.compare_images(*facediff.read_pair(folder / "real" / path.name, path))
    found = facediff.find_regions(comparison)
    items.append((path.name, found))
    records.append(export.to_dict(comparison, found))
    print(f"{path.name}: {found}")

# %%
# Write it
# --------
#
# Each file is written whole or not at all. In COCO the masks keep their holes; a label map would number the regions.

export.write_masks(folder / "masks", items)
export.write_json(folder / "coco.json", export.to_coco(items))
export.write_yolo(folder / "yolo", items, task="segment")
export.write_cvat(folder / "cvat.xml", items)
export.write_json(folder / "label-studio.json", export.to_label_studio(items, prefix="/data/local-files/?d=fake/"))

for path in sorted(folder.rglob("*")):
    if path.is_file():
        print(f"{path.stat().st_size:8d} bytes  {path.relative_to(folder)}")

# %%
# Say where it came from
# ----------------------
#
# Two recipes draw two masks, so a mask alone cannot be made again. A record says which pictures (by SHA-256), recipe,
# parameters and versions made a result, and ``verify`` makes it again from the pictures: the same mask to the last bit,
# or an error that says what is different.

export.write_json(folder / "0001.json", records[0])
record = export.from_dict(records[0])
print(record)
pair = facediff.read_pair(folder / "real" / "0001.jpg", folder / "fake" / "0001.jpg")
again = export.verify(record, facediff.compare_images(*pair))
print(f"made again, {np.count_nonzero(again.mask != record.mask)} pixels differ")

try:
    export.verify(record, comparison)
except ValueError as error:
    print(f"ValueError: {error}")

# %%
# To see it
# ---------
#
# Above the fakes with what was found, below the masks as they were read back from their files.

figure = Figure(figsize=(9, 4.8), layout="constrained")
rows = figure.subplots(2, len(items))
for (above, below), (name, found) in zip(rows.T, items, strict=True):
    above.imshow(facediff.draw_regions(facediff.read_image(folder / "fake" / name), found.regions))
    below.imshow(facediff.read_image(folder / "masks" / f"{Path(name).stem}.png"), cmap="gray", vmin=0, vmax=255)
    above.set_title(name)
    for axes in (above, below):
        axes.set(xticks=[], yticks=[])
figure.savefig("facediff-training-masks.png", dpi=150)
scratch.cleanup()
