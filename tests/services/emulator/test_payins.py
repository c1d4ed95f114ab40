"""Money that comes in, whatever the way: what all pay-ins share, and the pages where cards pay."""

import pytest

from services.emulator.rules.result_codes import MESSAGES
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, CHALLENGED_CARD, Marketplace, created, refused
from tests.services.emulator.payments import EXTRAS, payin_by


async def test_a_card_payin_lands_in_the_wallet_less_its_fees(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, 1260, fees=60))
    assert payin["Id"].startswith("payin_m_")
    assert (payin["Status"], payin["ResultCode"], payin["ResultMessage"]) == ("SUCCEEDED", "000000", "Success")
    assert (payin["Type"], payin["Nature"], payin["DebitedWalletId"]) == ("PAYIN", "REGULAR", None)
    assert payin["CreditedFunds"] == {"Currency": "EUR", "Amount": 1200}
    assert payin["CreditedUserId"] == payin["AuthorId"] == alice["Id"]
    assert payin["ExecutionDate"] >= payin["CreationDate"]
    assert await market.balance(wallet) == 1200
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 60
    assert created(await market.get(f"/payins/{payin['Id']}")) == payin
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "VALID"
    assert await market.events() == [("PAYIN_NORMAL_CREATED", payin["Id"]), ("PAYIN_NORMAL_SUCCEEDED", payin["Id"])]


@pytest.mark.parametrize(
    ("amount", "code"), [(33303, "009103"), (33305, "101101"), (33334, "008006"), (33394, "009199")]
)
async def test_a_magic_amount_is_refused_by_the_bank(market: Marketplace, amount: int, code: str) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    payin = created(await market.pay_in(card, wallet, amount))
    assert (payin["Status"], payin["ResultCode"], payin["ExecutionDate"]) == ("FAILED", code, None)
    assert await market.balance(wallet) == 0
    assert created(await market.get(f"/cards/{card['Id']}"))["Validity"] == "INVALID"
    assert (await market.events())[-1] == ("PAYIN_NORMAL_FAILED", payin["Id"])


async def test_fees_may_not_eat_all_of_a_payin(market: Marketplace) -> None:
    alice = await market.payer()
    payin = created(await market.pay_in(await market.card(alice), await market.wallet(alice), 500, fees=500))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "001014")


async def test_alices_card_does_not_pay_for_mallory(market: Marketplace) -> None:
    alice, mallory = await market.payer("Alice"), await market.payer("Mallory")
    stolen = await market.card(alice) | {"UserId": mallory["Id"]}
    payin = created(await market.pay_in(stolen, await market.wallet(mallory), 1260))
    assert (payin["Status"], payin["ResultCode"]) == ("FAILED", "001023")


async def test_another_currency_than_the_wallets_makes_no_payin(market: Marketplace) -> None:
    alice = await market.payer()
    pounds, card = await market.wallet(alice, "GBP"), await market.card(alice)
    assert refused(await market.pay_in(card, pounds, 1260))["Type"] == "currency_incompatibility"
    assert await market.events() == []


async def test_a_card_payin_names_every_field_it_misses(market: Marketplace) -> None:
    error = refused(await market.post("/payins/card/direct", {"BrowserInfo": {"Language": "FR"}}))
    assert {"AuthorId", "DebitedFunds", "Fees", "CreditedWalletId", "CardId", "IpAddress"} <= set(error["errors"])
    assert "BrowserInfo.UserAgent" in error["errors"]


@pytest.mark.parametrize(("choice", "status"), [("yes", "SUCCEEDED"), ("no", "FAILED")])
async def test_three_d_secure_decides_on_its_page(market: Marketplace, choice: str, status: str) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice, CHALLENGED_CARD)
    payin = created(await market.pay_in(card, wallet, 1260, SecureMode="NO_CHOICE"))
    assert (payin["Status"], payin["SecureModeNeeded"]) == ("CREATED", True)
    page = payin["SecureModeRedirectURL"].removeprefix(BASE_URL)
    assert payin["Id"] in (await market.browser.get(page)).text
    back = await market.browser.post(page, data={"choice": choice})
    assert back.headers["Location"] == f"https://example.com/back?transactionId={payin['Id']}"
    assert created(await market.get(f"/payins/{payin['Id']}"))["Status"] == status
    assert "already" in (await market.browser.get(page)).text


async def test_a_web_payin_waits_for_its_payer_and_is_paid_once(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    body = {
        "AuthorId": alice["Id"],
        "CreditedWalletId": wallet["Id"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 24900},
        "Fees": {"Currency": "EUR", "Amount": 0},
        "ReturnURL": "https://example.com/thanks?basket=1",
        "CardType": "CB_VISA_MASTERCARD",
        "Culture": "FR",
    }
    payin = created(await market.post("/payins/card/web", body))
    assert (payin["Status"], payin["ExecutionType"]) == ("CREATED", "WEB")
    page = payin["RedirectURL"].removeprefix(BASE_URL)
    for _ in range(2):
        back = await market.browser.post(page, data={"choice": "yes"})
    assert back.headers["Location"] == f"https://example.com/thanks?basket=1&transactionId={payin['Id']}"
    assert await market.balance(wallet) == 24900


async def test_a_transfer_is_not_a_payin(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    moved = created(await market.transfer(await market.funded(alice, 1260), await market.wallet(bob), 1260))
    error = refused(await market.get(f"/payins/{moved['Id']}"), 404)
    assert error["errors"]["RessourceNotFound"].startswith("Cannot found the ressource PayIn with the id=xfer_m_")


async def test_the_control_plane_plays_payer_and_bank(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    wallet = await market.wallet(alice)
    paid, failed = [await payin_by(market, "ideal", alice, wallet) for _ in range(2)]
    assert (await control.do("payin.succeed", paid["Id"]))["Status"] == "SUCCEEDED"
    assert (await control.do("payin.fail", failed["Id"], ResultCode="008999"))["ResultCode"] == "008999"
    assert await market.balance(wallet) == 1000
    again = await control.post(f"/do/payin.succeed/{paid['Id']}")
    assert (again.status_code, again.json()["Type"]) == (400, "invalid_action")
    assert (await control.post("/do/payin.fail/payin_m_nobody")).status_code == 404


async def test_a_blocked_user_is_paid_nothing_by_any_method(market: Marketplace, control: Controls) -> None:
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(bob), await market.card(alice)
    await control.do("user.block", bob["Id"], Inflows=True, Outflows=False)
    payins = [await payin_by(market, method, alice, wallet) for method in sorted(EXTRAS)]
    payins.append(created(await market.pay_in(card, wallet, 1260)))
    assert {(payin["Status"], payin["ResultCode"]) for payin in payins} == {("FAILED", "008700")}


def test_every_documented_code_has_its_message() -> None:
    assert len(MESSAGES) >= 183
    assert MESSAGES["001001"] == "Unsufficient wallet balance"
    assert MESSAGES["008511"] == "The 3DS authentification has failed due to supplementary security checks"
    assert MESSAGES["001836"].endswith("user\N{RIGHT SINGLE QUOTATION MARK}s bank")
