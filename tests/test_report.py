"""Reports read as files: they say what was found, ask for nothing, and nothing of the outside becomes markup."""

import base64
import hashlib
import json
import math
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import colormaps

import facediff
from clips import LOSSLESS, make_clip, pictures
from facediff import _report_charts as charts
from facediff import _report_pictures, _report_run
from facediff._batch_summary import summary_of
from facediff._printable import printable
from facediff._registration import Shift
from facediff._report_clip import MOST_BOXES, MOST_POINTS, clip_context
from facediff._report_inputs import input_of_file, input_of_picture
from facediff._report_page import number, write_page
from facediff._report_pair import MOST_CROPS, MOST_REGIONS
from facediff._roc import measure_roc
from facediff._versions import versions
from facediff.batch import compare_many
from facediff.report import write_report
from facediff.timeline import Highlight, Segment, Track, VideoComparison, compare_videos

TIMES, MINUS, DASH = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}", "\N{EN DASH}"
HOSTILE = "</script><img src=x onerror=alert(1)>&\"'{{7*7}}\n\u202egpj"


class Page(HTMLParser):
    """What a page holds: its elements with their attributes, its text, and what stands in its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.words, self.sources = [], [], {}
        self._open = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs).get("id")) if tag in ("script", "style") else None

    def handle_data(self, data):
        if self._open:
            self.sources[self._open] = data
        else:
            self.words.append(data)

    def handle_endtag(self, tag):  # noqa: ARG002
        self._open = None

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag, **wanted):
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def data(self, name):
        return json.loads(self.sources["script", name])


def read(path):
    return Page(path.read_text(encoding="utf-8"))


def decode(uri):
    """Return the picture that an address holds, RGB or gray."""
    data = np.frombuffer(base64.b64decode(uri.partition(",")[2]), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    return picture if picture.ndim == 2 else picture[..., ::-1]


@pytest.fixture(scope="module")
def pair():
    (real,) = pictures(1)
    fake = real.copy()
    fake[20:40, 30:60] = (250, 10, 120)
    comparison = facediff.compare_images(real, fake)
    return comparison, facediff.find_regions(comparison)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    frames = pictures(12)
    fakes = [frame.copy() for frame in frames]
    for fake in fakes[4:9]:
        fake[20:40, 30:60] = (250, 10, 120)
    return compare_videos(
        make_clip(folder / "real.mkv", frames, **LOSSLESS), make_clip(folder / "fake.mkv", fakes, **LOSSLESS)
    )


def series(count, **columns):
    """Return the comparison of a clip of so many frames, alike but for some columns."""
    plain = {name: np.zeros(count) for name in ("mse", "psnr")}
    plain |= {"ssim": np.ones(count), "margin": np.full(count, 0.2), "area": np.zeros(count, np.int64)}
    return VideoComparison(
        real="nowhere/real.mp4",
        fake="nowhere/fake.mp4",
        index=np.arange(count),
        time=np.arange(count) / 25,
        manipulated=np.zeros(count, bool),
        boxes=((),) * count,
        **{"refused": (), "tracks": (), "segments": (), "highlights": (), "mean_evidence": None}
        | {
            "shape": (64, 96),
            "reading": {},
            "recipe": "noise-aware",
            "recipe_version": 1,
            "parameters": {"false_alarm_rate": 0.01},
        }
        | {"versions": versions()}
        | plain
        | columns,
    )


# --- the page of a pair ---------------------------------------------------------------------------


def test_the_numbers_of_a_pair_are_those_of_the_library(pair, tmp_path):
    comparison, found = pair
    page = read(write_report(pair, tmp_path / "pair.html"))
    assert str(found) in page.text
    assert f"{comparison.ssim:.4f}" in page.text
    assert f"{comparison.psnr:.2f} dB" in page.text
    (region,) = found.regions
    assert f"{region.box.width}{TIMES}{region.box.height}" in page.text
    assert f"{region.box.left}, {region.box.top}" in page.text
    assert f"{region.area:,}" in page.text
    boxes = page.all("rect", **{"class": "line"})
    assert [tuple(int(box[side]) for side in ("x", "y", "width", "height")) for box in boxes] == [region.box.xywh]


def test_a_page_says_what_made_it(pair, tmp_path):
    comparison, found = pair
    page = read(write_report(pair, tmp_path / "pair.html"))
    assert "noise-aware, version 1" in page.text
    assert "false_alarm_rate 0.01" in page.text
    for package, version in versions()._asdict().items():
        assert f"{package} {version}" in page.text
    assert hashlib.sha256(comparison.real.tobytes()).hexdigest() in page.text
    assert hashlib.sha256(comparison.fake.tobytes()).hexdigest() in page.text
    assert found.manipulated


def test_files_are_named_with_their_hashes(pair, tmp_path):
    names = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, picture in zip(names, (pair[0].real, pair[0].fake), strict=True):
        facediff.write_image(path, picture)
    page = read(write_report(pair, tmp_path / "pair.html", files=(names[0], names[1])))
    for path in names:
        assert f"{path.name} {path.stat().st_size:,} bytes" in page.text
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page.text


def test_layers_show_the_pictures_in_their_own_colours(pair, tmp_path):
    page = read(write_report(pair, tmp_path / "pair.html"))
    layers = {image["data-layer"]: decode(image["src"]) for image in page.all("img") if "data-layer" in image}
    assert list(layers) == ["real", "fake", "evidence", "mask"]
    # WebP at quality 90: a flat patch of 20x30 pixels keeps its colour within a few levels.
    assert layers["fake"][30, 45].astype(int) == pytest.approx((250, 10, 120), abs=8)
    assert (layers["mask"] > 0).tolist() == pair[1].mask.tolist()
    assert layers["evidence"][30, 45].astype(int).sum() > layers["evidence"][5, 5].astype(int).sum() + 100


@pytest.mark.parametrize(
    ("dtype", "white"), [(np.uint8, None), (np.uint16, None), (np.float32, 1.0)], ids=["uint8", "uint16", "float32"]
)
def test_pictures_of_every_kind_are_shown(dtype, white, tmp_path):
    limit = white or np.iinfo(dtype).max
    real = np.full((64, 64), limit / 2).astype(dtype)
    comparison = facediff.compare_images(real, real, data_range=white)
    page = read(write_report((comparison, facediff.find_regions(comparison)), tmp_path / "gray.html"))
    shown = decode(page.all("img", **{"data-layer": "real"})[0]["src"]).astype(int)
    assert np.abs(shown - 128).max() <= 2
    assert "Nothing changed beyond coding" in page.text
    assert "No region: there is nothing to list." in page.text


def test_a_recipe_without_a_test_is_called_so(pair, tmp_path):
    found = facediff.find_regions(pair[0], recipe="otsu")
    page = read(write_report((pair[0], found), tmp_path / "otsu.html"))
    assert f"{len(found.regions)} region" in page.text
    assert "marked, without a test" in page.text
    assert "of what coding reaches" not in page.text
    assert "gate" not in page.text
    assert f"1 {MINUS} SSIM" in page.text


def test_many_regions_are_cut_off_and_the_page_says_so(pair, tmp_path):
    comparison, found = pair
    many = replace(found, regions=found.regions * 250)
    page = read(write_report((comparison, many), tmp_path / "many.html"))
    assert len(page.all("rect", **{"class": "line"})) == MOST_REGIONS
    assert len([row for row in page.all("tr") if "data-row" in row]) == MOST_REGIONS
    assert len([image for image in page.all("img") if image["alt"].startswith("Region")]) == 2 * MOST_CROPS
    assert f"The first {MOST_REGIONS} of 250 regions are drawn and listed." in page.text


def test_the_shift_of_the_background_is_told(pair, tmp_path):
    found = replace(pair[1], shift=Shift(dx=0.1, dy=-0.2, distance=0.25, tiles=9))
    assert "Shift 0.25 px of the background" in read(write_report((pair[0], found), tmp_path / "shift.html")).text


def test_only_the_pixels_that_count_make_the_share(pair, tmp_path):
    where = np.zeros(pair[0].shape, bool)
    where[20:40, 30:60] = True
    comparison = facediff.compare_images(pair[0].real, pair[0].fake, where=where)
    found = replace(pair[1], mask=where)
    assert "Changed 100 % of the compared pixels" in read(write_report((comparison, found), tmp_path / "a.html")).text


def test_the_same_result_gives_the_same_bytes(pair, clip, tmp_path):
    for result in (pair, clip):
        one, two = (write_report(result, tmp_path / name).read_bytes() for name in ("one.html", "two.htm"))
        assert one == two


# --- the page of a clip ---------------------------------------------------------------------------


def test_the_numbers_of_a_clip_are_those_of_the_library(clip, tmp_path):
    page = read(write_report(clip, tmp_path / "clip.html"))
    assert str(clip) in page.text
    samples = page.data("samples")
    assert samples["frame"] == list(range(12))
    assert samples["ssim"] == pytest.approx(clip.ssim, abs=1e-5)
    assert samples["manipulated"] == clip.manipulated.tolist()
    (segment,) = clip.segments
    (band,) = page.all("rect", **{"class": "band"})
    chart = page.all("svg", id="timeline")[0]
    left, right = float(chart["data-left"]), float(chart["data-right"])
    per_second = (right - left) / clip.time[-1]
    assert float(band["x"]) == pytest.approx(left + per_second * segment.start_time, abs=0.1)
    assert float(band["width"]) == pytest.approx(per_second * (segment.stop_time - segment.start_time), abs=0.1)
    assert f"Manipulated for {segment.stop_time - segment.start_time:.2f} s" in page.text
    assert len([card for card in page.all("button") if "data-card" in card]) == len(clip.highlights)


def test_a_long_clip_is_drawn_by_its_worst_frames(tmp_path):
    # One frame in 5,001 stands out; it is drawn whatever the others are.
    margin, ssim = np.full(5001, 0.2), np.full(5001, 0.99)
    margin[3333], ssim[3333] = 40.0, 0.5
    context = clip_context(series(5001, margin=margin, ssim=ssim))
    assert context["per_point"] == 3
    assert len(context["samples"]["frame"]) == 1667 <= MOST_POINTS
    assert 3333 in context["samples"]["frame"]
    assert max(context["samples"]["margin"]) == 40.0
    page = read(write_report(series(5001, margin=margin, ssim=ssim), tmp_path / "long.html"))
    assert "Each point is the frame that differs most of 3." in page.text
    assert (tmp_path / "long.html").stat().st_size < 400_000


@pytest.mark.slow
def test_a_clip_of_many_pieces_stays_small(tmp_path):
    # A segment of one frame at every tenth, ten thousand of them, and frames full of boxes.
    pieces = tuple(Segment(n, n + 1, n / 25, (n + 1) / 25) for n in range(0, 100_000, 10))
    tracks = tuple(Track(n, n + 1, np.array([n]), (facediff.Box(0, 0, 9, 9),), 1.0, 5.0) for n in range(0, 100_000, 10))
    flat = np.zeros((64, 96, 3), np.uint8)
    shown = Highlight(0, 0.0, 1.0, flat, flat, (facediff.Box(0, 0, 9, 9),) * 5000)
    result = series(100_000, segments=pieces, tracks=tracks, highlights=(shown,))
    page = read(write_report(result, tmp_path / "many.html"))
    assert (tmp_path / "many.html").stat().st_size < 600_000
    assert "Manipulated for 400.00 s" in page.text
    assert "The first 100 of 10,000 are listed." in page.text
    assert "and 9980 more" in page.text
    assert len(page.all("rect", **{"class": "line"})) == MOST_BOXES
    (band,) = page.all("rect", **{"class": "band"})  # they lie less than a pixel apart
    chart = page.all("svg", id="timeline")[0]
    whole = float(chart["data-right"]) - float(chart["data-left"])
    assert float(band["width"]) == pytest.approx(whole, abs=1)  # the last is widened to a pixel


def test_metrics_alone_have_one_panel_and_no_verdict(tmp_path):
    result = series(9, margin=np.full(9, np.nan), recipe=None, parameters={})
    page = read(write_report(result, tmp_path / "metrics.html"))
    assert "Compared, no regions looked for" in page.text
    assert len(page.all("path", **{"class": "series"})) == 1
    assert page.data("samples")["margin"] == [None] * 9


def test_metrics_alone_still_show_the_frames_that_differ_most(clip, tmp_path):
    result = compare_videos(clip.real, clip.fake, recipe=None)
    page = read(write_report(result, tmp_path / "metrics.html"))
    assert [image["data-layer"] for image in page.all("img") if "data-layer" in image] == ["real", "fake"]
    assert "Evidence" not in page.text


def test_a_clip_by_a_recipe_without_a_test_shows_what_changed(tmp_path):
    result = series(9, margin=np.full(9, np.nan), recipe="otsu", parameters={}, area=np.full(9, 614))
    page = read(write_report(result, tmp_path / "otsu.html"))
    assert "No tracks marked, without a test" in page.text
    assert "Changed, % of the picture" in page.text


def test_refused_frames_are_counted_and_their_line_breaks_off(tmp_path):
    margin = np.array([0.2, 0.2, np.nan, 0.2, 0.2])
    result = series(5, margin=margin, refused=((2, "shifted by 3 px"),))
    page = read(write_report(result, tmp_path / "refused.html"))
    assert "Refused 1 frames, as shifted" in page.text
    assert page.all("path", **{"class": "series"})[0]["d"].count("M") == 2


def test_unchanged_clips_and_files_that_are_gone_are_said_to_be(tmp_path):
    page = read(write_report(series(1), tmp_path / "one.html"))
    assert "Nothing changed beyond coding" in page.text
    assert "No track: no region was seen in three frames." in page.text
    assert "real.mp4 cannot be read any more (No such file or directory)" in page.text


# --- the page of a run ----------------------------------------------------------------------------


def table(count, **columns):
    """Return the table of a run of so many pairs: every second one real, the fakes found."""
    fake = np.arange(count) % 2 == 1
    data = {
        "name": [f"pair {n:05d}" for n in range(count)],
        "real": "nowhere.png",
        "fake": "nowhere.png",
        "label": np.where(fake, "FAKE", "REAL"),
        "method": None,
        "split": None,
        "kind": "picture",
        "error": pd.Series([None] * count, dtype=object),
        "manipulated": pd.array(fake, "boolean"),
        "margin": np.where(fake, 5.0, 0.2),
        "mse": 1.0,
        "psnr": 40.0,
        "ssim": 0.99,
        "changed": 0.015,
        "manipulated_frames": 0,
        "frames": 1,
        "regions": pd.array([1] * count, "Int64"),
        "boxes": [()] * count,
    }
    return pd.DataFrame(data | columns).set_index("name")


MANIFEST = {
    "recipe_version": 1,
    "parameters": {"false_alarm_rate": 0.01},
    "clips": {"every": 1},
    "versions": {"facediff": "9"},
}


def run_page(pairs, path, recipe="noise-aware", score="margin"):
    summary = summary_of(pairs, HOSTILE, recipe, score=score, bins=5)
    write_page(str(path), "_report_run.html.jinja", _report_run.run_context(summary, pairs, MANIFEST))
    return read(path)


def test_a_run_puts_first_what_is_worth_a_look(tmp_path):
    pairs = table(8)
    pairs.loc["pair 00003", ["manipulated", "margin"]] = [False, 0.7]  # a fake that was missed
    pairs.loc["pair 00004", ["manipulated", "margin"]] = [True, 1.5]  # a false alarm
    pairs.loc["pair 00006", ["manipulated", "margin", "error"]] = [pd.NA, np.nan, "ValueError: damaged"]
    page = run_page(pairs, tmp_path / "run.html")
    data = page.data("run")
    names = [row[0] for row in data["rows"]]
    assert names[:3] == ["pair 00003", "pair 00004", "pair 00006"]
    assert [row[1] for row in data["rows"][:4]] == ["unchanged", "manipulated", "failed", "manipulated"]
    assert data["errors"][:3] == [None, None, "ValueError: damaged"]
    assert "4 of 8 pairs manipulated" in page.text
    assert "Fakes found 75 % 3 of 4" in page.text
    assert "False alarms 33.3 % 1 of 3" in page.text
    assert "Failed 1 could not be compared" in page.text


def test_a_run_in_which_all_failed_has_nothing_but_errors(tmp_path):
    missing = dict.fromkeys(("margin", "mse", "psnr", "ssim", "changed"), np.nan)
    pairs = table(3, **missing, manipulated=pd.array([pd.NA] * 3, "boolean"), error=["OSError: gone"] * 3)
    page = run_page(pairs, tmp_path / "run.html")
    assert page.data("run")["errors"] == ["OSError: gone"] * 3
    assert {row[1] for row in page.data("run")["rows"]} == {"failed"}
    assert "Fakes found" not in page.text
    assert page.all("svg", **{"class": "chart"}) == []


def test_identical_pairs_have_infinite_psnr_which_json_lacks(tmp_path):
    page = run_page(table(2, psnr=np.inf), tmp_path / "run.html")
    assert [row[6] for row in page.data("run")["rows"]] == ["\N{INFINITY}"] * 2


def test_columns_that_hold_nothing_are_left_out(tmp_path):
    page = run_page(table(4), tmp_path / "run.html")
    heads = [words.strip() for words in page.words]
    assert "Method" not in heads
    assert {"Pair", "Verdict", "SSIM"} <= set(heads)
    row = page.data("run")["rows"][0]
    assert row == ["pair 00001", "manipulated", "FAKE", 5, 1.5, 0.99, 40, 1, 1]


def test_a_large_run_is_bounded_and_says_so(tmp_path):
    count = 5000
    names = [f"{'x' * 400} {n}" for n in range(count)]
    page = run_page(table(count, name=names), tmp_path / "large.html")
    data = page.data("run")
    assert len(data["rows"]) == _report_run.MOST_ROWS
    assert len(data["thumbnails"]) == _report_run.MOST_THUMBNAILS
    assert all(len(row[0]) == 300 and row[0].endswith("…") for row in data["rows"])
    assert "The table holds the 1,000 pairs of 5,000 that are most worth a look" in page.text
    assert "2,500 of 5,000 pairs manipulated" in page.text
    assert (tmp_path / "large.html").stat().st_size < 500_000


def test_thumbnails_are_small_whatever_the_picture_and_show_the_boxes(tmp_path):
    wide, deep = tmp_path / "wide.png", tmp_path / "deep.png"
    facediff.write_image(wide, np.full((20, 10_000, 3), 200, np.uint8))
    facediff.write_image(deep, np.full((400, 600), 200 << 8, np.uint16))
    pairs = table(2, real=[str(wide)] * 2, fake=[str(deep), str(wide)], boxes=[((100, 100, 300, 300),), ()])
    thumbnails = page_thumbnails(run_page(pairs, tmp_path / "run.html"))
    assert decode(thumbnails["pair 00000"]["real"]).shape == (1, 128, 3)
    marked = decode(thumbnails["pair 00000"]["fake"]).astype(int)
    assert marked.shape == (85, 128, 3)
    assert np.abs(marked[5, 5] - 200).max() < 8
    edge = marked[40, 21]  # column 100 of 600
    assert edge[0] > edge[2] + 60, "vermilion, not blue"


def page_thumbnails(page):
    data = page.data("run")
    return {row[0]: each for row, each in zip(data["rows"], data["thumbnails"], strict=True)}


@pytest.mark.parametrize(("recipe", "score"), [(None, "mse"), ("otsu", "changed")])
def test_a_run_without_margins_has_no_histogram_of_them(recipe, score, tmp_path):
    pairs = table(6, margin=np.nan, manipulated=pd.array([pd.NA if recipe is None else True] * 6, "boolean"))
    page = run_page(pairs, tmp_path / "run.html", recipe, score)
    assert [image["aria-label"] for image in page.all("svg", **{"class": "chart"})] == [
        f"ROC of the {score}, area 0.500: share of fakes found over share of reals called fake"
    ]
    assert ("6 pairs compared" if recipe is None else "6 of 6 pairs manipulated") in page.text


def test_the_run_of_a_folder_is_read_from_it(pair, tmp_path):
    names = [str(tmp_path / f"{name}.png") for name in ("real", "fake")]
    for name, picture in zip(names, (pair[0].real, pair[0].fake), strict=True):
        facediff.write_image(name, picture)
    for recipe in ("noise-aware", "otsu", None):
        out = tmp_path / f"run-{recipe}"
        with ThreadPoolExecutor(1) as thread:
            compare_many([(*names, "changed")], out=out, executor=thread, progress=False, recipe=recipe)
        page = read(write_report(out, tmp_path / "run.html"))
        ((name, verdict, *_),) = page.data("run")["rows"]
        assert (name, verdict) == ("changed", None if recipe is None else "manipulated")
        assert len(page.data("run")["thumbnails"][0]) == 2
    with pytest.raises(FileNotFoundError, match="this folder holds no run"):
        write_report(tmp_path, tmp_path / "run.html")


# --- what holds for every page --------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(pair, clip, tmp_path_factory):
    """One page of each kind, all of them under hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = replace(clip, real=HOSTILE.replace("/", "") + ".mp4")
    name = (HOSTILE.replace("/", "") + ".png", "fake.png")
    run_page(table(4, name=[HOSTILE, "a", "b", "c"], method=HOSTILE, split=["<b>", "c", "d", "e"]), folder / "run.html")
    return [
        write_report(pair, folder / "pair.html", files=name),
        write_report(hostile, folder / "clip.html"),
        folder / "run.html",
    ]


