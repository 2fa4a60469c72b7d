"""Sphinx configuration: ``sphinx-build -W --keep-going -n docs docs/_build/html``. Nothing is fetched from outside."""

import shutil
import sys
from pathlib import Path

import facediff

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))  # for gallery_figures and math_in_html

project = "facediff"
author = "The facediff developers"
copyright = author
version = release = facediff.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "math_in_html",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/*.ipynb"]
default_role = "autolink"
nitpicky = True
nitpick_ignore_regex = [
    ("py:obj", r"[a-z_]+"),  # single backticks mark a parameter, too
    ("py:obj", r"matplotlib\..*"),  # no inventory is fetched
]
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
numpydoc_show_class_members = False
numpydoc_validation_checks = {
    "all",
    "ES01",  # a summary that says all needs no second paragraph
    "EX01",  # a result class is shown where it is made
    "GL01",  # the summary stands on the first line
    "PR04",  # options shared by several functions are described once, at the metric itself
    "PR08",  # a description may begin with a dtype, as "uint8 or uint16"
    "SA01",  # a See Also only where there is something to see
}
# Results are made by functions, never by hand: they document their attributes, not a constructor.
numpydoc_validation_exclude = {
    r"\.(Audit|Comparison|Evidence|Localisation|Manipulation|RecipeComparison|Region|Unpaired|VideoPairs)$",
    r"\.(ComparedFace|FaceComparison|FaceDetector|FacePart|FaceTrack|Landmarks)$",
    r"\.(Interval|MaskScore|Match|Origin|PrecisionRecallCurve|Rates|RegionScore|RocCurve|SetScore)$",
    r"\.PairAssertionError$",
    r"\.(Digest|Item|Record)$",
    r"\.(FrameComparison|Highlight|Segment|Track|VideoComparison)$",
    r"\.(Histogram|Results|Run|Summary)(\.[a-z]+)?$",
    r"\.(ClipInfo|Frame|FramePair|Offset|Player|Reader)(\.close)?$",
}

# The examples run in a copy, so that the figures they write do not land beside their sources.
EXAMPLES = DOCS / "_build" / "examples"
shutil.rmtree(EXAMPLES, ignore_errors=True)
shutil.copytree(DOCS.parent / "examples", EXAMPLES, ignore=shutil.ignore_patterns("*.png", "__pycache__"))
sphinx_gallery_conf = {
    "examples_dirs": str(EXAMPLES),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "image_scrapers": ("gallery_figures",),
    "abort_on_example_error": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "within_subsection_order": "gallery_figures.in_reading_order",
}

html_math_renderer = "mathml"
html_theme = "furo"
html_title = "facediff"
html_static_path = ["_static"]
html_css_files = ["facediff.css"]
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"},
    "dark_css_variables": {"color-brand-primary": "#56b4e9", "color-brand-content": "#56b4e9"},
}
