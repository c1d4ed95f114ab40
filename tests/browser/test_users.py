"""From the list of users to a user, through every tab, to a payment and back; and what is shown when Mangopay fails."""

import re
from unicodedata import combining, normalize

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard import visit
from tests.browser.emulator import LocalMangopay
from tests.browser.watch import NewContext

TABS = (
    ("Transactions", "transactions"),
    ("Wallets", "wallets"),
    ("Cards", "cards"),
    ("Bank accounts", "bank-accounts"),
    ("KYC", "kyc"),
    ("Mandates", "mandates"),
    ("Disputes", "disputes"),
    ("Preauthorisations", "preauthorisations"),
    ("Timeline", "timeline"),
    ("Profile", ""),
)


async def test_from_the_list_to_a_user_through_every_tab_to_a_payin_and_back(page: Page, local: LocalMangopay) -> None:
    alice = await local.named("Alice Martin")
    # The oldest first: other tests make more of her name.
    await visit(page, "/users?Name=alice+martin&order=asc")
    await page.locator(f".list-row[data-href='/users/{alice}']").get_by_role("link", name="Open").click()
    await expect(page).to_have_url(re.compile(rf"/users/{alice}$"))
    await expect(title(page)).to_contain_text("Alice Martin")
    for name, tab in TABS:
        await page.get_by_role("navigation", name="Sections").get_by_role("link", name=name, exact=True).click()
        await expect(page).to_have_url(re.compile(rf"/users/{alice}{'/' if tab else ''}{tab}$"))
        await all_there(page)
        await expect(page.get_by_role("alert")).to_have_count(0)
    await visit(page, f"/users/{alice}/transactions?Type=PAYIN&Status=SUCCEEDED&Nature=REGULAR")
    await all_there(page)
    opened = await rows(page).nth(1).get_attribute("data-href")
    await page.locator(f"[data-href='{opened}']").click()
    await expect(page).to_have_url(re.compile(r"/objects/payin/"))
    await expect(page.get_by_role("region", name="Money").or_(page.locator("[aria-label=Money]"))).to_be_visible()
    await page.go_back()
    await expect(page).to_have_url(re.compile(rf"/users/{alice}/transactions\?Type=PAYIN"))
    await expect(page.locator(f"[data-href='{opened}']")).to_be_focused()
    await page.go_back()
    await expect(title(page)).to_contain_text("Alice Martin")


async def test_whoever_comes_back_to_a_list_is_where_they_left_it(page: Page) -> None:
    await visit(page, "/users/kyc-documents")
    await all_there(page)
    opened = await rows(page).nth(2).get_attribute("data-href")
    await page.locator(f"[data-href='{opened}']").press("Enter")
    await expect(page).to_have_url(re.compile(f"{opened}$"))
    await page.go_back()
    await all_there(page)
    await expect(page.locator(f"[data-href='{opened}']")).to_be_focused()


async def test_a_refund_begins_at_a_payin_with_its_fields(page: Page, local: LocalMangopay) -> None:
    payin = await local.card_payin()
    await visit(page, f"/objects/payin/{payin['Id']}")
    await page.get_by_role("link", name="Refund", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/operations/refund-payin/op_[0-9a-f]{32}$"))
    await expect(page.get_by_label("Pay-in", exact=True)).to_have_value(payin["Id"])
    await expect(page.get_by_label("Author", exact=True)).to_have_value(payin["AuthorId"])


async def test_filters_and_page_are_in_the_address_and_a_reload_shows_the_same(page: Page) -> None:
    await visit(page, "/users")
    await all_there(page)
    await filter_by(page, "KYCLevel").select_option(label="Regular")
    await expect(page).to_have_url(re.compile(r"KYCLevel=REGULAR"))
    await expect(page.get_by_text("Mangopay's own list cannot be searched")).to_be_visible()
    await expect(page.locator(".list-row .chip", has_text="LIGHT")).to_have_count(0)
    await page.get_by_role("button", name="Name").click()
    await expect(page.locator("[aria-sort=ascending]")).to_have_text(re.compile("Name"))
    await expect(page.locator(".is-loading")).to_have_count(0)
    names = await page.locator(".list-row [data-spot=title] bdi").all_text_contents()
    assert len(names) > 1
    assert names == sorted(names, key=without_accents)
    await page.reload()
    await all_there(page)
    # More may have become REGULAR meanwhile.
    assert set(names) <= set(await page.locator(".list-row [data-spot=title] bdi").all_text_contents())
    await expect(page.locator("[aria-sort=ascending]")).to_have_text(re.compile("Name"))
    await page.get_by_role("link", name="Clear all filters").click()
    await expect(page).to_have_url(re.compile(r"/users\?sort=name"))


async def test_columns_are_chosen_and_kept_in_the_address(page: Page) -> None:
    await visit(page, "/users")
    await all_there(page)
    await page.get_by_label("Columns").click()
    await page.get_by_role("checkbox", name="Tag").check()
    await expect(page.get_by_role("columnheader", name="Tag")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"hide="))
    await page.reload()
    await expect(page.get_by_role("columnheader", name="Tag")).to_be_visible()


