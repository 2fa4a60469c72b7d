"""Records: a result as plain data, with what it takes to make it again and check it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask, frozen
from facediff._document import Node, number_or_word
from facediff._items import region_parts
from facediff._registration import Shift
from facediff._runs import decode_rle
from facediff._versions import Versions
from facediff.compare import Comparison
from facediff.regions import Box, Region

SCHEMA, SCHEMA_VERSION = "facediff.localisation", 1

Parameter = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Digest:
    r"""What an array was, without the array.

    Attributes
    ----------
    sha256 : str
        SHA-256, in hexadecimal digits, of the dtype's name, a space, the sides joined by "x", a line feed, and then the
        values, last axis fastest, low byte first; of a 640x480 RGB picture the text is ``"uint8 480x640x3\n"``.
    shape : tuple of int
        Its shape.
    dtype : str
        Its dtype's name.
    """

    sha256: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A result read from data; frozen, its arrays read-only. Exports take it as they take a `facediff.Localisation`.

    Attributes
    ----------
    manipulated, regions, mask, threshold, margin, shift, alignment, recipe, recipe_version, parameters, versions
        As in `facediff.Localisation`.
    evidence : Digest
        What the evidence was; `verify` makes it again.
    real, fake : Digest
        What the two pictures were.
    where : Digest or None
        What the mask of the pixels that count was; None = all counted.
    data_range : float
        The value of white.
    window, window_size, channels
        How SSIM was taken.
    """

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask = field(repr=False)
    evidence: Digest
    threshold: float
    margin: float
    shift: Shift | None
    alignment: str
    recipe: str
    recipe_version: int
    parameters: dict[str, Parameter]
    versions: Versions
    real: Digest
    fake: Digest
    where: Digest | None
    data_range: float
    window: str
    window_size: int
    channels: str

    def __str__(self) -> str:
        """Verdict, regions, recipe and inputs in one line."""
        count = len(self.regions)
        verdict = f"{count} region{'s' if count != 1 else ''} changed" if self.manipulated else "Nothing changed"
        return (
            f"{verdict} by recipe {self.recipe} (version {self.recipe_version}), recorded by facediff "
            f"{self.versions.facediff}: real {self.real.sha256[:8]}, fake {self.fake.sha256[:8]}"
        )


def digest_of(array: npt.NDArray[Any]) -> Digest:
    """Return what an array is."""
    head = f"{array.dtype.name} {'x'.join(map(str, array.shape))}\n"
    values = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    sha = hashlib.sha256(head.encode("ascii"))
    sha.update(values.data)
    return Digest(sha.hexdigest(), array.shape, array.dtype.name)


def inputs_of(comparison: Comparison) -> dict[str, Any]:
    """Return what was compared, and how, as it stands in a record."""
    return {
        "real": digest_of(comparison.real),
        "fake": digest_of(comparison.fake),
        "where": None if comparison.where is None else digest_of(comparison.where),
        "data_range": comparison.data_range,
        "window": comparison.window,
        "window_size": comparison.window_size,
        "channels": comparison.channels,
    }


# --- values into data ----------------------------------------------------------------------------


def digest_data(digest: Digest) -> dict[str, Any]:
    """Return a digest as JSON holds it."""
    return {"sha256": digest.sha256, "shape": list(digest.shape), "dtype": digest.dtype}


def region_data(region: Region) -> dict[str, Any]:
    """Return a region as JSON holds it."""
    return {
        "box": list(region.box.xyxy),
        "area": region.area,
        "contour": region.contour.tolist(),
        "strength": number_or_word(region.strength),
        "margin": number_or_word(region.margin),
        "mean_ssim": number_or_word(region.mean_ssim),
        "luma_change": number_or_word(region.luma_change),
        "chroma_change": [number_or_word(change) for change in region.chroma_change],
    }


def shift_data(shift: Shift | None) -> dict[str, Any] | None:
    """Return a shift as JSON holds it."""
    return None if shift is None else {"dx": shift.dx, "dy": shift.dy, "distance": shift.distance, "tiles": shift.tiles}


# --- data into values ----------------------------------------------------------------------------


