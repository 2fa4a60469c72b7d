"""The page of a clip: what its template needs to know."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from facediff import _report_charts as charts
from facediff import _report_pictures as pictures
from facediff._report_inputs import input_of_file
from facediff._report_page import Fact, number, shortened
from facediff.timeline import Highlight, Track, VideoComparison

MOST_POINTS = 2000
MOST_TRACKS = 100
MOST_BOXES = 100  # of a frame, as the recipe "otsu" draws more than anyone can see
_LONGEST = 1000  # letters of the sentence, which names every segment
_MARGINS = 0.01, 1000.0


def clip_context(result: VideoComparison) -> dict[str, Any]:
    """Return what the template of a clip shows."""
    inputs = [input_of_file("real", result.real), input_of_file("fake", result.fake)]
    chosen = _worst(result)
    per_point = -(-result.index.size // MOST_POINTS)
    return {
        "title": f"{inputs[0].name} and {inputs[1].name}",
        "kind": "Clip",
        "state": _state(result),
        "headline": _headline(result),
        "sentence": shortened(str(result), _LONGEST),
        "inputs": inputs,
        "facts": _facts(result),
        "timeline": charts.timeline(
            result.time[chosen],
            _series(result, chosen),
            [(each.start_time, each.stop_time) for each in result.segments],
            [each.time for each in result.highlights],
        ),
        "per_point": per_point,
        "samples": _samples(result, chosen),
        "layers": _layers(result),
        "scale": None if result.mean_evidence is None else pictures.evidence_scale(tested=_tested(result)),
        "highlights": [_highlight(each, place) for place, each in enumerate(result.highlights)],
        "overlays": [
            pictures.overlay(each.real.shape[1], each.real.shape[0], [box.xywh for box in each.boxes[:MOST_BOXES]])
            for each in result.highlights
        ],
        "segments": result.segments,
        "tracks": [_track(track, place, result) for place, track in enumerate(result.tracks[:MOST_TRACKS])],
        "all_tracks": len(result.tracks),
        "limits": f"The pictures of frames are small copies, with {MOST_BOXES} boxes at most; tracks and numbers are "
        f"those of the full size, {result.shape[1]}\N{MULTIPLICATION SIGN}{result.shape[0]}.",
        "recipe": result.recipe or "none: metrics only",
        "parameters": {
            **result.parameters,
            **{key: value for key, value in result.reading.items() if value is not None},
        },
        "versions": result.versions._asdict(),
    }


def _tested(result: VideoComparison) -> bool:
    return "false_alarm_rate" in result.parameters


def _state(result: VideoComparison) -> str:
    if not _tested(result):
        return "untested"
    return "manipulated" if result.tracks else "unchanged"


def _headline(result: VideoComparison) -> str:
    if result.recipe is None:
        return "Compared, no regions looked for"
    if not _tested(result):
        count = len(result.tracks)
        return f"{count or 'No'} track{'' if count == 1 else 's'} marked, without a test"
    if not result.tracks:
        return "Nothing changed beyond coding"
    seconds = sum(each.stop_time - each.start_time for each in result.segments)
    return f"Manipulated for {seconds:.2f} s"


def _facts(result: VideoComparison) -> list[Fact]:
    count = result.index.size
    facts = [Fact("Frames", f"{count:,}", "compared")]
    if result.recipe is not None:
        share = 100 * float(result.manipulated.mean())
        facts += [
            Fact("Manipulated", f"{share:.3g} %", "of the frames"),
            Fact("Tracks", str(len(result.tracks)), "regions followed"),
        ]
    largest = _largest(result.margin)
    if not math.isnan(largest):
        facts.append(Fact("Evidence", f"{number(largest, '.3g')}\N{MULTIPLICATION SIGN}", "of what coding reaches"))
    facts += [
        Fact(
            "SSIM", number(float(result.ssim.mean()), ".4f"), f"mean; lowest {number(float(result.ssim.min()), '.4f')}"
        ),
        Fact("PSNR", f"{number(float(result.psnr.min()), '.2f')} dB", "of the worst frame"),
    ]
    if result.refused:
        facts.append(Fact("Refused", str(len(result.refused)), "frames, as shifted"))
    return facts


def _largest(values: npt.NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else math.nan


def _worst(result: VideoComparison) -> npt.NDArray[np.int64]:
    """Return the frames that are drawn: all of them, or of each few in a row the one that differs most."""
    count = result.index.size
    step = -(-count // MOST_POINTS)
    score = np.where(np.isnan(result.margin), 1 - result.ssim, result.margin)
    return np.array([first + int(np.argmax(score[first : first + step])) for first in range(0, count, step)])


def _series(result: VideoComparison, chosen: npt.NDArray[np.int64]) -> list[charts.Series]:
    lowest = float(result.ssim[chosen].min())
    floor = math.floor(10 * min(lowest, 0.9)) / 10
    ssim = charts.Series("SSIM (1 = identical)", result.ssim[chosen], floor, 1.0)
    if result.recipe is None:
        return [ssim]
    if _tested(result):
        title = "Evidence over the gate (above 1 = more than coding explains)"
        low, high = _MARGINS
        return [
            charts.Series(title, np.nan_to_num(result.margin[chosen], nan=np.nan, posinf=high), low, high, True, 1.0),
            ssim,
        ]
    share = 100 * result.area[chosen] / (result.shape[0] * result.shape[1])
    return [charts.Series("Changed, % of the picture", share, 0.0, max(float(share.max()), 1.0)), ssim]


def _samples(result: VideoComparison, chosen: npt.NDArray[np.int64]) -> dict[str, list[Any]]:
    """Return the drawn frames for the page's script: a column for each number, None where there is none."""
    return {
        "frame": result.index[chosen].tolist(),
        "time": [round(value, 4) for value in result.time[chosen].tolist()],
        "ssim": [_finite(value) for value in result.ssim[chosen].tolist()],
        "margin": [_finite(value) for value in result.margin[chosen].tolist()],
        "manipulated": result.manipulated[chosen].tolist(),
    }


