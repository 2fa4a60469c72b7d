"""The pytest plugin in runs of its own: what a failure leaves, what a pass does not, baselines, reports, workers.

The runs happen within this process, but for those with workers, in a folder of their own. No plugin loads
by itself there, and this one is given as a module, so that it does not matter which facediff is installed.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import skimage.data

import facediff
import facediff.testing
from facediff import _artifacts, _pytest_plugin

HEADER = """
    import numpy as np
    import pytest
    import facediff
    from facediff.testing import assert_identical, assert_manipulated, assert_unchanged

    real = np.full((64, 80, 3), 90, np.uint8)
    fake = real.copy()
    fake[20:36, 20:40] = (200, 60, 60)
    box = facediff.Box(20, 20, 40, 36)
"""
FAILING = """
    def test_nothing():
        assert_unchanged(real, fake)
"""
PASSING = """
    def test_nothing():
        assert_identical(real, fake, outside=box)
"""
BASELINE = """
    def test_mosaic(regions_baseline):
        comparison = facediff.compare_images(real, fake)
        regions_baseline.check(facediff.find_regions(comparison), comparison=comparison)
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Load and compile what the runs need: each forgets what it loaded itself, and NumPy will not be loaded twice."""
    picture = skimage.data.astronaut()
    with pytest.raises(facediff.testing.PairAssertionError) as caught:
        facediff.testing.assert_unchanged(picture, picture[:, ::-1].copy())
    with pytest.raises(facediff.testing.PairAssertionError):
        facediff.testing.assert_regions_close([facediff.Box(0, 0, 1, 1)], [])
    for dtype in (np.uint16, np.float32):  # other kernels
        for pair in (picture[:64, :64], picture[:64, :64, 0]):
            facediff.compare_images(pair.astype(dtype), pair.astype(dtype), data_range=255)
    root = tmp_path_factory.mktemp("loaded")
    _artifacts.leave(root / "test", root, caught.value.comparison, caught.value.found)
    return root / "test"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Keep other plugins out of the runs: to load Hypothesis anew for each would take most of the time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.fixture
def run(pytester, monkeypatch, loaded):  # noqa: ARG001
    """Return a function that writes tests into a file and runs it with the plugin; the figure is a quick stand-in."""
    monkeypatch.setattr(_artifacts, "_figure", lambda *_: np.zeros((4, 4), np.uint8))

    def run(body: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_mosaic=dedent(HEADER) + "\n" + dedent(body))
        return pytester.runpytest_inprocess(*options, plugins=[_pytest_plugin])

    return run


def left_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- pass and fail -------------------------------------------------------------------------------


def test_a_passing_test_leaves_nothing(run, pytester):
    run(PASSING).assert_outcomes(passed=1)
    assert not (pytester.path / ".facediff").exists()


def test_a_failing_test_leaves_its_pictures_and_says_where(run, pytester):
    result = run(FAILING)
    result.assert_outcomes(failed=1)
    folder = pytester.path / ".facediff" / "test_mosaic--test_nothing"
    assert left_in(pytester.path / ".facediff") == [
        ".gitignore",
        *(f"{folder.name}/{name}" for name in sorted(_artifacts.NAMES)),
    ]
    shown = f".facediff/{folder.name}"
    result.stdout.fnmatch_lines(
        [
            "E*PairAssertionError: real and fake differ by more than coding explains",
            "*- facediff -*",
            f"real.png, fake.png, difference.png, figure.png are in {shown}",
            "*= facediff =*",
            "pictures left in:",
            f"  {shown}",
        ]
    )
    # The failing line is the test's own: what lies within the assertion is hidden.
    result.stdout.no_fnmatch_line("*testing.py:*")
    real, fake = facediff.read_pair(folder / "real.png", folder / "fake.png")
    assert (real == 90).all()
    assert (fake[20:36, 20:40] == (200, 60, 60)).all()
    difference = facediff.read_image(folder / "difference.png")
    # 110 of 255 levels are more than a quarter, which is white.
    assert (difference[20:36, 20:40] == 255).all()
    assert np.count_nonzero(difference) == 16 * 20


def test_the_figure_is_that_of_the_comparison(loaded):
    assert left_in(loaded) == sorted(_artifacts.NAMES)
    height, width, _ = facediff.read_image(loaded / "figure.png").shape
    assert width >= 1000
    assert height >= 500


def test_version_control_ignores_the_folder(run, pytester):
    run(FAILING)
    assert (pytester.path / ".facediff" / ".gitignore").read_text().splitlines()[-1] == "*"


def test_an_earlier_failure_is_removed_once_the_test_passes_and_nothing_else_is(run, pytester):
    run(FAILING)
    folder = pytester.path / ".facediff" / "test_mosaic--test_nothing"
    assert len(left_in(folder)) == 4
    run(PASSING).assert_outcomes(passed=1)
    assert not folder.exists()
    run(FAILING)
    (folder / "notes.txt").write_text("mine")
    run(PASSING).assert_outcomes(passed=1)
    assert left_in(folder) == ["notes.txt"]


def test_a_failure_of_another_kind_removes_the_earlier_one_too(run, pytester):
    run(FAILING)
    run("def test_nothing():\n        assert 1 == 2").assert_outcomes(failed=1)
    assert left_in(pytester.path / ".facediff") == [".gitignore"]


@pytest.mark.parametrize(
    "body",
    [
        "@pytest.mark.xfail(strict=True)\ndef test_nothing():\n    assert_unchanged(real, fake)",
        "def test_nothing():\n        with pytest.raises(AssertionError):\n            assert_unchanged(real, fake)",
        "def test_nothing():\n        facediff.testing.assert_regions_close([], [])",
    ],
)
def test_what_fails_as_expected_leaves_nothing(run, pytester, body):
    result = run(body)
    assert result.ret == 0
    assert not (pytester.path / ".facediff").exists()


@pytest.mark.parametrize(
    "body",
    [
        "def test_nothing():\n        facediff.testing.assert_regions_close([box], [])",
        "def test_nothing():\n        assert_unchanged(real, fake[1:])",
        "@pytest.mark.xfail(strict=True)\ndef test_nothing():\n    assert_unchanged(real, real)",
    ],
)
def test_a_failure_without_pictures_leaves_nothing(run, pytester, body):
    run(body).assert_outcomes(failed=1)
    assert not (pytester.path / ".facediff").exists()


def test_a_failure_before_the_test_leaves_its_pictures_too(run, pytester):
    body = """
    @pytest.fixture
    def pair():
        assert_unchanged(real, fake)

    def test_nothing(pair):
        pass
    """
    run(body).assert_outcomes(errors=1)
    assert len(left_in(pytester.path / ".facediff" / "test_mosaic--test_nothing")) == 4


def test_a_unittest_leaves_its_pictures_too(run, pytester):
    body = """
    import unittest

    class TestMosaic(unittest.TestCase):
        def test_nothing(self):
            assert_identical(real, fake)
    """
    run(body).assert_outcomes(failed=1)
    assert len(left_in(pytester.path / ".facediff" / "test_mosaic--TestMosaic--test_nothing")) == 4


@pytest.mark.parametrize("kind", ["uint16", "float32", "gray", "masked"])
def test_pictures_of_every_kind_are_left(run, pytester, kind):
    change = {
        "uint16": "real, fake = (each.astype(np.uint16) * 257 for each in (real, fake))",
        "float32": "real, fake = (each.astype(np.float32) / 255 for each in (real, fake))",
        "gray": "real, fake = real[..., 0].copy(), fake[..., 0].copy()",
        "masked": "box = facediff.Box(24, 24, 44, 40)",
    }[kind]
    law = "assert_identical(real, fake, data_range=1.0 if real.dtype == np.float32 else None"
    law += ", outside=box)" if kind == "masked" else ")"
    run(f"{change}\n\ndef test_nothing():\n    {law}").assert_outcomes(failed=1)
    folder = pytester.path / ".facediff" / "test_mosaic--test_nothing"
    real, fake = facediff.read_pair(folder / "real.png", folder / "fake.png")
    white = 1 if real.dtype == np.uint8 else 257
    assert (real == 90 * white).all()
    assert (fake[20:36, 20:40].reshape(16, 20, -1)[..., 0] == 200 * white).all()
    difference = facediff.read_image(folder / "difference.png")
    assert np.count_nonzero(difference) == 16 * 20 - (16 * 12 if kind == "masked" else 0)


# --- where -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("absolute", [False, True])
def test_the_folder_is_an_option_of_the_command_line(run, pytester, absolute):
    chosen = pytester.path / "seen" / "here" if absolute else "seen/here"
    run(FAILING, f"--facediff-artifacts={chosen}").assert_outcomes(failed=1)
    assert len(left_in(pytester.path / "seen/here/test_mosaic--test_nothing")) == 4
    assert not (pytester.path / ".facediff").exists()


def test_the_folder_is_an_option_of_the_configuration_relative_to_it(run, pytester, monkeypatch):
    pytester.makeini("[pytest]\nfacediff_artifacts = build/pictures")
    below = pytester.mkdir("below")
    monkeypatch.chdir(below)
    result = run(FAILING, "..")
    assert len(left_in(pytester.path / "build/pictures/test_mosaic--test_nothing")) == 4
    # Not below where pytest was started, so shown in full.
    result.stdout.fnmatch_lines([f"  {pytester.path}/build/pictures/test_mosaic--test_nothing"])


def test_a_folder_that_is_there_already_is_left_as_it_is(run, pytester):
    pytester.mkdir("mine")
    run(FAILING, "--facediff-artifacts=mine")
    assert not (pytester.path / "mine" / ".gitignore").exists()
    assert len(left_in(pytester.path / "mine")) == 4


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("tests/sub/test_a.py::test_x", "tests.sub.test_a--test_x"),
        ("test_a.py::TestX::test_x[jpeg-0.9]", "test_a--TestX--test_x-jpeg-0.9"),
        ("test_a.py::test_x[]", "test_a--test_x"),
        ("test_a.py::test_x[a/b]", "test_a--test_x-a_b-"),
        ("test_a.py::test_x[a b]", "test_a--test_x-a_b-"),
        ("test_a.py::test_x[1.]", "test_a--test_x-1.-"),
        ("test_a.py::test_x[a::b[0]]", "test_a--test_x-a__b_0_-"),
        ("test_a.py::test_größe", "test_a--test_gr__e-"),
        ("../test_a.py::test_x", "...test_a--test_x-"),
        ("a.b/test_a.py::test_x", "a.b.test_a--test_x-"),
        ("README.rst::README.rst", "README.rst--README.rst-"),
        ("test_a.py::test_x[" + "long" * 90 + "]", "test_a--test_x-" + ("long" * 90)[:105] + "-"),
    ],
)
def test_names_are_safe_and_tell_tests_apart(nodeid, name):
    safe = _pytest_plugin.safe_name(nodeid)
    if name.endswith("-"):
        assert safe[:-8] == name
        assert safe != _pytest_plugin.safe_name(
            nodeid.replace("test_x", "test_y").replace("ö", "ä").replace(".rst:", ":")
        )
        int(safe[-8:], 16)
    else:
        assert safe == name
    assert len(safe) < 140


def test_names_that_would_be_the_same_are_not():
    alike = ("a b", "a/b", "a_b", "a:b", "a\\b", "a_b.")
    assert len({_pytest_plugin.safe_name(f"test_a.py::test_x[{each}]") for each in alike}) == len(alike)


# --- where it cannot be written ------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_does_not_hide_the_failure(run, pytester):
    (pytester.path / ".facediff").write_text("a file, where the folder should be")
    result = run(FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*PairAssertionError: real and fake differ by more than coding explains",
            "*- facediff -*",
            "no pictures were left in .facediff/test_mosaic--test_nothing: *Error: *",
        ]
    )
    result.stdout.no_fnmatch_line("pictures left in:")


def test_a_read_only_folder_does_not_hide_the_failure(run, monkeypatch):
    # Simulated, since a superuser may write anywhere.
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(facediff.images, "write_image", refuse)
    result = run(FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["no pictures were left in .facediff/test_mosaic--test_nothing: PermissionError: *Permission denied*"]
    )


def test_an_earlier_failure_that_cannot_be_removed_is_no_failure(run, pytester, monkeypatch):
    run(FAILING)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    run(PASSING, "-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert len(left_in(pytester.path / ".facediff" / "test_mosaic--test_nothing")) == 4


# --- baselines -------------------------------------------------------------------------------------

FILE = Path("facediff_baselines") / "test_mosaic--test_mosaic.json"


@pytest.mark.parametrize("ci", [None, "true"])
def test_a_missing_baseline_fails_with_the_command_that_makes_it(run, pytester, monkeypatch, ci):
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    result = run(BASELINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"E*PairAssertionError: there is no baseline {pytester.path / FILE}",
            "E*to make it: pytest test_mosaic.py::test_mosaic --facediff-update",
        ]
    )
    assert not (pytester.path / FILE.parent).exists()
    # What the baseline would be made of can be looked at.
    assert len(left_in(pytester.path / ".facediff" / "test_mosaic--test_mosaic")) == 4


def test_an_update_writes_it_says_so_and_then_it_holds(run, pytester):
    result = run(BASELINE, "--facediff-update")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*= facediff =*", "baselines written:", f"  {FILE}"])
    assert json.loads((pytester.path / FILE).read_text())["regions"] == [{"box": [20, 20, 40, 36], "area": 320}]
    result = run(BASELINE)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*= facediff =*")
    # Nothing to renew: nothing is written.
    run(BASELINE, "--facediff-update").stdout.no_fnmatch_line("*= facediff =*")


def test_other_regions_fail_and_an_update_renews_them(run):
    run(BASELINE, "--facediff-update")
    moved = BASELINE.replace("comparison =", "fake[:] = np.roll(fake, 10, axis=1)\n        comparison =", 1)
    result = run(moved)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*PairAssertionError: the regions are not those of the baseline *: 0 of 1 expected came at iou=0.9, 1 un*",
            "E*expected:   20x16 at (20, 20): missing, nearest 20x16 at (30, 20), IoU 0.33",
            "E*to renew:   pytest test_mosaic.py::test_mosaic --facediff-update",
        ]
    )
    run(moved, "--facediff-update").assert_outcomes(passed=1)
    run(moved).assert_outcomes(passed=1)


def test_each_set_of_parameters_has_a_baseline_of_its_own(run, pytester):
    body = """
    @pytest.mark.parametrize("shift", [0, 20])
    def test_mosaic(shift, regions_baseline):
        found = facediff.find_regions(facediff.compare_images(real, np.roll(fake, shift, axis=1)))
        regions_baseline.check(found)
        regions_baseline.check(found, name="again")
    """
    run(body, "--facediff-update").assert_outcomes(passed=2)
    names = [f"test_mosaic--test_mosaic-{shift}{name}.json" for shift in (0, 20) for name in (".again", "")]
    assert left_in(pytester.path / FILE.parent) == sorted(names)
    run(body).assert_outcomes(passed=2)


def test_a_damaged_baseline_fails_until_it_is_renewed(run, pytester):
    (pytester.path / FILE.parent).mkdir()
    (pytester.path / FILE).write_text("{")
    result = run(BASELINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*ValueError: *must be a baseline of facediff, got a damaged file*"])
    run(BASELINE, "--facediff-update").assert_outcomes(passed=1)
    run(BASELINE).assert_outcomes(passed=1)


def test_a_baseline_that_cannot_be_written_fails(run, pytester):
    (pytester.path / FILE.parent).write_text("a file, where the folder should be")
    result = run(BASELINE, "--facediff-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*Error: *facediff_baselines*"])


# --- reports ---------------------------------------------------------------------------------------


def properties_of(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        for each in case.iter("property"):
            found.setdefault(case.get("name"), []).append(f"{each.get('name')}={each.get('value')}")
    return found


def test_junit_names_the_folder_once_and_shows_it_with_the_failure(run, pytester):
    run(FAILING + BASELINE, "--junitxml=report.xml", "--facediff-update", "--show-capture=no")
    assert properties_of(pytester.path / "report.xml") == {
        "test_nothing": ["facediff_artifacts=.facediff/test_mosaic--test_nothing"],
        "test_mosaic": [f"facediff_baseline_written={FILE}"],
    }
    (failure,) = ElementTree.parse(pytester.path / "report.xml").iter("failure")
    assert "figure.png are in .facediff/test_mosaic--test_nothing" in failure.text


@pytest.mark.parametrize("style", ["short", "line", "native", "no"])
def test_every_style_of_traceback_is_told_in_the_end(run, style):
    result = run(FAILING, f"--tb={style}")
    result.stdout.fnmatch_lines(["pictures left in:", "  .facediff/test_mosaic--test_nothing"])


def test_a_report_without_sections_of_its_own_gets_one_of_captured_output():
    plain = SimpleNamespace(longrepr="a string", sections=[])
    _pytest_plugin._add_section(plain, "text")
    assert plain.sections == [("facediff", "text")]


@pytest.mark.slow
def test_workers_report_to_the_one_that_asks(pytester):
    # Workers are processes of their own: they load the plugin by its name.
    again = FAILING.replace("def test_", "def test_again_")
    pytester.makepyfile(test_mosaic="".join(map(dedent, (HEADER, FAILING, again, BASELINE))))
    plugins = ("-p", "xdist", "-p", "facediff._pytest_plugin")
    result = pytester.runpytest_subprocess(*plugins, "-n", "2", "--junitxml=report.xml", "--facediff-update")
    result.assert_outcomes(failed=2, passed=1)
    folders = ["test_mosaic--test_again_nothing", "test_mosaic--test_nothing"]
    assert left_in(pytester.path / ".facediff") == sorted(
        [".gitignore", *(f"{folder}/{name}" for folder in folders for name in _artifacts.NAMES)]
    )
    assert (pytester.path / FILE).is_file()
    result.stdout.fnmatch_lines(
        ["pictures left in:", *(f"  .facediff/{name}" for name in folders), "baselines written:", f"  {FILE}"]
    )
    assert {name: len(each) for name, each in properties_of(pytester.path / "report.xml").items()} == {
        "test_again_nothing": 1,
        "test_nothing": 1,
        "test_mosaic": 1,
    }


# --- what it costs -------------------------------------------------------------------------------


def test_the_entry_point_leads_to_the_plugin():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    ((name, module),) = project["entry-points"]["pytest11"].items()
    assert name == "facediff"
    assert importlib.import_module(module) is _pytest_plugin


def test_the_plugin_loads_nothing_that_pytest_did_not():
    code = "import pytest, sys; before = set(sys.modules); import facediff._pytest_plugin; "
    code += "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.split() == ["facediff"]


def test_the_options_are_explained(run):
    result = run(PASSING, "--help")
    result.stdout.fnmatch_lines(
        ["facediff:", "  --facediff-artifacts=DIR", "  --facediff-update *", "*facediff_artifacts (string):*"]
    )
