"""Settings: one's own sessions and password, and what an access does not open."""

from playwright.async_api import Locator, Page, expect

from models.permissions import Role
from tests.browser.access import PASSWORD
from tests.browser.dashboard import sign_in, visit
from tests.browser.door import NOBODY, REFUSED, SIGN_IN, SIGNED_OUT, give_password
from tests.browser.team import told
from tests.browser.watch import NewContext
from tests.serving import Server

NEW_PASSWORD = "Another-staple-8-engine"


def sessions(page: Page) -> Locator:
    return page.get_by_role("region", name="Your sessions").locator(".line")


async def two_browsers(new_context: NewContext, server: Server, email: str) -> tuple[Page, Page]:
    """Sign somebody in with two browsers; return the page of Settings in one, and the first page in the other."""
    first = await (await new_context(storage_state=await sign_in(server, email))).new_page()
    second = await (await new_context(storage_state=NOBODY)).new_page()
    await second.goto("/")
    await give_password(second, email)
    await expect(second).to_have_url(f"{server.base_url}/")
    await second.wait_for_function("window.did_handshake")
    await visit(first, "/settings")
    return first, second


async def test_another_session_is_ended_from_the_list_and_nothing_else_changes(
    server: Server, new_context: NewContext
) -> None:
    email = "two-sessions@example.com"
    here, there = await two_browsers(new_context, server, email)
    await expect(sessions(here)).to_have_count(2)
    await expect(sessions(here).filter(has=here.get_by_role("button", name="End"))).to_contain_text("Chrome")
    await here.get_by_role("button", name="Account").click()
    await here.get_by_role("menu").get_by_text("Dark", exact=True).click()
    await here.keyboard.press("Escape")
    new_context.expect(SIGNED_OUT)
    await sessions(here).get_by_role("button", name="End").click()
    await expect(told(here, "That session has ended.")).to_be_visible()
    await expect(there).to_have_url(SIGN_IN)
    await expect(sessions(here)).to_have_count(1)
    await expect(sessions(here)).to_contain_text("This one")
    await visit(here, "/settings")
    await expect(here.locator("body.body--dark")).to_be_visible()
    await give_password(there, email)
    await expect(there.locator("body.body--dark")).to_be_visible()


async def test_a_viewer_finds_neither_team_nor_audit_log_and_hears_whom_to_ask(
    server: Server, new_context: NewContext
) -> None:
    victor = await sign_in(server, "victor-looks@example.com", Role.VIEWER)
    page = await (await new_context(storage_state=victor)).new_page()
    await visit(page, "/settings")
    await expect(page.get_by_role("navigation", name="Sections").get_by_role("link")).to_have_text(
        ["Your access", "Mangopay API"]
    )
    new_context.expect(REFUSED)
    for path in ("/settings/team", "/settings/audit"):
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 403
        await expect(page.get_by_role("heading", level=1)).to_have_text("This page is not for your role.")
        await expect(page.get_by_role("main")).to_contain_text("olivia@example.com")


async def test_a_changed_password_ends_every_other_session_and_is_asked_for_from_then_on(
    server: Server, new_context: NewContext
) -> None:
    email = "new-password@example.com"
    here, there = await two_browsers(new_context, server, email)
    await here.get_by_role("link", name="Change password").click()
    new_context.expect(REFUSED)
    for present, new, error in (
        ("not the present one", NEW_PASSWORD, "The present password is not right."),
        (PASSWORD, "weak", "Choose a password that meets every line"),
    ):
        await change_password(here, present, new)
        await expect(here.locator(".plain-error")).to_contain_text(error)
    new_context.expect(SIGNED_OUT)
    await change_password(here, PASSWORD, NEW_PASSWORD)
    await expect(here.get_by_role("status").first).to_contain_text("Your password is changed.")
    await expect(sessions(here)).to_have_count(1)
    await there.goto("/settings")
    await expect(there).to_have_url(SIGN_IN)
    await give_password(there, email)
    await expect(there.get_by_role("alert")).to_contain_text("not right")
    await give_password(there, email, NEW_PASSWORD)
    await expect(there).to_have_url(f"{server.base_url}/settings")


async def change_password(page: Page, present: str, new: str) -> None:
    await page.get_by_label("Present password").fill(present)
    await page.get_by_label("New password").fill(new)
    await page.get_by_role("button", name="Change password").click()
