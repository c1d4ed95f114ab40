"""Users: two kinds, two sets of endpoints, and what an OWNER must bring."""

import time

import httpx
import pytest

from tests.services.emulator.marketplace import ADDRESS, Json, Marketplace, company_body, created, owner_body, refused


async def test_a_payer_is_active_at_once_and_keeps_personal_facts_to_herself(market: Marketplace) -> None:
    body = owner_body("Alice") | {"UserCategory": "PAYER"}
    alice = created(await market.post("/sca/users/natural", body))
    assert alice["Id"].startswith("user_m_")
    assert (alice["UserStatus"], alice["KYCLevel"], alice["PersonType"]) == ("ACTIVE", "LIGHT", "NATURAL")
    assert (alice["Birthday"], alice["Nationality"], alice["PendingUserAction"]) == (None, None, None)
    assert alice["Address"] == ADDRESS | {"AddressLine2": None, "Region": None}


async def test_an_unset_address_has_six_nulls(market: Marketplace) -> None:
    assert set((await market.payer())["Address"].values()) == {None}


async def test_every_missing_field_is_named_in_one_answer(market: Marketplace) -> None:
    body = {"UserCategory": "OWNER", "TermsAndConditionsAccepted": True, "Email": "bob"}
    error = refused(await market.post("/sca/users/natural", body))
    assert error["Type"] == "param_error"
    assert set(error["errors"]) == {
        *("FirstName", "LastName", "Birthday", "Nationality", "CountryOfResidence", "Email"),
    }
    assert error["errors"]["FirstName"] == "The FirstName field is required."
    assert error["errors"]["Email"].startswith("The field Email must match the regular expression '")


async def test_a_resident_of_a_blocked_country_is_refused(market: Marketplace) -> None:
    body = owner_body() | {"CountryOfResidence": "KP"}
    error = refused(await market.post("/sca/users/natural", body))
    assert error["errors"] == {"CountryOfResidence": "The CountryOfResidence used is blocked"}


async def test_an_owner_must_accept_the_terms_and_cannot_take_that_back(market: Marketplace) -> None:
    body = owner_body() | {"TermsAndConditionsAccepted": False}
    error = refused(await market.post("/sca/users/natural", body), 403)
    assert error["Type"] == "user_hasnt_accepted_terms_and_conditions"
    alice = await market.payer()
    path = f"/sca/users/natural/{alice['Id']}"
    assert refused(await market.put(path, {"TermsAndConditionsAccepted": False}))["Type"] == "invalid_action"


async def test_an_update_leaves_alone_what_it_does_not_name(market: Marketplace) -> None:
    bob = await market.owner()
    path = f"/sca/users/natural/{bob['Id']}"
    changed = created(await market.put(path, {"TermsAndConditionsAccepted": True, "Address": {"City": "Lyon"}}))
    assert changed["Address"] == bob["Address"] | {"City": "Lyon"}
    assert {**changed, "Address": None} == {**bob, "Address": None}


async def test_an_owner_never_becomes_a_payer_again(market: Marketplace) -> None:
    bob = await market.owner()
    body = {"TermsAndConditionsAccepted": True, "UserCategory": "PAYER"}
    error = refused(await market.put(f"/sca/users/natural/{bob['Id']}", body))
    assert error["errors"] == {"UserCategory": "A User OWNER can't be modified to a user PAYER"}


async def test_a_payer_becomes_an_owner_with_the_facts_that_takes(market: Marketplace) -> None:
    alice = await market.payer()
    path = f"/sca/users/natural/{alice['Id']}/category"
    body = {name: owner_body()[name] for name in ("Birthday", "Nationality", "CountryOfResidence")}
    body |= {"UserCategory": "OWNER", "TermsAndConditionsAccepted": True}
    owner = created(await market.put(path, body))
    assert (owner["UserCategory"], owner["UserStatus"]) == ("OWNER", "PENDING_USER_ACTION")
    assert owner["PendingUserAction"]["RedirectUrl"]
    assert refused(await market.put(path, body))["Type"] == "not_allowed_for_user_category_owner"


