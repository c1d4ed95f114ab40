"""Mandates: confirmed on a page, used by direct debits, and ended in many ways."""

import pytest

from tests.services.emulator.banking import british_recipient_body, legacy_account, mandate, recipient
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused

HOUR_S = 3_600
DAY_S = 86_400


async def confirmed(market: Marketplace, made: Json, choice: str = "yes") -> Json:
    """Answer the mandate's page and return the mandate as it stands afterwards."""
    answer = await market.browser.post(made["RedirectURL"].removeprefix(BASE_URL), data={"choice": choice})
    assert answer.headers["location"] == made["ReturnURL"]
    return created(await market.get(f"/mandates/{made['Id']}"))


async def debit(market: Marketplace, made: Json, wallet: Json) -> Json:
    body: Json = {
        "AuthorId": made["UserId"],
        "CreditedWalletId": wallet["Id"],
        "MandateId": made["Id"],
        "DebitedFunds": {"Currency": wallet["Currency"], "Amount": 1_000},
        "Fees": {"Currency": wallet["Currency"], "Amount": 0},
    }
    return created(await market.post("/payins/directdebit/direct", body))


async def test_a_mandate_is_confirmed_on_its_page(market: Marketplace) -> None:
    bob = await market.owner()
    account = await market.account(bob)
    made = await mandate(market, account, Tag="rent")
    assert made["Id"].startswith("mdt_m_")
    assert (made["Status"], made["Scheme"], made["BankReference"], made["ResultCode"]) == ("CREATED", None, None, None)
    assert (made["UserId"], made["BankAccountId"], made["RecipientId"]) == (bob["Id"], account["Id"], None)
    assert (made["ExecutionType"], made["MandateType"], made["Culture"]) == ("WEB", "DIRECT_DEBIT", "EN")
    assert (made["ReturnURL"], made["Tag"]) == (f"https://example.com/back?MandateId={made['Id']}", "rent")
    seen = await confirmed(market, made)
    assert (seen["Status"], seen["Scheme"]) == ("SUBMITTED", "SEPA")
    assert seen["BankReference"].startswith("MANGOPAY-")
    assert [event for event in await market.events() if event[1] == made["Id"]] == [
        *(("MANDATE_CREATED", made["Id"]), ("MANDATE_SUBMITTED", made["Id"])),
    ]


async def test_the_page_asks_once_and_may_be_refused(market: Marketplace) -> None:
    made = await mandate(market, await market.account(await market.owner()))
    path = made["RedirectURL"].removeprefix(BASE_URL)
    assert "Confirm the mandate" in (await market.browser.get(path)).text
    seen = await confirmed(market, made, choice="no")
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "001805")
    assert seen["ResultMessage"] == "The user has cancelled the mandate"
    assert "FAILED already" in (await market.browser.get(path)).text
    assert (await confirmed(market, made))["Status"] == "FAILED"


async def test_the_document_is_a_pdf_for_whoever_has_its_link(market: Marketplace) -> None:
    made = await mandate(market, await market.account(await market.owner()))
    document = await market.browser.get(made["DocumentURL"].removeprefix(BASE_URL))
    assert (document.status_code, document.headers["content-type"]) == (200, "application/pdf")
    assert document.content.startswith(b"%PDF-1.4")
    assert made["Id"].encode() in document.content


async def test_an_unconfirmed_mandate_lapses_after_an_hour(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    account = await market.account(bob)
    forgotten, kept = await mandate(market, account), await mandate(market, account)
    await confirmed(market, kept)
    await control.advance(HOUR_S - 10)
    assert created(await market.get(f"/mandates/{forgotten['Id']}"))["Status"] == "CREATED"
    await control.advance(20)
    seen = created(await market.get(f"/mandates/{forgotten['Id']}"))
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "001807")
    assert created(await market.get(f"/mandates/{kept['Id']}"))["Status"] == "SUBMITTED"
    assert ("MANDATE_FAILED", forgotten["Id"]) in await market.events()


