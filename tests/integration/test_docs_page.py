"""/docs in a headless Chromium: it shows every call, its forms work, and it asks nobody but this service."""

import json

import pytest

import chromium
import missing
from description import Description

PHONE = {"width": 390, "height": 844, "mobile": True}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if chromium.BINARY is None:
        missing.skip("chromium is not here: ./dev deps test installs it")
    made = chromium.Chromium(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


@pytest.fixture
def page(browser, service):
    """The page of a service of the test's own, shown whole."""
    browser.forget()
    browser.resize(width=1280, height=900)
    browser.prefer("light")
    open_page(browser, service)
    return browser


def open_page(browser, service):
    browser.open(f"{service.url}/docs")
    browser.wait("document.querySelector('#everywhere') !== null")


def try_call(page, call, secret):
    """Types a secret into the form of a call and sends it; what is shown."""
    page.run(f"document.querySelector('#{call} .outcome').replaceChildren()")
    page.run(f"document.querySelector('#{call} input[type=password]').select()")
    page.type(secret)
    page.press_enter()
    outcome = page.wait(f"document.querySelector('#{call} .outcome').innerText")
    return outcome, page.run(f"document.querySelector('#{call} .answer').innerText")


def test_every_path_is_shown_with_its_methods_and_an_example(service, page):
    description = Description(service.get("/openapi.json").body)
    shown = page.run("""[...document.querySelectorAll("article:has(h3)")].map((article) => ({
      path: article.querySelector("h3 code").innerText,
      methods: [...article.querySelectorAll(".method")].map((one) => one.innerText),
      example: article.querySelector(".sides pre").innerText,
      form: article.querySelector("form button[type=submit]") !== null,
      answers: [...article.querySelectorAll(".answers .status")].map((one) => one.innerText),
    }))""")
    assert {call["path"] for call in shown} == set(description.document["paths"])
    for call in shown:
        methods = description.methods(call["path"])
        assert set(call["methods"]) == ({"ANY"} if len(methods) == 8 else methods)
        assert call["example"].startswith("curl ") and service.url in call["example"]
        assert call["form"] and "200" in call["answers"]
    assert len(page.run("[...document.querySelectorAll('nav a')].map((link) => link.innerText)")) == len(shown)


def test_the_form_verifies_a_key_and_shows_a_refusal(world, service, page):
    key = world.create("--name", "My Service", "--metadata", '{"n": 12345678901234567890}')
    service.refresh()
    outcome, answer = try_call(page, "verify", key["secret"])
    assert outcome.startswith("200 OK")
    # As it was sent: no number has been rounded on the way.
    assert f'"key_id": "{key["id"]}"' in answer and '"n": 12345678901234567890' in answer
    outcome, answer = try_call(page, "verify", "sec_nobody")
    assert outcome.startswith("403 Forbidden")
    assert "x-auth-reason: not_found" in answer and '"Invalid API key"' in answer
    assert not page.complaints()


def test_the_form_asks_as_a_proxy_does(world, service, page):
    key = world.create("--name", "My Service", "--owner", "team a", "--scope", "reports:*")
    service.refresh()
    outcome, answer = try_call(page, "getAuth", key["secret"])
    assert outcome.startswith("200 OK") and "x-auth-owner: team%20a" in answer
    page.run("document.querySelector('#getAuth [name=scope]').select()")
    page.type("reports:read secrets")
    outcome, answer = try_call(page, "getAuth", key["secret"])
    assert outcome.startswith("403 Forbidden") and 'scope="reports:read secrets"' in answer


def test_a_call_that_needs_nothing_is_answered(page):
    page.run("document.querySelector('#health form').requestSubmit()")
    assert page.wait("document.querySelector('#health .outcome').innerText").startswith("200 OK")
    assert '"status": "ok"' in page.run("document.querySelector('#health .answer').innerText")


def test_several_keys_go_into_one_batch(world, service, page):
    key = world.create()
    service.refresh()
    page.run("document.querySelector('#verifyBatch .field > button').click()")
    page.type(key["secret"])
    outcome, answer = try_call(page, "verifyBatch", "sec_nobody")
    assert outcome.startswith("200 OK")
    assert answer.index('"Invalid API key"') < answer.index(key["id"])


def test_it_asks_nobody_but_this_service_and_has_nothing_to_complain_of(world, service, page):
    key = world.create()
    service.refresh()
    for call in ("verify", "verifyBatch", "getAuth", "getAuthRest"):
        assert try_call(page, call, key["secret"])[0].startswith("200 OK")
    requests = page.requests()
    assert f"{service.url}/openapi.json" in requests
    assert not [url for url in requests if not url.startswith((f"{service.url}/", "data:"))]
    assert not page.complaints()


ATTEMPTS = {
    "connect-src": "fetch('http://localhost:9/').catch(() => null)",
    "img-src": "document.body.append(Object.assign(new Image(), {src: 'http://localhost:9/'}))",
    "style-src-elem": "document.body.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))",
    "frame-src": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://localhost:9/'}))",
    "form-action": "document.querySelector('#verify form').submit()",
    "require-trusted-types-for": "try { document.body.setAttribute('onclick', 'alert()') } catch {}",
}


def test_whatever_it_tried_its_policy_would_stop(page):
    page.run("""window.violated = [];
      document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective))""")
    for directive, attempt in ATTEMPTS.items():
        page.run(attempt)
        page.wait(f"violated.includes('{directive}')")
    assert not page.told("Page.javascriptDialogOpening")


def test_a_secret_is_hidden_until_asked_for_and_never_kept(world, service, page):
    secret = world.create()["secret"]
    service.refresh()
    try_call(page, "verify", secret)
    field = "document.querySelector('#verify input')"
    toggle = "document.querySelector('#verify .row button')"
    assert page.run(f"[{field}.type, {field}.autocomplete]") == ["password", "off"]
    page.run(f"{toggle}.click()")
    assert page.run(f"[{field}.type, {toggle}.innerText, {toggle}.ariaPressed]") == ["text", "Hide", "true"]
    page.run(f"{toggle}.click()")
    assert page.run(f"{field}.type") == "password"
    assert secret not in page.run("document.documentElement.outerHTML")
    assert page.run("[localStorage.length, sessionStorage.length, document.cookie, location.search]") == [0, 0, "", ""]
    open_page(page, service)
    assert page.run(f"{field}.value") == ""
    assert not [url for url in page.requests() if secret in url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(world, service, page, scheme):
    secret = world.create("--name", "N" * 200, "--metadata", json.dumps({"long": "x" * 300}))["secret"]
    service.refresh()
    page.resize(**PHONE)
    page.prefer(scheme)
    open_page(page, service)
    assert try_call(page, "verify", secret)[0].startswith("200 OK")
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    wide = page.run("""[...document.querySelectorAll("body *")].filter(
      (one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 80))""")
    assert wide == []
    assert page.run("document.documentElement.scrollWidth") == PHONE["width"]
    # The page is really in that scheme.
    background = page.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(background) < 3 * 64) == (scheme == "dark")


def test_every_field_and_button_has_a_name_and_headings_skip_no_level(page):
    nameless = page.run("""[...document.querySelectorAll("input, select, button")].filter(
      (one) => !one.labels?.length && !one.ariaLabel && !one.innerText).map((one) => one.outerHTML)""")
    assert nameless == []
    levels = page.run("[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:]))
