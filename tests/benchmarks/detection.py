"""What is found, and what is not: ``python tests/benchmarks/detection.py``, some minutes on two cores.

Every kind of edit of `facediff.synthesis` is made in packaged photographs and coded in several ways; the recipe
"noise-aware" and the published one, written out here with scikit-image and OpenCV as it is found in tutorials (its
wrap-around in 8 bits included), look for it. Pairs without an edit, coded alike, count the false alarms.
"""

import cv2
import numpy as np
import skimage.data
from skimage.metrics import structural_similarity

import facediff
from facediff import Box
from facediff.synthesis import encode, manipulate

PHOTOGRAPHS = {name: getattr(skimage.data, name)() for name in ("astronaut", "chelsea", "coffee")}
KINDS = ("paste", "poisson", "warp", "inpaint", "recolour", "smooth", "copy-move")
CODECS = {
    "lossless": (None, None),
    "JPEG 90": (("jpeg", 90), ("jpeg", 90)),
    "JPEG 60": (("jpeg", 60), ("jpeg", 60)),
    "JPEG 95, WebP 60": (("jpeg", 95), ("webp", 60)),
}


def by_facediff(real, fake):
    """Return mask and boxes."""
    found = facediff.find_regions(facediff.compare_images(real, fake))
    return found.mask, [region.box for region in found.regions]


def by_the_published_recipe(real, fake):
    """SSIM map, 8 bits, inverted Otsu, external contours, bounding rectangles."""
    gray = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (real, fake)]
    _, ssim_map = structural_similarity(*gray, full=True)
    levels = (ssim_map * 255).astype("uint8")
    _, mask = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    return mask > 0, [Box.from_xywh(*cv2.boundingRect(contour)) for contour in contours]


def coded(picture, how):
    """Return a picture through a codec, or as it is."""
    return picture if how is None else encode(picture, *how)


def edits(kind):
    """Yield one edit of each photograph, of an eighth of it."""
    for seed, (name, picture) in enumerate(PHOTOGRAPHS.items()):
        source = PHOTOGRAPHS["coffee" if name != "coffee" else "chelsea"] if kind in ("paste", "poisson") else None
        yield manipulate(picture, kind=kind, share=0.08, seed=seed, source=source)


def score(find, pairs):
    """Return the share of pairs with exactly one region, with its box right, and the mean IoU of the mask."""
    one, right, iou = [], [], []
    for real, fake, edit in pairs:
        mask, boxes = find(real, fake)
        one.append(len(boxes) == 1)
        right.append(len(boxes) == 1 and boxes[0].iou(edit.box) >= 0.5)
        iou.append((mask & edit.touched).sum() / max((mask | edit.touched).sum(), 1))
    return np.mean(one), np.mean(right), np.mean(iou)


def main():
    """Print both tables."""
    finders = {"facediff": by_facediff, "published": by_the_published_recipe}
    print("| edit | " + " | ".join(f"{name}: one region, box right, IoU" for name in finders) + " |")
    print("|---|---|---|")
    for kind in KINDS:
        pairs = [
            (coded(edit.real, one), coded(edit.fake, other), edit)
            for edit in edits(kind)
            for one, other in CODECS.values()
        ]
        cells = ["{:.2f}, {:.2f}, {:.2f}".format(*score(find, pairs)) for find in finders.values()]
        print(f"| {kind} | " + " | ".join(cells) + " |")
    print("\n| no edit, only coded | " + " | ".join(f"{name}: false pairs" for name in finders) + " |")
    print("|---|---|---|")
    for codec, (one, other) in CODECS.items():
        pairs = [(coded(picture, one), coded(picture, other)) for picture in PHOTOGRAPHS.values()]
        if other == one:  # coded alike on both sides nothing differs: then the real picture is the one before
            pairs = [(picture, coded(picture, other)) for picture in PHOTOGRAPHS.values()]
        rates = [np.mean([bool(find(*pair)[1]) for pair in pairs]) for find in finders.values()]
        print(f"| {codec} | " + " | ".join(f"{rate:.2f}" for rate in rates) + " |")


if __name__ == "__main__":
    main()
