"""The clips that are timed, and the floor under all that is done with them: decoding both, and nothing else."""

import cv2
import numpy as np
import skimage.data

from facediff.synthesis import manipulate
from facediff.video import write_video


def write_pair(folder, *, frames, height=1080, width=1920):
    """Write a real clip, a camera moving over a photograph, and a fake with a part pasted into all of it; 25 a second.

    The camera turns round at the edge, so that any number of frames can be had.
    """
    photograph = skimage.data.astronaut()
    edit = manipulate(photograph, kind="paste", source=skimage.data.coffee(), share=0.04, seed=1)
    paths = folder / f"real-{frames}.mp4", folder / f"fake-{frames}.mp4"
    for path, picture, quality in zip(paths, (photograph, edit.fake), (18, 23), strict=True):
        large = cv2.resize(picture, (width + 128, height + 72), interpolation=cv2.INTER_CUBIC)
        write_video(path, _pan(large, frames, height, width), rate=25, quality=quality)
    return paths


def _pan(large, frames, height, width):
    for number in range(frames):
        step = abs(64 - number % 128)
        yield np.ascontiguousarray(large[step // 2 : step // 2 + height, step : step + width])


def decode(*paths):
    """Decode clips one after the other on all cores, into what the codec gives; no picture is made of it."""
    import av

    for path in paths:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for _ in container.decode(video=0):
                pass