async def test_a_mandate_is_active_after_its_first_payment_and_lists_it(market: Marketplace) -> None:
    bob = await market.owner("Successful")
    made = await mandate(market, await market.account(bob))
    await confirmed(market, made)
    payin = await debit(market, made, await market.wallet(bob))
    assert created(await market.get(f"/mandates/{made['Id']}"))["Status"] == "ACTIVE"
    assert ("MANDATE_ACTIVATED", made["Id"]) in await market.events()
    rows = (await market.get(f"/mandates/{made['Id']}/transactions")).json()
    assert [row["Id"] for row in rows] == [payin["Id"]]


async def test_only_a_mandate_in_use_can_be_cancelled(market: Marketplace) -> None:
    made = await mandate(market, await market.account(await market.owner()))
    path = f"/mandates/{made['Id']}/cancel"
    error = refused(await market.put(path, {}))
    assert error["Type"] == "mandate_cannot_be_cancelled"
    assert error["Message"] == "The Status of this mandate does not allow it to be cancelled"
    await confirmed(market, made)
    bodiless = await market.http.put(f"/v2.01/local{path}/", content=b"")
    seen = created(bodiless)
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "001806")
    assert seen["ResultMessage"] == "The client has cancelled the mandate"
    assert refused(await market.put(path, {}))["Type"] == "mandate_cannot_be_cancelled"
    assert (await market.events())[-1] == ("MANDATE_FAILED", made["Id"])


async def test_british_accounts_are_debited_by_bacs(market: Marketplace) -> None:
    bob = await market.owner()
    account = await legacy_account(market, bob, "gb")
    body = {"BankAccountId": account["Id"], "Culture": "FR", "ReturnURL": "https://example.com/back"}
    assert list(refused(await market.post("/mandates/directdebit/web", body))["errors"]) == ["Culture"]
    assert (await confirmed(market, await mandate(market, account)))["Scheme"] == "BACS"


async def test_invalid_has_no_mandate_by_bacs(market: Marketplace) -> None:
    invalid = await market.owner("Invalid")
    by_bacs = await mandate(market, await legacy_account(market, invalid, "gb"))
    await confirmed(market, by_bacs)
    seen = created(await market.get(f"/mandates/{by_bacs['Id']}"))
    assert (seen["Status"], seen["ResultCode"]) == ("FAILED", "001802")
    by_sepa = await mandate(market, await market.account(invalid))
    await confirmed(market, by_sepa)
    assert created(await market.get(f"/mandates/{by_sepa['Id']}"))["Status"] == "SUBMITTED"


async def test_a_recipient_can_be_debited_even_by_a_payer(market: Marketplace) -> None:
    alice = await market.payer()
    account = await recipient(market, alice, RecipientScope="PAYIN")
    made = await mandate(market, account, "RecipientId")
    assert (made["RecipientId"], made["BankAccountId"], made["UserId"]) == (account["Id"], None, alice["Id"])
    british = await recipient(market, alice, **british_recipient_body(RecipientScope="PAYIN"))
    assert (await confirmed(market, await mandate(market, british, "RecipientId")))["Scheme"] == "BACS"


async def test_mandates_are_listed_by_whom_and_what_they_are_of(market: Marketplace) -> None:
    bob, carla = await market.owner(), await market.owner("Carla")
    account, other = await market.account(bob), await recipient(market, bob)
    first, second = await mandate(market, account), await mandate(market, other, "RecipientId")
    third = await mandate(market, await market.account(carla))
    await confirmed(market, second)

    async def ids(path: str, **query: str) -> list[str]:
        return [row["Id"] for row in (await market.get(path, **query)).json()]

    assert await ids("/mandates") == [first["Id"], second["Id"], third["Id"]]
    assert await ids("/mandates", Status="SUBMITTED") == [second["Id"]]
    assert await ids(f"/users/{bob['Id']}/mandates") == [first["Id"], second["Id"]]
    assert await ids(f"/users/{bob['Id']}/mandates", Status="created,failed") == [first["Id"]]
    for kind in ("bankaccounts", "recipients"):
        assert await ids(f"/users/{bob['Id']}/{kind}/{account['Id']}/mandates") == [first["Id"]]
    assert await ids(f"/users/{bob['Id']}/recipients/{other['Id']}/mandates") == [second["Id"]]
    for kind, name in (("bankaccounts", "BankAccount"), ("recipients", "Recipient")):
        unknown = refused(await market.get(f"/users/{carla['Id']}/{kind}/{account['Id']}/mandates"), 404)
        assert f"ressource {name} with" in unknown["errors"]["RessourceNotFound"]


