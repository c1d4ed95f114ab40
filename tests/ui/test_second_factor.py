"""The second factor at the door and under one's own settings: codes, setting one up, recovery codes, taking it away."""

import html
import re
from collections.abc import Sequence

import httpx
import pyotp
import pytest

from models.access import Account, RecoveryCode, Session
from models.audit import Act, Outcome
from models.permissions import Role
from services.database import Database
from tests.services.access.world import (
    ADA,
    OLIVIA,
    OTHER_PASSWORD,
    PASSWORD,
    PRODUCTION,
    VICTOR,
)
from tests.ui.door import (
    Door,
    cookies_of,
    focused,
    hidden,
    in_error,
    links,
    open_door,
    same,
    sign_in,
    title,
    who,
)
from tests.ui.guarded import HTTPS

ADMIN = f"{OLIVIA}, admin in sandbox"
ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:alert(1)"]
SET_UP, REMOVE, RENEW = "/settings/two-factor", "/settings/two-factor/remove", "/settings/recovery-codes"


@pytest.fixture
def door(database: Database) -> Door:
    return open_door(database)


@pytest.fixture
async def olivia(door: Door) -> Account:
    return await door.world.add_account()


@pytest.fixture
async def codes(door: Door, olivia: Account) -> Sequence[str]:
    """The recovery codes of Olivia's second factor."""
    return await door.world.give_second_factor(olivia)


@pytest.fixture
def production(database: Database) -> Door:
    return open_door(database, PRODUCTION, url=HTTPS)


# A code that is owed after the password.


