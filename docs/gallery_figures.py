"""How the gallery finds an example's figures, which pyplot does not know, and in which order examples are read."""

from weakref import WeakSet

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

READING_ORDER = (
    "compare_pair.py",
    "metrics_in_code.py",
    "difference_figure.py",
    "region_in_a_test.py",
    "compare_recipes.py",
    "read_clips.py",
    "compare_videos.py",
    "find_pairs.py",
    "explore_dfdc.py",
    "compare_data_set.py",
    "compare_faces.py",
    "training_masks.py",
    "score_a_set.py",
    "write_a_report.py",
)

_shown: WeakSet = WeakSet()


def scrape(_block, block_vars, gallery_conf):
    """Save the figures that a block of an example has made and given a name."""
    paths = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and value not in _shown:
            _shown.add(value)
            path = next(block_vars["image_path_iterator"])
            value.savefig(path, format="png", dpi=150)
            paths.append(path)
    return figure_rst(paths, gallery_conf["src_dir"])


def _get_sg_image_scraper():
    return scrape


def in_reading_order(file_name):
    """Return an example's place; one that is not listed stops the build."""
    return READING_ORDER.index(file_name)
