# SPDX-License-Identifier: Apache-2.0
"""The pages in a real Chromium, as on a telephone 360 px wide, without JavaScript."""
import json
import os
import shutil
import time

import pytest

import fakedesk
from webserver import WebServer, new_token

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import WebDriverException  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not DRIVER or not shutil.which("chromium"), reason="no chromium, or no chromedriver")

WIDTH = 360


def chromium(folder, dark=False, javascript=False):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--user-data-dir=%s/profile-%s" % (folder, new_token())):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 1 if javascript else 2})
    options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": WIDTH, "height": 740, "pixelRatio": 2.0}})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service(DRIVER), options=options)
    browser.set_page_load_timeout(30)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    return browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def web(folder):
    with WebServer(folder) as server:
        yield server


@pytest.fixture(scope="module", params=["light", "dark"])
def look(request, folder):
    browser = chromium(folder, request.param == "dark")
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def browser(folder):
    one = chromium(folder)
    yield one
    one.quit()


def held(**fields):
    return fakedesk.copy(**{**dict(direction="inbound", sender="yamada@example.com", owner=None, **{"from": "yamada@example.com"},
                                   waits=["password"], open=["password", "review"], review="recipient", recipients=["hanako@ours.example"],
                                   expires_us=int((time.time() + 14 * 86400) * 1e6), findings=["attach.encrypted.zip: 請求書.zip"],
                                   can=["password", "ask"]), **fields})


LONG = "x" * 300 + "@" + "y" * 250 + ".example.com"
SENT = dict(state="sent", ended_us=1, can=[], open=[])
# Everything that looks different; the last one has nothing that can be broken between words.
PAGES = {
    "stop": ("stop", [fakedesk.copy(findings=["attach.encrypted.zip: 見積.zip", "attach.danger.bidi: fdp.exe"])]),
    "partly": ("stop", [fakedesk.copy(**SENT), fakedesk.copy(recipients=["sato@example.net"])]),
    "late": ("stop", [fakedesk.copy(**SENT)]),
    "stopped": ("stop", [fakedesk.copy(state="stopped", ended_us=1, ended_by="mori@ours.example", why="間違い", can=[], open=[])]),
    "colleague": ("colleague", [fakedesk.copy()]),
    "password": ("password", [held()]),
    "ask": ("ask", [held(can=["ask"])]),
    "expired": ("ask", [held(state="expired", ended_us=1, ended_by="time", can=[], open=[])]),
    "long": ("colleague", [fakedesk.copy(subject="件" * 200 + "z" * 500, recipients=[LONG] * 30, findings=["attach.broken: " + "w" * 400],
                                         sender=LONG, **{"from": LONG})]),
}


def box(browser, node):
    """Left, top, width and height of the border box, in CSS px."""
    quad = browser.execute_cdp_cmd("DOM.getBoxModel", {"nodeId": node})["model"]["border"]
    return quad[0], quad[1], quad[2] - quad[0], quad[5] - quad[1]


def nodes(browser, selector):
    root = browser.execute_cdp_cmd("DOM.getDocument", {})["root"]["nodeId"]
    return browser.execute_cdp_cmd("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]


def style(browser, node):
    browser.execute_cdp_cmd("DOM.enable", {})
    browser.execute_cdp_cmd("CSS.enable", {})
    found = browser.execute_cdp_cmd("CSS.getComputedStyleForNode", {"nodeId": node})["computedStyle"]
    return {p["name"]: p["value"] for p in found}


def tap(browser, selector):
    """What a finger does: chromedriver's own click waits for scripts, which do not run."""
    node = nodes(browser, selector)[0]
    browser.execute_cdp_cmd("DOM.scrollIntoViewIfNeeded", {"nodeId": node})
    left, top, width, height = box(browser, node)
    for kind in ("mousePressed", "mouseReleased"):
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": left + width / 2, "y": top + height / 2,
                                                             "button": "left", "clickCount": 1})


def press(browser, key):
    code = {"Tab": 9, "Enter": 13}[key]
    event = {"key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": "\r"} if key == "Enter" else {})}
    for kind in ("keyDown", "keyUp"):
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, **event})


def wait_for_text(browser, selector, text):
    """Until the page that a button leads to is there."""
    end, found = time.time() + 20, None
    while time.time() < end:
        try:
            found = [e.text for e in browser.find_elements(By.CSS_SELECTOR, selector)]
        except WebDriverException:  # the old page went while we looked at it
            found = None
        if found == [text]:
            return
        time.sleep(.05)
    raise AssertionError("%s says %r, not %r" % (selector, found, text))


def rgb(text):
    """"rgb(1, 2, 3)" and what is behind it shining through, as (r, g, b, alpha)."""
    numbers = [float(n) for n in text[text.index("(") + 1:-1].replace(",", " ").split()]
    return tuple(numbers) + (1.0,) * (4 - len(numbers))


def luminance(colour):
    parts = [c / 255 for c in colour[:3]]
    linear = [c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4 for c in parts]
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + .05) / (dark + .05)


def check_contrast(browser):
    """Every element with a text of its own, against the nearest ground that is painted."""
    checked = 0

    def walk(node, ground):
        nonlocal checked
        if node["nodeType"] != 1 or node["nodeName"] in ("HEAD", "SCRIPT"):
            return
        found = style(browser, node["nodeId"])
        own = rgb(found["background-color"])
        ground = own if own[3] == 1 else ground
        if any(c["nodeType"] == 3 and c["nodeValue"].strip() for c in node.get("children", [])):
            assert contrast(rgb(found["color"]), ground) >= 4.5, (node["nodeName"], node.get("attributes"), found["color"], ground)
            checked += 1
        for child in node.get("children", []):
            walk(child, ground)

    root = browser.execute_cdp_cmd("DOM.getDocument", {"depth": -1})["root"]
    for child in root["children"]:
        walk(child, (255.0, 255.0, 255.0, 1.0))
    return checked