def test_nothing_of_the_outside_becomes_markup(pages):
    for path in pages:
        page = read(path)
        assert not page.all("img", src="x")
        assert all("onerror" not in attributes for _, attributes in page.elements)
        assert "{{7*7}}" in page.text, "a name is data, not a template"
        assert "\u202e" not in path.read_text(encoding="utf-8"), "nothing turns the direction of writing"
        for (kind, name), source in page.sources.items():
            if kind == "script" and name:
                assert "<" not in source
                json.loads(source)


def test_a_page_asks_for_nothing(pages):
    for path in pages:
        page = read(path)
        links = [
            value for _, found in page.elements for name, value in found.items() if name in ("src", "href", "srcset")
        ]
        assert links
        assert all(link.startswith("data:") for link in links)
        assert "url(" not in page.sources["style", None]
        assert "@import" not in page.sources["style", None]


def test_the_policy_lets_in_this_style_and_this_script_and_nothing_else(pages):
    for path in pages:
        page = read(path)
        (meta,) = [found for found in page.all("meta") if found.get("http-equiv") == "Content-Security-Policy"]
        policy = dict(part.split(maxsplit=1) for part in meta["content"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["img-src"] == "data:"
        for kind in ("style", "script"):
            source = page.sources[kind, None]
            digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
            assert policy[f"{kind}-src"] == f"'sha256-{digest}'"
        # What the policy would stop: handlers and styles written into elements.
        assert not [name for _, found in page.elements for name in found if name == "style" or name.startswith("on")]


def test_every_picture_has_an_alternative_and_every_field_a_name(pages):
    for path in pages:
        page = read(path)
        assert all(image.get("alt") for image in page.all("img"))
        assert all(
            "aria-label" in found or "aria-labelledby" in found or "aria-hidden" in found for found in page.all("svg")
        )
        ids = [found["id"] for _, found in page.elements if "id" in found]
        assert len(ids) == len(set(ids))
        assert page.all("html", lang="en")
        named = {word for _, found in page.elements for word in found.get("aria-labelledby", "").split()}
        assert named <= set(ids)


def _palettes():
    style = files("facediff").joinpath("_report.css").read_text("utf-8")
    blocks = re.findall(
        r":root(?::not\(\[data-theme=\"light\"\]\)|\[data-theme=\"dark\"\])? \{(.*?)\}", style, re.DOTALL
    )
    return [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in blocks if "--ground" in block]


def _luminance(color):
    values = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the well-known gray that just fails


def test_colours_can_be_read_light_and_dark():
    # WCAG 2, level AA: 4.5 for text, 3 for the edges of controls and the lines of charts.
    light, dark, chosen = _palettes()
    assert dark == chosen, "the switch and the system choose the same dark"
    for colors in (light, dark):
        for text in ("text", "muted", "accent", "real", "fake"):
            for ground in ("ground", "raised"):
                assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
        assert contrast(colors["text"], colors["band"]) >= 4.5
        assert contrast(colors["on-accent"], colors["accent"]) >= 4.5
        assert contrast(colors["edge"], colors["ground"]) >= 3
        assert contrast(colors["accent"], colors["band"]) >= 3
        assert contrast(colors["fake"], colors["band"]) >= 3


# --- parts ----------------------------------------------------------------------------------------


def test_a_large_picture_is_scaled_down_and_a_thin_mask_survives_it():
    picture = np.zeros((3000, 4000, 3), np.uint8)
    embedded = _report_pictures.embed(picture, key="real", name="Real", alt="")
    assert (embedded.width, embedded.height) == (1280, 960) == decode(embedded.uri).shape[1::-1]
    mask = np.zeros((3000, 4000), bool)
    mask[:, 1700] = True
    shown = decode(_report_pictures.embed_mask(mask, key="mask", name="Mask", alt="").uri) > 0
    assert shown[:, 1700 * 1280 // 4000].all()
    assert shown.mean() < 0.005
    thin = _report_pictures.embed(np.zeros((1, 10_000), np.uint8), key="real", name="", alt="")
    assert (thin.width, thin.height, thin.shown) == (1280, 1, 840)


@pytest.mark.parametrize(("side", "shown"), [(512, 640), (100, 600), (10, 80), (2000, 640)])
def test_a_picture_fills_its_place_without_running_over(side, shown):
    assert _report_pictures.embed(np.zeros((side, side), np.uint8), key="", name="", alt="").shown == shown


def test_evidence_is_coloured_on_the_scale_of_the_figures():
    evidence = np.float32([[0, 1, 1000, 1e6]]).repeat(16, axis=0).repeat(16, axis=1)
    shown = decode(_report_pictures.embed_evidence(evidence, tested=True, alt="").uri).astype(int)
    ends = [np.rint(255 * np.array(colormaps["inferno"](place)[:3])) for place in (0.0, 0.0, 1.0, 1.0)]
    assert shown[8, 8::16] == pytest.approx(np.array(ends), abs=10)
    scale = _report_pictures.evidence_scale(tested=True, threshold=10.0)
    assert scale.ticks == [(0, "1"), (pytest.approx(100 / 3), "10"), (pytest.approx(200 / 3), "100"), (100, "1000")]
    assert (scale.mark, scale.mark_text) == (pytest.approx(100 / 3), "gate, 10")
    assert _report_pictures.evidence_scale(tested=True, threshold=math.inf).mark is None
    plain = _report_pictures.evidence_scale(tested=False, threshold=0.25)
    assert (plain.mark, plain.mark_text) == (25, "threshold, 0.25")


def test_a_crop_ends_where_the_picture_does():
    picture = np.arange(100 * 100).reshape(100, 100)
    assert _report_pictures.crop_around(picture, facediff.Box(40, 40, 60, 60)).shape == (30, 30)
    assert _report_pictures.crop_around(picture, facediff.Box(0, 90, 40, 100)).shape == (14, 50)


def test_a_timeline_by_hand():
    times = np.array([0.0, 1.0, 2.0])
    chart = charts.timeline(times, [charts.Series("a", np.array([0.0, 1.0, 0.5]), 0, 1)], [(1.0, 9.0)], [2.0])
    panel = chart.panels[0]
    width, half = chart.right - chart.left, chart.left + (chart.right - chart.left) / 2
    bottom, top = panel.top + panel.height, panel.top
    middle = (top + bottom) / 2
    assert panel.path == f"M{chart.left:.1f} {bottom:.1f}L{half:.1f} {top:.1f}L{chart.right:.1f} {middle:.1f}"
    assert chart.bands == [(half, width / 2)]  # cut off where the clip ends
    assert chart.marks == [(chart.right, "1")]
    assert [tick.text for tick in chart.ticks][:2] == ["0 s", "0.25 s"]


def test_a_histogram_counts_every_margin_once():
    values = np.array([1e-9, 0.5, 0.5, 1e9, np.inf])
    chart = charts.histogram([("fake", values)])
    ((kind, path),) = chart.curves
    heights = [float(part.split()[1]) for part in re.split("[ML]", path)[1:]]
    unit = (chart.bottom - chart.top) / 2  # two of five in the highest bin
    bars = np.rint((chart.bottom - np.array(heights[1:-1:2])) / unit)
    assert kind == "fake"
    assert bars.sum() == 5
    assert (bars[0], bars[-1]) == (1, 2)
    assert chart.x_ticks[2].at == chart.rule, "the gate stands at 1"


def test_a_roc_is_thinned_out_but_keeps_its_ends():
    score = np.random.default_rng(0).normal(size=3000)
    curve = charts.roc(*measure_roc(score > 0, score), score="margin")
    path = dict(curve.curves)["roc"]
    assert path.count("L") == 399
    assert path.startswith(f"M{curve.left:.1f} {curve.bottom:.1f}L")
    assert path.endswith(f"L{curve.right:.1f} {curve.top:.1f}")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5, "1.5"), (-0.25, f"{MINUS}0.25"), (math.nan, DASH), (math.inf, "∞"), (-math.inf, f"{MINUS}∞")],
)
def test_numbers_are_written_for_people(value, text):
    assert number(value) == text


