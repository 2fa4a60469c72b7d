"""The README keeps its word: its Python runs, its files exist, its commands are the two it promises."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_python_runs_as_printed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it writes a figure
    source = "\n".join(blocks("python"))
    test = doctest.DocTestParser().get_doctest(source, {}, "README.md", "README.md", 0)
    assert len(test.examples) >= 5
    report: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


def test_the_python_holds_nothing_but_examples():
    # A line without a prompt would be shown to readers and run by nobody.
    for block in blocks("python"):
        assert block.startswith(">>> ")


@pytest.mark.parametrize(
    ("heading", "ending"),
    [
        ("Try it", ".venv/bin/python examples/compare_pair.py"),
        ("Test it", ".venv/bin/python -m pytest"),
    ],
)
def test_one_command_from_a_fresh_clone(heading, ending):
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    (block,) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    (command,) = block.splitlines()
    assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
    assert command.endswith(f" && {ending}")


def test_links_and_pictures_lead_somewhere():
    targets = [target for target in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in target]
    assert "docs/_static/pair.png" in targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_picture_at_the_top_is_small():
    assert (ROOT / "docs" / "_static" / "pair.png").stat().st_size < 150_000