async def test_what_cannot_be_a_mandate_is_refused(market: Marketplace) -> None:
    bob = await market.owner()
    good = {"BankAccountId": (await market.account(bob))["Id"], "Culture": "EN", "ReturnURL": "https://example.com"}

    async def errors(**change: object) -> list[str]:
        error = refused(await market.post("/mandates/directdebit/web", good | change))
        assert error["Type"] == "param_error"
        return sorted(error["errors"])

    assert await errors(Culture="SV") == ["Culture"]
    assert await errors(Culture=None, ReturnURL=None) == ["Culture", "ReturnURL"]
    assert await errors(ReturnURL="https://example.com/" + "x" * 220) == ["ReturnURL"]
    assert await errors(BankAccountId="bankacc_m_nothing") == ["BankAccountId"]
    assert await errors(BankAccountId=None) == ["BankAccountId"]
    assert await errors(RecipientId="rec_nothing") == ["RecipientId"]
    american = await legacy_account(market, bob, "us")
    assert await errors(BankAccountId=american["Id"]) == ["BankAccountId"]
    danish = await market.account(bob, "DK5000400440116243")
    assert await errors(BankAccountId=danish["Id"]) == ["BankAccountId"]
    gone = await market.account(bob)
    created(await market.put(f"/users/{bob['Id']}/bankaccounts/{gone['Id']}", {"Active": False}))
    assert await errors(BankAccountId=gone["Id"]) == ["BankAccountId"]
    assert refused(await market.get("/mandates/mdt_m_nothing"), 404)["Type"] == "ressource_not_found"


async def test_a_closed_user_signs_no_mandate(market: Marketplace) -> None:
    bob = await market.owner()
    account = await market.account(bob)
    assert (await market.close(bob)).status_code == 204
    body = {"BankAccountId": account["Id"], "Culture": "EN", "ReturnURL": "https://example.com/back"}
    assert refused(await market.post("/mandates/directdebit/web", body))["Type"] == "user_closed"


async def test_a_mandate_expires_two_years_after_its_last_payment(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    unused, used = await mandate(market, await market.account(bob)), await mandate(market, await market.account(bob))
    await confirmed(market, unused)
    await confirmed(market, used)
    wallet = await market.wallet(bob)
    await control.advance(100 * DAY_S)
    await debit(market, used, wallet)
    await control.advance(631 * DAY_S)
    seen = created(await market.get(f"/mandates/{unused['Id']}"))
    assert (seen["Status"], seen["ResultCode"]) == ("EXPIRED", "001835")
    assert created(await market.get(f"/mandates/{used['Id']}"))["Status"] == "ACTIVE"
    await control.advance(100 * DAY_S)
    assert created(await market.get(f"/mandates/{used['Id']}"))["Status"] == "EXPIRED"


@pytest.mark.parametrize(
    ("verb", "body", "outcome"),
    [
        ("activate", {}, ("ACTIVE", None, "MANDATE_ACTIVATED")),
        ("fail", {"ResultCode": "001804"}, ("FAILED", "001804", "MANDATE_FAILED")),
        ("fail", {}, ("FAILED", "001801", "MANDATE_FAILED")),
        ("expire", {}, ("EXPIRED", "001835", "MANDATE_EXPIRED")),
    ],
)
async def test_the_control_plane_decides_in_the_banks_place(
    market: Marketplace, control: Controls, verb: str, body: Json, outcome: tuple[str, str | None, str]
) -> None:
    made = await mandate(market, await market.account(await market.owner()))
    await confirmed(market, made)
    seen = await control.do(f"mandate.{verb}", made["Id"], **body)
    assert (seen["Status"], seen["ResultCode"]) == outcome[:2]
    assert (await market.events())[-1] == (outcome[2], made["Id"])
    if seen["Status"] != "ACTIVE":
        refused(await control.post(f"/do/mandate.fail/{made['Id']}"))