async def test_one_failing_call_leaves_the_rest_of_the_page_and_can_be_tried_again(
    page: Page, local: LocalMangopay
) -> None:
    bob = await local.named("Atelier Bob")
    async with local.faults({"Kind": "error", "Path": f"/users/{bob.lower()}/regulatory"}):
        await visit(page, f"/users/{bob}")
        await expect(page.get_by_role("alert")).to_contain_text("Mangopay has a fault of its own")
        await expect(title(page)).to_contain_text("Atelier Bob")
        await expect(page.get_by_label("Strong authentication (SCA)")).to_contain_text("Enrolled")
        await expect(page.get_by_label("Company", exact=True)).to_contain_text("Atelier Bob")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_label("Blocks")).to_contain_text("Nothing blocked")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_is_blocked_is_said_on_every_tab(page: Page, local: LocalMangopay) -> None:
    viktor = await local.named("Viktor Novotný")
    blocked = page.get_by_role("alert").filter(has_text="Mangopay has blocked payouts and transfers for this user")
    for tab in ("wallets", "transactions"):
        await visit(page, f"/users/{viktor}/{tab}")
        await expect(blocked).to_be_visible()


async def test_money_is_told_in_each_currency_that_the_user_has_a_wallet_of(page: Page, local: LocalMangopay) -> None:
    fern = await local.named("Fern & Fable Ltd")
    wallets = await local.get(f"/users/{fern}/wallets", per_page="100")
    await visit(page, f"/users/{fern}")
    money = page.get_by_label("Money since the beginning")
    for currency in {wallet["Currency"] for wallet in wallets}:
        await expect(money.locator(f"[data-currency={currency}]")).to_have_count(2)
    assert {wallet["Currency"] for wallet in wallets} != {"EUR"}


async def test_a_tab_that_fails_keeps_the_head_and_the_other_tabs(page: Page, local: LocalMangopay) -> None:
    bob = await local.named("Atelier Bob")
    async with local.faults({"Kind": "error", "Path": f"/users/{bob.lower()}/wallets"}):
        await visit(page, f"/users/{bob}/wallets")
        await expect(page.get_by_role("alert")).to_contain_text("Mangopay has a fault of its own")
        await expect(title(page)).to_contain_text("Atelier Bob")
        await page.get_by_role("navigation", name="Sections").get_by_role("link", name="KYC").click()
        await expect(rows(page).first).to_be_visible()
    await page.go_back()
    await expect(rows(page).first).to_be_visible()


async def test_what_was_shown_stays_while_mangopay_is_down(page: Page, local: LocalMangopay) -> None:
    bob = await local.named("Atelier Bob")
    await visit(page, f"/users/{bob}/transactions")
    await all_there(page)
    first = await rows(page).first.get_attribute("data-href") or ""
    async with local.faults({"Kind": "error", "Path": "/users/*"}):
        await filter_by(page, "Status").select_option("FAILED")
        await expect(page.get_by_role("alert")).to_contain_text("Mangopay has a fault of its own")
        await expect(rows(page).first).to_have_attribute("data-href", first)
        await expect(page.locator(".list-row .chip", has_text="SUCCEEDED").first).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.locator(".list-row .chip", has_text="SUCCEEDED")).to_have_count(0)


