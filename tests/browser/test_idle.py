"""A page of somebody who does nothing: it says that its session is about to end, and then it ends, or goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from models.access import SESSION_LIMITS
from models.environment import Environment
from tests.browser.dashboard import sign_in, visit
from tests.browser.door import SIGN_IN, SIGNED_OUT
from tests.browser.stored import execute
from tests.browser.watch import NewContext
from tests.serving import Server, serving

LIMITS = SESSION_LIMITS[Environment.LOCAL]
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def late_server(tmp_path: Path) -> Iterator[Server]:
    """A dashboard whose clock `set_ahead` moves."""
    with serving(tmp_path / "dashboard", program=(str(Path(__file__).parent / "late.py"),)) as server:
        yield server


def set_ahead(server: Server, ahead: timedelta) -> None:
    """Set the clock of a server ahead of ours."""
    written = server.data_dir / "ahead_s.new"
    written.write_text(str(ahead.total_seconds()))
    written.rename(server.data_dir / "ahead_s")


async def open_page(new_context: NewContext, server: Server, email: str) -> Page:
    """Return the page of somebody who does nothing on it."""
    state = await sign_in(server, email)
    page = await (await new_context(base_url=server.base_url, storage_state=state)).new_page()
    await visit(page, "/users")
    return page


def warning(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="Your session ends in less than")


async def test_a_page_says_that_its_session_is_about_to_end_and_a_click_keeps_it(
    late_server: Server, new_context: NewContext
) -> None:
    stays = await open_page(new_context, late_server, "olivia@example.com")
    leaves = await open_page(new_context, late_server, "victor@example.com")
    new_context.expect(SIGNED_OUT)
    for page in (stays, leaves):
        await expect(warning(page)).to_be_hidden()
    set_ahead(late_server, LIMITS.idle - A_MINUTE)
    for page in (stays, leaves):
        await expect(warning(page)).to_contain_text("nothing was done on any page of yours")
    await warning(stays).get_by_role("button", name="Stay signed in").click()
    await expect(warning(stays)).to_be_hidden()

    set_ahead(late_server, LIMITS.idle + A_MINUTE)
    await expect(leaves).to_have_url(SIGN_IN)
    await expect(leaves.get_by_role("status")).to_contain_text("Your session has ended")
    await expect(warning(stays)).to_be_hidden()
    await stays.get_by_role("link", name="Operations").click()
    await expect(stays.get_by_role("heading", level=1)).to_have_text("Operations")


async def test_a_session_that_has_lasted_as_long_as_it_may_says_so_and_cannot_be_kept(
    late_server: Server, new_context: NewContext
) -> None:
    page = await open_page(new_context, late_server, "olivia@example.com")
    almost_all = (LIMITS.absolute - A_MINUTE) // timedelta(milliseconds=1)
    execute(late_server, "UPDATE session SET created_at = created_at - ?", almost_all)
    # What the process knows of a session it believes for some seconds.
    set_ahead(late_server, timedelta(seconds=10))
    await page.request.get("/users")
    await expect(warning(page)).to_contain_text("it has lasted as long as it may")
    await expect(warning(page).get_by_role("button")).to_be_hidden()
