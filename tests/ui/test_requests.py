"""Create an access, forgotten password: what is answered, which is the same for everybody, and what is sent."""

import pytest

from models.access import Account, OneTimeLink
from models.permissions import Role
from services.database import Database
from tests.services.access.world import (
    LOCAL,
    MALLORY,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PRODUCTION,
    SANDBOX,
    VICTOR,
    token_in,
)
from tests.ui.door import Door, focused, hidden, in_error, open_door, same, sign_in, title, who

RIGHT, WRONG = "acme", "mallorys-platform"


@pytest.fixture
def door(database: Database) -> Door:
    """Victor may ask for an access, and Olivia, as an operator; Mallory may not."""
    return open_door(database, allowed={VICTOR: Role.VIEWER, OLIVIA: Role.OPERATOR})


async def test_right_and_wrong_pairs_get_the_same_answer_and_mail_goes_out_for_the_right_one_only(door: Door) -> None:
    wishes = [(RIGHT, VICTOR), (WRONG, VICTOR), (RIGHT, MALLORY), (WRONG, MALLORY)]
    async with door.browser() as browser:
        answers = [await browser.post("/create-access", data=_wish(*wish)) for wish in wishes]
    for answer, (_, email) in zip(answers, wishes, strict=True):
        assert same(answer, but=email) == same(answers[0], but=VICTOR)
    assert same(answers[0]) == same(answers[1])
    assert answers[0].status_code == 200
    assert f"If <strong>{VICTOR}</strong> may have an access here, a link is on its way." in answers[0].text
    assert "set-cookie" not in answers[0].headers
    assert [letter.to for letter in await door.world.deliver()] == [VICTOR]
    assert [account.email for account in await door.world.rows(Account)] == [VICTOR]


async def test_whoever_has_an_access_was_invited_or_is_suspended_gets_the_same_answer_too(door: Door) -> None:
    await door.world.add_account("ada@example.com")
    await door.world.add_account("invited@example.com", password=None)
    await door.world.add_account("gone@example.com", suspended_at=door.world.now)
    emails = [MALLORY, "ada@example.com", "invited@example.com", "gone@example.com"]
    for path in ("/create-access", "/forgotten-password"):
        async with door.browser() as browser:
            answers = [await browser.post(path, data=_wish(RIGHT, email)) for email in emails]
        assert len({repr(same(answer, but=email)) for answer, email in zip(answers, emails, strict=True)}) == 1
        assert {letter.to for letter in await door.world.deliver()} == {"ada@example.com", "invited@example.com"}