async def test_a_code_leads_in_and_where_one_wanted_to_go(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        page = await browser.get(await sign_in(browser, next="/users?page=2"))
        assert title(page) == "Second factor · Sandbox · Mangopay Dashboard"
        assert focused(page) == ["code"]
        assert 'inputmode="numeric" autocomplete="one-time-code"' in page.text
        answer = await browser.post(page.url, data={"code": f" {door.world.code()} "})
        assert (answer.status_code, answer.headers["location"]) == (303, "/users?page=2")
        assert await who(browser) == ADMIN


async def test_a_wrong_code_opens_nothing_and_the_next_right_one_does(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        place = await sign_in(browser)
        page = await browser.post(place, data={"code": "000000"})
        assert page.status_code == 401
        assert "That code is not right, or was used before." in page.text
        assert in_error(page) == focused(page) == ["code"]
        assert title(page).startswith("Error: ")
        assert "set-cookie" not in page.headers
        assert "000000" not in page.text
        assert await who(browser) is None
        assert (await browser.post(place, data={"code": door.world.code()})).status_code == 303
        assert await who(browser) == ADMIN


async def test_an_empty_code_is_asked_for_again_and_counts_as_no_try(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        place = await sign_in(browser)
        for _ in range(6):
            page = await browser.post(place, data={"code": " "})
            assert page.status_code == 400
            assert "Enter the code." in page.text
        assert (await browser.post(place, data={"code": door.world.code()})).status_code == 303


async def test_after_five_wrong_codes_even_the_right_one_waits(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        place = await sign_in(browser)
        for _ in range(5):
            assert (await browser.post(place, data={"code": "000000"})).status_code == 401
        door.world.wait(minutes=2, seconds=30)
        page = await browser.post(place, data={"code": door.world.code()})
        assert (page.status_code, page.headers["retry-after"]) == (429, "780")
        assert "Too many attempts. Try again in 13 minutes." in page.text
        assert await who(browser) is None
    [letter] = await door.world.deliver()
    assert (letter.to, letter.subject) == (OLIVIA, "Somebody may know your password (Mangopay Dashboard, Sandbox)")


async def test_a_recovery_code_stands_in_once_for_a_lost_authenticator(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser, door.browser() as mallory:
        page = await browser.get(await sign_in(browser, next="/users"))
        [recovery] = [link for link in links(page) if "recovery" in link]
        page = await browser.get(recovery)
        assert "Recovery code</label>" in page.text
        assert "one-time-code" not in page.text
        assert "/two-factor?next=%2Fusers" in links(page)
        answer = await browser.post(recovery, data={"code": codes[0].lower()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/users")
        assert await who(browser) == ADMIN
        await sign_in(mallory)
        assert (await mallory.post("/two-factor?recovery=1", data={"code": codes[0]})).status_code == 401
        assert await who(mallory) is None


async def test_who_owes_a_code_starts_again_after_ten_minutes(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        place = await sign_in(browser)
        challenge = browser.cookies["challenge"]
        door.world.wait(minutes=10)
        for method in ("GET", "POST"):
            browser.cookies.set("challenge", challenge)
            answer = await browser.request(method, place, data={"code": door.world.code()})
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?too_late")
            assert cookies_of(answer)["challenge"].startswith('"";')
        assert "That took too long" in (await browser.get("/sign-in?too_late")).text
        assert await who(browser) is None


@pytest.mark.parametrize("challenge", [{}, {"challenge": "mallory-made-this-up"}], ids=["none", "forged"])
async def test_without_a_password_first_there_is_no_second_factor_to_give(
    door: Door, codes: Sequence[str], challenge: dict[str, str]
) -> None:
    async with door.browser() as mallory:
        for path in ("/two-factor", "/two-factor/enrol"):
            for method in ("GET", "POST"):
                mallory.cookies.update(challenge)
                answer = await mallory.request(method, path, data={"code": door.world.code()})
                assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?too_late")
        assert await who(mallory) is None


async def test_a_session_is_no_proof_of_a_password(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        await browser.post(await sign_in(browser), data={"code": door.world.code()})
        browser.cookies.set("challenge", browser.cookies["session"], domain="localhost.local")
        assert (await browser.get("/two-factor")).headers["location"] == "/sign-in?too_late"


async def test_a_challenge_planted_in_another_browser_lets_nobody_in_as_its_owner(
    door: Door, codes: Sequence[str]
) -> None:
    victor = await door.world.add_account(VICTOR, role=Role.VIEWER)
    await door.world.give_second_factor(victor)
    async with door.browser() as mallory, door.browser() as browser:
        await sign_in(mallory, VICTOR)
        await sign_in(browser)
        planted = mallory.cookies["challenge"]
        browser.cookies.set("challenge", planted, domain="localhost.local")
        await sign_in(browser)
        assert browser.cookies["challenge"] != planted
        await browser.post("/two-factor", data={"code": door.world.code()})
        assert await who(browser) == ADMIN


async def test_of_a_challenge_one_session_is_made(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser, door.browser() as thief:
        await sign_in(browser)
        thief.cookies.set("challenge", browser.cookies["challenge"])
        await browser.post("/two-factor", data={"code": door.world.code()})
        answer = await thief.post("/two-factor", data={"code": codes[0]})
        assert answer.headers["location"] == "/sign-in?too_late"
        assert await who(thief) is None


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_no_step_of_a_second_factor_leads_to_another_site(door: Door, codes: Sequence[str], place: str) -> None:
    async with door.browser() as browser:
        assert await sign_in(browser, next=place) == "/two-factor?next=%2F"
        for path in ("/two-factor", "/two-factor?recovery=1"):
            page = await browser.get(path, params={"next": place})
            assert "evil" not in page.text
            assert "javascript" not in page.text
        page = await browser.post("/two-factor", params={"next": place}, data={"code": "000000"})
        assert "evil" not in page.text
        answer = await browser.post("/two-factor", params={"next": place}, data={"code": door.world.code()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


# Setting one up because it is required.


async def test_who_may_move_money_in_production_sets_up_a_second_factor_before_anything_else(
    production: Door,
) -> None:
    operator = await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as browser:
        answer = await browser.post("/sign-in", data={"email": OLIVIA, "password": PASSWORD, "next": "/users"})
        assert set(cookies_of(answer)) == {"__Host-challenge"}
        answer = await browser.get(answer.headers["location"])
        assert (answer.status_code, answer.headers["location"]) == (303, "/two-factor/enrol?next=%2Fusers")
        page = await browser.get(answer.headers["location"])
        assert title(page) == "Set up a second factor · Production · Mangopay Dashboard"
        assert "Your role in Production can move money or change settings" in page.text
        assert focused(page) == ["code"]
        assert await who(browser) is None

        page = await browser.post(page.url, data=hidden(page) | {"code": _code(production, page)})
        assert page.status_code == 200
        assert len(_recovery_codes(page)) == 10
        assert "/users" in links(page)
        assert set(cookies_of(page)) == {"__Host-challenge", "__Host-session", "__Host-door"}
        assert cookies_of(page)["__Host-challenge"].startswith('"";')
        assert await who(browser) == f"{OLIVIA}, operator in production"
    acts = [Act.ACCEPT_PASSWORD, Act.SIGN_IN, Act.SET_UP_SECOND_FACTOR]
    assert [one.act for one in await production.world.log()] == acts
    assert [letter.subject for letter in await production.world.deliver()] == [
        "Your second factor was set up (Mangopay Dashboard, Production)"
    ]
    [session] = await production.world.rows(Session)
    assert session.account_id == operator.id


async def test_who_may_only_view_in_production_may_go_without(production: Door) -> None:
    await production.world.add_account(VICTOR, role=Role.VIEWER, environment=PRODUCTION)
    async with production.browser() as browser:
        assert await sign_in(browser, VICTOR) == "/"
        assert await who(browser) == f"{VICTOR}, viewer in production"


async def test_a_wrong_first_code_sets_nothing_up_and_the_scanned_key_stays(production: Door) -> None:
    await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as browser:
        await sign_in(browser)
        page = await browser.get("/two-factor/enrol")
        wrong = await browser.post("/two-factor/enrol", data=hidden(page) | {"code": "000000"})
        assert wrong.status_code == 401
        assert in_error(wrong) == focused(wrong) == ["code"]
        assert _key(wrong) == _key(page)
        assert await who(browser) is None
        answer = await browser.post("/two-factor/enrol", data=hidden(wrong) | {"code": _code(production, page)})
        assert answer.status_code == 200
        assert await who(browser) == f"{OLIVIA}, operator in production"


async def test_first_codes_are_not_guessed_for_ever(production: Door) -> None:
    await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as browser:
        await sign_in(browser)
        page = await browser.get("/two-factor/enrol")
        for _ in range(5):
            await browser.post("/two-factor/enrol", data=hidden(page) | {"code": "000000"})
        late = await browser.post("/two-factor/enrol", data=hidden(page) | {"code": _code(production, page)})
        assert (late.status_code, late.headers["retry-after"]) == (429, "900")
        assert await who(browser) is None


async def test_recovery_codes_are_shown_once_and_a_repeated_form_does_not_show_them_again(production: Door) -> None:
    await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as browser:
        await sign_in(browser)
        page = await browser.get("/two-factor/enrol")
        given = hidden(page) | {"code": _code(production, page)}
        codes = _recovery_codes(await browser.post("/two-factor/enrol", data=given))
        session = browser.cookies["__Host-session"]
        again = await browser.post("/two-factor/enrol", data=given)
        assert (again.status_code, again.headers["location"]) == (303, "/sign-in?too_late")
        assert (await browser.get("/two-factor/enrol")).status_code == 303
        assert browser.cookies["__Host-session"] == session
        assert await who(browser) == f"{OLIVIA}, operator in production"
        await browser.post("/sign-out")
        await sign_in(browser)
        await browser.post("/two-factor?recovery=1", data={"code": codes[9]})
        assert await who(browser) == f"{OLIVIA}, operator in production"


async def test_a_password_alone_replaces_no_second_factor_at_the_door(
    door: Door, olivia: Account, codes: Sequence[str]
) -> None:
    secret = pyotp.random_base32()
    async with door.browser() as mallory:
        await sign_in(mallory)
        # As it was offered to Olivia before she set hers up.
        purpose = f"offer of a second factor to {olivia.id}"
        sealed = door.world.door.seal.close(secret, purpose=purpose, now=door.world.now)
        given = {"sealed": sealed, "code": door.world.code(secret=secret)}
        challenge = mallory.cookies["challenge"]
        for method in ("POST", "GET"):
            mallory.cookies.set("challenge", challenge)
            answer = await mallory.request(method, "/two-factor/enrol", data=given)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?too_late")
        assert await who(mallory) is None


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_setting_up_a_second_factor_never_leads_to_another_site(production: Door, place: str) -> None:
    await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as browser:
        await sign_in(browser, next=place)
        owed = await browser.get("/two-factor", params={"next": place})
        assert owed.headers["location"] == "/two-factor/enrol?next=%2F"
        page = await browser.get("/two-factor/enrol", params={"next": place})
        assert "evil" not in page.text
        given = hidden(page) | {"code": _code(production, page)}
        page = await browser.post("/two-factor/enrol", params={"next": place}, data=given)
        assert page.status_code == 200
        assert [link for link in links(page) if link] == ["/"]
        assert "evil" not in page.text


# Setting one up because one likes to.


async def test_the_key_is_drawn_in_the_page_and_is_nowhere_else(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        page = await browser.get(SET_UP)
        [drawing] = re.findall(
            r'<div class="plain-qr" role="img" aria-label="[^"]+"><svg [^>]*>.*?</svg></div>', page.text
        )
        assert "<path" in drawing
        assert "<img" not in page.text
        assert not re.search(r"""(?:src|href)=["']?(?:https?:|//|data:)""", page.text)
        key = _key(page)
        assert len(key) == 32
        assert key not in hidden(page)["sealed"]
        assert key not in str(page.headers) + str(page.url)
        assert page.headers["cache-control"] == "no-store"
        assert _key(await browser.get(SET_UP)) != key
    [account] = await door.world.rows(Account)
    assert account.totp_secret is None


async def test_a_second_factor_is_set_up_by_password_and_first_code_and_asked_for_from_then_on(
    door: Door, olivia: Account
) -> None:
    async with door.browser() as browser, door.browser() as phone:
        for mine in (browser, phone):
            await sign_in(mine)
        page = await browser.get(SET_UP)
        given = hidden(page) | {"password": PASSWORD, "code": _code(door, page)}
        shown = await browser.post(SET_UP, data=given)
        assert shown.status_code == 200
        assert "<strong>They are shown only now.</strong>" in shown.text
        assert len(set(_recovery_codes(shown))) == 10
        assert "/settings" in links(shown)
        assert await who(browser) == ADMIN
        assert await who(phone) is None
        door.world.wait(seconds=30)
        assert await sign_in(phone) == "/two-factor?next=%2F"
        await phone.post("/two-factor", data={"code": _code(door, page)})
        assert await who(phone) == ADMIN


@pytest.mark.parametrize(
    ("change", "wrong"),
    [({"password": OTHER_PASSWORD}, "password"), ({"code": "000000"}, "code"), ({"sealed": "x"}, "code")],
    ids=["password", "code", "offer"],
)
async def test_without_the_right_password_code_and_offer_nothing_is_set_up(
    door: Door, olivia: Account, change: dict[str, str], wrong: str
) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        page = await browser.get(SET_UP)
        given = hidden(page) | {"password": PASSWORD, "code": _code(door, page)} | change
        page = await browser.post(SET_UP, data=given)
        assert page.status_code == 401
        assert in_error(page) == focused(page) == [wrong]
        assert title(page).startswith("Error: ")
        assert PASSWORD not in page.text
        assert OTHER_PASSWORD not in page.text
    [account] = await door.world.rows(Account)
    assert account.totp_secret is None


async def test_an_offer_made_to_somebody_else_sets_up_nothing(door: Door, olivia: Account) -> None:
    await door.world.add_account(ADA)
    async with door.browser() as mallory, door.browser() as browser:
        await sign_in(mallory, ADA)
        offered = await mallory.get(SET_UP)
        await sign_in(browser)
        given = hidden(offered) | {"password": PASSWORD, "code": _code(door, offered)}
        page = await browser.post(SET_UP, data=given)
        assert page.status_code == 401
        assert _key(page) != _key(offered)
    assert [account.totp_secret for account in await door.world.rows(Account)] == [None, None]


async def test_an_offer_made_to_somebody_else_is_none_at_the_door_either(production: Door) -> None:
    for email in (OLIVIA, ADA):
        await production.world.add_account(email, role=Role.OPERATOR, environment=PRODUCTION)
    async with production.browser() as mallory, production.browser() as browser:
        await sign_in(mallory, ADA)
        offered = await mallory.get("/two-factor/enrol")
        await sign_in(browser)
        given = hidden(offered) | {"code": _code(production, offered)}
        page = await browser.post("/two-factor/enrol", data=given)
        assert page.status_code == 401
        assert _key(page) != _key(offered)
        assert await who(browser) is None


async def test_an_offer_is_good_for_a_quarter_of_an_hour(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        page = await browser.get(SET_UP)
        door.world.wait(minutes=15, seconds=1)
        late = await browser.post(SET_UP, data=hidden(page) | {"password": PASSWORD, "code": _code(door, page)})
        assert late.status_code == 401
        assert _key(late) != _key(page)


async def test_a_form_that_is_sent_twice_shows_no_codes_twice_and_voids_none(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        page = await browser.get(SET_UP)
        given = hidden(page) | {"password": PASSWORD, "code": _code(door, page)}
        codes = _recovery_codes(await browser.post(SET_UP, data=given))
        again = await browser.post(SET_UP, data=given)
        assert again.status_code == 401
        assert _recovery_codes(again) == []
        await browser.post("/sign-out")
        await sign_in(browser)
        assert (await browser.post("/two-factor?recovery=1", data={"code": codes[0]})).status_code == 303


# Setting up another one.


@pytest.mark.parametrize("present", ["authenticator", "recovery code"])
async def test_a_code_of_the_present_second_factor_puts_another_in_its_place(
    door: Door, codes: Sequence[str], present: str
) -> None:
    async with door.browser() as browser, door.browser() as phone:
        for mine in (browser, phone):
            await _sign_in_with_code(door, mine)
        page = await browser.get(SET_UP)
        assert "A code of the app you have now, or a recovery code" in page.text
        proof = {"password": PASSWORD, "present": door.world.code() if present == "authenticator" else codes[0]}
        new = _recovery_codes(await browser.post(SET_UP, data=hidden(page) | proof | {"code": _code(door, page)}))
        assert len(set(new) - set(codes)) == 10
        assert await who(browser) == ADMIN
        assert await who(phone) is None
        door.world.wait(seconds=30)
        await sign_in(phone)
        for code in (door.world.code(), codes[1]):
            assert (await phone.post("/two-factor", data={"code": code})).status_code == 401
        assert (await phone.post("/two-factor", data={"code": _code(door, page)})).status_code == 303


@pytest.mark.parametrize("present", [{}, {"present": "000000"}, {"present": "AAAA-BBBB-CCCC-DDDD"}])
async def test_without_a_code_of_the_present_second_factor_it_stays(
    door: Door, codes: Sequence[str], present: dict[str, str]
) -> None:
    async with door.browser() as thief:
        await _sign_in_with_code(door, thief)
        page = await thief.get(SET_UP)
        given = hidden(page) | {"password": PASSWORD, "code": _code(door, page)} | present
        page = await thief.post(SET_UP, data=given)
        assert page.status_code == 401
        assert in_error(page) == focused(page) == ["present"]
        assert _recovery_codes(page) == []
        await thief.post("/sign-out")
        await sign_in(thief)
        assert (await thief.post("/two-factor", data={"code": door.world.code()})).status_code == 303


async def test_who_has_no_second_factor_yet_is_asked_for_no_code_of_it(door: Door, olivia: Account) -> None:
    async with door.browser() as browser:
        await sign_in(browser)
        assert 'name="present"' not in (await browser.get(SET_UP)).text


# Recovery codes anew, and taking it away.


@pytest.mark.parametrize("path", [SET_UP, REMOVE, RENEW])
async def test_a_stranger_changes_no_second_factor(door: Door, codes: Sequence[str], path: str) -> None:
    async with door.browser() as mallory:
        assert (await mallory.get(path)).headers["location"].startswith("/sign-in?next=")
        given = {"password": PASSWORD, "code": door.world.code()}
        assert (await mallory.post(path, data=given)).status_code == 401
    assert {row.used_at for row in await door.world.rows(RecoveryCode)} == {None}


async def test_new_recovery_codes_are_shown_once_and_the_old_ones_stop_working(
    door: Door, codes: Sequence[str]
) -> None:
    async with door.browser() as browser:
        await _sign_in_with_code(door, browser)
        assert focused(await browser.get(RENEW)) == ["password"]
        given = {"password": PASSWORD, "code": door.world.code()}
        new = _recovery_codes(await browser.post(RENEW, data=given))
        assert len(set(new) - set(codes)) == 10
        again = await browser.post(RENEW, data=given)
        assert again.status_code == 401
        assert _recovery_codes(again) == []
        await browser.post("/sign-out")
        await sign_in(browser)
        assert (await browser.post("/two-factor?recovery=1", data={"code": codes[0]})).status_code == 401
        assert (await browser.post("/two-factor?recovery=1", data={"code": new[0]})).status_code == 303


async def test_a_second_factor_is_removed_by_both_factors_and_no_longer_asked_for(
    door: Door, codes: Sequence[str]
) -> None:
    async with door.browser() as browser, door.browser() as phone:
        for mine in (browser, phone):
            await _sign_in_with_code(door, mine)
        answer = await browser.post(REMOVE, data={"password": PASSWORD, "code": door.world.code()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings?second_factor_removed")
        assert await who(browser) == ADMIN
        assert await who(phone) is None
        assert await sign_in(phone) == "/"


async def test_with_a_recovery_code_a_lost_second_factor_is_removed(door: Door, codes: Sequence[str]) -> None:
    async with door.browser() as browser:
        await _sign_in_with_code(door, browser)
        page = await browser.get(REMOVE)
        assert "?recovery=1" in links(page)
        assert "Recovery code</label>" in (await browser.get(f"{REMOVE}?recovery=1")).text
        answer = await browser.post(f"{REMOVE}?recovery=1", data={"password": PASSWORD, "code": codes[0]})
        assert answer.status_code == 303
    assert await door.world.rows(RecoveryCode) == []


@pytest.mark.parametrize("path", [REMOVE, RENEW])
@pytest.mark.parametrize(
    ("change", "wrong"), [({"password": OTHER_PASSWORD}, "password"), ({"code": "000000"}, "code")]
)
async def test_with_one_wrong_factor_nothing_is_done_about_the_second(
    door: Door, codes: Sequence[str], path: str, change: dict[str, str], wrong: str
) -> None:
    async with door.browser() as browser:
        await _sign_in_with_code(door, browser)
        page = await browser.post(path, data={"password": PASSWORD, "code": door.world.code()} | change)
        assert page.status_code == 401
        assert in_error(page) == focused(page) == [wrong]
        await browser.post("/sign-out")
        assert await sign_in(browser) == "/two-factor?next=%2F"
        assert (await browser.post("/two-factor?recovery=1", data={"code": codes[0]})).status_code == 303


@pytest.mark.parametrize("path", [SET_UP, REMOVE, RENEW])
async def test_a_thief_of_a_session_guesses_no_password_by_its_second_factor(
    door: Door, codes: Sequence[str], path: str
) -> None:
    async with door.browser() as thief:
        await _sign_in_with_code(door, thief)
        given = {"password": OTHER_PASSWORD, "code": door.world.code()}
        answers = [await thief.post(path, data=given) for _ in range(5)]
        late = await thief.post(path, data=given | {"password": PASSWORD})
    assert [answer.status_code for answer in answers] == [401] * 5
    assert (late.status_code, late.headers["retry-after"]) == (429, "900")
    assert 'role="alert">Too many attempts. Try again in 15 minutes.' in late.text
    refused = await door.world.log(Act.SIGN_IN)
    assert [one.outcome for one in refused] == [Outcome.DONE] + [Outcome.REFUSED] * 5


async def test_where_a_second_factor_is_required_it_is_not_removed(production: Door) -> None:
    olivia = await production.world.add_account(role=Role.OPERATOR, environment=PRODUCTION)
    await production.world.give_second_factor(olivia)
    async with production.browser() as browser:
        await _sign_in_with_code(production, browser)
        page = await browser.post(REMOVE, data={"password": PASSWORD, "code": production.world.code()})
        assert page.status_code == 409
        assert "This role needs a second factor in this environment. Set up a new one instead." in page.text
    [account] = await production.world.rows(Account)
    assert account.has_second_factor


async def test_whether_a_second_factor_is_set_up_is_not_told_before_the_password(
    door: Door, codes: Sequence[str]
) -> None:
    await door.world.add_account(ADA)
    async with door.browser() as mallory:
        given = [{"email": email, "password": "wrong"} for email in (OLIVIA, ADA)]
        with_one, without = [await mallory.post("/sign-in", data=pair) for pair in given]
    assert same(with_one, but=OLIVIA) == same(without, but=ADA)


async def _sign_in_with_code(door: Door, browser: httpx.AsyncClient) -> None:
    """Sign Olivia in with the second factor that she was given, and wait for her next code."""
    answer = await browser.post(await sign_in(browser), data={"code": door.world.code()})
    assert answer.status_code == 303
    door.world.wait(seconds=30)


def _key(page: httpx.Response) -> str:
    """Return the key of the offered second factor, as one would type it into an app."""
    [key] = re.findall(r'<code id="key" class="plain-command">([A-Z2-7 ]+)</code>', page.text)
    return str(key).replace(" ", "")


def _code(door: Door, page: httpx.Response) -> str:
    """Return what an app shows that has scanned the page's key."""
    return door.world.code(secret=_key(page))


def _recovery_codes(page: httpx.Response) -> list[str]:
    found = re.search(r'<pre id="codes"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    return html.unescape(found[1]).split() if found else []
