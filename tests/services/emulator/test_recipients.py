"""Recipients: their schema, their checks, and the confirmation by their owner."""

import pytest

from tests.services.emulator.banking import BRITISH, COMPANY, PERSON, british_recipient_body, recipient, recipient_body
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, IBAN, Json, Marketplace, company_body, created, refused

ROW = (
    *("Id", "Status", "CreationDate", "DisplayName", "PayoutMethodType", "RecipientType", "Currency", "Country"),
    *("UserId", "RecipientScope"),
)


async def errors_of(market: Marketplace, user: Json, body: Json) -> Json:
    """Return the codes by path, which validation and creation must agree on."""
    path = f"/users/{user['Id']}/recipients"
    error = refused(await market.post(path, body))
    assert (error["Type"], "errors" in error) == ("param_error", False)
    assert refused(await market.post(f"{path}/validate", body))["Errors"] == error["Errors"]
    return dict(error["Errors"])


async def test_a_recipient_waits_for_its_owner_and_is_then_active(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    made = await recipient(market, bob, Tag="salary")
    assert made["Id"].startswith("rec_")
    assert (made["Status"], made["RecipientScope"], made["UserId"]) == ("PENDING", "PAYOUT", bob["Id"])
    assert "/sca?token=" in made["PendingUserAction"]["RedirectUrl"]
    answer = await market.answer_page(made["PendingUserAction"], back_to="https://example.com/back")
    assert answer.headers["location"] == "https://example.com/back?controlStatus=VALIDATED"
    seen = created(await market.get(f"/recipients/{made['Id']}"))
    assert seen == {name: value for name, value in made.items() if name != "PendingUserAction"} | {"Status": "ACTIVE"}
    assert (await market.events())[-1] == ("RECIPIENT_ACTIVE", made["Id"])


async def test_a_recipient_whose_owner_says_no_or_nothing_is_canceled(market: Marketplace, control: Controls) -> None:
    bob = await market.enrolled_owner()
    refused_one, forgotten = await recipient(market, bob), await recipient(market, bob)
    await market.answer_page(refused_one["PendingUserAction"], choice="no")
    assert created(await market.get(f"/recipients/{refused_one['Id']}"))["Status"] == "CANCELED"
    await control.advance(601)
    assert created(await market.get(f"/recipients/{forgotten['Id']}"))["Status"] == "CANCELED"
    assert [("RECIPIENT_CANCELED", row["Id"]) for row in (refused_one, forgotten)] == (await market.events())[-2:]
    error = refused(await market.put(f"/recipients/{forgotten['Id']}", {"Status": "DEACTIVATED"}))
    assert (error["Type"], error["Message"]) == ("other", "Invalid State")


async def test_an_email_that_accepts_needs_no_page(market: Marketplace) -> None:
    made = await recipient(market, await market.owner())
    assert (made["Status"], "PendingUserAction" in made) == ("ACTIVE", False)
    assert (await market.events())[-1] == ("RECIPIENT_ACTIVE", made["Id"])


async def test_the_control_plane_decides_in_the_owners_place(market: Marketplace, control: Controls) -> None:
    bob = await market.enrolled_owner()
    kept, dropped = await recipient(market, bob), await recipient(market, bob)
    assert (await control.do("recipient.decide", kept["Id"], Decision="VALIDATE"))["Status"] == "ACTIVE"
    assert (await control.do("recipient.decide", dropped["Id"], Decision="CANCEL"))["Status"] == "CANCELED"
    refused(await control.post(f"/do/recipient.decide/{kept['Id']}", {"Decision": "CANCEL"}))


async def test_a_payer_has_recipients_for_payins_only(market: Marketplace) -> None:
    alice = await market.payer()
    path = f"/users/{alice['Id']}/recipients"
    error = refused(await market.post(path, recipient_body()))
    assert error["Errors"] == {"SCA": "2815488948686553431"}
    made = await recipient(market, alice, RecipientScope="PAYIN")
    assert (made["Status"], made["RecipientScope"], "PendingUserAction" in made) == ("ACTIVE", "PAYIN", False)
    assert (await market.get(path)).json() == []
    for scope in ("PAYIN", "ALL"):
        assert [row["Id"] for row in (await market.get(path, RecipientScope=scope)).json()] == [made["Id"]]
    assert refused(await market.get(path, RecipientScope="PAYOFF"))["Errors"] == {
        "RecipientScope": "NOT_IN_ALLOWED_VALUES"
    }


async def test_a_company_without_an_email_cannot_be_asked(market: Marketplace) -> None:
    flat = {f"LegalRepresentative{name}": value for name, value in company_body()["LegalRepresentative"].items()}
    body = {name: value for name, value in company_body().items() if name != "LegalRepresentative"} | flat
    del body["LegalRepresentativeEmail"]
    company = created(await market.post("/users/legal", body))
    error = refused(await market.post(f"/users/{company['Id']}/recipients", recipient_body()))
    assert error["Errors"] == {"SCA": "KAR_0042"}


async def test_the_list_shows_ten_fields_newest_first(market: Marketplace) -> None:
    bob = await market.owner()
    first, second = await recipient(market, bob), await recipient(market, bob)
    path = f"/users/{bob['Id']}/recipients"
    rows = (await market.get(path)).json()
    assert rows == [{name: made[name] for name in ROW} for made in (second, first)]
    assert [tuple(row) for row in rows] == [ROW, ROW]
    sorted_rows = (await market.get(path, Sort="CreationDate:ASC", per_page="1")).json()
    assert [row["Id"] for row in sorted_rows] == [first["Id"]]


async def test_empty_members_are_left_out_and_a_bic_is_added(market: Marketplace) -> None:
    bob = await market.owner()
    address = ADDRESS | {"AddressLine2": None, "Region": ""}
    made = await recipient(market, bob, Tag="", IndividualRecipient=PERSON | {"Address": address})
    assert made["IndividualRecipient"] == PERSON
    assert {"Tag", "BusinessRecipient", "InternationalBankTransfer", "ScaContext"}.isdisjoint(made)
    assert made["LocalBankTransfer"] == {"EUR": {"IBAN": IBAN, "BIC": "BNPAFRPP"}}


async def test_an_international_account_is_named_by_its_iban_or_its_bic(market: Marketplace) -> None:
    bob = await market.owner()
    abroad: Json = {"PayoutMethodType": "InternationalBankTransfer", "RecipientType": "Business"}
    abroad |= {
        "BusinessRecipient": COMPANY,
        "InternationalBankTransfer": {"AccountNumber": "FR76 3000 4000 0312 345678 90143"},
    }
    made = await recipient(market, bob, **abroad)
    assert made["InternationalBankTransfer"] == {"AccountNumber": IBAN, "BIC": "BNPAFRPP"}
    assert made["BusinessRecipient"] == COMPANY
    american: Json = {**abroad, "Currency": "USD", "Country": "US"}
    american["InternationalBankTransfer"] = {"AccountNumber": "11696419", "BIC": "CHASUS33"}
    assert (await recipient(market, bob, **american))["InternationalBankTransfer"]["BIC"] == "CHASUS33"

    async def errors(**account: str) -> Json:
        return await errors_of(market, bob, recipient_body(**american) | {"InternationalBankTransfer": account})

    path = "InternationalBankTransfer"
    assert await errors(AccountNumber="11696419") == {f"{path}.BIC": "REQUIRED"}
    assert await errors(AccountNumber="11696419", BIC="BNPAFRPP") == {
        f"{path}.BIC": "BIC_DOES_NOT_CORRESPOND_TO_ACCOUNT_COUNTRY"
    }
    assert await errors(AccountNumber="11696419", BIC="12345678") == {f"{path}.BIC": "INVALID_BIC"}
    assert await errors(AccountNumber="1169", BIC="CHASUS33") == {f"{path}.AccountNumber": "LENGTH_LESS_THAN_MIN"}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"DisplayName": ""}, {"DisplayName": "REQUIRED"}),
        ({"DisplayName": "x" * 51}, {"DisplayName": "LENGTH_MORE_THAN_MAX"}),
        ({"DisplayName": "Bob & Co"}, {"DisplayName": "INVALID_FORMAT"}),
        ({"PayoutMethodType": "Pigeon"}, {"PayoutMethodType": "NOT_IN_ALLOWED_VALUES"}),
        ({"RecipientType": None}, {"RecipientType": "REQUIRED"}),
        ({"Currency": "XXX"}, {"Currency": "UNSUPPORTED_CURRENCY"}),
        ({"Country": "KP"}, {"Country": "UNSUPPORTED_COUNTRY"}),
        ({"Country": "RU"}, {"Country": "UNSUPPORTED_COUNTRY"}),
        ({"Country": "US"}, {"Country": "UNSUPPORTED_COUNTRY"}),
        (
            {"Currency": "JPY", "Country": "JP"},
            {
                "PayoutMethodType": "UNSUPPORTED_PAYOUT_METHOD_FOR_CURRENCY",
                "Currency": "UNSUPPORTED_CURRENCY_FOR_PAYOUT_METHOD",
            },
        ),
        ({"RecipientScope": "PAYOFF"}, {"RecipientScope": "NOT_IN_ALLOWED_VALUES"}),
        ({"Tag": "x" * 256}, {"Tag": "LENGTH_MORE_THAN_MAX"}),
        ({"IndividualRecipient": None}, {"IndividualRecipient": "REQUIRED"}),
        ({"IndividualRecipient": [1]}, {"IndividualRecipient": "INVALID_FORMAT"}),
        (
            {"IndividualRecipient": {"FirstName": "B.", "LastName": [], "Address": ADDRESS | {"City": "a" * 81}}},
            {
                "IndividualRecipient.FirstName": "INVALID_FORMAT",
                "IndividualRecipient.LastName": "INVALID_FORMAT",
                "IndividualRecipient.Address.City": "LENGTH_MORE_THAN_MAX",
            },
        ),
        (
            {"IndividualRecipient": PERSON | {"Address": ADDRESS | {"Country": "US"}}},
            {"IndividualRecipient.Address.Region": "REQUIRED"},
        ),
        (
            {"IndividualRecipient": PERSON | {"Address": ADDRESS | {"Country": "KP"}}},
            {"IndividualRecipient.Address.Country": "UNSUPPORTED_COUNTRY"},
        ),
        ({"LocalBankTransfer": {"GBP": BRITISH}}, {"LocalBankTransfer.EUR": "REQUIRED"}),
        ({"LocalBankTransfer": {"EUR": {"IBAN": IBAN[:-1] + "4"}}}, {"LocalBankTransfer.EUR.IBAN": "INVALID_IBAN"}),
        ({"LocalBankTransfer": {"EUR": {"IBAN": "AB12"}}}, {"LocalBankTransfer.EUR.IBAN": "LENGTH_LESS_THAN_MIN"}),
        (
            {"LocalBankTransfer": {"EUR": {"IBAN": "AE070331234567890123456"}}},
            {"LocalBankTransfer.EUR.IBAN": "UNSUPPORTED_IBAN"},
        ),
        (
            {"Currency": "GBP", "Country": "GB", "LocalBankTransfer": {"GBP": BRITISH | {"SortCode": "000000"}}},
            {"LocalBankTransfer.GBP.SortCode": "INVALID_SORT_CODE"},
        ),
        (
            {"Currency": "GBP", "Country": "GB", "LocalBankTransfer": {"GBP": BRITISH | {"AccountNumber": "0" * 8}}},
            {"LocalBankTransfer.GBP.AccountNumber": "INVALID_ACCOUNT_NUMBER"},
        ),
    ],
)
async def test_each_refused_field_is_named_with_a_code(market: Marketplace, change: Json, errors: Json) -> None:
    assert await errors_of(market, await market.owner(), recipient_body(**change)) == errors


