"""
A region in a test
==================

Code that edits a picture promises to touch one place and leave the rest alone. ``found.regions`` turns this into a
unit test with plain asserts.
"""

# %%
# Code under test
# ---------------
#
# Say a program hides faces: it turns a box into a mosaic.

import numpy as np
import skimage.data
from matplotlib.figure import Figure

import facediff
from facediff import figures


def hide(picture, box, *, cell=10):
    """Return a copy of the picture with a box turned into a mosaic of square cells."""
    hidden = picture.copy()
    place = hidden[box.slices]
    for top in range(0, box.height, cell):
        for left in range(0, box.width, cell):
            block = place[top : top + cell, left : left + cell]
            block[:] = block.mean(axis=(0, 1))
    return hidden


# %%
# The tests
# ---------
#
# The first test says *where*: one region, and its box is the promised one. Nothing was coded, so the mask is exact;
# for pictures that went through a codec ask for less with `facediff.Box.iou`, 1 for the same box and 0 for none shared.


def test_only_the_box_is_touched():
    picture = skimage.data.astronaut()
    box = facediff.Box(180, 70, 280, 180)
    comparison = facediff.compare_images(picture, hide(picture, box))
    found = facediff.find_regions(comparison)

    assert len(found.regions) == 1
    assert found.regions[0].box == box


# %%
# The second says *nothing else*, to the pixel: outside the box, the pictures are identical.


def test_the_rest_is_left_alone():
    picture = skimage.data.astronaut()
    box = facediff.Box(180, 70, 280, 180)
    outside = np.ones(picture.shape[:2], np.bool_)
    outside[box.slices] = False

    assert facediff.compare_images(picture, hide(picture, box), where=outside).identical


# %%
# The third says that *nothing* is an answer too: cells of one pixel change nothing, and no region is found.


def test_cells_of_one_pixel_change_nothing():
    picture = skimage.data.astronaut()
    hidden = hide(picture, facediff.Box(180, 70, 280, 180), cell=1)
    found = facediff.find_regions(facediff.compare_images(picture, hidden))

    assert not found.manipulated
    assert found.regions == ()


# %%
# pytest would collect these three by their names; here they are simply called.

for test in (
    test_only_the_box_is_touched,
    test_the_rest_is_left_alone,
    test_cells_of_one_pixel_change_nothing,
):
    test()
    print(f"{test.__name__} passed")

# %%
# When a test fails
# -----------------
#
# A failing assert says which number was wrong; a figure says why. Written only on failure, it costs nothing otherwise.

picture = skimage.data.astronaut()
hidden = hide(picture, facediff.Box(180, 70, 280, 180))
comparison = facediff.compare_images(picture, hidden)
found = facediff.find_regions(comparison)

figure = Figure(figsize=(8, 4), layout="constrained")
left, right = figure.subplots(1, 2)
figures.plot_regions(comparison, found, ax=left)
figures.plot_mask(comparison, found, ax=right)
figure.savefig("facediff-hidden.png", dpi=150)
