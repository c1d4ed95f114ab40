"""Declarations of beneficial owners."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, Json, Marketplace, created, refused, ubo_body


async def declared(market: Marketplace, company: Json) -> str:
    """Return the path of a new declaration."""
    path = f"/users/{company['Id']}/kyc/ubodeclarations"
    return f"{path}/{created(await market.post(path, {}))['Id']}"


async def test_a_new_declaration_is_empty(market: Marketplace) -> None:
    company = await market.company()
    response = await market.http.post(f"/v2.01/local/users/{company['Id']}/kyc/ubodeclarations")
    declaration = created(response)
    assert declaration == {
        "Id": declaration["Id"],
        "UserId": company["Id"],
        "CreationDate": declaration["CreationDate"],
        "ProcessedDate": None,
        "Status": "CREATED",
        "Reason": None,
        "Message": None,
        "Ubos": [],
    }
    assert declaration["Id"].startswith("ubo_m_")
    assert (await market.events())[-1] == ("UBO_DECLARATION_CREATED", declaration["Id"])


async def test_a_person_shows_every_field(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    ubo = created(await market.post(f"{path}/ubos", ubo_body("Alice")))
    address = {"AddressLine2": None, "Region": None} | ADDRESS
    assert ubo == ubo_body("Alice") | {
        "Id": ubo["Id"],
        "CreationDate": ubo["CreationDate"],
        "Address": address,
        "IsActive": True,
    }
    assert created(await market.get(f"{path}/ubos/{ubo['Id']}")) == ubo
    assert created(await market.get(path))["Ubos"] == [ubo]


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("AcceptUBO", "VALIDATED", None),
        ("RefuseUBO", "REFUSED", "DECLARATION_DO_NOT_MATCH_UBO_INFORMATION"),
        ("RefusedUBO", "REFUSED", "DECLARATION_DO_NOT_MATCH_UBO_INFORMATION"),
        ("IncompleteUBO", "INCOMPLETE", "MISSING_UBO"),
        ("Alice", "VALIDATION_ASKED", None),
    ],
)
async def test_the_first_name_decides(market: Marketplace, name: str, status: str, reason: str | None) -> None:
    declaration = await market.declaration(await market.company(), name, "AcceptUBO")
    assert (declaration["Status"], declaration["Reason"]) == (status, reason)
    assert (declaration["ProcessedDate"] is None) == (status == "VALIDATION_ASKED")
    assert (await market.events())[-1] == (f"UBO_DECLARATION_{status}", declaration["Id"])


async def test_an_incomplete_declaration_is_amended_and_submitted_again(market: Marketplace) -> None:
    company = await market.company()
    declaration = await market.declaration(company, "IncompleteUBO")
    path = f"/users/{company['Id']}/kyc/ubodeclarations/{declaration['Id']}"
    created(await market.put(f"{path}/ubos/{declaration['Ubos'][0]['Id']}", {"FirstName": "AcceptUBO"}))
    asked = created(await market.put(path, {"Status": "VALIDATION_ASKED"}))
    assert (asked["Status"], asked["Reason"]) == ("VALIDATION_ASKED", None)
    assert created(await market.get(path))["Status"] == "VALIDATED"


async def test_somebody_decides_with_a_reason(market: Marketplace, control: Controls) -> None:
    declaration = await market.declaration(await market.company(), "Alice")
    facts = {"Status": "INCOMPLETE", "Reason": "UBO_IDENTITY_NEEDED", "Message": "A passport, please"}
    done = await control.do("ubo_declaration.decide", declaration["Id"], **facts)
    assert {name: done[name] for name in facts} == facts
    again = await control.post(f"/do/ubo_declaration.decide/{declaration['Id']}", {"Status": "VALIDATED"})
    assert refused(again)["Type"] == "invalid_action"


@pytest.mark.parametrize("name", ["AcceptUBO", "RefuseUBO", "Alice"])
async def test_what_is_decided_or_looked_at_takes_no_changes(market: Marketplace, name: str) -> None:
    company = await market.company()
    declaration = await market.declaration(company, name)
    path = f"/users/{company['Id']}/kyc/ubodeclarations/{declaration['Id']}"
    for response in (
        await market.post(f"{path}/ubos", ubo_body()),
        await market.put(f"{path}/ubos/{declaration['Ubos'][0]['Id']}", {"LastName": "Durand"}),
        await market.put(path, {"Status": "VALIDATION_ASKED"}),
    ):
        assert refused(response)["Type"] == "invalid_action"


async def test_one_declaration_at_a_time(market: Marketplace) -> None:
    company = await market.company()
    path = await declared(market, company)
    error = refused(await market.post(f"/users/{company['Id']}/kyc/ubodeclarations", {}))
    assert (error["Type"], error["Message"]) == (
        "invalid_action",
        "You can not create a declaration because you already have a declaration in progress",
    )
    created(await market.post(f"{path}/ubos", ubo_body("RefuseUBO")))
    created(await market.put(path, {"Status": "VALIDATION_ASKED"}))
    await declared(market, company)


@pytest.mark.parametrize("kind", ["SOLETRADER", "ORGANIZATION"])
async def test_some_companies_have_no_beneficial_owners(market: Marketplace, kind: str) -> None:
    company = await market.company(kind)
    error = refused(await market.post(f"/users/{company['Id']}/kyc/ubodeclarations", {}))
    assert (error["Type"], error["Message"]) == (
        "invalid_action",
        f"Cannot create an UBO for a LegalUser of type {kind}",
    )


async def test_persons_and_payers_declare_nobody(market: Marketplace) -> None:
    payer = {"Name": "Buyers Ltd", "LegalPersonType": "BUSINESS", "UserCategory": "PAYER"}
    payer |= {"Email": "buyers@example.com"}
    representative = {"FirstName": "Alice", "LastName": "Martin"}
    body = payer | {"LegalRepresentative": representative, "TermsAndConditionsAccepted": True}
    for user in (await market.owner(), created(await market.post("/sca/users/legal", body))):
        response = await market.post(f"/users/{user['Id']}/kyc/ubodeclarations", {})
        assert refused(response)["Type"] == "invalid_action"


async def test_nobody_is_not_enough_and_sixteen_are_too_many(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    error = refused(await market.put(path, {"Status": "VALIDATION_ASKED"}))
    assert error["Message"] == "You can not request validation for a declaration which has no ubo"
    for _ in range(15):
        created(await market.post(f"{path}/ubos", ubo_body()))
    error = refused(await market.post(f"{path}/ubos", ubo_body()))
    assert error["Message"] == "You can not create more than 15 UBO for a declaration"


async def test_whoever_is_no_longer_active_stays_so(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    ubo = created(await market.post(f"{path}/ubos", ubo_body()))
    assert created(await market.put(f"{path}/ubos/{ubo['Id']}", {"IsActive": 0}))["IsActive"] is False
    error = refused(await market.put(f"{path}/ubos/{ubo['Id']}", {"IsActive": True}))
    assert error["Message"] == "You can not update an UBO that is inactive"
    assert "no ubo" in refused(await market.put(path, {"Status": "VALIDATION_ASKED"}))["Message"]


async def test_a_change_leaves_what_it_does_not_name(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    ubo = created(await market.post(f"{path}/ubos", ubo_body()))
    changes = {"LastName": "Durand", "Address": {"City": "Lyon"}, "Nationality": None}
    changed = created(await market.put(f"{path}/ubos/{ubo['Id']}", changes))
    assert changed == ubo | {"LastName": "Durand", "Address": ubo["Address"] | {"City": "Lyon"}}


async def test_every_bad_field_of_a_person_is_named(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    body = {"LastName": "x" * 101, "Birthday": [], "Nationality": "France", "Address": {}, "Birthplace": "Lyon"}
    assert set(refused(await market.post(f"{path}/ubos", body))["errors"]) == {
        *("FirstName", "LastName", "Birthday", "Nationality", "Birthplace"),
        *("Address.AddressLine1", "Address.City", "Address.PostalCode", "Address.Country"),
    }


async def test_some_countries_have_regions(market: Marketplace) -> None:
    path = await declared(market, await market.company())
    body = ubo_body() | {"Address": ADDRESS | {"Country": "US"}}
    assert refused(await market.post(f"{path}/ubos", body))["errors"] == {
        "Region": "The Region is a required field for this Country"
    }


async def test_declarations_are_listed_and_found_by_both_paths(market: Marketplace) -> None:
    company, other = await market.company(), await market.company()
    first = await market.declaration(company, "RefuseUBO")
    second = await market.declaration(company)
    path = f"/users/{company['Id']}/kyc/ubodeclarations"
    rows = await market.get(path)
    assert ([row["Id"] for row in rows.json()], rows.headers["x-number-of-items"]) == (
        [first["Id"], second["Id"]],
        "2",
    )
    assert (await market.get(path, per_page="1", page="2")).json() == [second]
    assert created(await market.get(f"/kyc/ubodeclarations/{first['Id']}")) == first
    refused(await market.get(f"/users/{other['Id']}/kyc/ubodeclarations/{first['Id']}"), 404)
    refused(await market.get(f"{path}/{first['Id']}/ubos/nobody"), 404)