async def test_everything_that_is_missing_is_said_at_once(market: Marketplace) -> None:
    assert await errors_of(market, await market.owner(), {}) == dict.fromkeys(
        ("PayoutMethodType", "RecipientType", "Currency", "Country", "DisplayName"), "REQUIRED"
    )


async def test_validation_says_nothing_of_what_is_right_and_stores_nothing(market: Marketplace) -> None:
    bob = await market.owner()
    path = f"/users/{bob['Id']}/recipients"
    answer = await market.post(f"{path}/validate", british_recipient_body())
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await market.get(path)).json() == []
    error = refused(await market.post("/users/nobody/recipients/validate", recipient_body()))
    assert error["Errors"] == {"UserId": "USER_NOT_FOUND"}


async def test_a_user_who_is_not_present_must_have_consented(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    path = f"/users/{bob['Id']}/recipients"
    error = refused(await market.post(path, recipient_body(ScaContext="USER_NOT_PRESENT")), 403)
    assert error["Type"] == "sca_proxy_missing"
    assert (await market.get(path)).json() == []
    assert refused(await market.post(path, recipient_body(ScaContext="ELSEWHERE")))["Errors"] == {
        "ScaContext": "NOT_IN_ALLOWED_VALUES"
    }
    consent = created(await market.post(f"/sca/users/{bob['Id']}/consent", {}))
    await market.answer_page(consent["PendingUserAction"])
    assert (await recipient(market, bob, ScaContext="USER_NOT_PRESENT"))["Status"] == "ACTIVE"


async def test_a_recipient_is_deactivated_once(market: Marketplace) -> None:
    made = await recipient(market, await market.owner())
    path = f"/recipients/{made['Id']}"
    assert refused(await market.put(path, {}))["Errors"] == {"Status": "REQUIRED"}
    assert refused(await market.put(path, {"Status": "ACTIVE"}))["Errors"] == {"Status": "NOT_IN_ALLOWED_VALUES"}
    assert created(await market.put(path, {"Status": "DEACTIVATED"})) == made | {"Status": "DEACTIVATED"}
    assert (await market.events())[-1] == ("RECIPIENT_DEACTIVATED", made["Id"])
    assert refused(await market.put(path, {"Status": "DEACTIVATED"}))["Message"] == "Invalid State"
    assert refused(await market.get("/recipients/rec_nothing"), 404)["Type"] == "ressource_not_found"


async def test_a_closed_user_has_no_new_recipient(market: Marketplace) -> None:
    bob = await market.owner()
    assert (await market.close(bob)).status_code == 204
    assert refused(await market.post(f"/users/{bob['Id']}/recipients", recipient_body()))["Type"] == "user_closed"


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        ({}, "MATCH_NOT_POSSIBLE", "Account name could not be checked against account identifier."),
        ({"names": "EuroCorp"}, "MATCH", "Account name fully matches account identifier."),
        (
            {"names": "EuroCarp"},
            "CLOSE_MATCH",
            "Account name partially matches account identifier. Name returned by check: EuroCorp.",
        ),
        ({"names": "Atelier Bob"}, "NO_MATCH", "Account name does not match account identifier."),
    ],
)
async def test_the_payee_is_verified(market: Marketplace, change: Json, check: str, message: str) -> None:
    body: Json = {}
    if change:
        body = {"RecipientType": "Business", "BusinessRecipient": COMPANY | {"BusinessName": change["names"]}}
        body |= {"LocalBankTransfer": {"EUR": {"IBAN": "FR7630001007941234567890185"}}}
    found = (await recipient(market, await market.owner(), **body))["RecipientVerificationOfPayee"]
    assert (found["RecipientVerificationCheck"], found["RecipientVerificationMessage"]) == (check, message)
    assert (found["RecipientVerificationId"] is None) is (check == "MATCH_NOT_POSSIBLE")