@given(st.text())
def test_printable_text_prints_and_says_all(text):
    shown = printable(text)
    assert shown.isprintable()
    if text.isprintable():
        assert shown == text


def test_printable_spells_out_what_does_not_print():
    assert printable("a\nb\u202e\udcff\x00") == r"a\nb\u202e\udcff\x00"


def test_inputs_are_named_by_hashes_that_anyone_can_make(tmp_path):
    path = tmp_path / "a\nb.png"
    path.write_bytes(b"abc")
    # SHA-256 of "abc", from FIPS 180-4.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert input_of_file("real", str(path)) == ("real", r"a\nb.png", "3 bytes", known)
    picture = np.frombuffer(b"abc", np.uint8).reshape(1, 1, 3)
    assert input_of_picture("real", picture) == ("real", "real picture", f"1{TIMES}1 RGB uint8 array", known)
    gray = np.arange(6, dtype=np.uint16).reshape(2, 3)
    assert input_of_picture("fake", gray).sha256 == input_of_picture("fake", gray.T.copy().T).sha256


# --- what cannot be written -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        (
            None,
            TypeError,
            r"^result must be \(comparison, found\), a VideoComparison or the folder of a run, got NoneType",
        ),
        ((1, 2), TypeError, r"got int and int; pass \(comparison, facediff\.find_regions\(comparison\)\)$"),
        ((1, 2, 3), TypeError, "got int and int and int"),
    ],
)
def test_what_is_no_result_is_refused(result, error, words, tmp_path):
    with pytest.raises(error, match=words):
        write_report(result, tmp_path / "page.html")


