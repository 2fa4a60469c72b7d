"""Figures of clips: what `facediff.timeline.compare_videos` found over time, its frames, and first frames of clips.

Figures are plain `matplotlib.figure.Figure` objects; nothing is registered with pyplot. A track has the same colour in
every figure and in an annotated clip, of a palette that is safe for the colour-blind, and always bears its number too.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facediff import _clip_pages, _footage, _panels, _series
from facediff._arrays import Picture, check_choice, check_path, check_whole
from facediff._marks import Mark, check_result, marks_of, read_again
from facediff.timeline import VideoComparison

_MOST_FRAMES = 24  # in a contact sheet
_LETTERS = 13  # in an inch of a panel's title
_ROW = 0.17  # inches: of one track


def timeline_figure(result: VideoComparison, *, width: float = 10.0) -> Figure:
    """Show two compared clips over time on one page: series, tracks, and the frames that differ most.

    Parameters
    ----------
    result : VideoComparison
        From `facediff.timeline.compare_videos`.
    width : float
        Width of the figure in inches, at least 8; its height follows from what there is to show.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "margin" (with a recipe that tests), "ssim", "psnr"
        (without a recipe), "area" (with one), "tracks" (if there are any), and "highlight 1" and so on in the order of
        their times; lines lead from the time of each to its picture.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `width` is below 8 or not finite.

    See Also
    --------
    contact_sheet : Frames at even times, real above fake.
    facediff.annotation.annotate_video : The clip itself, with its tracks drawn in.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.timeline import compare_videos
    >>> from facediff.timeline_figures import timeline_figure
    >>> from facediff.video import write_video
    >>> still = np.random.default_rng(0).integers(60, 90, (64, 96, 3), np.uint8)
    >>> edited = still.copy()
    >>> edited[20:40, 30:60] = 200
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     real, fake = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
    ...     write_video(real, [still] * 20, rate=25)
    ...     write_video(fake, [still] * 5 + [edited] * 10 + [still] * 5, rate=25)
    ...     figure = timeline_figure(compare_videos(real, fake))
    >>> figure.get_suptitle()
    '1 track, manipulated in frames 5 to 14 (0.20 to 0.60 s)'
    >>> [axes.get_label() for axes in figure.axes]
    ['margin', 'ssim', 'area', 'tracks', 'highlight 1']
    """
    check_result(result)
    inches = _panels.check_width(width)
    names = _series.shown_series(result)
    highlights = sorted(result.highlights, key=lambda each: each.time)
    edges = _series.edges_of(result)
    places = np.searchsorted(result.index, [each.index for each in highlights])
    middles = (edges[places] + edges[places + 1]) / 2
    shares = [float(share) for share in (middles - edges[0]) / (edges[-1] - edges[0])]
    rows = len(_series.shown_tracks(result))
    page, axes, pictures = _clip_pages.lay_out_timeline(names, rows * _ROW, shares, result.shape, inches)
    for name in names:
        _series.draw_series(axes[name], result, name)
    if rows:
        _series.draw_tracks(axes["tracks"], result)
    drawn = list(axes.values())
    _series.number_frames(drawn[0], result)
    for ax in drawn:
        _series.style_time(ax, result, last=ax is drawn[-1])
        ax.patch.set_visible(False)  # the lines that lead to the pictures run behind
    for ax, highlight, place in zip(pictures, highlights, places, strict=True):
        _show_marked(ax, highlight.fake, marks_of(result, place), result.shape)
        _panels.name(ax, f"{highlight.time:.2f} s")
        ax.set_xlabel(_notes(result, place), fontsize=_panels.TEXT_SIZE, labelpad=2)
    _clip_pages.write_heading(page.figure, result)
    return page.figure


def plot_series(result: VideoComparison, *, series: str = "margin", ax: Axes | None = None) -> Axes:
    """Show one series of a clip over time, with its segments shaded and refused frames hatched.

    Parameters
    ----------
    result : VideoComparison
        From `facediff.timeline.compare_videos`.
    series : {"margin", "ssim", "psnr", "mse", "area"}
        * "margin": the largest evidence over the gate, on a logarithmic scale from 0.1; what is less is shown like 0.1,
          and a frame above 1, the dashed line, passes the test by itself.
        * "ssim": from 1, alike, down to the least that occurs.
        * "psnr": in dB; more = more alike.
        * "mse": in squared levels of 255; 0 = identical.
        * "area": changed pixels in percent of the picture.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, seconds along it. Infinite values are triangles at the upper end; where there is no number,
        there is no line.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `series` is another word, or the result has none: no margin without a test, no area without a recipe.
    """
    check_result(result)
    check_choice(series, "series", tuple(_series.SERIES))
    if series == "margin" and "false_alarm_rate" not in result.parameters:
        raise ValueError(f'series "margin" needs a recipe that tests, got a result of recipe {result.recipe!r}')
    if series == "area" and result.recipe is None:
        raise ValueError('series "area" needs a recipe, got a result of metrics only')
    if ax is None:
        ax = _panels.new_figure(10, 2.2, constrained=True).add_subplot()
    ax = _panels.check_axes(ax)
    _series.draw_series(ax, result, series)
    _series.style_time(ax, result, last=True)
    return _panels.name(ax, _clip_pages.headline(result))


def plot_tracks(result: VideoComparison, *, ax: Axes | None = None) -> Axes:
    """Show tracks as bars over time: thick where they were seen, a thin line through gaps.

    Of more than twelve tracks the twelve that were seen in most frames are shown, and the label says so.

    Parameters
    ----------
    result : VideoComparison
        From `facediff.timeline.compare_videos`; it must hold a track.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a row for each track, by its number in ``result.tracks`` counted from 1; seconds along it.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there is no track.
    """
    check_result(result)
    if not result.tracks:
        raise ValueError("result must hold a track, got none; show it with timeline_figure")
    if ax is None:
        ax = _panels.new_figure(10, 0.8 + _ROW * len(_series.shown_tracks(result)), constrained=True).add_subplot()
    ax = _panels.check_axes(ax)
    _series.draw_tracks(ax, result)
    _series.style_time(ax, result, last=True)
    return _panels.name(ax, _clip_pages.headline(result))


def contact_sheet(result: VideoComparison, *, frames: int = 6, width: float = 10.0) -> Figure:
    """Show frames at even times, real above fake, with the boxes of their tracks.

    Parameters
    ----------
    result : VideoComparison
        From `facediff.timeline.compare_videos`. Its clips are decoded once more, up to the last frame that is shown.
    frames : int
        How many frames, from 1 to 24; all if fewer were compared. Each stands for an equal part of the time.
    width : float
        Width of the figure in inches, at least 8; its height follows from the pictures' shape.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "real 1", "fake 1" and so on. Boxes have the colour and
        number of their track; light gray ones passed the test and belong to no track.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `frames` is below 1 or above 24, `width` is below 8 or not finite, or the clips are not any more as they
        were compared.
    OSError
        If a clip is gone or cannot be read.
    ImportError
        If PyAV is not installed.
    """
    check_result(result)
    if not 1 <= check_whole(frames, "frames") <= _MOST_FRAMES:
        raise ValueError(f"frames must be from 1 to {_MOST_FRAMES}, got {frames}; for all write an annotated clip")
    places = _even_places(result, int(frames))
    figure, panels = _clip_pages.lay_out_sheet(result.shape, len(places), _panels.check_width(width))
    shown = dict(zip(places, panels, strict=True))
    with closing(read_again(result, first=places[0], last=places[-1])) as pairs:
        for place, pair in pairs:
            if place in shown:
                marks = marks_of(result, place)
                for ax, picture in zip(shown[place], (pair.real, pair.fake), strict=True):
                    _show_marked(ax, picture, marks, result.shape)
                _panels.name(shown[place][0], f"{pair.time:.2f} s")
                shown[place][1].set_xlabel(_notes(result, place), fontsize=_panels.TEXT_SIZE, labelpad=2)
    _clip_pages.write_heading(figure, result)
    return figure


def first_frames_figure(
    clips: Sequence[str | os.PathLike[str]],
    *,
    names: Sequence[str] | None = None,
    columns: int = 4,
    width: float = 10.0,
) -> Figure:
    """Show the first frames of several clips in a grid, each with its name.

    Parameters
    ----------
    clips : sequence of str or os.PathLike
        The clips; or folders of numbered frames.
    names : sequence of str, optional
        What to call them; the names of their files by default.
    columns : int
        How many stand side by side, from 1 to 12.
    width : float
        Width of the figure in inches, at least 8; its height follows from the frames' shapes.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "clip 1" and so on; the panel of a clip that cannot be
        read says why.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there are no clips, the number of names is another one, `columns` is not from 1 to 12, or `width` is below 8
        or not finite.
    ImportError
        If PyAV is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.timeline_figures import first_frames_figure
    >>> from facediff.video import write_video
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = [Path(folder) / name for name in ("a.mp4", "b.mp4")]
    ...     for clip in clips:
    ...         write_video(clip, [np.full((32, 48, 3), 90, np.uint8)] * 3, rate=25)
    ...     figure = first_frames_figure(clips)
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['a.mp4', 'b.mp4']
    """
    paths = _check_clips(clips)
    titles = _check_names(names, paths)
    if not 1 <= check_whole(columns, "columns") <= 12:
        raise ValueError(f"columns must be from 1 to 12, got {columns}")
    inches = _panels.check_width(width)
    across = min(int(columns), len(paths))
    shown = [_first_frame(path) for path in paths]
    shapes = [each.shape for each in shown if not isinstance(each, str)]
    figure, panels = _clip_pages.lay_out_grid(shapes, len(paths), across, inches)
    letters = max(round(_LETTERS * inches / across), 12)
    for ax, frame, title in zip(panels, shown, titles, strict=True):
        if isinstance(frame, str):
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(linewidth=0.5, color="0.5")
            _panels.say(ax, frame)
        else:
            _panels.show_picture(ax, frame, 255)
        _panels.name(ax, _panels.shorten(title, letters))
    return figure


def _show_marked(ax: Axes, picture: Picture, marks: Sequence[Mark], shape: tuple[int, int]) -> None:
    """Show a picture, or a small copy, with the boxes of the full size; those of the first tracks on top."""
    _panels.show_picture(ax, picture, 255, shape=shape)
    for mark in reversed(marks):
        _panels.outline(ax, mark.box, mark.color)
    for mark in reversed(marks):
        if mark.number is not None:
            _panels.write_number(ax, mark.number, mark.box, mark.color, shape)


def _notes(result: VideoComparison, place: int) -> str:
    """Return what is written below a frame: its index, and what decided about it or, without a test, its SSIM."""
    margin = result.margin[place]
    score = f"SSIM {result.ssim[place]:.4f}" if math.isnan(margin) else f"margin {margin:.3g}"
    return f"frame {result.index[place]}\n{score}"


def _even_places(result: VideoComparison, frames: int) -> list[int]:
    """Return the frames nearest to the middles of that many equal parts of the time."""
    edges = _series.edges_of(result)
    count = min(frames, result.index.size)
    middles = edges[0] + (np.arange(count) + 0.5) / count * (edges[-1] - edges[0])
    places = np.searchsorted(edges, middles, side="right") - 1
    return [int(place) for place in np.unique(places)]


def _first_frame(path: Path) -> Picture | str:
    """Return the first frame of a clip, small enough to keep many, or why there is none."""
    try:
        return _panels.shrink(_footage.first_frame(path))
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        return f"cannot be read: {error}"


def _check_clips(clips: object) -> list[Path]:
    if isinstance(clips, str) or not isinstance(clips, Sequence):
        raise TypeError(f"clips must be a sequence of paths, got {type(clips).__name__}; pass a list even for one clip")
    if not clips:
        raise ValueError("clips must hold at least one path, got none")
    return [Path(check_path(clip, f"clips[{number}]")) for number, clip in enumerate(clips)]


def _check_names(names: object, paths: Sequence[Path]) -> list[str]:
    if names is None:
        return [path.name for path in paths]
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"names must be a sequence of str, got {names!r}")
    if len(names) != len(paths):
        raise ValueError(f"names must hold one for each clip, got {len(names)} for {len(paths)} clips")
    return list(names)


__all__ = ["contact_sheet", "first_frames_figure", "plot_series", "plot_tracks", "timeline_figure"]