async def test_the_link_in_the_mail_opens_an_access_with_its_role_once(door: Door) -> None:
    async with door.browser() as browser, door.browser() as mallory:
        await browser.post("/create-access", data=_wish(f" {RIGHT} ", " Olivia@Example.com"))
        link = await door.link_by_mail()
        answer = await browser.post(link, data={"new": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await who(browser) == f"{OLIVIA}, operator in sandbox"
        assert (await mallory.post(link, data={"new": OTHER_PASSWORD})).status_code == 410
        assert await who(mallory) is None
        assert await sign_in(mallory, OLIVIA, PASSWORD) == "/"


async def test_in_local_whoever_comes_first_is_admin_and_no_second_one_is(database: Database) -> None:
    door = open_door(database, LOCAL)
    async with door.browser() as olivia, door.browser() as mallory:
        await olivia.post("/create-access", data=_wish("local", OLIVIA))
        link = await door.link_by_mail()
        assert f'value="{OLIVIA}"' in (await olivia.get(link)).text
        assert await door.world.rows(Account) == []
        await olivia.post(link, data={"email": MALLORY, "new": PASSWORD})
        assert await who(olivia) == f"{OLIVIA}, admin in local"
        answer = await mallory.post("/create-access", data=_wish("local", MALLORY))
        assert answer.status_code == 200
    assert await door.world.deliver() == []


async def test_of_two_who_ask_for_the_first_access_the_one_whose_link_is_opened_first_has_it(
    database: Database,
) -> None:
    door = open_door(database, LOCAL)
    async with door.browser() as olivia, door.browser() as mallory:
        for browser, email in ((mallory, MALLORY), (olivia, OLIVIA)):
            await browser.post("/create-access", data=_wish("local", email))
        links = {letter.to: f"/link/{token_in(letter)}" for letter in await door.world.deliver()}
        await olivia.post(links[OLIVIA], data={"new": PASSWORD})
        assert (await mallory.post(links[MALLORY], data={"new": PASSWORD})).status_code == 410
        assert await who(mallory) is None
    assert [account.email for account in await door.world.rows(Account)] == [OLIVIA]


async def test_the_link_to_a_first_access_that_expired_is_renewed_too(database: Database) -> None:
    door = open_door(database, LOCAL)
    async with door.browser() as olivia:
        await olivia.post("/create-access", data=_wish("local", OLIVIA))
        link = await door.link_by_mail()
        door.world.wait(minutes=30)
        assert f'action="{link}/renew"' in (await olivia.get(link)).text
        await olivia.post(f"{link}/renew")
        await olivia.post(await door.link_by_mail(), data={"new": PASSWORD})
        assert await who(olivia) == f"{OLIVIA}, admin in local"


async def test_only_local_says_where_its_mail_is_kept(database: Database) -> None:
    door = open_door(database, SANDBOX, LOCAL)
    async with door.browser() as browser:
        for environment, is_said in (("local", True), ("sandbox", False)):
            page = await browser.post("/create-access", data=_wish(RIGHT, OLIVIA, environment))
            assert ('href="/local-mail"' in page.text) is is_said


async def test_forgotten_password_leads_back_in_and_the_old_one_is_no_good_any_more(door: Door) -> None:
    await door.world.add_account(OLIVIA)
    async with door.browser() as browser, door.browser() as elsewhere:
        await sign_in(elsewhere)
        await browser.post("/forgotten-password", data={"email": OLIVIA})
        assert await sign_in(browser) == "/"  # until the link is used, the present password stays good
        link = await door.link_by_mail()
        page = await browser.get(link)
        assert title(page).startswith("Choose a new password")
        await browser.post(link, data={"new": OTHER_PASSWORD})
        assert await who(browser) == f"{OLIVIA}, admin in sandbox"
        assert await who(elsewhere) is None
        assert (await elsewhere.post("/sign-in", data={"email": OLIVIA, "password": PASSWORD})).status_code == 401
        assert await sign_in(elsewhere, password=OTHER_PASSWORD) == "/"


async def test_only_local_tells_its_client_id(database: Database) -> None:
    for environment, told in ((LOCAL, True), (SANDBOX, False)):
        door = open_door(database, environment)
        async with door.browser() as browser:
            page = await browser.get("/create-access")
        assert (f'value="{door.world.door.client_ids[environment]}"' in page.text) is told
        assert focused(page) == ["email" if told else "client_id"]


@pytest.mark.parametrize("path", ["/create-access", "/forgotten-password"])
async def test_somebody_elses_mailbox_is_not_filled(door: Door, path: str) -> None:
    await door.world.add_account(OLIVIA)
    async with door.browser() as mallory:
        for _ in range(3):
            for email in (OLIVIA, MALLORY):
                assert (await mallory.post(path, data=_wish(RIGHT, email))).status_code == 200
        door.world.wait(minutes=2, seconds=30)
        known, unknown = [await mallory.post(path, data=_wish(RIGHT, email)) for email in (OLIVIA, MALLORY)]
        assert (known.status_code, known.headers["retry-after"]) == (429, "780")
        assert "Too many attempts. Try again in 13 minutes." in known.text
        assert same(known, but=OLIVIA) == same(unknown, but=MALLORY)
        assert len(await door.world.deliver()) == 3
        door.world.wait(minutes=12, seconds=30)
        assert (await mallory.post(path, data=_wish(RIGHT, OLIVIA))).status_code == 200


@pytest.mark.parametrize("path", ["/create-access", "/forgotten-password"])
async def test_without_a_mail_server_everybody_hears_which_command_helps(database: Database, path: str) -> None:
    door = open_door(database, allowed={VICTOR: Role.VIEWER}, sends_mail=())
    await door.world.add_account(OLIVIA)
    async with door.browser() as browser:
        answers = [await browser.post(path, data=_wish(RIGHT, email)) for email in (OLIVIA, VICTOR, MALLORY)]
        wrong = await browser.post(path, data=_wish(WRONG, OLIVIA))
        # Nobody fills in a form for nothing.
        looked = await browser.get(path)
    assert (looked.status_code, "<form" in looked.text) == (200, False)
    assert "uv run main.py invite EMAIL" in looked.text
    assert answers[0].status_code == 503
    assert "<code" in answers[0].text
    assert "uv run main.py invite EMAIL --environment sandbox" in answers[0].text
    assert same(answers[0]) == same(answers[1]) == same(answers[2]) == same(wrong)
    assert await door.world.ordered() == []


@pytest.mark.parametrize(
    ("given", "wrong", "first", "sentence"),
    [
        ({}, ["client_id", "email"], "client_id", "Enter the ClientId of your platform at Mangopay."),
        ({"client_id": " ", "email": VICTOR}, ["client_id"], "client_id", "Enter the ClientId"),
        ({"client_id": RIGHT, "email": "victor"}, ["email"], "email", "Enter your e-mail address"),
    ],
)
async def test_a_wish_that_is_not_filled_in_says_what_is_missing(
    door: Door, given: dict[str, str], wrong: list[str], first: str, sentence: str
) -> None:
    async with door.browser() as browser:
        page = await browser.post("/create-access", data=given)
    assert page.status_code == 400
    assert title(page).startswith("Error: ")
    assert in_error(page) == wrong
    assert focused(page) == [first]
    assert sentence in page.text
    assert await door.world.ordered() == []


async def test_what_was_typed_is_shown_again_and_stays_text(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.post("/create-access", data={"client_id": '"><script>', "email": "oli<via"})
    assert 'value="&#34;&gt;&lt;script&gt;"' in page.text
    assert 'value="oli&lt;via"' in page.text


@pytest.mark.parametrize("path", ["/create-access", "/forgotten-password"])
async def test_of_several_environments_one_must_be_chosen_first(database: Database, path: str) -> None:
    door = open_door(database, PRODUCTION, SANDBOX)
    await door.world.add_account()
    async with door.browser() as browser:
        for answer in (await browser.get(path), await browser.post(path, data=_wish(RIGHT, OLIVIA))):
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        page = await browser.get(f"{path}?environment=sandbox")
        assert hidden(page) == {"environment": "sandbox"}
        await browser.post(path, data=hidden(page) | _wish(RIGHT, OLIVIA, "sandbox"))
    assert [link.environment for link in await _links(door)] == [SANDBOX]


async def test_a_wish_in_one_environment_is_none_in_another(database: Database) -> None:
    door = open_door(database, PRODUCTION, SANDBOX)
    await door.world.add_account(OLIVIA, environment=SANDBOX)
    async with door.browser() as browser:
        page = await browser.post("/forgotten-password", data=_wish(RIGHT, OLIVIA, "production"))
    assert page.status_code == 200
    assert await door.world.deliver() == []


async def test_mail_that_could_not_be_sent_is_sent_later_with_a_link_that_works(door: Door) -> None:
    async with door.browser() as browser:
        door.world.mailer.refuse()
        await browser.post("/create-access", data=_wish(RIGHT, VICTOR))
        assert await door.world.deliver() == []
        door.world.mailer.error = None
        door.world.wait(seconds=10)
        await browser.post(await door.link_by_mail(), data={"new": PASSWORD})
        assert await who(browser) == f"{VICTOR}, viewer in sandbox"


def _wish(client_id: str, email: str, environment: str | None = None) -> dict[str, str]:
    return {"client_id": client_id, "email": email} | ({"environment": environment} if environment else {})


async def _links(door: Door) -> list[OneTimeLink]:
    await door.world.deliver()
    return await door.world.rows(OneTimeLink)