async def test_a_new_email_of_an_owner_is_confirmed_again(market: Marketplace) -> None:
    bob = await market.owner()
    body = {"TermsAndConditionsAccepted": True, "Email": "bob@example.com"}
    changed = created(await market.put(f"/sca/users/natural/{bob['Id']}", body))
    assert changed["UserStatus"] == "PENDING_USER_ACTION"
    assert changed["PendingUserAction"]["RedirectUrl"]


async def test_a_new_name_undoes_the_verification(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    body = {"TermsAndConditionsAccepted": True, "LastName": "Dupont"}
    assert created(await market.put(f"/sca/users/natural/{bob['Id']}", body))["KYCLevel"] == "LIGHT"
    assert created(await market.get(f"/kyc/documents/{document['Id']}"))["Status"] == "OUT_OF_DATE"
    assert (await market.events())[-2:] == [("KYC_OUTDATED", document["Id"]), ("USER_KYC_LIGHT", bob["Id"])]


async def test_a_company_is_nested_here_and_flat_there(market: Marketplace) -> None:
    company = created(await market.post("/sca/users/legal", company_body()))
    legacy = created(await market.get(f"/users/{company['Id']}"))
    assert company["LegalRepresentative"]["FirstName"] == legacy["LegalRepresentativeFirstName"] == "Bob"
    assert "LegalRepresentative" not in legacy
    assert "PendingUserAction" not in legacy


async def test_a_legacy_company_is_the_same_company(market: Marketplace) -> None:
    body = company_body()
    body |= {f"LegalRepresentative{name}": value for name, value in body.pop("LegalRepresentative").items()}
    legacy = created(await market.post("/users/legal", body))
    assert (legacy["UserStatus"], legacy["LegalRepresentativeLastName"]) == ("ACTIVE", "Martin")
    changed = created(await market.put(f"/users/legal/{legacy['Id']}", {"LegalRepresentativeLastName": "Dupont"}))
    assert (changed["LegalRepresentativeFirstName"], changed["LegalRepresentativeLastName"]) == ("Bob", "Dupont")


async def test_a_company_needs_an_email_of_who_represents_it(market: Marketplace) -> None:
    body = company_body()
    del body["LegalRepresentative"]["Email"]
    error = refused(await market.post("/sca/users/legal", body))
    assert error["errors"] == {"LegalRepresentative.Email": "'Email' must not be empty."}


async def test_the_list_of_users_shows_no_names(market: Marketplace) -> None:
    await market.payer()
    (row,) = (await market.get("/users")).json()
    assert list(row) == [
        *("Id", "Tag", "CreationDate", "PersonType", "Email", "KYCLevel", "TermsAndConditionsAccepted"),
        *("TermsAndConditionsAcceptedDate", "UserCategory", "UserStatus"),
    ]


async def test_a_user_is_closed_only_with_empty_wallets_and_only_once(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse = await market.funded(alice, 1260)
    path = f"/v2.01/local/users/natural/{alice['Id']}"
    assert (await market.http.delete(path)).json()["Type"] == "user_closure_not_possible"
    created(await market.transfer(purse, await market.wallet(bob), 1260))
    assert (await market.http.delete(path)).status_code == 204
    assert created(await market.get(f"/users/{alice['Id']}"))["UserStatus"] == "CLOSED"
    assert (await market.http.delete(path)).json()["Type"] == "user_closure_failed"


@pytest.mark.parametrize("tail", ["", "/wallets", "/cards", "/transactions", "/emoney", "/emoney/2026"])
async def test_nobody_is_404_in_mangopays_words(market: Marketplace, tail: str) -> None:
    error = refused(await market.get(f"/users/user_m_nobody{tail}"), 404)
    assert error["Type"] == "ressource_not_found"
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource User with the id=user_m_nobody"}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("FirstName", "B" * 101, "The field FirstName must be a string with a maximum length of 100."),
        ("LastName", "", "The LastName field is required."),
        ("Occupation", "B" * 256, "The field Occupation must be a string with a maximum length of 255."),
        ("IncomeRange", 7, "The field IncomeRange must be between 1 and 6."),
        ("Birthday", "yesterday", "The value yesterday is not valid"),
        ("Nationality", "ZX", "The requested value 'ZX' was not found."),
        ("Nationality", "France", "The field Nationality must match the regular expression '[A-Z]{2}'."),
        ("Nationality", "SY", "The Nationality used is blocked"),
        ("UserCategory", "PLATFORM", "The requested value 'PLATFORM' was not found."),
        ("PhoneNumber", "0611111111", None),
        ("PhoneNumber", "call me", "The PhoneNumber must be in the E.164 format, or local with a PhoneNumberCountry"),
        ("ScaContext", "ASLEEP", "The requested value 'ASLEEP' was not found."),
    ],
)
async def test_a_field_of_a_person_has_its_rule(
    market: Marketplace, field: str, value: object, message: str | None
) -> None:
    error = refused(await market.post("/sca/users/natural", owner_body() | {field: value}))
    if message is None:
        assert error["errors"] == {"PhoneNumberCountry": "The PhoneNumberCountry field is required."}
    else:
        assert error["errors"] == {field: message}


