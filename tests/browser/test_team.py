"""An admin and the team: whom they invite, and what happens to those whose access they change."""

import re

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from models.permissions import Role
from services.access.errors import ChangedMeanwhile, LastAdmin
from tests.browser.contrast import expect_contrast
from tests.browser.dashboard import rows, sign_in, visit_notifications
from tests.browser.door import (
    NOBODY,
    SIGN_IN,
    SIGNED_OUT,
    choose_password,
    follow_mailed_link,
    give_password,
)
from tests.browser.stored import times_done
from tests.browser.team import answer, choose_act, give_role, member, question, told, visit_team
from tests.browser.watch import NewContext
from tests.serving import Server

OLIVIA = "olivia@example.com"
CHANGED_MEANWHILE = str(ChangedMeanwhile())
LAST_ADMIN = str(LastAdmin())


def invitation(page: Page) -> Locator:
    return page.get_by_role("region", name="Invite")


async def invite(page: Page, email: str) -> None:
    """Fill in an invitation and press Enter."""
    await invitation(page).get_by_role("textbox", name="E-mail address").fill(email)
    await page.keyboard.press("Enter")


async def open_elsewhere(new_context: NewContext, server: Server, email: str, role: Role = Role.OPERATOR) -> Page:
    """Return the page of somebody else, who looks at the notifications in a browser of their own."""
    state = await sign_in(server, email, role)
    page = await (await new_context(base_url=server.base_url, storage_state=state)).new_page()
    await visit_notifications(page)
    return page


async def role_of(page: Page) -> str:
    """Return what the account menu says of whoever looks at the page."""
    await page.get_by_role("button", name="Account").click()
    return await page.get_by_role("menu").locator(".caption").first.inner_text()


@pytest_asyncio.fixture(loop_scope="session")
async def team(page: Page) -> Page:
    """Olivia's browser, with the page of the team."""
    await visit_team(page)
    return page


async def test_an_invited_person_opens_the_link_in_their_mail_and_is_in(team: Page, new_context: NewContext) -> None:
    email = "invited@example.com"
    await invite(team, email)
    await expect(invitation(team).get_by_role("status")).to_contain_text(f"An invitation to {email} is on its way.")
    await expect(member(team, email)).to_contain_text("Invited")
    await expect(invitation(team).get_by_role("textbox", name="E-mail address")).to_have_value("")

    theirs = await (await new_context(storage_state=NOBODY)).new_page()
    await follow_mailed_link(theirs, email, "Your access to the Mangopay Dashboard")
    await expect(theirs.get_by_role("heading", level=1)).to_have_text("Create your access: Local")
    await choose_password(theirs)
    await expect(theirs).to_have_url(re.compile(r"/$"))
    assert await role_of(theirs) == "Viewer in Local"

    await team.get_by_role("button", name="Reload members").click()
    await expect(member(team, email)).to_contain_text("last sign-in")
    await expect(member(team, email)).not_to_contain_text("Invited")


async def test_nonsense_and_a_member_are_refused_beside_the_field(team: Page) -> None:
    field = invitation(team).get_by_role("textbox", name="E-mail address")
    for email, sentence in (("nonsense", "Enter an e-mail address"), (OLIVIA, f"{OLIVIA} is in the list already.")):
        await invite(team, email)
        await expect(invitation(team).get_by_role("alert")).to_contain_text(sentence)
        await expect(field).to_be_focused()
        await expect(field).to_have_value(email)
    await expect(invitation(team).get_by_role("status")).to_have_count(0)


async def test_with_another_role_a_member_is_signed_out_and_signs_in_anew(
    team: Page, server: Server, new_context: NewContext
) -> None:
    email = "another-role@example.com"
    theirs = await open_elsewhere(new_context, server, email)
    await team.get_by_role("button", name="Reload members").click()
    new_context.expect(SIGNED_OUT)
    await give_role(team, email, "Developer")
    await expect(told(team, f"{email} is now developer.")).to_be_visible()
    await expect(member(team, email).locator(".member-role")).to_have_text("Developer")
    await expect(theirs).to_have_url(SIGN_IN)
    await give_password(theirs, email)
    await expect(rows(theirs).first).to_be_visible()
    assert await role_of(theirs) == "Developer in Local"


