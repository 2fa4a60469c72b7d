"""The floors of ``docs/architecture.rst`` hold: its table is read, and every import is held against it."""

import ast
import csv
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "facediff"
PAGE = ROOT / "docs" / "architecture.rst"
DOOR = "_arrays"  # its checks are open to every room, whatever the floor
IMPORT_NAMES = {"opencv": "cv2", "scikit-image": "skimage", "pillow": "PIL"}


class Room(NamedTuple):
    floor: int
    third_party: frozenset[str]


def read_rooms(text: str) -> dict[str, Room]:
    """Read the floors table, rows of ``floor, ``file``, "what it holds", third-party packages``."""
    rows = re.findall(r"^   (\d+, ``\w+\.py``, .*)$", text, re.MULTILINE)
    rooms = {}
    for floor, file, _, packages in csv.reader(rows, skipinitialspace=True):
        names = [] if packages == "none" else packages.split(", ")
        rooms[file.strip("`").removesuffix(".py")] = Room(
            int(floor), frozenset(IMPORT_NAMES.get(name, name) for name in names)
        )
    return rooms


def imports_of(source: str) -> set[str]:
    """Return the modules that a source imports anywhere, functions and type checking included.

    A name taken from the package itself counts as the module of that name; `__version__` is no module.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written absolutely"
            if node.module == "facediff":
                found |= {f"facediff.{alias.name}" for alias in node.names if alias.name != "__version__"}
            else:
                found.add(str(node.module))
    return found


def breaches(name: str, source: str, rooms: dict[str, Room]) -> list[str]:
    """Return what a room imports against the table."""
    room = rooms[name]
    found = []
    for module in sorted(imports_of(source)):
        package, _, rest = module.partition(".")
        if package == "facediff":
            if rest not in rooms:
                found.append(f"{name} imports {module}, which is no room: import from the name's own module")
            elif rest != DOOR and rooms[rest].floor >= room.floor:
                found.append(f"{name} (floor {room.floor}) imports {rest} (floor {rooms[rest].floor})")
        elif package not in sys.stdlib_module_names and package not in room.third_party:
            found.append(f"{name} imports {package}, which the table does not grant it")
    return found


ROOMS = read_rooms(PAGE.read_text())
SOURCES = {path.stem: path.read_text() for path in SOURCE.glob("*.py")}


def test_every_room_is_in_the_table_and_every_row_is_a_room():
    assert set(ROOMS) == set(SOURCES)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_imports_go_to_lower_floors_and_to_granted_packages_only(name):
    assert breaches(name, SOURCES[name], ROOMS) == []


def test_the_door_rests_on_nothing_of_ours():
    # Open to all floors, it could otherwise close a circle.
    assert not {module for module in imports_of(SOURCES[DOOR]) if module.startswith("facediff")}


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_no_package_is_granted_in_vain(name):
    used = {module.partition(".")[0] for module in imports_of(SOURCES[name])}
    assert ROOMS[name].third_party - used == set()


SMALL = {
    "_arrays": Room(0, frozenset({"numpy"})),
    "low": Room(0, frozenset()),
    "left": Room(1, frozenset({"numpy"})),
    "right": Room(1, frozenset()),
}


@pytest.mark.parametrize(
    ("name", "source", "breach"),
    [
        ("low", "from facediff.left import x", "low (floor 0) imports left (floor 1)"),
        ("left", "from facediff import right", "left (floor 1) imports right (floor 1)"),
        ("left", "def f():\n    import facediff.right", "left (floor 1) imports right (floor 1)"),
        ("right", "import numpy as np", "right imports numpy, which the table does not grant it"),
        ("left", "from facediff import Box", "left imports facediff.Box, which is no room"),
    ],
)
def test_a_breach_is_seen(name, source, breach):
    (found,) = breaches(name, source, SMALL)
    assert found.startswith(breach)


@pytest.mark.parametrize(
    "source", ["import math", "import numpy.typing", "from facediff import low, __version__", "import facediff._arrays"]
)
def test_what_is_allowed_passes(source):
    assert breaches("left", source, SMALL) == []


def test_the_table_is_read_as_it_is_written():
    table = '   3, ``one.py``, "holds, with a comma", "opencv, numpy"\n   0, ``two.py``, "words", none\n'
    assert read_rooms(table) == {
        "one": Room(3, frozenset({"cv2", "numpy"})),
        "two": Room(0, frozenset()),
    }
    with pytest.raises(ValueError, match="too many values"):
        read_rooms('   3, ``one.py``, "packages without quotes", opencv, numpy\n')