async def test_whoever_opens_an_account_says_whether_the_terms_are_accepted(market: Marketplace) -> None:
    body = owner_body("Alice") | {"UserCategory": "PAYER"}
    del body["TermsAndConditionsAccepted"]
    error = refused(await market.post("/sca/users/natural", body))
    assert error["errors"] == {"TermsAndConditionsAccepted": "The TermsAndConditionsAccepted field is required."}
    error = refused(await market.post("/sca/users/natural", body | {"UserCategory": "OWNER"}), 403)
    assert error["Type"] == "user_hasnt_accepted_terms_and_conditions"


@pytest.mark.parametrize("birthday", [-290_563_200, "-290563200", -290563200.0])
async def test_a_birthday_may_lie_before_1970_however_it_is_written(market: Marketplace, birthday: object) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body() | {"Birthday": birthday}))
    assert bob["Birthday"] == -290_563_200
    assert isinstance(bob["Birthday"], int)


@pytest.mark.parametrize("birthday", [1.5, "--1", "-", "1e3", 1e300])
async def test_a_birthday_is_a_whole_number(market: Marketplace, birthday: object) -> None:
    error = refused(await market.post("/sca/users/natural", owner_body() | {"Birthday": birthday}))
    assert set(error["errors"]) == {"Birthday"}


@pytest.mark.parametrize(("said", "is_accepted"), [("true", True), ("False", False), (1, True), (0, False)])
async def test_a_boolean_may_be_written_in_words_or_numbers(
    market: Marketplace, said: object, is_accepted: bool
) -> None:
    body = owner_body("Alice") | {"UserCategory": "PAYER", "TermsAndConditionsAccepted": said}
    alice = created(await market.post("/sca/users/natural", body))
    assert alice["TermsAndConditionsAccepted"] is is_accepted


async def test_a_local_phone_number_and_an_income_in_quotes_are_welcome(market: Marketplace) -> None:
    body = owner_body() | {"PhoneNumber": "0611111111", "PhoneNumberCountry": "FR", "IncomeRange": "3"}
    bob = created(await market.post("/sca/users/natural", body))
    assert (bob["PhoneNumber"], bob["PhoneNumberCountry"], bob["IncomeRange"]) == ("0611111111", "FR", 3)


async def test_a_blocked_country_of_an_address_is_named_with_its_path(market: Marketplace) -> None:
    body = owner_body() | {"Address": ADDRESS | {"Country": "IR"}}
    error = refused(await market.post("/sca/users/natural", body))
    assert error["errors"] == {"Address.Country": "The Country used is blocked"}


async def test_an_american_address_needs_its_region(market: Marketplace) -> None:
    body = owner_body() | {"Address": ADDRESS | {"Country": "US"}}
    error = refused(await market.post("/sca/users/natural", body))
    assert error["errors"] == {"Address.Region": "The Region is a required field for this Country"}


