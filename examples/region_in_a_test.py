"""
Unit-testing a face filter
==========================

Code that edits a picture promises to touch one place and leave the rest alone. The assertions of `facediff.testing`
turn this into tests that say what broke, by how much, and what would pass.
"""

# %%
# Code under test
# ---------------
#
# Say a program hides faces: it turns a box into a mosaic.

import skimage.data

import facediff
from facediff.synthesis import encode
from facediff.testing import (
    PairAssertionError,
    assert_identical,
    assert_manipulated,
    assert_unchanged,
    assert_unchanged_outside,
)


def hide(picture, box, *, cell=10):
    """Return a copy of the picture with a box turned into a mosaic of square cells."""
    hidden = picture.copy()
    place = hidden[box.slices]
    for top in range(0, box.height, cell):
        for left in range(0, box.width, cell):
            block = place[top : top + cell, left : left + cell]
            block[:] = block.mean(axis=(0, 1))
    return hidden


portrait = skimage.data.astronaut()
face = facediff.Box(180, 70, 280, 180)

# %%
# The tests
# ---------
#
# The first test says *where*: one region, as large as the box that was promised. The second says *nothing else*, to the
# pixel.


def test_the_face_is_hidden():
    assert_manipulated(portrait, hide(portrait, face), inside=face, iou=0.95, count=1)


def test_the_rest_is_left_alone():
    assert_identical(portrait, hide(portrait, face), outside=face)


# %%
# Files are coded, and then every pixel differs a little. The third test asks for nothing *beyond coding* outside the
# box, and lets the change spread to the end of JPEG's blocks.


def test_the_rest_is_left_alone_in_a_file():
    coded = encode(hide(portrait, face), "jpeg", 90)
    assert_unchanged_outside(portrait, coded, face, tolerance=18)


# %%
# The fourth says that *nothing* is an answer too: cells of one pixel hide nothing, in a file or not.


def test_cells_of_one_pixel_change_nothing():
    hidden = hide(portrait, face, cell=1)
    assert_identical(portrait, hidden)
    assert_unchanged(portrait, encode(hidden, "jpeg", 75))


# %%
# pytest would collect these four by their names; here they are simply called.

for test in (
    test_the_face_is_hidden,
    test_the_rest_is_left_alone,
    test_the_rest_is_left_alone_in_a_file,
    test_cells_of_one_pixel_change_nothing,
):
    test()
    print(f"{test.__name__} passed")

# %%
# When a test fails
# -----------------
#
# Here is a filter that hides another box than it promised. The message has the law that broke, what came instead, and
# which tolerance would pass.

careless = hide(portrait, facediff.Box(170, 70, 280, 196))
try:
    assert_manipulated(portrait, careless, inside=face, tolerance=4, count=1)
except PairAssertionError as error:
    failure = error
    print(failure)

# %%
# The error carries what was compared and found. Under pytest, facediff's plugin takes them from there and leaves the
# pictures with this figure in ``.facediff/``, in a folder named after the test.

figure = facediff.difference_figure(failure.comparison, failure.found)
figure.savefig("facediff-hidden.png", dpi=150)
