"""The page of one pair: what its template needs to know."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from facediff import _report_pictures as pictures
from facediff._report_inputs import Input, input_of_file, input_of_picture
from facediff._report_page import Fact, number
from facediff.compare import Comparison
from facediff.localise import Localisation
from facediff.regions import Region

MOST_REGIONS = 100
MOST_CROPS = 12
_CROP = 160


class Row(NamedTuple):
    """A region in the table."""

    number: int
    box: str
    place: str
    area: str
    strength: str
    margin: str
    ssim: str
    luma: str
    chroma: str
    crops: tuple[pictures.Embedded, ...]


def pair_context(comparison: Comparison, found: Localisation, files: tuple[str, str] | None) -> dict[str, Any]:
    """Return what the template of a pair shows."""
    inputs = _inputs(comparison, files)
    shown = found.regions[:MOST_REGIONS]
    height, width = comparison.shape
    return {
        "title": f"{inputs[0].name} and {inputs[1].name}",
        "kind": "Pair",
        "state": _state(found),
        "headline": _headline(found),
        "sentence": str(found),
        "inputs": inputs,
        "facts": _facts(comparison, found),
        "layers": _layers(comparison, found),
        "scale": pictures.evidence_scale(tested=pictures.is_tested(found), threshold=found.threshold),
        "overlays": [pictures.overlay(width, height, [region.box.xywh for region in shown])],
        "rows": [_row(comparison, region, place) for place, region in enumerate(shown)],
        "regions": len(found.regions),
        "limits": f"Pictures are scaled down to at most {pictures.SIDE} pixels a side; boxes and numbers are those of "
        f"the full size, {width}\N{MULTIPLICATION SIGN}{height}.",
        "recipe": f"{found.recipe}, version {found.recipe_version}",
        "parameters": found.parameters,
        "versions": found.versions._asdict(),
    }


def _inputs(comparison: Comparison, files: tuple[str, str] | None) -> list[Input]:
    if files is None:
        return [input_of_picture("real", comparison.real), input_of_picture("fake", comparison.fake)]
    return [input_of_file(side, path) for side, path in zip(("real", "fake"), files, strict=True)]


def _state(found: Localisation) -> str:
    if not pictures.is_tested(found):
        return "untested"
    return "manipulated" if found.manipulated else "unchanged"


def _headline(found: Localisation) -> str:
    if not pictures.is_tested(found):
        return f"{_count(found)} marked, without a test"
    return "Manipulated" if found.manipulated else "Nothing changed beyond coding"


def _count(found: Localisation) -> str:
    count = len(found.regions)
    return f"{count or 'No'} region{'' if count == 1 else 's'}"


def _facts(comparison: Comparison, found: Localisation) -> list[Fact]:
    counted = found.mask if comparison.where is None else found.mask[comparison.where]
    facts = [
        Fact("Regions", str(len(found.regions)), ""),
        Fact("Changed", f"{100 * float(counted.mean()):.3g} %", "of the compared pixels"),
    ]
    if pictures.is_tested(found) and math.isfinite(found.threshold):
        facts.append(
            Fact("Evidence", f"{number(found.margin, '.3g')}\N{MULTIPLICATION SIGN}", "of what coding reaches")
        )
    facts += [
        Fact("SSIM", number(comparison.ssim, ".4f"), "1 = identical"),
        Fact("PSNR", f"{number(comparison.psnr, '.2f')} dB", "more = closer"),
        Fact("MSE", number(comparison.mse), "0 = identical"),
    ]
    if found.shift is not None:
        facts.append(Fact("Shift", f"{number(found.shift.distance, '.2f')} px", "of the background"))
    return facts


def _layers(comparison: Comparison, found: Localisation) -> list[pictures.Embedded]:
    share = f"{100 * float(found.mask.mean()):.3g} % of the picture"
    strongest = f", the strongest {found.regions[0].box}" if found.regions else ""
    tested = pictures.is_tested(found)
    limit = comparison.data_range
    return [
        pictures.embed(comparison.real, key="real", name="Real", alt="The real picture", data_range=limit),
        pictures.embed(comparison.fake, key="fake", name="Fake", alt="The fake picture", data_range=limit),
        pictures.embed_evidence(
            found.evidence, tested=tested, alt=f"Map of the evidence: {_count(found).lower()}{strongest}"
        ),
        pictures.embed_mask(found.mask, key="mask", name="Mask", alt=f"Mask of changed pixels: {share}"),
    ]


def _row(comparison: Comparison, region: Region, place: int) -> Row:
    blue, red = region.chroma_change
    crops: tuple[pictures.Embedded, ...] = ()
    if place < MOST_CROPS:
        crops = tuple(
            pictures.embed(
                np.ascontiguousarray(pictures.crop_around(picture, region.box)),
                key=side,
                name=side,
                alt=f"Region {place + 1} in the {side} picture",
                data_range=comparison.data_range,
                side=_CROP,
            )
            for side, picture in (("real", comparison.real), ("fake", comparison.fake))
        )
    return Row(
        number=place + 1,
        box=f"{region.box.width}\N{MULTIPLICATION SIGN}{region.box.height}",
        place=f"{region.box.left}, {region.box.top}",
        area=f"{region.area:,}",
        strength=number(region.strength, ".3g"),
        margin=number(region.margin, ".3g"),
        ssim=number(region.mean_ssim, ".3f"),
        luma=number(region.luma_change, "+.3g"),
        chroma="\N{EN DASH}" if comparison.real.ndim == 2 else f"{number(blue, '+.3g')}, {number(red, '+.3g')}",
        crops=crops,
    )
