"""What a failing assertion leaves behind: the two pictures, their difference and a figure, in one folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facediff._arrays import Picture
    from facediff.compare import Comparison
    from facediff.localise import Localisation

# The plugin takes this module into every pytest run, so what is heavy waits until there is something to write.

NAMES = ("real.png", "fake.png", "difference.png", "figure.png")


def leave(folder: Path, root: Path, comparison: Comparison, found: Localisation | None) -> None:
    """Write the pictures of a comparison into a folder below `root`, which version control shall ignore."""
    from facediff.images import write_image

    if not root.exists():
        root.mkdir(parents=True)
        (root / ".gitignore").write_text("# Pictures of failing tests, made by facediff.\n*\n")
    folder.mkdir(parents=True, exist_ok=True)
    real, fake = (_storable(picture, comparison.data_range) for picture in (comparison.real, comparison.fake))
    pictures = (real, fake, _visible(comparison), _figure(comparison, found))
    for name, picture in zip(NAMES, pictures, strict=True):
        write_image(folder / name, picture)


def clear(folder: Path) -> None:
    """Remove what an earlier failure left in a folder; what others put there stays."""
    if not folder.is_dir():
        return
    with suppress(OSError):  # what may not be removed is no reason for a test to fail
        for name in NAMES:
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def _storable(picture: Picture, data_range: float) -> Picture:
    """Return a picture as PNG holds it: whole numbers as they are, floats in 16 bits."""
    import numpy as np

    if picture.dtype.kind == "u":
        return picture
    scaled = np.clip(np.nan_to_num(picture) / data_range, 0, 1)
    return np.rint(scaled * 65535).astype(np.uint16)


def _visible(comparison: Comparison) -> Picture:
    """Return the difference in gray, on the scale of all figures: white = a quarter of the pictures' white."""
    import numpy as np

    from facediff.figures import DIFFERENCE_SHARE

    share = np.nan_to_num(comparison.difference.astype(np.float64)) / (DIFFERENCE_SHARE * comparison.data_range)
    return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)


def _figure(comparison: Comparison, found: Localisation | None) -> Picture:
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from facediff.figures import difference_figure

    canvas = FigureCanvasAgg(difference_figure(comparison, found))
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]