async def test_an_owner_shows_every_documented_field(market: Marketplace) -> None:
    bob = created(await market.get(f"/sca/users/{(await market.owner())['Id']}"))
    assert set(bob) == {
        *("Id", "Tag", "CreationDate", "PersonType", "Email", "KYCLevel", "UserCategory", "UserStatus", "Capacity"),
        *("TermsAndConditionsAccepted", "TermsAndConditionsAcceptedDate", "ProofOfIdentity", "ProofOfAddress"),
        *("FirstName", "LastName", "Birthday", "Nationality", "CountryOfResidence", "Occupation", "IncomeRange"),
        *("Address", "PhoneNumber", "PhoneNumberCountry", "PendingUserAction"),
    }


async def test_a_company_shows_every_documented_field(market: Marketplace) -> None:
    company = created(await market.post("/sca/users/legal", company_body()))
    assert set(company) == {
        *("Id", "Tag", "CreationDate", "PersonType", "Email", "KYCLevel", "UserCategory", "UserStatus"),
        *("TermsAndConditionsAccepted", "TermsAndConditionsAcceptedDate", "ProofOfRegistration", "Statute"),
        *("ShareholderDeclaration", "Name", "LegalPersonType", "LegalRepresentative", "LegalRepresentativeAddress"),
        *("HeadquartersAddress", "CompanyNumber", "PendingUserAction"),
    }
    assert set(company["LegalRepresentative"]) == {
        *("FirstName", "LastName", "Email", "Birthday", "Nationality", "CountryOfResidence"),
        *("PhoneNumber", "PhoneNumberCountry", "ProofOfIdentity"),
    }


async def test_a_company_that_owns_brings_its_number_and_seat(market: Marketplace) -> None:
    body = {**company_body(), "CompanyNumber": None, "HeadquartersAddress": None}
    error = refused(await market.post("/sca/users/legal", body))
    assert error["errors"] == {
        "CompanyNumber": "The CompanyNumber field is required.",
        "HeadquartersAddress": "The HeadquartersAddress field is required.",
    }
    payer = created(await market.post("/sca/users/legal", body | {"UserCategory": "PAYER"}))
    assert set(payer["HeadquartersAddress"].values()) == {None}


@pytest.mark.parametrize(("number", "verdict"), [("732829320", "SUCCEEDED"), ("not a number", "FAILED")])
async def test_a_company_number_is_checked_and_told(market: Marketplace, number: str, verdict: str) -> None:
    company = created(await market.post("/sca/users/legal", company_body() | {"CompanyNumber": number}))
    event = f"LEGAL_COMPANY_NUMBER_VALIDATION_{verdict}", company["Id"]
    path, body = f"/sca/users/legal/{company['Id']}", {"TermsAndConditionsAccepted": True, "Tag": "same number"}
    created(await market.put(path, body))
    assert (await market.events()).count(event) == 1
    created(await market.put(path, body | {"CompanyNumber": "552100554"}))
    assert ("LEGAL_COMPANY_NUMBER_VALIDATION_SUCCEEDED", company["Id"]) in await market.events()


async def test_a_new_representative_undoes_the_verification_of_a_company(market: Marketplace) -> None:
    company = created(await market.post("/sca/users/legal", company_body("ORGANIZATION")))
    for kind in ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"):
        await market.document(company, kind)
    path = f"/sca/users/legal/{company['Id']}"
    known = created(await market.get(f"/sca/users/{company['Id']}"))
    assert (known["KYCLevel"], bool(known["Statute"])) == ("REGULAR", True)
    body = {"TermsAndConditionsAccepted": True, "LegalRepresentative": {"LastName": "Dupont"}}
    changed = created(await market.put(path, body))
    assert (changed["KYCLevel"], changed["Statute"], changed["ProofOfRegistration"]) == ("LIGHT", None, None)
    assert changed["LegalRepresentative"] == known["LegalRepresentative"] | {
        "LastName": "Dupont",
        "ProofOfIdentity": None,
    }


