"""Find a Chromium-like browser for the tests. As a script it brings one when there is none (--find only looks).

Plain standard library and old syntax, because .ci/run calls it before anything is installed.
"""

import os
import shutil
import subprocess
import sys

# The same engine without windows, menus and settings: a page opens in a third of the time.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
REMEDY = (
    "No browser for the tests was found. Install Chromium or Chrome (Debian, Ubuntu: sudo apt install chromium), "
    "or run .venv/bin/python -m playwright install chromium, or name one: CHROMIUM=/path/to/chromium make test"
)


QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


def flags():
    """How to start it: quietly, and without its sandbox for root, to whom Chromium refuses one."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return list(QUIET) + (["--no-sandbox"] if as_root else [])


class BrowserMissing(Exception):
    """No browser on this machine; the message says what to do."""


def playwrights_own():
    """Where Playwright keeps the browser that it downloads, or None without Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find_browser(whole=False):
    """The path of a browser: $CHROMIUM, one on the PATH, an installed application, or Playwright's own.

    A whole one has the settings that an owner makes; else a headless shell is preferred.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if shutil.which(named):
            return shutil.which(named)
        raise BrowserMissing("CHROMIUM names %r, which is not a program here. Correct or unset it." % named)
    names = NAMES + APPLICATIONS if whole else SHELLS + NAMES + APPLICATIONS
    installed = [found for found in map(shutil.which, names) if found]
    if installed:
        return installed[0]
    own = playwrights_own()
    if own and os.path.exists(own):
        return own
    raise BrowserMissing(REMEDY)


def browser_or_reason(whole=False):
    """For fixtures: the path. Without a browser tests are skipped, except on a CI server, where that is a failure."""
    import pytest

    try:
        return find_browser(whole)
    except BrowserMissing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))


def bring_browser():
    """Find a browser, downloading Playwright's when there is none."""
    try:
        return find_browser()
    except BrowserMissing:
        if os.environ.get("CHROMIUM"):
            raise
    print("No browser found; downloading one for the tests.", flush=True)
    subprocess.call([sys.executable, "-m", "playwright", "install", "chromium"])
    return find_browser()


if __name__ == "__main__":
    try:
        print("Browser for the tests:", find_browser() if "--find" in sys.argv else bring_browser())
    except BrowserMissing as missing:
        # Elsewhere than on a CI server the other tests still run; those that need a browser say why they did not.
        print(missing, file=sys.stderr)
        sys.exit("--find" in sys.argv or os.environ.get("CI") == "true")
