"""Measure what evidence coding alone reaches: ``python tests/benchmarks/null_set.py``, some minutes on two cores.

Every picture is compared with itself coded again, in the ways in which pictures travel, at several sizes. No pair was
edited, so each largest evidence is a draw from what the gate of the recipe "noise-aware" must hold back. Photographs
and drawn pictures are kept apart: the latter are no evidence for what the former do.
"""

import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # the pictures lie beside this file

from pictures import graphics, has_h264, photographs

import facediff
from facediff.evidence import gate, measure_evidence
from facediff.synthesis import encode

RATES = (0.1, 0.01, 0.001)
H264 = (18, 23, 28, 34, 40, 45)


def main():
    """Measure both sets and print what they say about the gate."""
    if not has_h264():
        print('PyAV is missing, so H.264 is left out; pip install "facediff[video]" adds it.\n')
    for kind, pictures in (("Photographs", photographs()), ("Graphics", graphics())):
        with ThreadPoolExecutor(2) as pool:
            rows = [row for found in pool.map(measure, pictures.items()) for row in found]
        report(kind, rows)


def measure(item):
    """Return (picture, size, codec, largest evidence) of every pair made of one picture."""
    name, picture = item
    rows = []
    for size, real in sizes(picture):
        for codec, one, other in pairs(real):
            comparison = facediff.compare_images(one, other)
            if not comparison.identical:
                rows.append((name, size, codec, measure_evidence(comparison).peak))
    return rows


def sizes(picture):
    """Return crops of a picture, itself, and itself enlarged to cover 1080p; all of even size, as video needs."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(0)
    for side in (128, 128, 256):
        if min(height, width) >= side:
            top, left = rng.integers((height - side + 1, width - side + 1))
            yield f"{side} px", picture[top : top + side, left : left + side]
    yield "as it is", picture[: min(height, 1080) // 2 * 2, : min(width, 1920) // 2 * 2]
    scale = max(1080 / height, 1920 / width)
    if scale > 1:
        large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        yield "1080p", large[:1080, :1920]


def pairs(real):
    """Return (codec, one side, other side) of every way in which a picture is coded again."""
    for quality in (98, 95, 90, 80, 65, 50, 35, 20, 10):
        yield "JPEG", real, encode(real, "jpeg", quality)
    for quality in (90, 70, 40):
        yield "JPEG 4:4:4", real, encode(real, "jpeg", quality, subsampling="4:4:4")
    once = encode(real, "jpeg", 90)
    for quality in (95, 70, 40):
        yield "JPEG of a JPEG", once, encode(once, "jpeg", quality)
    for quality in (80, 40):
        yield "both sides coded", once, encode(real, "jpeg", quality)
    yield "both sides coded", once, encode(real, "webp", 30)
    for share, quality in ((0.8, 85), (0.6, 70)):
        small = cv2.resize(real, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        served = cv2.resize(small, real.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        yield "resized and JPEG", real, encode(served, "jpeg", quality)
    for quality in (95, 80, 65, 50, 35, 20):
        yield "WebP", real, encode(real, "webp", quality)
    if has_h264():
        for crf in H264:
            yield "H.264, one frame", real, encode(real, "h264", crf)
        clip = pan(real)
        frames = {crf: through_h264(clip, crf) for crf in H264}
        for crf in H264:
            yield "H.264, in a clip", clip[5], frames[crf]
        yield "both sides coded", frames[23], frames[34]


def pan(picture):
    """Return eight frames of a camera that moves over a picture, so that a coder predicts one from another."""
    height, width = picture.shape[0] - 16, picture.shape[1] - 16
    return [np.ascontiguousarray(picture[i : i + height, 2 * i : 2 * i + width]) for i in range(8)]


def through_h264(clip, crf):
    """Return the sixth frame of a clip coded by libx264 as players get it: predicted frames, preset medium."""
    import av

    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.height, encoder.width = clip[0].shape[:2]
    encoder.pix_fmt, encoder.time_base, encoder.options = "yuv420p", Fraction(1, 25), {"crf": str(crf)}
    packets = []
    for time, picture in enumerate(clip):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = time
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoder = av.VideoCodecContext.create("h264", "r")
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return frames[5].to_ndarray(format="rgb24")


def report(kind, rows):
    """Print quantiles by codec and size, the tail, and how often each gate is exceeded."""
    peaks = np.array([row[3] for row in rows])
    print(f"{kind}: {len({row[0] for row in rows})} pictures, {len(rows)} pairs\n")
    print("| | pairs | median | 90 % | 99 % | largest | above gate(0.01) |")
    print("|---|---|---|---|---|---|---|")
    for column in (2, 1):
        groups = defaultdict(list)
        for row in rows:
            groups[row[column]].append(row[3])
        for name, values in groups.items():
            print_row(name, np.array(values))
    print_row("all", peaks)

    start = np.quantile(peaks, 0.9)
    above = peaks[peaks > start]
    power = 1 / np.mean(np.log(above / start))  # Hill's estimate, the maximum likelihood of a Pareto tail
    print(f"\nTail: P(largest evidence > g) = 0.1 (g / {start:.2f})^-{power:.2f} from its 90 % quantile on\n")
    print("| rate | gate | exceeded in | 90 % interval over pictures | gate by this tail |")
    print("|---|---|---|---|---|")
    for rate in RATES:
        low, high = interval(rows, gate(rate))
        own = start * (0.1 / rate) ** (1 / power)
        share = np.mean(peaks > gate(rate))
        print(f"| {rate:g} | {gate(rate):.1f} | {share:.4f} | {low:.4f} to {high:.4f} | {own:.1f} |")
    worst = sorted(rows, key=lambda row: -row[3])[:6]
    print("\nLargest: " + "; ".join(f"{name} {size} {codec} {peak:.1f}" for name, size, codec, peak in worst) + "\n")


def print_row(name, peaks):
    """Print one row of quantiles."""
    middle, high, highest = np.quantile(peaks, (0.5, 0.9, 0.99))
    share = np.mean(peaks > gate(0.01))
    print(f"| {name} | {peaks.size} | {middle:.1f} | {high:.1f} | {highest:.1f} | {peaks.max():.1f} | {share:.4f} |")


def interval(rows, limit):
    """Return a bootstrap interval of the share above a limit; pictures are drawn, as pairs of one are not independent.

    Where no pair is above, or all of them come from one picture, it says less than it seems to.
    """
    above, count = defaultdict(int), defaultdict(int)
    for name, _, _, peak in rows:
        above[name] += peak > limit
        count[name] += 1
    totals = np.array([(above[name], count[name]) for name in count])
    drawn = np.random.default_rng(0).integers(len(totals), size=(4000, len(totals)))
    sums = totals[drawn].sum(axis=1)
    return np.quantile(sums[:, 0] / sums[:, 1], (0.05, 0.95))


if __name__ == "__main__":
    main()
