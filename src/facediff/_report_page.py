"""One HTML file that asks for nothing: template, style and script in one, and a policy that holds it to that."""

from __future__ import annotations

import base64
import hashlib
import math
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from facediff._printable import printable
from facediff._whole_file import write_text

if TYPE_CHECKING:
    from jinja2 import Environment


class Fact(NamedTuple):
    """A number at the head of a page."""

    label: str
    value: str
    note: str


def need_jinja() -> None:
    """Say which extra brings Jinja if it is missing."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise ImportError('reports need Jinja, which is not installed; pip install "facediff[report]"') from error


def write_page(path: str, template: str, context: dict[str, Any]) -> None:
    """Fill in a template and write the page, whole or not at all."""
    style, script = (files("facediff").joinpath(name).read_text("utf-8") for name in ("_report.css", "_report.js"))
    text = (
        _environment()
        .get_template(template)
        .render(context, style=style, script=script, style_hash=_source_hash(style), script_hash=_source_hash(script))
    )
    write_text(path, text, kind="report")


def number(value: float, form: str = ".4g") -> str:
    """Write a number for people."""
    if math.isnan(value):
        return "\N{EN DASH}"
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else "\N{MINUS SIGN}\N{INFINITY}"
    return format(value, form).replace("-", "\N{MINUS SIGN}")


def shortened(text: str, most: int) -> str:
    """Cut a text off after so many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("facediff", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    # JSON knows no NaN: one that came so far would stop the page's script.
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment


def _source_hash(text: str) -> str:
    """Return how a content security policy names the one text that may stand in a tag."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