def test_a_localisation_of_another_pair_is_refused(pair, tmp_path):
    real = np.zeros((16, 16), np.uint8)
    with pytest.raises(ValueError, match=r"^found must come from this comparison, got a mask of \(64, 96\)"):
        write_report((facediff.compare_images(real, real), pair[1]), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_bad_paths_are_refused(pair, tmp_path):
    with pytest.raises(TypeError, match=r"^path must be a path, a str or an os\.PathLike"):
        write_report(pair, 3)
    with pytest.raises(ValueError, match=r"^path must end in \.html, got 'page\.pdf'; a report is an HTML page$"):
        write_report(pair, "page.pdf")
    with pytest.raises(FileNotFoundError, match="there is no such folder; create it first"):
        write_report(pair, tmp_path / "nowhere" / "page.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(IsADirectoryError, match="this is a folder; name a file in it"):
        write_report(pair, tmp_path / "folder.html")


def test_files_are_for_pairs_only(pair, clip, tmp_path):
    with pytest.raises(ValueError, match=r"^files is for a pair of pictures"):
        write_report(clip, tmp_path / "page.html", files=("a", "b"))
    with pytest.raises(TypeError, match=r"^files must be a tuple of two paths, real and fake, got 'ab'$"):
        write_report(pair, tmp_path / "page.html", files="ab")
    with pytest.raises(TypeError, match=r"^files must be a path, a str or an os\.PathLike"):
        write_report(pair, tmp_path / "page.html", files=("a", 2))


def test_a_page_that_cannot_be_finished_leaves_the_old_one(pair, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(pair, path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_may_not_be_written_says_so(pair, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(PermissionError, match="this report may not be written here; choose another folder"):
        write_report(pair, tmp_path / "page.html")


def test_without_jinja_the_extra_is_named(pair, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r'^reports need Jinja.*; pip install "facediff\[report\]"$'):
        write_report(pair, tmp_path / "page.html")
