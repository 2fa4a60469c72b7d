"""How far a real and a fake picture differ, where, and whether that is more than re-encoding explains.

    comparison = facediff.compare_images(real, fake)
    found = facediff.find_regions(comparison)
    figure = facediff.difference_figure(comparison, found)

Names are resolved at their first use, so that ``import facediff`` itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0.dev0"

if TYPE_CHECKING:
    from facediff import (
        annotation,
        batch,
        batch_figures,
        compare,
        dataset_figures,
        datasets,
        draw,
        evaluate,
        evaluation_figures,
        evidence,
        export,
        face_figures,
        faces,
        figures,
        images,
        localise,
        recipe_figures,
        recipes,
        regions,
        report,
        synthesis,
        testing,
        timeline,
        timeline_figures,
        video,
    )
    from facediff.compare import Comparison, compare_images
    from facediff.draw import draw_regions
    from facediff.figures import difference_figure, evidence_figure
    from facediff.images import read_image, read_pair, write_image
    from facediff.localise import Localisation, find_regions
    from facediff.recipe_figures import recipes_figure
    from facediff.recipes import RecipeComparison, compare_recipes
    from facediff.regions import Box, Region

__all__ = [
    "Box",
    "Comparison",
    "Localisation",
    "RecipeComparison",
    "Region",
    "__version__",
    "annotation",
    "batch",
    "batch_figures",
    "compare",
    "compare_images",
    "compare_recipes",
    "dataset_figures",
    "datasets",
    "difference_figure",
    "draw",
    "draw_regions",
    "evaluate",
    "evaluation_figures",
    "evidence",
    "evidence_figure",
    "export",
    "face_figures",
    "faces",
    "figures",
    "find_regions",
    "images",
    "localise",
    "read_image",
    "read_pair",
    "recipe_figures",
    "recipes",
    "recipes_figure",
    "regions",
    "report",
    "synthesis",
    "testing",
    "timeline",
    "timeline_figures",
    "video",
    "write_image",
]

_MODULES = (
    "annotation",
    "batch",
    "batch_figures",
    "compare",
    "dataset_figures",
    "datasets",
    "draw",
    "evaluate",
    "evaluation_figures",
    "evidence",
    "export",
    "face_figures",
    "faces",
    "figures",
    "images",
    "localise",
    "recipe_figures",
    "recipes",
    "regions",
    "report",
    "synthesis",
    "testing",
    "timeline",
    "timeline_figures",
    "video",
)
_HOMES = {
    "Box": "regions",
    "Comparison": "compare",
    "Localisation": "localise",
    "RecipeComparison": "recipes",
    "Region": "regions",
    "compare_images": "compare",
    "compare_recipes": "recipes",
    "difference_figure": "figures",
    "draw_regions": "draw",
    "evidence_figure": "figures",
    "find_regions": "localise",
    "read_image": "images",
    "read_pair": "images",
    "recipes_figure": "recipe_figures",
    "write_image": "images",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"facediff.{_HOMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"facediff.{name}")
    raise AttributeError(f"module 'facediff' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
