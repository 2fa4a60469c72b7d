"""The pytest plugin: failing assertions leave their pictures, expected regions are kept beside the test.

pytest imports this in every run of an environment that has facediff, so it loads nothing but the standard library and
pytest, and no state is kept but pytest's own: a failure's pictures come with its exception, and what was written goes
with the test's report, through the processes of pytest-xdist too.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from facediff import _artifacts

if TYPE_CHECKING:
    from facediff.compare import Comparison
    from facediff.localise import Localisation
    from facediff.testing import RegionsBaseline

_LONGEST = 120  # characters of a name: file systems take 255 bytes, and suffixes follow
_PICTURES, _BASELINE = "facediff_artifacts", "facediff_baseline_written"  # names of properties in reports and JUnit XML
_CHECKED: pytest.StashKey[RegionsBaseline] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and of the configuration file."""
    group = parser.getgroup("facediff")
    group.addoption(
        "--facediff-artifacts",
        metavar="DIR",
        help="folder for the pictures of failing facediff assertions, one folder a test (default: facediff_artifacts)",
    )
    group.addoption(
        "--facediff-update",
        action="store_true",
        help="write the baselines of regions_baseline anew instead of comparing with them",
    )
    parser.addini(
        "facediff_artifacts",
        "folder for the pictures of failing facediff assertions, relative to the root folder (default: .facediff)",
        type="string",
        default=".facediff",
    )


@pytest.fixture
def regions_baseline(request: pytest.FixtureRequest) -> RegionsBaseline:
    """Keep expected regions in a small JSON file beside the test: ``regions_baseline.check(found)``."""
    from facediff.testing import RegionsBaseline

    module, _, test = request.node.nodeid.partition("::")
    path = request.node.path
    baseline = RegionsBaseline(
        path.parent / "facediff_baselines" / f"{safe_name(f'{path.stem}::{test or module}')}.json",
        update=request.config.getoption("--facediff-update"),
        command=f"pytest {shlex.quote(request.node.nodeid)} --facediff-update",
    )
    request.node.stash[_CHECKED] = baseline
    return baseline


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave the pictures of a failure, remove those of an earlier one, and say what was written."""
    report = yield
    root = _root(item.config)
    folder = root / safe_name(item.nodeid)
    if call.when == "setup":
        _artifacts.clear(folder)
    if call.when == "call" and _CHECKED in item.stash:
        for path in item.stash[_CHECKED].written:
            _note(item, report, _BASELINE, path)
    shown = _pictures_of(call) if report.failed else None
    if shown is not None:
        _add_section(report, _leave(item, report, folder, root, *shown))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was written."""
    written: dict[str, list[str]] = {_PICTURES: [], _BASELINE: []}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for name, value in getattr(report, "user_properties", ()):
            if name in written and value not in written[name]:
                written[name].append(value)
    if not any(written.values()):
        return
    terminalreporter.section("facediff")
    for name, title in ((_PICTURES, "pictures left in"), (_BASELINE, "baselines written")):
        if written[name]:
            terminalreporter.line(f"{title}:")
            for value in sorted(written[name]):
                terminalreporter.line(f"  {value}")


def safe_name(nodeid: str) -> str:
    """Turn the name of a test into that of a file or folder, on every system, and no two into one.

    ``tests/test_mosaic.py::TestFace::test_eyes[90]`` becomes ``tests.test_mosaic--TestFace--test_eyes-90``. What other
    characters there are turns into ``_``; where there are any, or the name is too long, a hash tells it apart.
    """
    test, _, parameters = nodeid.partition("[")
    module, *names = test.split("::")
    folders, parameters = module.removesuffix(".py").split("/"), parameters.removesuffix("]")
    name = "--".join([".".join(folders), *names]) + (f"-{parameters}" if parameters else "")
    plain = not any(re.search(r"[^A-Za-z0-9_-]", word) for word in (*folders, *names))
    if plain and re.fullmatch(r"([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", parameters) and len(name) <= _LONGEST:
        return name
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)[:_LONGEST]}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}"


def _root(config: pytest.Config) -> Path:
    """Return the folder for pictures: that of the command line, or that of the configuration file."""
    chosen: str | None = config.getoption("--facediff-artifacts")
    if chosen is not None:
        return config.invocation_params.dir / chosen
    return config.rootpath / str(config.getini("facediff_artifacts"))


def _pictures_of(call: pytest.CallInfo[None]) -> tuple[Comparison, Localisation | None] | None:
    """Return what a failing assertion compared and found, if it is one of ours and compared something."""
    testing = sys.modules.get("facediff.testing")  # if nobody loaded it, nobody raised its error
    if testing is None or call.excinfo is None:
        return None
    error = call.excinfo.value
    if not isinstance(error, testing.PairAssertionError) or error.comparison is None:
        return None
    return error.comparison, error.found


def _leave(
    item: pytest.Item,
    report: pytest.TestReport,
    folder: Path,
    root: Path,
    comparison: Comparison,
    found: Localisation | None,
) -> str:
    """Write the pictures and return the line that says so, or why not."""
    try:
        _artifacts.leave(folder, root, comparison, found)
    except Exception as error:  # whatever goes wrong here must not hide the test's own failure
        return f"no pictures were left in {_shown(folder)}: {type(error).__name__}: {error}"
    _note(item, report, _PICTURES, folder)
    return f"{', '.join(_artifacts.NAMES)} are in {_shown(folder)}"


def _note(item: pytest.Item, report: pytest.TestReport, name: str, path: Path) -> None:
    """Add a property to this report and to the test's later ones: JUnit XML takes those of the last."""
    for properties in (item.user_properties, report.user_properties):
        properties.append((name, _shown(path)))


def _add_section(report: pytest.TestReport, text: str) -> None:
    """Add a section to the failure itself, as ``--show-capture=no`` and JUnit XML keep it; else to the captured."""
    add = getattr(report.longrepr, "addsection", None)
    if add is None:
        report.sections.append(("facediff", text))
    else:
        add("facediff", text)


def _shown(path: Path) -> str:
    """Return a path as it reads best: relative to where pytest was started, if it lies below."""
    with_dots = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else path
    return str(with_dots)
