"""Do a real and a fake clip fit each other? What does not is refused with both numbers, never forced."""

from __future__ import annotations

from facediff._arrays import Picture
from facediff._container import Source

# 24 and 23.976 frames a second differ by one in a thousand: after 40 seconds the two are a frame apart.
_SAME_RATE = 5e-4


def check_rates(real: Source, fake: Source) -> None:
    """Refuse two clips of different frame rates."""
    if real.rate and fake.rate and abs(real.rate / fake.rate - 1) > _SAME_RATE:
        raise ValueError(
            f"real and fake must have the same frame rate, got {real.name}: {float(real.rate):.6g} and {fake.name}: "
            f'{float(fake.rate):.6g} frames a second; convert one of them, or pass rate="any" if frame by frame '
            "they show the same"
        )


def check_stated_lengths(real: Source, fake: Source, offset: int, stop: int | None) -> None:
    """Refuse, before anything is decoded, two clips that state different lengths."""
    if real.frames is None or fake.frames is None or real.edited or fake.edited:
        return  # what is there will show
    ends = real.frames, fake.frames - offset
    if ends[0] != ends[1] and (stop is None or stop > min(ends)):
        raise ValueError(_lengths(real, fake, str(real.frames), str(fake.frames), offset))


def check_found_lengths(real: Source, fake: Source, frame: int, offset: int, *, real_ended: bool) -> None:
    """Refuse two clips of which one has just ended, before this frame of the real one, and the other not."""
    ended = (str(frame), str(frame + offset))
    longer = (f"at least {frame + 1}", f"at least {frame + offset + 1}")
    found = (ended[0], longer[1]) if real_ended else (longer[0], ended[1])
    raise ValueError(_lengths(real, fake, *found, offset))


def _lengths(real: Source, fake: Source, real_frames: str, fake_frames: str, offset: int) -> str:
    ending = f" at offset={offset}" if offset else ""
    return (
        f"real and fake must end at the same frame{ending}, got {real.name}: {real_frames} and {fake.name}: "
        f'{fake_frames} frames; pass length="shortest" to compare those that both have, or measure the offset '
        "of the two with facediff.video.measure_offset"
    )


def check_sizes(real: Source, fake: Source, real_picture: Picture, fake_picture: Picture) -> None:
    """Refuse two clips whose pictures, as displayed, have different sizes."""
    if real_picture.shape != fake_picture.shape:
        raise ValueError(
            f"real and fake must have the same size, got {_shown(real, real_picture)} and "
            f"{_shown(fake, fake_picture)}; crop, scale or turn one of them first"
        )


def _shown(source: Source, picture: Picture) -> str:
    height, width = picture.shape[:2]
    stored = source.stream.width, source.stream.height
    turned = "" if stored == (width, height) else f", turned from {stored[0]}x{stored[1]}"
    return f"{source.name}: {width}x{height}{turned}"