def read_record(data: Node) -> Record:
    """Return the record that data hold, each value checked."""
    if data["schema"].value != SCHEMA:
        raise data["schema"].refuse(f"{SCHEMA!r}")
    version = data["schema_version"].whole(low=1)
    if version > SCHEMA_VERSION:
        raise ValueError(
            f"{data.place} must be of schema version {SCHEMA_VERSION} or older, got {version}; "
            "update facediff, which is older than what wrote it"
        )
    inputs, recipe, verdict = data["inputs"], data["recipe"], data["verdict"]
    record = Record(
        manipulated=verdict["manipulated"].truth(),
        regions=tuple(_read_region(region) for region in data["regions"].members()),
        mask=_read_mask(data["mask"]),
        evidence=_read_digest(data["evidence"]),
        threshold=verdict["threshold"].number(),
        margin=verdict["margin"].number(),
        shift=_read_shift(verdict["shift"]),
        alignment=verdict["alignment"].text(),
        recipe=recipe["name"].text(),
        recipe_version=recipe["version"].whole(low=1),
        parameters={key: _read_parameter(recipe["parameters"][key]) for key in recipe["parameters"].keys()},  # noqa: SIM118
        versions=Versions(*(data["versions"][package].text() for package in Versions._fields)),
        real=_read_digest(inputs["real"]),
        fake=_read_digest(inputs["fake"]),
        where=None if inputs["where"].value is None else _read_digest(inputs["where"]),
        data_range=inputs["data_range"].number(),
        window=inputs["window"].text(),
        window_size=inputs["window_size"].whole(low=3),
        channels=inputs["channels"].text(),
    )
    _check_fit(record, data)
    return record


def _check_fit(record: Record, data: Node) -> None:
    """Refuse what is right by itself and does not fit together."""
    for name, digest in (("real", record.real), ("fake", record.fake), ("evidence", record.evidence)):
        if digest.shape[:2] != record.mask.shape:
            raise ValueError(
                f"the mask of {data.place} must have the height and width of {name}, got {record.mask.shape} and "
                f"{digest.shape[:2]}; the data are damaged"
            )
    for index, part in enumerate(region_parts(record, data.place)):
        marked = int(part.marked.sum())
        if marked != part.region.area:
            raise ValueError(
                f"{data.place}['regions'][{index}]['area'] must be the pixels that the mask marks in it, {marked}, "
                f"got {part.region.area}; the data are damaged"
            )


def _read_digest(node: Node) -> Digest:
    sha = node["sha256"].text()
    if len(sha) != 64 or set(sha) - set("0123456789abcdef"):
        raise node["sha256"].refuse("64 hexadecimal digits")
    shape = tuple(side.whole(low=1) for side in node["shape"].members())
    if len(shape) not in (2, 3):
        raise node["shape"].refuse("two or three sides")
    return Digest(sha, shape, node["dtype"].text())


def _read_region(node: Node) -> Region:
    left, top, right, bottom = (side.whole() for side in node["box"].members(count=4))
    if right <= left or bottom <= top:
        raise node["box"].refuse("left, top, right, bottom with right > left and bottom > top")
    corners = [[side.whole(low=0) for side in corner.members(count=2)] for corner in node["contour"].members()]
    contour = np.array(corners, np.int64).reshape(-1, 2)
    if not corners or contour.max() > np.iinfo(np.int32).max:
        raise node["contour"].refuse("at least one point within the picture")
    blue, red = (change.number() for change in node["chroma_change"].members(count=2))
    return Region(
        box=Box(left, top, right, bottom),
        area=node["area"].whole(low=1),
        contour=frozen(contour.astype(np.int32)),
        strength=node["strength"].number(),
        margin=node["margin"].number(),
        mean_ssim=node["mean_ssim"].number(),
        luma_change=node["luma_change"].number(),
        chroma_change=(blue, red),
    )


def _read_mask(node: Node) -> Mask:
    try:
        return frozen(decode_rle({"size": node["size"].value, "counts": node["counts"].text()}))
    except ValueError as error:
        raise ValueError(f"{node.place} cannot be read: {error}") from None


def _read_shift(node: Node) -> Shift | None:
    if node.value is None:
        return None
    dx, dy, distance = (node[key].number() for key in ("dx", "dy", "distance"))
    return Shift(dx=dx, dy=dy, distance=distance, tiles=node["tiles"].whole(low=1))


def _read_parameter(node: Node) -> Parameter:
    if not isinstance(node.value, (bool, int, float, str)):
        raise node.refuse("true, false, a number or a text")
    return node.value
