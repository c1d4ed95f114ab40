"""Users: two kinds, two sets of endpoints, and what an OWNER must bring."""

import pytest

from tests.services.emulator.marketplace import ADDRESS, Marketplace, company_body, created, owner_body, refused


async def test_a_payer_is_active_at_once_and_keeps_personal_facts_to_herself(market: Marketplace) -> None:
    body = owner_body("Alice") | {"UserCategory": "PAYER"}
    alice = created(await market.post("/sca/users/natural", body))
    assert alice["Id"].startswith("user_m_")
    assert (alice["UserStatus"], alice["KYCLevel"], alice["PersonType"]) == ("ACTIVE", "LIGHT", "NATURAL")
    assert (alice["Birthday"], alice["Nationality"], alice["PendingUserAction"]) == (None, None, None)
    assert alice["Address"] == ADDRESS | {"AddressLine2": None, "Region": None}


async def test_an_unset_address_has_six_nulls(market: Marketplace) -> None:
    assert set((await market.payer())["Address"].values()) == {None}


async def test_an_owner_is_sent_to_a_page_and_active_after_it(market: Marketplace) -> None:
    bob = await market.owner(email="bob@example.com")
    assert bob["UserStatus"] == "PENDING_USER_ACTION"
    page = bob["PendingUserAction"]["RedirectUrl"].removeprefix("http://localhost:8080/emulator")
    assert (await market.browser.get(page)).status_code == 200
    back = await market.browser.post(
        page + "&returnUrl=https%3A%2F%2Fexample.com%2Fdone%3Fa%3D1", data={"choice": "yes"}
    )
    assert back.headers["Location"] == "https://example.com/done?a=1&controlStatus=VALIDATED"
    seen = created(await market.get(f"/sca/users/{bob['Id']}"))
    assert (seen["UserStatus"], seen["PendingUserAction"]) == ("ACTIVE", None)
    assert ("USER_ACCOUNT_ACTIVATED", bob["Id"]) in await market.events()


async def test_an_email_with_accept_in_it_needs_no_page(market: Marketplace) -> None:
    bob = await market.owner()
    assert (bob["UserStatus"], bob["PendingUserAction"]) == ("ACTIVE", None)


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


@pytest.mark.parametrize("tail", ["", "/regulatory", "/wallets", "/cards", "/transactions", "/bankaccounts"])
async def test_nobody_is_404_in_mangopays_words(market: Marketplace, tail: str) -> None:
    error = refused(await market.get(f"/users/user_m_nobody{tail}"), 404)
    assert error["Type"] == "ressource_not_found"
    assert error["errors"] == {"RessourceNotFound": "Cannot found the ressource User with the id=user_m_nobody"}


async def test_nobody_is_blocked(market: Marketplace) -> None:
    alice = await market.payer()
    status = created(await market.get(f"/users/{alice['Id']}/regulatory"))
    assert status["ScopeBlocked"] == {"Inflows": False, "Outflows": False}
    assert status["Id"] == alice["Id"]
