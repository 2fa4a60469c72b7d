"""Clips: read frame by frame, real and fake side by side; written whole or not at all.

Frames are decoded in order, never sought, and ahead of their use on threads of their own. A clip that is damaged or
ends before its container says so raises where that shows; it never just ends.

Every picture that is read is RGB of 8 bits, ``(H, W, 3)``, read-only and an array of its own. It stands as a player
shows it: the display matrix (quarter turns and mirrorings) is applied, the pixel aspect ratio is not. Gray becomes
three equal channels, deeper formats are reduced to 8 bits, an alpha channel is dropped. FFmpeg's swscale converts as it
does for everyone: by the matrix (BT.601, BT.709, BT.2020) and the range that the clip states, BT.601 and limited range
where it states none, and one or two levels darker than the exact formula.

>>> import tempfile
>>> from pathlib import Path
>>> import numpy as np
>>> from facediff.video import frame_pairs, write_video
>>> pictures = [np.full((32, 48, 3), level, np.uint8) for level in (50, 100, 150)]
>>> with tempfile.TemporaryDirectory() as folder:
...     real, fake = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
...     write_video(real, pictures, rate=25)
...     write_video(fake, pictures, rate=25)
...     with frame_pairs(real, fake) as pairs:
...         [(pair.index, pair.time, pair.real.shape) for pair in pairs]
[(0, 0.0, (32, 48, 3)), (1, 0.04, (32, 48, 3)), (2, 0.08, (32, 48, 3))]
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from facediff._ahead import ahead
from facediff._arrays import Picture, check_choice, check_path, check_whole
from facediff._clip_writer import FORMATS, check_clip_rate, check_frames, pictures_of
from facediff._clips import ClipInfo as ClipInfo
from facediff._clips import Frame as Frame
from facediff._clips import FramePair as FramePair
from facediff._clips import Offset as Offset
from facediff._clips import Reader as Reader
from facediff._container import open_clip
from facediff._fit import check_rates, check_stated_lengths
from facediff._frames import decode_clip, decode_frames
from facediff._offset import small_frames, unlikeness
from facediff._pairing import check_span, frames_of, open_both, pairs_of
from facediff._player import KINDS
from facediff._player import Player as Player
from facediff._progress import with_progress
from facediff._turn import read_turn
from facediff._whole_file import whole_file
from facediff.images import write_image

_PICTURE_FORMATS = ("png", "tiff", "bmp", "webp", "jpg")
_MEASURED_FRAMES = 300


def read_frames(
    path: str | os.PathLike[str], *, start: int | None = None, stop: int | None = None, every: int = 1
) -> Reader[Frame]:
    """Read a clip frame by frame.

    Parameters
    ----------
    path : str or os.PathLike
        The clip: whatever FFmpeg decodes.
    start, stop : int, optional
        The first frame and the one before which to stop, counted from 0; the whole clip unless given. A clip that is
        shorter than `stop` is read to its end. Frames before `start` are decoded as well, but not converted.
    every : int, optional
        Take each `every`-th frame, from `start` on.

    Returns
    -------
    Reader of Frame
        An iterator and a context manager.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If there is no such file, it is a folder, or it cannot be read.
    ValueError
        At once if the file is empty, no clip, without video or damaged in its header, or a number is out of range.
        While reading, naming the file, the frame and its time: if the clip is damaged, ends before its container says
        so, changes its size, has no frame at `start`, or is to be turned by other than quarters. Frames that came
        before the error are whole.
    ImportError
        If PyAV is not installed.

    Notes
    -----
    What shows damage is what the container states (the number of frames in MP4, MOV and AVI, the duration in Matroska
    and WebM) and what the decoder reports. MPEG-TS and raw streams state no length, so one that was cut short looks
    whole; and damage that a decoder conceals without a word (HEVC and VP9 often do) looks like a picture.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import read_frames, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clip.mp4"
    ...     write_video(path, [np.full((32, 48, 3), 20 * n, np.uint8) for n in range(10)], rate=25)
    ...     [frame.index for frame in read_frames(path, start=2, every=3)]
    [2, 5, 8]
    """
    name = check_path(path, "path")
    first, last, step = check_span(start, stop, every)
    source = open_clip(name)
    return Reader(frames_of(source, first, last, step), source)


def frame_pairs(
    real: str | os.PathLike[str],
    fake: str | os.PathLike[str],
    *,
    start: int | None = None,
    stop: int | None = None,
    every: int = 1,
    offset: int = 0,
    length: str = "equal",
    rate: str = "equal",
) -> Reader[FramePair]:
    """Read a real and a fake clip side by side, frame by frame.

    The two are decoded at the same time. Whether they fit is checked and never forced: nothing is resized, shifted,
    repeated or left out unless asked for.

    Parameters
    ----------
    real, fake : str or os.PathLike
        The clips: whatever FFmpeg decodes.
    start, stop : int, optional
        The first frame and the one before which to stop, counted from 0 in the real clip; all unless given. Beyond
        the end of both, `stop` is their end.
    every : int, optional
        Take each `every`-th frame, from the first pair on.
    offset : int, optional
        Index of the fake frame minus index of the real frame that belong together, as `measure_offset` finds it. Frames
        at the beginning that have no partner are passed over.
    length : {"equal", "shortest"}, optional
        With ``"equal"`` the clips must end at the same pair, unless `stop` comes first; with ``"shortest"`` the pairs
        end with the clip that ends first.
    rate : {"equal", "any"}, optional
        With ``"equal"`` the frame rates must agree to 0.05 %; with ``"any"`` frames belong together by their index,
        whatever the clips state.

    Returns
    -------
    Reader of FramePair
        An iterator and a context manager.

    Raises
    ------
    TypeError, OSError, ImportError
        As `read_frames`.
    ValueError
        As `read_frames`, for either clip; and if they do not fit. Rates and stated lengths are checked at once, sizes
        as displayed at the first pair, the true lengths where the first of them ends.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import frame_pairs, write_video
    >>> pictures = [np.full((32, 48, 3), 20 * n, np.uint8) for n in range(10)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     real, fake = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
    ...     write_video(real, pictures, rate=25)
    ...     write_video(fake, pictures[3:], rate=25)
    ...     with frame_pairs(real, fake, offset=-3) as pairs:
    ...         [pair.index for pair in pairs]
    [3, 4, 5, 6, 7, 8, 9]
    """
    names = check_path(real, "real"), check_path(fake, "fake")
    first, last, step = check_span(start, stop, every)
    offset = check_whole(offset, "offset")
    check_choice(length, "length", ("equal", "shortest"))
    check_choice(rate, "rate", ("equal", "any"))
    begin = max(first, -offset)
    if last is not None and last <= begin:
        raise ValueError(
            f"stop must lie beyond the first pair, got stop={last}, and at offset={offset} it is frame {begin}"
        )
    sources = open_both(*names)
    try:
        if rate == "equal":
            check_rates(*sources)
        if length == "equal":
            check_stated_lengths(*sources, offset, last)
    except BaseException:
        for source in sources:
            source.close()
        raise
    real_frames = decode_clip(sources[0], begin, last, step)
    fake_frames = decode_clip(sources[1], begin + offset, None if last is None else last + offset, step)
    pairs = pairs_of(sources, (ahead(real_frames), ahead(fake_frames)), offset, length == "equal")
    return Reader(pairs, *sources)


def measure_offset(real: str | os.PathLike[str], fake: str | os.PathLike[str], *, largest: int = 10) -> Offset:
    """Measure by how many frames the fake clip runs behind the real one; nothing is shifted.

    Small gray copies of the first frames are compared at every offset: how much their difference varies through time,
    over how much they vary themselves. What stands still counts for nothing, be it an edit, a logo or another colour
    matrix; so clips that hardly move have no offset to find, and the margin says so.

    Parameters
    ----------
    real, fake : str or os.PathLike
        The clips; their sizes and lengths may differ. Of a long clip the first 300 frames, and `largest` more, are
        looked at.
    largest : int, optional
        Try the offsets from ``-largest`` to ``largest``.

    Returns
    -------
    Offset
        The best offset in frames, with its margin over the runner-up. Its ``frames`` is what `frame_pairs` takes.

    Raises
    ------
    TypeError, OSError, ImportError
        As `read_frames`.
    ValueError
        As `read_frames`, for either clip; if `largest` is below 1; if no two offsets leave three frames in common.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import measure_offset, write_video
    >>> rows = np.random.default_rng(0).integers(0, 256, (60, 48, 3), np.uint8).repeat(2, axis=0)
    >>> pictures = [rows[n : n + 64] for n in range(20)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     real, fake = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
    ...     write_video(real, pictures, rate=25)
    ...     write_video(fake, pictures[3:], rate=25)
    ...     measure_offset(real, fake).frames
    -3
    """
    names = check_path(real, "real"), check_path(fake, "fake")
    largest = check_whole(largest, "largest")
    if largest < 1:
        raise ValueError(f"largest must be at least 1 frame, got {largest}")
    a, b = (small_frames(source, _MEASURED_FRAMES + largest) for source in open_both(*names))
    tried = [(value, shift) for shift in range(-largest, largest + 1) if (value := unlikeness(a, b, shift)) is not None]
    if len(tried) < 2:
        raise ValueError(
            f"real and fake must have three frames in common at two offsets at least, got {names[0]}: {len(a)} and "
            f"{names[1]}: {len(b)} frames; name longer clips"
        )
    # Of equals the smaller shift: clips that do not move at all are most likely not shifted.
    (best, shift), (second, _) = sorted(tried, key=lambda each: (each[0], abs(each[1])))[:2]
    margin = second / best if best > 0 else (np.inf if second > 0 else 1.0)
    return Offset(shift, float(margin), best)


def clip_info(path: str | os.PathLike[str]) -> ClipInfo:
    """Read what a clip states about itself, without decoding more than its first frame.

    Parameters
    ----------
    path : str or os.PathLike
        The clip: whatever FFmpeg decodes.

    Returns
    -------
    ClipInfo
        Its size, rate, length, codec. What is stated need not be true: only reading the clip counts its frames.

    Raises
    ------
    TypeError, OSError, ValueError, ImportError
        As `read_frames`, for the first frame: it alone knows how it is turned.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import clip_info, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clip.mp4"
    ...     write_video(path, [np.zeros((32, 48, 3), np.uint8)] * 10, rate=25)
    ...     info = clip_info(path)
    >>> info.width, info.height, info.frames, info.rate, info.codec
    (48, 32, 10, Fraction(25, 1), 'h264')
    """
    source = open_clip(check_path(path, "path"))
    try:
        stream, container = source.stream, source.container
        frame = next(decode_frames(source))
        swapped = read_turn(frame, source.at(0)).swapped
        width, height = (frame.height, frame.width) if swapped else (frame.width, frame.height)
        lasting = None if container.duration is None else container.duration / 1_000_000
        return ClipInfo(
            path=source.name,
            width=width,
            height=height,
            rotation=-frame.rotation % 360,
            rate=source.rate,
            frames=None if source.edited else source.frames,
            duration=lasting if source.end is None else source.end,
            codec=stream.codec_context.name,
            pixel_format=frame.format.name,
        )
    finally:
        source.close()


def first_frame(path: str | os.PathLike[str]) -> Frame:
    """Read the first frame of a clip.

    Parameters
    ----------
    path : str or os.PathLike
        The clip: whatever FFmpeg decodes.

    Returns
    -------
    Frame
        Its index is 0.

    Raises
    ------
    TypeError, OSError, ValueError, ImportError
        As `read_frames`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import first_frame, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clip.mp4"
    ...     write_video(path, [np.zeros((32, 48, 3), np.uint8)] * 10, rate=25)
    ...     print(first_frame(path))
    Frame 0 at 0.000 s, 48x32
    """
    with read_frames(path, stop=1) as frames:
        return next(frames)


def extract_frames(
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    start: int | None = None,
    stop: int | None = None,
    every: int = 1,
    format: str = "png",  # noqa: A002
    progress: bool = False,
) -> tuple[str, ...]:
    """Write the frames of a clip as numbered picture files, each whole or not at all.

    The files are named by the number of their frame: ``frame_000000.png`` is the first of the clip. One that is there
    already is kept as it is, so that a run that was interrupted goes on where it was.

    Parameters
    ----------
    path : str or os.PathLike
        The clip: whatever FFmpeg decodes.
    folder : str or os.PathLike
        Where the files go; it is made if it is missing.
    start, stop, every : int, optional
        As in `read_frames`.
    format : {"png", "tiff", "bmp", "webp", "jpg"}, optional
        The first three are lossless.
    progress : bool, optional
        Draw a progress bar on the standard error stream.

    Returns
    -------
    tuple of str
        The files, those that were there already included, in the order of their frames.

    Raises
    ------
    TypeError, ValueError, ImportError
        As `read_frames`; ImportError also if `progress` needs tqdm and it is not installed.
    OSError
        As `read_frames`; and if the folder cannot be made, or a file not be written (no right to, disk full). Files
        written before an error stay; a note on the error says how many.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import extract_frames, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clip.mp4"
    ...     write_video(path, [np.zeros((32, 48, 3), np.uint8)] * 10, rate=25)
    ...     files = extract_frames(path, Path(folder) / "frames", every=4)
    >>> [Path(file).name for file in files]
    ['frame_000000.png', 'frame_000004.png', 'frame_000008.png']
    """
    place = check_path(folder, "folder")
    check_choice(format, "format", _PICTURE_FORMATS)
    first, last, step = check_span(start, stop, every)
    source = open_clip(check_path(path, "path"))
    files: list[str] = []
    with Reader(frames_of(source, first, last, step), source) as frames:
        _make_folder(place)
        end = last if source.frames is None else min(last or source.frames, source.frames)
        total = None if end is None else len(range(first, end, step))
        try:
            for frame in with_progress(frames, progress, what=os.path.basename(source.name), total=total):
                file = os.path.join(place, f"frame_{frame.index:06d}.{format}")
                if not os.path.exists(file):
                    write_image(file, frame.picture)
                files.append(file)
        except (OSError, ValueError) as error:
            error.add_note(f"{len(files)} frames before it are whole, in {place}")
            raise
    return tuple(files)


def write_video(
    path: str | os.PathLike[str],
    frames: Iterable[Picture | Frame],
    *,
    rate: float | Fraction,
    quality: int | None = None,
    progress: bool = False,
) -> None:
    """Write a clip, whole or not at all; the suffix says in which format.

    The clip is written under another name in the same folder and renamed once it is whole: if that fails, or `frames`
    raises in the middle, nothing is left behind and an older file of that name stays as it was. MP4 holds H.264 in
    4:2:0, which every browser and notebook plays; an odd width or height gets its last column or row twice. WebP and
    GIF are for short animations: all their pictures are held in memory.

    Parameters
    ----------
    path : str or os.PathLike
        The file: .mp4, .webp or .gif.
    frames : iterable of ndarray of uint8, (H, W) or (H, W, 3), or of Frame
        The pictures, gray or RGB, all of one size. The times of a `Frame` are not kept: the rate is constant.
    rate : float or Fraction
        Frames per second, above 0 and at most 1000.
    quality : int, optional
        For MP4 the constant rate factor, from 1, largest, to 51, smallest; 18 unless given, which looks like the
        pictures. For WebP from 0, smallest, to 100, best; 80 unless given.
    progress : bool, optional
        Draw a progress bar on the standard error stream.

    Raises
    ------
    TypeError
        If an argument or a picture is of the wrong kind, such as a float picture.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, `path` is a folder, or the file cannot be written (no right to, disk full).
    ValueError
        If the suffix is unknown, there are no frames, a picture is neither gray nor RGB, is empty or has another size
        than the first, or `rate` or `quality` is out of range or `quality` is given for GIF.
    ImportError
        If PyAV is not installed, for MP4; if `progress` needs tqdm and it is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import clip_info, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "odd.mp4"
    ...     write_video(path, [np.zeros((33, 47), np.uint8)] * 3, rate=25)
    ...     info = clip_info(path)
    >>> info.width, info.height
    (48, 34)
    """
    name = check_path(path, "path")
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in FORMATS:
        raise ValueError(f"path must end in one of {', '.join(FORMATS)}, got {suffix!r} in {name}")
    form = FORMATS[suffix]
    check_frames(frames)
    pace = check_clip_rate(rate)
    if quality is not None:
        quality = check_whole(quality, "quality")
        if form.qualities is None:
            raise ValueError(f"quality is for MP4 and WebP, got {quality} for {form.name}; leave it out")
        if not form.qualities[0] <= quality <= form.qualities[1]:
            low, high = form.qualities
            raise ValueError(f"quality must be from {low} to {high} for {form.name}, got {quality}")
    total = len(frames) if isinstance(frames, (list, tuple)) else None
    items = with_progress(frames, progress, what=os.path.basename(name), total=total)
    with whole_file(name, kind="clip") as temporary:
        form.write(temporary, pictures_of(items), pace, form.usual_quality if quality is None else quality)


def show_video(path: str | os.PathLike[str], *, width: int | None = None) -> Player:
    """Show a clip in a notebook, inline.

    A clip of up to 8 MiB becomes a part of the page, and is shown wherever the notebook goes. A larger one is linked
    to, by its path from the current folder: the browser loads what it plays, and the page stays small.

    Parameters
    ----------
    path : str or os.PathLike
        The clip: .mp4, .webm, .webp or .gif, which browsers play.
    width : int, optional
        How wide to show it, in the page's pixels; its own width, and never wider than the page, unless given.

    Returns
    -------
    Player
        An object that notebooks show by its ``_repr_html_``.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    FileNotFoundError, IsADirectoryError
        If there is no such file, or it is a folder.
    ValueError
        If the suffix is none that browsers play, or `width` is below 1.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.video import show_video, write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clip.mp4"
    ...     write_video(path, [np.zeros((32, 48, 3), np.uint8)] * 10, rate=25)
    ...     show_video(path, width=320)._repr_html_()[:36]
    '<video src="data:video/mp4;base64,AA'
    """
    name = check_path(path, "path")
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in KINDS:
        raise ValueError(
            f"path must end in one of {', '.join(KINDS)}, which browsers play, got {suffix!r} in {name}; "
            "write it anew with facediff.video.write_video"
        )
    if os.path.isdir(name):
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a clip; name a file in it", name)
    if not os.path.exists(name):
        text = "there is no such clip; check the name, and the folder that it is relative to"
        raise FileNotFoundError(errno.ENOENT, text, name)
    if width is not None and check_whole(width, "width") < 1:
        raise ValueError(f"width must be at least 1 pixel, got {width}")
    return Player(name, width if width is None else int(width))


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, "this is a file; name a folder for the frames", folder) from None
    except PermissionError:
        text = "this folder may not be made here; choose another place, or ask for the right to"
        raise PermissionError(errno.EACCES, text, folder) from None
