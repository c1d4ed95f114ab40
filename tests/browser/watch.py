"""Browser contexts that are watched: whatever a page complains of fails the test, unless the test expects it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, StorageState, ViewportSize, WebError

PATIENCE_MS = 10_000
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
DEFAULTS = {
    "locale": "en-GB",
    "timezone_id": "Europe/Paris",
    "viewport": VIEWPORT,
    "color_scheme": "light",
}
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass
class NewContext:
    """Opens contexts with these options and its own; `complaints` is what their pages said was wrong."""

    browser: Browser
    options: dict[str, Any]
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    is_emptying: bool = False

    async def __call__(self, **options: Any) -> BrowserContext:
        context = await self.browser.new_context(**DEFAULTS | self.options | options)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(REPORT_VIOLATIONS)
        self.contexts.append(context)
        self.watch(context)
        return context

    def watch(self, context: BrowserContext) -> None:
        """Listen to what the pages of a context complain of."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)

    def unwatch(self, context: BrowserContext) -> None:
        context.remove_listener("console", self._console)
        context.remove_listener("weberror", self._error)
        context.remove_listener("dialog", self._dialog)

    def expect(self, pattern: str) -> None:
        """Take no offence at complaints that match."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"error: {error.error}")

    async def _dialog(self, dialog: Dialog) -> None:
        if self.is_emptying and dialog.type == "beforeunload":
            # A page that asks whether to leave it is left.
            await dialog.accept()
            return
        self.complaints.append(f"dialog: {dialog.message}")
        await dialog.dismiss()


@asynccontextmanager
async def watched_contexts(browser: Browser, **options: Any) -> AsyncIterator[NewContext]:
    new_context = NewContext(browser, options)
    yield new_context
    for context in new_context.contexts:
        await context.close()
    assert not new_context.unexpected, "\n".join(new_context.unexpected)


async def empty(context: BrowserContext, state: StorageState) -> None:
    """Leave a context with one empty page, and with this state only: as if nobody had used it."""
    page, *others = context.pages or [await context.new_page()]
    for other in others:
        await other.close()
    await page.unroute_all(behavior="ignoreErrors")
    # A document of this origin that no database is asked for, however busy it is.
    await page.goto("/assets/dashboard.css")
    await page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    await page.goto("about:blank")
    await page.mouse.move(0, 0)
    await page.set_viewport_size(VIEWPORT)
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    await context.clear_cookies()
    await context.add_cookies(state["cookies"])  # type: ignore[arg-type]
