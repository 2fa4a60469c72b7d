"""
Compare two clips
=================

From when to when was a clip manipulated, and where in the picture? `facediff.timeline.compare_videos` compares two
clips frame by frame and follows what was changed through time.

Run it on two clips of your own, real first::

    python examples/compare_videos.py real.mp4 fake.mp4

Without arguments it makes a pair: a camera that pans over a portrait, and the same with another face in the frames 20
to 50. Everything is written to the current folder, under names that begin with ``facediff-``. It needs the extra
``facediff[video]``.
"""

# %%
# Two clips
# ---------
#
# The face is blended in by ``synthesis.manipulate``, and the camera moves over the edited portrait as it does over the
# real one. The two are coded with different quality, so that no frame of one is a frame of the other.

import sys

import matplotlib.cbook
import skimage.data

import facediff
from facediff import Box, synthesis
from facediff.annotation import annotate_video
from facediff.timeline import compare_videos
from facediff.timeline_figures import contact_sheet, timeline_figure
from facediff.video import show_video, write_video


def pan(portrait, count):
    """Return pictures of a camera that moves over a portrait."""
    return [portrait[number // 2 :, 2 * number :][:240, :320] for number in range(count)]


if len(sys.argv) == 3:
    real, fake = sys.argv[1:]
elif len(sys.argv) == 1:
    real, fake = "facediff-real.mp4", "facediff-fake.mp4"
    portrait = skimage.data.astronaut()
    hopper = facediff.read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    face = Box(180, 75, 270, 195)
    edited = synthesis.manipulate(portrait, kind="poisson", source=hopper[110:300, 180:330], box=face).fake
    frames, swapped = pan(portrait, 75), pan(edited, 75)
    write_video(real, frames, rate=25, quality=20)
    write_video(fake, frames[:20] + swapped[20:50] + frames[50:], rate=25, quality=24)
else:
    sys.exit("usage: python examples/compare_videos.py [REAL FAKE]")

# %%
# Compare them
# ------------
#
# One line says it all. A track is one changed region through time; a segment is a span in which there is any.
# ``progress=True`` draws a bar, and ``recipe=None`` measures only, which is far quicker.

result = compare_videos(real, fake)
print(result)
for track in result.tracks:
    print(track)
for segment in result.segments:
    print(segment)

# %%
# The series are arrays, an entry for each frame; ``result.to_dataframe()`` makes a table of them.

for frame in range(0, len(result.index), 15):
    print(f"frame {result.index[frame]}: SSIM {result.ssim[frame]:.4f}, margin {result.margin[frame]:.2f}")

# %%
# Over time
# ---------
#
# A frame whose margin is above 1 passes the test by itself. Below are the frames that differ most; of those within half
# a second of each other only one is shown.

figure = timeline_figure(result)
figure.savefig("facediff-timeline.png")

# %%
# Frames at even times
# --------------------

sheet = contact_sheet(result)
sheet.savefig("facediff-sheet.png")

# %%
# To look at
# ----------
#
# The same boxes in the moving picture, with the numbers of every frame below; ``layout="overlay"`` shows the fake only.

annotate_video(result, "facediff-annotated.mp4")
print("The figures are in facediff-timeline.png and facediff-sheet.png, the clip is facediff-annotated.mp4")
show_video("facediff-annotated.mp4", width=640)
