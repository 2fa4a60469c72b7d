"""Reports as people meet them: opened from disk in a browser, driven by mouse and by keyboard."""

import base64
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

import facediff
from clips import LOSSLESS, make_clip, pictures
from facediff.batch import LabelledPair, compare_many
from facediff.report import write_report
from facediff.timeline import compare_videos

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
if CHROMIUM is None or DRIVER is None:  # pragma: no cover
    pytest.skip("no browser here; on Debian: apt-get install chromium chromium-driver", allow_module_level=True)

HOSTILE = "<img src=x onerror=document.title='taken'>&\"'{{7*7}}</script>"
PAIRS = 120


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("profile")
    for flag in (
        "--headless=new",
        "--no-sandbox",  # it does not start for root with one
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--force-prefers-reduced-motion",
        "--window-size=1200,1000",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


def edited(picture):
    fake = picture.copy()
    fake[20:40, 30:60] = (250, 10, 120)
    return fake


@pytest.fixture(scope="module")
def pair_page(folder):
    """Two regions in 96x64 pixels, under names that are markup."""
    real = pictures(1)[0]
    fake = edited(real)
    fake[48:60, 70:90] = (10, 250, 20)
    files = folder / f"{HOSTILE.replace('/', '')}.png", folder / "fake.png"
    for path, picture in zip(files, (real, fake), strict=True):
        facediff.write_image(path, picture)
    comparison = facediff.compare_images(real, fake)
    found = facediff.find_regions(comparison)
    assert len(found.regions) == 2
    return write_report((comparison, found), folder / "pair.html", files=files), files[0].name


@pytest.fixture(scope="module")
def clip_page(folder):
    frames = pictures(40)
    real = make_clip(folder / "real.mkv", frames, **LOSSLESS)
    fakes = [edited(frame) if 5 <= n < 15 else frame for n, frame in enumerate(frames)]
    fake = make_clip(folder / "fake.mkv", fakes, **LOSSLESS)
    result = compare_videos(real, fake)
    assert [(each.start, each.stop) for each in result.segments] == [(5, 15)]
    return write_report(result, folder / "clip.html"), result


@pytest.fixture(scope="module")
def run_page(folder):
    """Compare 120 pairs: every third one real, the seventh with a hostile name, the last one missing."""
    pairs = []
    for number in range(PAIRS - 1):
        (real,) = pictures(1, first=number % 100)
        names = [str(folder / f"{side}-{number}.png") for side in ("real", "fake")]
        kept = number % 3 == 0
        facediff.write_image(names[0], real)
        facediff.write_image(names[1], real if kept else edited(real))
        name = HOSTILE if number == 7 else f"pair {number:03d}"
        pairs.append(LabelledPair(*names, name, "REAL" if kept else "FAKE", None if kept else f"method {number % 2}"))
    pairs.append(LabelledPair(names[0], str(folder / "gone.png"), "gone"))
    with ThreadPoolExecutor(2) as threads:
        run = compare_many(pairs, out=folder / "run", executor=threads, progress=False)
    assert (run.pairs, run.failed) == (PAIRS, 1)
    return write_report(folder / "run", folder / "run.html")


def opened(browser, page, scheme="light"):
    """Open a page from disk and forget what the log says of those before it."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())
    return browser


def one(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def all_of(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def choose(browser, name, value):
    """Click a button of a row of them."""
    one(browser, f'input[name="{name}"][value="{value}"]').click()


def style(browser, selector, name):
    return browser.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, name
    )


def pixels_of(browser, selector):
    """Return what the page shows in an element."""
    data = base64.b64decode(one(browser, selector).screenshot_as_base64)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)


def assert_quiet(browser, page):
    """Nothing in the console; nothing asked for but the page itself and what it holds."""
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert page.as_uri() in urls
    assert {url for url in urls if not url.startswith("data:")} == {page.as_uri()}


def test_the_slider_follows_the_mouse_and_the_range(browser, pair_page):
    opened(browser, pair_page[0])
    stage = one(browser, "#stage")
    amount = one(browser, "#amount")
    assert amount.get_property("value") == "50"
    quarter = -stage.size["width"] // 4
    ActionChains(browser).move_to_element_with_offset(stage, quarter, 0).click_and_hold().release().perform()
    assert abs(float(amount.get_property("value")) - 25) <= 1
    ActionChains(browser).move_to_element(stage).click_and_hold().move_by_offset(-quarter, 0).release().perform()
    assert abs(float(amount.get_property("value")) - 75) <= 1
    amount.send_keys(Keys.END)
    assert style(browser, ".layer.top", "clipPath") == "inset(0px 0px 0px 100%)"
    assert one(browser, ".tag.left").text == "Real"
    assert_quiet(browser, pair_page[0])


def test_each_mode_shows_what_it_says(browser, pair_page):
    # In the box only the fake is bright red, and only there do the two differ: 30, 20 of 96x64 lies in it.
    opened(browser, pair_page[0])
    one(browser, "#with-boxes + span").click()
    assert not one(browser, ".boxes").is_displayed()

    def seen():
        shown = pixels_of(browser, "#stage")
        y, x = 30 * shown.shape[0] // 64, 45 * shown.shape[1] // 96
        return shown[y, x]

    amount = one(browser, "#amount")
    amount.send_keys(Keys.HOME)
    fake = seen()
    amount.send_keys(Keys.END)
    real = seen()
    assert fake == pytest.approx((250, 10, 120), abs=25)
    assert np.abs(real - fake).max() > 60
    choose(browser, "mode", "blend")
    amount.send_keys(Keys.ARROW_LEFT * 50)
    assert seen() == pytest.approx((real + fake) / 2, abs=6)
    choose(browser, "mode", "toggle")
    assert seen() == pytest.approx(real, abs=1)
    one(browser, "#flip").click()
    assert seen() == pytest.approx(fake, abs=1)
    choose(browser, "top", "mask")
    assert seen() == pytest.approx((255, 255, 255), abs=1)
    choose(browser, "base", "evidence")
    one(browser, "#stage").click()
    assert one(browser, ".tag.left").text == "Evidence"
    assert_quiet(browser, pair_page[0])


@pytest.mark.parametrize("shape", [(700, 1400), (1400, 300), (64, 96)])
def test_the_layers_lie_exactly_on_top_of_each_other(browser, folder, shape):
    real = np.full((*shape, 3), 90, np.uint8)
    fake = real.copy()
    fake[20:40, 30:60] = 200
    comparison = facediff.compare_images(real, fake)
    opened(browser, write_report((comparison, facediff.find_regions(comparison)), folder / "shape.html"))
    stage = one(browser, "#stage").rect
    layers = all_of(browser, ".layer, .boxes")
    assert len(layers) == 5
    for layer in layers:
        assert [layer.rect[side] for side in stage] == pytest.approx(list(stage.values()), abs=0.6)
    assert stage["width"] / stage["height"] == pytest.approx(shape[1] / shape[0], rel=0.01)
    box = one(browser, ".boxes .line").rect  # over the edit, wherever the picture is scaled to
    scale = stage["width"] / shape[1]
    assert box["x"] - stage["x"] == pytest.approx(30 * scale, abs=3 + scale)
    assert box["y"] - stage["y"] == pytest.approx(20 * scale, abs=3 + scale)


def test_the_viewer_is_driven_by_keys_alone(browser, pair_page):
    opened(browser, pair_page[0])
    press(browser, "b", "4")  # nothing is in focus: nothing happens
    assert one(browser, "#stage").get_attribute("data-mode") == "slide"
    press(browser, Keys.TAB)
    assert one(browser, "#theme") == browser.switch_to.active_element
    for _ in range(10):
        press(browser, Keys.TAB)
        if browser.switch_to.active_element == one(browser, "#stage"):
            break
    assert browser.switch_to.active_element == one(browser, "#stage")
    press(browser, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert one(browser, "#amount").get_property("value") == "40"
    press(browser, "b", "3")
    assert one(browser, "#stage").get_attribute("data-mode") == "blend"
    assert one(browser, ".layer.top").get_attribute("data-layer") == "evidence"
    press(browser, "x")
    assert not one(browser, ".boxes").is_displayed()
    press(browser, " ")
    assert one(browser, "#stage").get_attribute("data-mode") == "toggle"
    assert one(browser, "#shown").get_property("textContent") == "Evidence"
    press(browser, " ")
    assert one(browser, "#shown").get_property("textContent") == "Real"
    assert_quiet(browser, pair_page[0])


def test_a_region_is_marked_in_the_picture_from_its_row(browser, pair_page):
    opened(browser, pair_page[0])
    picks = all_of(browser, ".pick")
    assert [pick.text for pick in picks] == ["1", "2"]
    picks[1].send_keys(Keys.ENTER)
    assert picks[1].get_attribute("aria-pressed") == "true"
    (marked,) = all_of(browser, ".boxes .picked")
    assert marked.get_attribute("data-box") == "2"
    picks[1].send_keys(Keys.ENTER)
    ActionChains(browser).move_to_element(one(browser, "h1")).perform()
    assert all_of(browser, ".boxes .picked") == []


def test_a_hostile_file_name_stays_text(browser, pair_page, run_page):
    page, name = pair_page
    opened(browser, page)
    assert one(browser, ".sides bdi").text == name
    assert name in browser.title
    assert "taken" not in browser.title.replace(name, "")
    opened(browser, run_page)
    one(browser, "#find").send_keys("onerror")
    (row,) = all_of(browser, "table.run tbody tr")
    assert row.find_element(By.TAG_NAME, "bdi").text == HOSTILE
    assert browser.title.startswith("7")  # "79 of 120 pairs manipulated"
    assert_quiet(browser, run_page)


def test_the_timeline_is_read_by_mouse_and_by_keys(browser, clip_page):
    page, result = clip_page
    opened(browser, page)
    frame = one(browser, "#frame")
    frame.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 7)
    reading = one(browser, "#reading").text
    assert reading.startswith(f"Frame 7, 0.28 s, SSIM {result.ssim[7]:.4f}, evidence ")
    assert reading.endswith("manipulated")
    assert frame.get_attribute("aria-valuetext") == reading
    chart = one(browser, "#timeline")
    ActionChains(browser).move_to_element_with_offset(chart, chart.size["width"] // 2 - 1, 0).perform()
    assert one(browser, "#reading").text.startswith("Frame 39, ")
    assert_quiet(browser, page)


def test_a_frame_that_differs_most_is_chosen_to_look_at(browser, clip_page):
    page, result = clip_page
    opened(browser, page)
    cards = all_of(browser, ".card")
    assert len(cards) == len(result.highlights) > 1
    before = one(browser, '.layer[data-layer="real"]').get_attribute("src")
    cards[1].click()
    after = one(browser, '.layer[data-layer="real"]')
    assert after.get_attribute("src") != before
    assert after.get_attribute("alt") == f"Real frame {result.highlights[1].index} at {result.highlights[1].time:.2f} s"
    assert [card.get_attribute("aria-pressed") for card in cards[:2]] == ["false", "true"]
    assert_quiet(browser, page)


def column(browser, title):
    """Return what the rows show below a title, read at once: asking the browser cell by cell takes seconds."""
    return browser.execute_script(
        """
        const heads = [...document.querySelectorAll("table.run thead th")].map((head) => head.innerText.trim());
        const place = heads.indexOf(arguments[0]) + 1;
        return [...document.querySelectorAll(`table.run tbody td:nth-child(${place})`)].map((cell) => cell.innerText);
        """,
        title,
    )


def test_the_table_of_a_run_is_sorted_both_ways(browser, run_page):
    opened(browser, run_page)
    head = one(browser, "th[data-column] button")
    for order, compare in (("ascending", sorted), ("descending", lambda values: sorted(values)[::-1])):
        head.send_keys(Keys.ENTER)
        assert head.find_element(By.XPATH, "..").get_attribute("aria-sort") == order
        names = [name for name in column(browser, "Pair") if name.startswith("pair")]
        assert len(names) >= 45
        assert names == compare(names)
    next(each for each in all_of(browser, "th[data-column] button") if each.text == "SSIM").click()
    numbers = [float(text) for text in column(browser, "SSIM")]
    assert len(numbers) == 50
    assert numbers == sorted(numbers)[::-1]
    assert len(all_of(browser, "th[aria-sort]")) == 1
    psnr = next(each for each in all_of(browser, "th[data-column] button") if each.text == "PSNR, dB")
    psnr.click()
    assert column(browser, "PSNR, dB")[:40] == ["\N{INFINITY}"] * 40  # the reals, which are identical
    psnr.click()
    numbers = [float(text) for text in column(browser, "PSNR, dB")]
    assert numbers == sorted(numbers)
    assert_quiet(browser, run_page)


def test_the_table_of_a_run_is_filtered_and_paged(browser, run_page):
    opened(browser, run_page)
    where = one(browser, "#where")
    assert where.text == f"Page 1 of 3, {PAIRS} of {PAIRS} pairs"
    first = column(browser, "Pair")
    one(browser, "#next").click()
    assert where.text.startswith("Page 2 of 3")
    assert not set(first) & set(column(browser, "Pair"))
    verdict = Select(
        next(each for each in all_of(browser, "select") if each.find_elements(By.CSS_SELECTOR, "[value=failed]"))
    )
    verdict.select_by_visible_text("failed")
    assert where.text == f"Page 1 of 1, 1 of {PAIRS} pairs"
    assert column(browser, "Pair") == ["gone"]
    assert one(browser, "table.run td.error").text.startswith("FileNotFoundError: ")
    verdict.select_by_visible_text("all")
    one(browser, "#find").send_keys("PAIR 01")
    assert set(column(browser, "Pair")) == {f"pair {n:03d}" for n in range(PAIRS - 1) if "01" in f"{n:03d}"}
    one(browser, "#find").send_keys(" nowhere")
    assert where.text == "No pair fits"
    assert not one(browser, "#next").is_enabled()
    assert_quiet(browser, run_page)


def test_thumbnails_stand_in_the_table(browser, run_page):
    opened(browser, run_page)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.run tbody img')].map((img) => [img.naturalWidth, img.naturalHeight])"
    )
    assert sizes == [[96, 64]] * (2 * 50 - 1)  # of the missing picture there is none


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_until_they_are_chosen(browser, pair_page, scheme):
    opened(browser, pair_page[0], scheme)
    other = {"light": "dark", "dark": "light"}[scheme]
    grounds = {"light": "rgb(251, 251, 250)", "dark": "rgb(22, 22, 21)"}
    assert style(browser, "html", "backgroundColor") == grounds[scheme]
    theme = one(browser, "#theme")
    while theme.text != f"Theme: {other}":
        theme.click()
    assert style(browser, "html", "backgroundColor") == grounds[other]
    while theme.text != "Theme: system":
        theme.click()
    assert style(browser, "html", "backgroundColor") == grounds[scheme]


def test_the_policy_stops_what_the_page_would_load(browser, pair_page):
    # The other side of "no request leaves the page": what tries to is stopped, whatever put it there.
    opened(browser, pair_page[0])
    tries = """
        const done = arguments[0], stopped = [];
        document.addEventListener("securitypolicyviolation", (event) => {
          stopped.push(event.effectiveDirective);
          if (stopped.length === 3) done(stopped.sort());
        });
        new Image().src = "https://example.org/a.png";
        fetch("https://example.org/").catch(() => {});
        const script = document.createElement("script");
        script.textContent = "document.title = 'taken'";
        document.body.append(script);
    """
    assert browser.execute_async_script(tries) == ["connect-src", "img-src", "script-src-elem"]
    assert browser.title != "taken"


@pytest.mark.parametrize("kind", ["pair", "clip", "run"])
def test_a_narrow_window_does_not_scroll_sideways(browser, pair_page, clip_page, run_page, kind):
    page = {"pair": pair_page[0], "clip": clip_page[0], "run": run_page}[kind]
    metrics = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        opened(browser, page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 400
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
