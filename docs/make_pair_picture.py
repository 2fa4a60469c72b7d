"""Make the README's picture, ``docs/_static/pair.png``: real, fake with what was found, difference.

Run it as ``python docs/make_pair_picture.py``. The pair is the one of ``examples/compare_pair.py``, which is run here.
"""

import contextlib
import os
import runpy
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

import facediff
from facediff.figures import DIFFERENCE_SHARE

DOCS = Path(__file__).parent
SHOWN = facediff.Box(100, 20, 380, 280)
GAP = 10


def run_example():
    """Return the names that the example leaves behind; its figure goes to a folder of its own."""
    sys.argv = ["compare_pair.py"]
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        os.chdir(folder)
        try:
            return runpy.run_path(str((DOCS.parent / "examples" / "compare_pair.py").resolve()))
        finally:
            os.chdir(here)


def main():
    """Lay the three panels in a row and store them in 256 colours."""
    names = run_example()
    comparison, found = names["comparison"], names["found"]
    share = np.clip(comparison.difference / (DIFFERENCE_SHARE * comparison.data_range), 0, 1)
    difference = (mpl.colormaps["magma"](share)[..., :3] * 255).round().astype(np.uint8)
    fake = facediff.draw_regions(comparison.fake, found.regions)
    gap = np.full((SHOWN.height, GAP, 3), 255, np.uint8)
    panels = [panel[SHOWN.slices] for panel in (comparison.real, fake, difference)]
    row = np.hstack([panels[0], gap, panels[1], gap, panels[2]])
    (DOCS / "_static").mkdir(exist_ok=True)
    Image.fromarray(row).quantize(256).save(DOCS / "_static" / "pair.png", optimize=True)


if __name__ == "__main__":
    main()
