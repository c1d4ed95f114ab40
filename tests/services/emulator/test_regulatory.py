"""Blocks, renewals, what was verified, and how company numbers are written."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from services.emulator.rules.verification import KYC_LIFE_S, RENEWAL_NOTICE_S
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused


async def status(market: Marketplace, user: Json) -> Json:
    return created(await market.get(f"/users/{user['Id']}/regulatory"))


async def test_nobody_is_blocked_at_first(market: Marketplace) -> None:
    alice = await market.payer()
    free = {
        "ActionCode": "",
        "ScopeBlocked": {"Inflows": False, "Outflows": False},
        "Id": alice["Id"],
        "KycInformation": {"LastKycDate": None, "KycRenewalDeadline": None},
    }
    assert await status(market, alice) == free
    assert created(await market.get(f"/users/{alice['Id']}/blockStatus")) == free
    assert created(await market.get(f"/users/{alice['Id']}/Regulatory")) == free
    refused(await market.get("/users/nobody/regulatory"), 404)


async def test_a_block_is_told_with_its_reason(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    await control.do("user.block", bob["Id"], Inflows=True, ActionCode="008705")
    seen = await status(market, bob)
    assert (seen["ActionCode"], seen["ScopeBlocked"]) == ("008705", {"Inflows": True, "Outflows": False})
    await control.do("user.block", bob["Id"])
    await control.do("user.unblock", bob["Id"])
    assert (await status(market, bob))["ActionCode"] == ""
    assert [event for event, resource in await market.events() if "FLOWS" in event and resource == bob["Id"]] == [
        "USER_INFLOWS_BLOCKED",
        "USER_OUTFLOWS_BLOCKED",
        "USER_INFLOWS_UNBLOCKED",
        "USER_OUTFLOWS_UNBLOCKED",
    ]


async def test_a_block_takes_no_nonsense(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    response = await control.post(f"/do/user.block/{bob['Id']}", {"ActionCode": "fraud"})
    assert "ActionCode" in refused(response)["errors"]
    refused(await control.post("/do/user.block/nobody", {}), 404)


async def test_a_verification_says_since_when_and_until_when(market: Marketplace) -> None:
    bob = await market.owner()
    await market.document(bob)
    today = datetime.fromtimestamp(time.time(), UTC).date()
    assert (await status(market, bob))["KycInformation"] == {
        "LastKycDate": today.isoformat(),
        "KycRenewalDeadline": (today + timedelta(seconds=KYC_LIFE_S)).isoformat(),
    }


async def test_a_renewal_is_asked_for_ninety_days_before(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    await market.document(bob)
    await control.advance(KYC_LIFE_S - RENEWAL_NOTICE_S - 60)
    query = {"EventType": "USER_KYC_RENEWAL_REQUIRED"}
    assert (await market.get("/events", **query)).json() == []
    await control.advance(120)
    assert [row["ResourceId"] for row in (await market.get("/events", **query)).json()] == [bob["Id"]]
    before = (await status(market, bob))["KycInformation"]["KycRenewalDeadline"]
    await market.document(bob)
    renewed = (await market.get("/events", EventType="USER_KYC_RENEWED")).json()
    assert [row["ResourceId"] for row in renewed] == [bob["Id"]]
    assert (await status(market, bob))["KycInformation"]["KycRenewalDeadline"] > before


async def test_a_renewal_by_hand(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    early = await control.post(f"/do/user.renew_kyc/{bob['Id']}", {})
    assert refused(early)["Type"] == "invalid_action"
    await market.document(bob)
    await control.do("user.renew_kyc", bob["Id"], Status="REQUIRED")
    await control.do("user.renew_kyc", bob["Id"])
    assert [event for event, _ in await market.events()][-2:] == ["USER_KYC_RENEWAL_REQUIRED", "USER_KYC_RENEWED"]


async def test_what_was_verified_is_shown_of_a_regular_user(market: Marketplace) -> None:
    company = await market.company()
    path = f"/users/{company['Id']}/verified-identity"
    assert refused(await market.get(path))["Type"] == "invalid_action"
    for kind in ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"):
        await market.document(company, kind)
    await market.declaration(company)
    identity = created(await market.get(path))
    assert (identity["UserType"], identity["LegalRepresentatives"][0]["FirstName"]) == ("LEGAL_BUSINESS", "Bob")
    assert len(identity["Documents"]) == 3
    (url,) = identity["Documents"][0]["DocumentUrls"]
    assert (await market.browser.get(url.removeprefix(BASE_URL))).headers["content-type"] == "application/pdf"


async def test_what_was_verified_is_for_platforms_that_have_the_feature(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    await market.document(bob)
    await control.do("client.activate", "local", VerifiedIdentity=0)
    error = refused(await market.get(f"/users/{bob['Id']}/verified-identity"), 403)
    assert (error["Type"], error["Message"]) == (
        "forbidden_ressource",
        "This endpoint is not available for your account",
    )


@pytest.mark.parametrize(
    ("number", "country", "is_valid"),
    [
        ("732 829 320", "FR", True),
        ("732829320-00074", "FR", True),
        ("7328293", "FR", False),
        ("HRB 12345", "DE", True),
        ("12345", "DE", False),
        ("09446231", "GB", True),
        ("SC123456", "GB", True),
        ("IP12345R", "GB", True),
        ("XX123456", "GB", False),
        ("B12345678", "ES", True),
        ("B1234567X", "ES", True),
        ("FN 123456x", "AT", True),
        ("FN 12345x", "AT", False),
        ("123456x", "AT", True),
        ("HE12345", "CY", True),
        ("anything", "JP", True),
    ],
)
async def test_company_numbers_are_checked_by_country(
    market: Marketplace, number: str, country: str, is_valid: bool
) -> None:
    body = {"CompanyNumber": {"CompanyNumber": number, "CountryCode": country}}
    checked = created(await market.post("/users/data-formats/validation", body))["CompanyNumber"]
    assert (checked["CompanyNumber"], checked["CountryCode"], checked["IsValid"]) == (number, country, is_valid)
    assert isinstance(checked["ValidationRules"], list)


async def test_the_rules_are_one_text_of_expressions(market: Marketplace) -> None:
    body = {"CompanyNumber": {"CompanyNumber": "1", "CountryCode": "FR"}}
    checked = created(await market.post("/users/data-formats/validation", body))["CompanyNumber"]
    assert checked["ValidationRules"] == [r"^\d{9}$|^\d{14}$"]


async def test_a_country_has_two_letters(market: Marketplace) -> None:
    body: Json = {"CompanyNumber": {"CompanyNumber": "1", "CountryCode": "FRA"}}
    assert refused(await market.post("/users/data-formats/validation", body))["errors"] == {
        "CompanyNumber.CountryCode": "The requested value is not an ISO 3166-1 alpha-2 code which is expected."
    }
    for body in ({}, {"CompanyNumber": {}}, {"CompanyNumber": {"CompanyNumber": [], "CountryCode": {}}}):
        refused(await market.post("/users/data-formats/validation", body))
