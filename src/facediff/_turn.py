"""Which way is up in a clip: its display matrix, and turning pictures as it says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facediff._arrays import Picture

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


class Turn(NamedTuple):
    """How a stored picture is turned and mirrored to be shown."""

    angle: int  # what FFmpeg reads off the matrix: degrees, anticlockwise
    swapped: bool  # rows become columns, before all else
    down: int  # -1 if rows then come in reverse order, else 1
    across: int  # the same for columns

    def upright(self, picture: Picture) -> Picture:
        """Return a view of a stored picture as it is to be seen."""
        if self.swapped:
            picture = picture.swapaxes(0, 1)
        return picture[:: self.down, :: self.across]


def read_turn(frame: VideoFrame, where: str) -> Turn:
    """Read the display matrix of a frame; `where` is what errors call it.

    Once for a clip, not for every frame: PyAV ties a frame whose side data is looked at into a circle with it, and
    that lives, with all its pixels, until the garbage collector comes round.
    """
    from av.sidedata.sidedata import Type

    side_data = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    if side_data is None:
        return Turn(0, False, 1, 1)
    # The point (x, y) goes to (a x + c y, b x + d y); the numbers are 16.16 fixed point.
    a, b, _, c, d = (np.frombuffer(side_data, np.int32)[:5] / 2**16).tolist()
    swapped = a == d == 0
    if swapped:
        a, b, c, d = c, 0, 0, b
    if b or c or not a or not d:
        raise ValueError(
            f"{where}: the clip is to be shown turned by {math.degrees(math.atan2(b, a)):.0f} degrees, and facediff "
            "turns by quarters; turn it beforehand, with ffmpeg -i clip -vf rotate"
        )
    return Turn(frame.rotation, swapped, -1 if d < 0 else 1, -1 if a < 0 else 1)