@pytest.mark.parametrize("path", ["/users/{}", "/objects/wallet/{}"])
async def test_while_mangopay_is_down_nothing_looks_as_if_it_was_on_its_way(
    page: Page, local: LocalMangopay, path: str
) -> None:
    emma = await local.named("Emma Schmidt")
    [wallet, *_] = await local.get(f"/users/{emma}/wallets")
    async with local.faults({"Kind": "error", "Path": "/*"}):
        await visit(page, path.format(emma if "users" in path else wallet["Id"]))
        await expect(page.get_by_role("alert").first).to_contain_text("Mangopay has a fault of its own")
        await expect(page.locator(".skeleton:visible")).to_have_count(0)
        # Nor does the page jump from one trouble to the next.
        assert await page.evaluate("scrollY") == 0
    await page.get_by_role("button", name="Try again").first.click()
    await expect(title(page)).to_contain_text("Emma Schmidt" if "users" in path else "EUR")


async def test_each_kind_of_trouble_is_told_in_words(page: Page, local: LocalMangopay) -> None:
    bob = await local.named("Atelier Bob")
    troubles = (
        ({"Kind": "malformed"}, "cannot be understood"),
        ({"Kind": "error", "Status": 403}, "does not allow this"),
        ({"Kind": "cut"}, "cannot be reached"),
    )
    for rule, sentence in troubles:
        async with local.faults({"Path": f"/users/{bob.lower()}/cards", **rule}):
            await visit(page, f"/users/{bob}/cards")
            await expect(page.get_by_role("alert")).to_contain_text(sentence)
            await expect(title(page)).to_contain_text("Atelier Bob")


async def test_a_user_who_is_not_there_is_explained(page: Page) -> None:
    await visit(page, "/users/user_m_01J6ABCDEFGHJKMNPQRSTVWXYZ")
    await expect(page.get_by_text("Mangopay does not know this user")).to_be_visible()


async def test_names_of_all_scripts_and_lengths_are_shown_safely(new_context: NewContext, local: LocalMangopay) -> None:
    strange = await local.post(
        "/sca/users/natural",
        {
            "FirstName": "<b>שלום</b> 🦊",
            "LastName": "مرحبا بالعالم" + " Ω" * 30,
            "Email": "a" * 60 + "@" + "b" * 60 + ".example",
            "UserCategory": "PAYER",
            "TermsAndConditionsAccepted": True,
            "Tag": "<img src=x onerror=alert(1)>" + "界" * 220,
        },
    )
    for width in (1440, 390):
        page = await (await new_context(viewport={"width": width, "height": 900})).new_page()
        await visit(page, f"/users/{strange['Id']}")
        await expect(title(page)).to_contain_text("<b>שלום</b> 🦊")
        await all_there(page)
        assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        await expect(page.locator(".content b, .content img")).to_have_count(0)
        await visit(page, "/users?hide=-&per_page=100")
        await expect(page.get_by_title(re.compile("^<b>שלום"))).to_have_count(1)
        assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


async def test_the_list_of_all_transactions_is_explained(page: Page) -> None:
    await visit(page, "/users/transactions")
    await expect(page.get_by_text("There is no list of all transactions")).to_be_visible()
    await page.get_by_role("link", name="Platform wallets").last.click()
    await all_there(page)
    await rows(page).filter(has_text="FEES_EUR").click()
    await expect(page).to_have_url(re.compile("/objects/client-wallet/FEES_EUR"))
    await all_there(page)
    await expect(rows(page).first).to_be_visible()


async def test_an_export_says_how_far_it_is_and_holds_every_user(page: Page, local: LocalMangopay) -> None:
    await visit(page, "/users")
    await all_there(page)
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Export CSV").click()
    download = await started.value
    path = await download.path()
    text = path.read_text(encoding="utf-8")
    assert text.startswith("Name,")
    ids = [user["Id"] for user in await local.users()]
    assert all(user_id in text for user_id in ids[:10])
    await expect(page.get_by_text(re.compile(r"\d+ rows exported"))).to_be_visible()


async def all_there(page: Page) -> None:
    await expect(page.locator(".skeleton:visible")).to_have_count(0)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def rows(page: Page) -> Locator:
    return page.locator(".list-row[data-href]")


def without_accents(name: str) -> str:
    """Return a name as people look for it in a list: Zoé stands where Zoe would."""
    return "".join(sign for sign in normalize("NFKD", name.casefold()) if not combining(sign))


def filter_by(page: Page, name: str) -> Locator:
    return page.locator(f"select[data-narrow={name}]")