async def test_a_company_becomes_an_owner_with_the_facts_that_takes(market: Marketplace) -> None:
    body = company_body()
    few = {name: body["LegalRepresentative"][name] for name in ("FirstName", "LastName")}
    payer = created(await market.post("/sca/users/legal", body | {"UserCategory": "PAYER", "LegalRepresentative": few}))
    path = f"/sca/users/legal/{payer['Id']}/category"
    missing = refused(await market.put(path, {"UserCategory": "OWNER"}))
    assert set(missing["errors"]) == {"TermsAndConditionsAccepted", "LegalRepresentative", "HeadquartersAddress"}
    facts = {name: body[name] for name in ("LegalRepresentative", "HeadquartersAddress", "CompanyNumber")}
    flags = {"UserCategory": "OWNER", "TermsAndConditionsAccepted": True, "Name": "Another"}
    owner = created(await market.put(path, facts | flags))
    assert (owner["UserCategory"], owner["Name"]) == ("OWNER", "Atelier Bob")
    assert ("USER_CATEGORY_UPDATED_TO_OWNER", payer["Id"]) in await market.events()


async def test_nobody_becomes_an_owner_without_the_terms(market: Marketplace) -> None:
    body = {"FirstName": "Alice", "LastName": "Martin", "Email": "alice@example.com", "UserCategory": "PAYER"}
    alice = created(await market.post("/sca/users/natural", body | {"TermsAndConditionsAccepted": False}))
    assert alice["TermsAndConditionsAcceptedDate"] is None
    facts = {name: owner_body()[name] for name in ("Birthday", "Nationality", "CountryOfResidence")}
    flags = {"UserCategory": "OWNER", "TermsAndConditionsAccepted": False}
    error = refused(await market.put(f"/sca/users/natural/{alice['Id']}/category", facts | flags), 403)
    assert error["Type"] == "user_hasnt_accepted_terms_and_conditions"


async def test_an_owner_cannot_take_back_the_terms(market: Marketplace) -> None:
    bob = await market.owner()
    error = refused(await market.put(f"/sca/users/natural/{bob['Id']}", {"TermsAndConditionsAccepted": False}))
    assert (error["Type"], error["Message"]) == (
        "invalid_action",
        "The user cannot revoke the terms and conditions acceptance",
    )


async def test_an_update_says_again_that_the_terms_are_accepted(market: Marketplace) -> None:
    alice = await market.payer()
    error = refused(await market.put(f"/sca/users/natural/{alice['Id']}", {"Tag": "new"}))
    assert error["errors"] == {"TermsAndConditionsAccepted": "The TermsAndConditionsAccepted field is required."}


async def test_a_person_is_not_found_among_companies(market: Marketplace) -> None:
    alice = await market.payer()
    for path in (f"/users/legal/{alice['Id']}", f"/sca/users/legal/{alice['Id']}"):
        assert refused(await market.get(path), 404)["Type"] == "ressource_not_found"
        assert refused(await market.put(path, {"TermsAndConditionsAccepted": True}), 404)["errors"]


async def test_a_closed_user_is_still_seen_but_nothing_is_done_to_them(market: Marketplace) -> None:
    bob = await market.owner()
    wallet = await market.wallet(bob)
    assert (await market.close(bob)).content == b""
    path = f"/sca/users/natural/{bob['Id']}"
    body = {"TermsAndConditionsAccepted": True, "Tag": "new"}
    answers = [
        await market.put(path, body),
        await market.put(f"/users/natural/{bob['Id']}", body),
        await market.post(f"/sca/users/{bob['Id']}/enrollment", {}),
        await market.post("/wallets", {"Owners": [bob["Id"]], "Description": "Another", "Currency": "EUR"}),
        await market.put(f"/wallets/{wallet['Id']}", {"Description": "New"}),
    ]
    assert [refused(answer)["Type"] for answer in answers] == ["user_closed"] * 5
    assert created(await market.get(path))["UserStatus"] == "CLOSED"
    assert (await market.events())[-1] == ("USER_ACCOUNT_CLOSED", bob["Id"])


