"""A real browser that notes everything it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.needs import lacking

CHROMIUM = Path("/usr/bin/chromium")


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as the browser shows it, and all that it asked for on the way."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def pictures(self) -> list[dict[str, object]]:
        """Address, natural size and shown size of every picture, once all have come or failed."""
        self.page.evaluate(
            "() => Promise.all([...document.images].map(i => i.decode().catch(() => null)))"
        )
        found: list[dict[str, object]] = self.page.evaluate(
            "() => [...document.images].map(i => ({src: i.currentSrc, alt: i.alt,"
            " natural: [i.naturalWidth, i.naturalHeight], shown: i.getBoundingClientRect().width}))"
        )
        return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Debian's Chromium; skips without it, but in CI its absence is a failure."""
    if not CHROMIUM.exists():
        lacking("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """Open one page in a profile of its own, without scripts, as readers may have it."""
    context = browser.new_context()
    seen = Visit(context.new_page())
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("requestfailed", lambda request: seen.complaints.extend(_refused(request)))
    seen.page.goto(url, wait_until="load")
    try:
        yield seen
    finally:
        context.close()


def _refused(request: Request) -> list[str]:
    """The address of a request that failed; one that the next page cut short is no complaint."""
    return [] if request.failure == "net::ERR_ABORTED" else [request.url]