def check_layout(browser):
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert size["cssContentSize"]["width"] == WIDTH, "scrolls sideways"
    assert size["cssVisualViewport"]["scale"] == 1
    for node in nodes(browser, "button, input:not([type=hidden]), textarea, nav a"):
        left, _, width, height = box(browser, node)
        assert height >= 44 and width >= 44 and left >= 0 and left + width <= WIDTH, (left, width, height)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_fits_and_can_be_read(web, look, page, language):
    token = new_token()
    purpose, copies = PAGES[page]
    web.desk.add(token, purpose, copies=json.loads(json.dumps(copies)))
    look.get("%s/t/%s?lang=%s" % (web.base(), token, language))
    assert look.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    check_layout(look)
    assert check_contrast(look) > 8
    # What can be filled in has a name that is read aloud; nothing was blocked by our own policy.
    for field in look.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea"):
        assert field.accessible_name.strip()
    assert [line for line in look.get_log("browser") if "Content Security" in line["message"]] == []
    if os.environ.get("SK_SCREENSHOTS"):
        look.save_screenshot(os.path.join(os.environ["SK_SCREENSHOTS"], "%s-%s-%s.png" % (page, language, id(look))))


def test_plain_pages_fit(web, look):
    look.get(web.base() + "/t/x")
    check_layout(look)
    assert check_contrast(look) > 3


def test_the_button_is_seen_at_once(web, browser):
    """Without scrolling, on a telephone."""
    token = new_token()
    web.desk.add(token)
    browser.get(web.base() + "/t/" + token)
    _, top, _, height = box(browser, nodes(browser, "button.stop")[0])
    assert height >= 44 and top + height <= 640
    red, green, blue, _ = rgb(style(browser, nodes(browser, "button.stop")[0])["background-color"])
    assert red > 150 and green < 60 and blue < 60


@pytest.mark.parametrize("language, button, heading", [("ja", "止める", "止めました"), ("en", "Stop", "Stopped")])
def test_stop(web, browser, language, button, heading):
    token = new_token()
    mail = web.desk.add(token)
    browser.get("%s/t/%s?lang=%s" % (web.base(), token, language))
    assert browser.find_element(By.CSS_SELECTOR, "button.stop").text == button and mail["copies"][0]["state"] == "waiting"
    tap(browser, "button.stop")
    wait_for_text(browser, "h1", heading)
    assert mail["copies"][0]["state"] == "stopped"
    assert browser.find_elements(By.TAG_NAME, "button") == []
    # Loading it again, or going back and forth, stops nothing a second time.
    browser.refresh()
    browser.back()
    browser.forward()
    wait_for_text(browser, "h1", heading)
    assert [q["verb"] for q in web.desk.asked if q.get("token") == token].count("stop") == 1


def test_language_switch(web, browser):
    token = new_token()
    web.desk.add(token)
    browser.get("%s/t/%s?lang=ja" % (web.base(), token))
    for language, heading in (("en", "Not sent yet"), ("ja", "まだ送信していません")):
        tap(browser, "nav a[lang=%s]" % language)
        wait_for_text(browser, "h1", heading)
        assert browser.find_element(By.CSS_SELECTOR, "nav a[aria-current]").get_attribute("lang") == language


def test_password_by_keyboard(web, browser):
    """Without a mouse; what was typed is not shown again."""
    token = new_token()
    web.desk.add(token, "password", copies=[held()])
    browser.get("%s/t/%s?lang=en" % (web.base(), token))
    for _ in range(3):  # two languages, then the password
        press(browser, "Tab")
    browser.execute_cdp_cmd("Input.insertText", {"text": "wrong"})
    press(browser, "Enter")
    wait_for_text(browser, "[role=alert]", "The password is wrong. Please try again.")
    assert browser.find_element(By.ID, "password").get_attribute("value") == ""
    for _ in range(3):
        press(browser, "Tab")
    browser.execute_cdp_cmd("Input.insertText", {"text": "himitsu"})
    press(browser, "Tab")
    press(browser, "Enter")
    wait_for_text(browser, "[role=status]", "The password is right. It will be delivered shortly.")
    assert [q["text"] for q in web.desk.asked if q.get("token") == token and q["verb"] == "password"] == ["wrong", "himitsu"]


def test_a_page_of_somebody_else(web, browser, folder):
    """A form elsewhere that posts here is refused, since the browser says where it comes from."""
    token = new_token()
    mail = web.desk.add(token)
    page = folder / "evil.html"
    page.write_text('<form method="post" action="%s/t/%s"><input name="action" value="stop"><button>x</button></form>' % (web.base(), token))
    browser.get("file://%s" % page)
    tap(browser, "button")
    wait_for_text(browser, "h1", "Not accepted")
    assert mail["copies"][0]["state"] == "waiting"


def test_nothing_runs_even_with_javascript(web, folder):
    """The policy of the page, when the browser has scripts on and the page has them in it."""
    one = chromium(folder, javascript=True)
    try:
        token, evil = new_token(), "\"'><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
        web.desk.add(token, copies=[fakedesk.copy(subject=evil, recipients=[evil], findings=[evil], **{"from": evil})])
        one.get("%s/t/%s?lang=en" % (web.base(), token))
        assert one.title == "Not sent yet"
        assert one.find_element(By.TAG_NAME, "dd").text.startswith("\"'><script>")
        tap(one, "button.stop")
        wait_for_text(one, "h1", "Stopped")
    finally:
        one.quit()