def _finite(value: float) -> float | None:
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _layers(result: VideoComparison) -> list[pictures.Embedded]:
    """Return the first highlight's pictures, which the script changes for others, and the evidence of all frames."""
    if not result.highlights:
        return []
    first = result.highlights[0]
    layers = [
        pictures.embed(first.real, key="real", name="Real", alt="The real frame"),
        pictures.embed(first.fake, key="fake", name="Fake", alt="The fake frame"),
    ]
    if result.mean_evidence is not None:
        alt = "Map of the evidence, averaged over all frames"
        name = "Mean evidence"
        layers.append(pictures.embed_evidence(result.mean_evidence, tested=_tested(result), alt=alt, name=name))
    return layers


def _highlight(highlight: Highlight, place: int) -> dict[str, Any]:
    about = f"frame {highlight.index} at {highlight.time:.2f} s"
    return {
        "number": place + 1,
        "about": about,
        "score": number(highlight.score, ".3g"),
        "boxes": len(highlight.boxes),
        "real": pictures.embed(highlight.real, key="real", name="Real", alt=f"Real {about}"),
        "fake": pictures.embed(highlight.fake, key="fake", name="Fake", alt=f"Fake {about}"),
    }


def _track(track: Track, place: int, result: VideoComparison) -> dict[str, Any]:
    first, last = np.searchsorted(result.index, [track.start, track.stop - 1])
    middle = track.boxes[len(track.boxes) // 2]
    return {
        "number": place + 1,
        "frames": f"{track.start} to {track.stop - 1}",
        "times": f"{result.time[first]:.2f} to {result.time[last]:.2f} s",
        "seen": f"{100 * track.presence:.0f} %",
        "strength": number(track.strength, ".3g"),
        "box": f"{middle.width}\N{MULTIPLICATION SIGN}{middle.height}",
        "place": f"{middle.left}, {middle.top}",
    }
