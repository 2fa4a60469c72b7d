"""Where two pictures differ: recipes that turn a comparison into a verdict, a mask and regions.

A recipe is one entry of a table: a name, a version that rises whenever its answers change, and a function from a
`Comparison` to what it found. `find_regions` looks the recipe up, runs it, and says with the result what was run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from facediff._arrays import Map, Mask, check_choice, check_whole, frozen
from facediff._noise_aware import NOISE_AWARE
from facediff._otsu import OTSU
from facediff._published import PUBLISHED
from facediff._recipe import Recipe
from facediff._registration import Shift
from facediff._versions import Versions, versions
from facediff.compare import Comparison, check_comparison
from facediff.evidence import gate
from facediff.regions import Region

RECIPES: dict[str, Recipe] = {"noise-aware": NOISE_AWARE, "otsu": OTSU, **PUBLISHED}


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """What `find_regions` found; frozen, its arrays read-only.

    Attributes
    ----------
    manipulated : bool
        The verdict. "noise-aware" tests it at the false-alarm rate; the published recipes have no test and say True
        wherever they draw a region.
    regions : tuple of Region
        Connected changed areas, strongest first.
    mask : ndarray of bool, (H, W)
        The pixels of the regions.
    evidence : ndarray of float32, (H, W)
        What the recipe decided on, per pixel; more = stronger change. For "noise-aware" it counts how many times the
        local coding noise the pictures differ; for "otsu" it is 1 - SSIM in [0, 1]; for the others see
        `facediff.recipes`.
    threshold : float
        The evidence that makes a region: for "noise-aware" the gate of the null test, for "otsu" Otsu's threshold,
        for the others their fixed number; infinity if the pictures are identical.
    shift : Shift or None
        Residual shift of the fake's unchanged background in pixels: ``dx``, ``dy``, ``distance``. None where no three
        textured tiles could be measured, the pictures are identical, or the recipe does not look.
    alignment : str
        What was done to the fake before it was compared again, with ``align=True``; empty if nothing was.
    margin : float
        For "noise-aware" the largest evidence over the gate: above 1 = more than coding. NaN for the others.
    recipe : str
        Name of the recipe.
    recipe_version : int
        Rises whenever the recipe's answers change.
    parameters : dict
        The recipe's parameters.
    versions : Versions
        What computed this.
    """

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask = field(repr=False)
    evidence: Map = field(repr=False)
    threshold: float
    margin: float
    shift: Shift | None
    alignment: str
    recipe: str
    recipe_version: int
    parameters: dict[str, float]
    versions: Versions

    def __str__(self) -> str:
        """Verdict, regions, share of the picture and the test, or why nothing was found, in one line."""
        by = f"by recipe {self.recipe} (version {self.recipe_version})"
        if "false_alarm_rate" in self.parameters:
            by += f" at a false-alarm rate of {self.parameters['false_alarm_rate']:g}"
        if self.alignment:
            by += f", after {self.alignment}"
        if not self.regions:
            return f"Nothing changed {by}: {self._why_nothing()}"
        count = f"{len(self.regions)} region{'s' if len(self.regions) > 1 else ''}"
        margin = "" if np.isnan(self.margin) else f", evidence {self.margin:.1f} times the gate"
        return f"{count} changed, {self.mask.mean():.2%} of the picture, {by}{margin}; strongest: {self.regions[0].box}"

    def _why_nothing(self) -> str:
        if np.isinf(self.threshold):
            return "the pictures are identical"
        if self.margin < 1:
            return f"the largest evidence is {self.margin:.2f} of what coding alone may reach"
        return "what differs is too small for a region"


def find_regions(
    comparison: Comparison,
    *,
    recipe: str = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
    min_area: int | None = None,
) -> Localisation:
    """Find what was manipulated in a compared pair, or say that nothing was.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    recipe : str
        "noise-aware" tests whether the pair differs by more than coding explains, and marks where. All others are
        published recipes, without a test, which mark coding noise too. "otsu" is that of the tutorials: Otsu's
        threshold [1]_ on the SSIM map, external contours, bounding boxes. The rest make the masks of training sets and
        papers: "dfdc-ssim", "dfdc-ssim-wrapped", "sifdnet", "sifdnet-wrapped", "dffd", "casia", "sum-100" and
        "dssim-hull"; the page of `facediff.recipes` says what each does and where it comes from.
    false_alarm_rate : float, optional
        For "noise-aware": the share of merely re-encoded pairs that may be called manipulated, from 0.0001 to 0.1;
        0.01 by default.
    align : bool
        For "noise-aware": whether a fake that is shifted by more than half a pixel is registered onto the real and
        compared again: by translation, or if that does not do by an affine map (ECC [2]_). ``found.alignment`` says
        what was done; mask and boxes are in the real's pixels. Without it such a pair is refused.
    min_area : int, optional
        Regions of fewer changed pixels are dropped; 12 by default for "noise-aware", 1 for the others.

    Returns
    -------
    Localisation
        Verdict, regions, mask and evidence. Identical pictures give no region.

    Raises
    ------
    TypeError
        If `comparison` is no `Comparison`, or another argument is of the wrong kind.
    ValueError
        If the recipe is unknown, does not take an argument that was given, or a number is out of its range; if the
        pictures are shifted by more than half a pixel, or could not be aligned.

    See Also
    --------
    facediff.compare_recipes : Several recipes side by side.
    facediff.evidence.measure_evidence : The evidence by itself.

    References
    ----------
    .. [1] Otsu, N. (1979). A threshold selection method from gray-level histograms. IEEE Transactions on Systems,
       Man, and Cybernetics, 9(1), 62-66. :doi:`10.1109/TSMC.1979.4310076`
    .. [2] Evangelidis, G. D., Psarakis, E. Z. (2008). Parametric image alignment using enhanced correlation
       coefficient maximization. IEEE Transactions on Pattern Analysis and Machine Intelligence, 30(10), 1858-1865.
       :doi:`10.1109/TPAMI.2008.113`

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> found.manipulated
    True
    >>> print(facediff.find_regions(facediff.compare_images(real, real)))
    Nothing changed by recipe noise-aware (version 1) at a false-alarm rate of 0.01: the pictures are identical
    """
    check_comparison(comparison)
    check_choice(recipe, "recipe", tuple(RECIPES))
    entry = RECIPES[recipe]
    parameters = dict(entry.parameters)
    if false_alarm_rate is not None:
        if "false_alarm_rate" not in parameters:
            raise ValueError(f"recipe {recipe!r} has no test and takes no false_alarm_rate; leave it out")
        gate(false_alarm_rate)
        parameters["false_alarm_rate"] = float(false_alarm_rate)
    if not isinstance(align, bool):
        raise TypeError(f"align must be True or False, got {align!r} ({type(align).__name__})")
    if align:
        if "align" not in parameters:
            raise ValueError(f"recipe {recipe!r} does not measure alignment and takes no align; leave it out")
        parameters["align"] = True
    if min_area is not None:
        if check_whole(min_area, "min_area") < 1:
            raise ValueError(f"min_area must be at least 1 pixel, got {min_area}")
        parameters["min_area"] = int(min_area)
    found = entry.find(comparison, parameters)
    return Localisation(
        manipulated=found.manipulated,
        regions=found.regions,
        mask=frozen(found.mask),
        evidence=frozen(found.evidence),
        threshold=found.threshold,
        margin=found.margin,
        shift=found.shift,
        alignment=found.alignment,
        recipe=recipe,
        recipe_version=entry.version,
        parameters=parameters,
        versions=versions(),
    )