@pytest.mark.parametrize(("last_name", "check"), [("Doe", "MATCH"), ("Dae", "CLOSE_MATCH"), ("Roe", "NO_MATCH")])
async def test_a_persons_name_is_verified_as_a_whole(market: Marketplace, last_name: str, check: str) -> None:
    body: Json = {"LocalBankTransfer": {"EUR": {"IBAN": "DE75512108001245126199"}}, "Country": "DE"}
    body |= {"IndividualRecipient": PERSON | {"FirstName": "John", "LastName": last_name}}
    made = await recipient(market, await market.owner(), **body)
    assert made["RecipientVerificationOfPayee"]["RecipientVerificationCheck"] == check


async def test_no_payee_is_verified_outside_the_sepa(market: Marketplace) -> None:
    made = await recipient(market, await market.owner(), **british_recipient_body())
    assert "RecipientVerificationOfPayee" not in made
    assert made["LocalBankTransfer"] == {"GBP": BRITISH}


async def test_a_recipient_is_paid_out_to(market: Marketplace) -> None:
    bob = await market.owner()
    till = await market.funded(bob, 10_000)
    await market.document(bob)
    made = await recipient(market, bob)
    payout = created(await market.pay_out(till, {"Id": None}, 1_000, RecipientId=made["Id"]))
    assert created(await market.get(f"/payouts/{payout['Id']}"))["Status"] == "SUCCEEDED"
    rows = (await market.get(f"/bankaccounts/{made['Id']}/transactions")).json()
    assert [row["Id"] for row in rows] == [payout["Id"]]