async def test_a_legacy_call_names_its_own_flat_fields(market: Marketplace) -> None:
    body = {"Name": "Atelier", "LegalPersonType": "BUSINESS", "Email": "atelier@example.com", "UserCategory": "PAYER"}
    error = refused(await market.post("/users/legal", body | {"LegalRepresentativeNationality": "KP"}))
    assert set(error["errors"]) == {
        *("LegalRepresentativeFirstName", "LegalRepresentativeLastName", "LegalRepresentativeNationality"),
    }
    assert error["errors"]["LegalRepresentativeFirstName"] == "The LegalRepresentativeFirstName field is required."
    assert error["errors"]["LegalRepresentativeNationality"] == "The LegalRepresentativeNationality used is blocked"


async def test_a_legacy_call_without_a_category_implies_one(market: Marketplace) -> None:
    body = {name: value for name, value in owner_body().items() if name != "UserCategory"}
    assert created(await market.post("/users/natural", body))["UserCategory"] == "OWNER"
    few = {name: body[name] for name in ("FirstName", "LastName", "Email")}
    assert created(await market.post("/users/natural", few))["UserCategory"] == "PAYER"


async def test_emoney_is_what_came_in_and_what_was_paid_out(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse = await market.funded(alice, 1_000)
    till = await market.wallet(bob)
    created(await market.transfer(purse, till, 600, fees=100))
    await market.document(bob)
    created(await market.pay_out(till, await market.account(bob), 300))

    async def emoney(user: Json, period: str = "", **query: str) -> tuple[int, int]:
        seen = created(await market.get(f"/users/{user['Id']}/emoney{period}", **query))
        assert seen["UserId"] == user["Id"]
        return seen["CreditedEMoney"]["Amount"], seen["DebitedEMoney"]["Amount"]

    year, month = time.strftime("%Y", time.gmtime()), time.strftime("%m", time.gmtime())
    assert await emoney(alice) == (1_000, 0)
    assert await emoney(bob) == (500, 300)
    assert await emoney(bob, f"/{year}") == await emoney(bob, f"/{year}/{int(month)}") == (500, 300)
    assert await emoney(bob, "/2019") == await emoney(bob, Currency="GBP") == (0, 0)


@pytest.mark.parametrize(("tail", "field"), [("/last", "Year"), ("/2026/13", "Month"), ("?Currency=XXX", "Currency")])
async def test_emoney_knows_years_months_and_currencies(market: Marketplace, tail: str, field: str) -> None:
    alice = await market.payer()
    error = refused(await market.http.get(f"/v2.01/local/users/{alice['Id']}/emoney{tail}"))
    assert set(error["errors"]) == {field}


@pytest.mark.parametrize("junk", [[], {}, 12, 1.5, True, "\u0000", "x" * 100_000, [[{}]], {"Country": []}, 10**30])
async def test_junk_in_any_field_is_refused_in_mangopays_words(market: Marketplace, junk: object) -> None:
    natural, legal = owner_body(), company_body()
    alice = await market.payer()
    wallet = {"Owners": [alice["Id"]], "Description": "A wallet", "Currency": "EUR"}
    for field in (*natural, "PhoneNumber", "IncomeRange", "ScaContext"):
        answers = [
            await market.post("/sca/users/natural", natural | {field: junk}),
            await market.put(f"/sca/users/natural/{alice['Id']}", natural | {field: junk}),
        ]
        assert [answer for answer in answers if not is_regular(answer)] == [], field
    for field in (*legal, "LegalRepresentativeAddress", "LegalRepresentativeEmail"):
        answers = [
            await market.post("/sca/users/legal", legal | {field: junk}),
            await market.post("/users/legal", legal | {field: junk}),
        ]
        assert [answer for answer in answers if not is_regular(answer)] == [], field
    for field in (*wallet, "Tag"):
        assert is_regular(await market.post("/wallets", wallet | {field: junk})), field


def is_regular(answer: httpx.Response) -> bool:
    """Tell whether a call was accepted, or refused as Mangopay refuses."""
    return answer.status_code == 200 or (answer.status_code in (400, 403) and bool(answer.json()["Type"]))