async def test_a_member_is_suspended_restored_and_removed_once_the_question_is_answered(
    team: Page, server: Server, new_context: NewContext
) -> None:
    email = "suspended@example.com"
    theirs = await open_elsewhere(new_context, server, email)
    await team.get_by_role("button", name="Reload members").click()
    new_context.expect(SIGNED_OUT)
    for act in ("Suspend", "Remove"):
        await choose_act(team, email, act)
        await expect(question(team)).to_have_accessible_name(f"{act} {email}?")
        await answer(team, "Cancel")
        assert times_done(server, act.lower(), email, by=OLIVIA) == 0

    await choose_act(team, email, "Suspend")
    await answer(team, "Suspend")
    await expect(member(team, email).locator(".chip")).to_contain_text("Suspended")
    await expect(theirs).to_have_url(SIGN_IN)
    await give_password(theirs, email)
    await expect(theirs.get_by_role("alert")).to_contain_text("not right")

    await choose_act(team, email, "Restore")
    await expect(told(team, f"{email} may sign in again.")).to_be_visible()
    await give_password(theirs, email)
    await expect(rows(theirs).first).to_be_visible()

    await choose_act(team, email, "Remove")
    await answer(team, "Remove")
    await expect(member(team, email)).to_have_count(0)
    assert [times_done(server, act, email, by=OLIVIA) for act in ("suspend", "restore", "remove")] == [1, 1, 1]


async def test_the_last_admin_stays_one_and_the_page_says_why(fresh_server: Server, new_context: NewContext) -> None:
    state = await sign_in(fresh_server, OLIVIA, Role.ADMIN)
    page = await (await new_context(base_url=fresh_server.base_url, storage_state=state)).new_page()
    await visit_team(page)
    await give_role(page, OLIVIA, "Viewer")
    await expect_told_and_close(page, LAST_ADMIN)
    for act in ("Suspend", "Remove"):
        await choose_act(page, OLIVIA, act)
        await answer(page, act)
        await expect_told_and_close(page, LAST_ADMIN)
    await visit_team(page)
    await expect(member(page, OLIVIA).locator(".member-role")).to_have_text("Admin")


async def expect_told_and_close(page: Page, sentence: str) -> None:
    await expect(told(page, sentence)).to_be_visible()
    await told(page, sentence).get_by_role("button", name="Close").click()
    await expect(told(page, sentence)).to_have_count(0)


async def test_a_double_click_does_it_once(team: Page, server: Server) -> None:
    email = "twice@example.com"
    await invitation(team).get_by_role("textbox", name="E-mail address").fill(email)
    await invitation(team).get_by_role("button", name="Invite").dblclick()
    await expect(invitation(team).get_by_role("status")).to_contain_text("is on its way.")
    # However slow the second click is.
    await invitation(team).get_by_role("button", name="Invite").click()
    await choose_act(team, email, "Suspend")
    await question(team).get_by_role("button", name="Suspend", exact=True).dblclick()
    await expect(member(team, email).locator(".chip")).to_contain_text("Suspended")
    await team.get_by_role("button", name=f"Change {email}").click()
    await team.get_by_role("menu").get_by_role("button", name="Restore", exact=True).dblclick()
    await expect(member(team, email).locator(".chip")).to_contain_text("Invited")
    await expect(invitation(team).get_by_role("alert")).to_have_count(0)
    await expect(told(team, CHANGED_MEANWHILE)).to_have_count(0)
    assert [times_done(server, act, email, by=OLIVIA) for act in ("invite", "suspend", "restore")] == [1, 1, 1]


async def test_of_two_admins_the_one_whose_list_is_stale_is_told_so(
    team: Page, server: Server, new_context: NewContext
) -> None:
    email = "two-admins@example.com"
    await sign_in(server, email, Role.VIEWER)
    second = await sign_in(server, "second-admin@example.com", Role.ADMIN)
    theirs = await (await new_context(storage_state=second)).new_page()
    await visit_team(theirs)
    await team.get_by_role("button", name="Reload members").click()
    await give_role(theirs, email, "Operator")
    await expect(told(theirs, f"{email} is now operator.")).to_be_visible()
    await expect_contrast(theirs, within=".q-notification")
    await expect(member(team, email).locator(".member-role")).to_have_text("Viewer")

    await choose_act(team, email, "Suspend")
    await answer(team, "Suspend")
    await expect(told(team, CHANGED_MEANWHILE)).to_be_visible()
    await expect_contrast(team, within=".q-notification")
    await expect(member(team, email).locator(".member-role")).to_have_text("Operator")
    await expect(member(team, email).locator(".chip")).to_have_count(0)
