"""
Write a report
==============

A result is a value; a report is what one shows to others: one HTML file that opens from disk, without a network. Two
pictures lie on top of each other, to be slid, blended or flipped; every region stands in a table with its numbers; and
the page says what made it, down to the SHA-256 of the files.

Run it, and open ``facediff-pair.html`` and ``facediff-clip.html`` in a browser::

    python examples/write_a_report.py

It needs the extras ``report`` and ``video``.
"""

# %%
# A pair
# ------
#
# A portrait that scikit-image ships, one eye patched over with a piece of cheek, the whole coded as JPEG: by its path,
# the page can name both files and their hashes.

import tempfile
from pathlib import Path

import skimage.data

import facediff
from facediff.report import write_report
from facediff.timeline import compare_videos
from facediff.video import write_video

portrait = skimage.data.astronaut()[:320, 60:380]
patched = portrait.copy()
patched[92:120, 126:158] = portrait[122:150, 126:158]

with tempfile.TemporaryDirectory() as folder:
    files = Path(folder) / "real.jpg", Path(folder) / "fake.jpg"
    facediff.write_image(files[0], portrait, quality=92)
    facediff.write_image(files[1], patched, quality=85)
    comparison = facediff.compare_images(*facediff.read_pair(*files))
    found = facediff.find_regions(comparison)
    print(found)
    page = write_report((comparison, found), "facediff-pair.html", files=files)
print(f"{page.stat().st_size / 1024:.0f} kB in {page}")

# %%
# A clip
# ------
#
# Three seconds of the same portrait, patched in the second one. The page of a clip has its timeline, with the spans in
# which it is manipulated, and the frames that differ most.

with tempfile.TemporaryDirectory() as folder:
    files = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
    write_video(files[0], [portrait] * 45, rate=15)
    write_video(files[1], [portrait] * 15 + [patched] * 15 + [portrait] * 15, rate=15)
    result = compare_videos(*files)
    print(result)
    page = write_report(result, "facediff-clip.html")
print(f"{page.stat().st_size / 1024:.0f} kB in {page}")

# %%
# A run
# -----
#
# The folder that `facediff.batch.compare_many` wrote to makes a page, too: charts, and a table to sort and filter,
# with what is most worth a look on top::
#
#     write_report("results", "results.html")
