"""Pages where the browser refuses to store anything: in a sandboxed frame, with cookies blocked, with no room left."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from browser import browser_or_reason, flags


class AsOnPages(SimpleHTTPRequestHandler):
    """Serves files as GitHub Pages does: to every origin, or a frame without one would get no fonts."""

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(book) -> Iterator[str]:
    """The book's address on a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(AsOnPages, directory=book)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def sandboxed(browser, page: str, tmp_path):
    """In a frame of another site, which lets it run scripts and nothing more."""
    tab = browser.new_page()
    errors = listen(tab)
    tab.set_content(f'<iframe sandbox="allow-scripts" src="{page}" style="width: 100%; height: 700px"></iframe>')
    yield tab.frames[1], errors
    tab.close()


@contextmanager
def pasted(browser, page: str, tmp_path):
    """In such a frame as its text, so that it has no address either."""
    with urllib.request.urlopen(page) as text:
        html = text.read().decode().replace("<head>", f'<head><base href="{page}">', 1)
    tab = browser.new_page()
    errors = listen(tab)
    tab.set_content(f'<iframe sandbox="allow-scripts" srcdoc="{escape(html)}" style="height: 700px"></iframe>')
    yield tab.frames[1], errors
    tab.close()


@contextmanager
def blocked(browser, page: str, tmp_path):
    """In a browser whose owner has blocked what sites store."""
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(settings))
    own = {"executable_path": browser_or_reason(whole=True), "args": flags()}
    with browser.browser_type.launch_persistent_context(tmp_path, **own) as context:
        tab = context.new_page()
        errors = listen(tab)
        tab.goto(page)
        yield tab.main_frame, errors


FILL = """() => {
    for (let size = 2 ** 22; size >= 1; size >>= 1) {
        try { for (let n = 0; ; n++) localStorage[`${size} ${n}`] = "x".repeat(size); } catch { /* smaller, then */ }
    }
}"""


@contextmanager
def full(browser, page: str, tmp_path):
    """Where other pages of the same site have taken all room; the theme was chosen before."""
    tab = browser.new_page()
    errors = listen(tab)
    tab.goto(page)
    tab.evaluate("localStorage.clear()")
    tab.evaluate(FILL)
    tab.reload()
    yield tab.main_frame, errors
    tab.evaluate("window.localStorage.clear?.()")
    tab.close()


def listen(tab) -> list[str]:
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    return errors


MODE = "document.documentElement.dataset.mode"
HOSTS = {"sandboxed": sandboxed, "pasted": pasted, "blocked": blocked, "full": full}
DENIED = """() => { try { localStorage.setItem("probe", ""); return false; } catch { return true; } }"""


@pytest.mark.parametrize("host", HOSTS)
def test_the_theme_switches_and_nothing_fails(browser, site, tmp_path, host):
    with HOSTS[host](browser, f"{site}/book/playground.html", tmp_path) as (frame, errors):
        seen = [frame.evaluate(MODE)]
        for _ in range(3):
            frame.locator(".theme-switch-button:visible").click()
            seen.append(frame.evaluate(MODE))
        assert seen == ["auto", "dark", "light", "auto"]
        frame.locator("[data-set=at]").fill("9")
        frame.wait_for_timeout(500)  # the address is written, where there is one
        assert "After word 9" in frame.locator("[data-show=now]").inner_text()
        assert errors == []


@pytest.mark.parametrize("host", HOSTS)
def test_storage_is_refused_there(browser, site, tmp_path, host):
    """Else the test above would show nothing: what the page itself puts in its place is taken away."""
    with HOSTS[host](browser, f"{site}/_static/course.js", tmp_path) as (frame, _):
        assert frame.evaluate(DENIED)
