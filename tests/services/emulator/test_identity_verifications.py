"""Hosted verification: a session, its page, and the persons with significant control."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused

BACK = "https://example.com/back"
WEEK_S = 7 * 86_400


async def begun(market: Marketplace, user: Json) -> Json:
    return created(await market.post(f"/users/{user['Id']}/identity-verifications", {"ReturnUrl": BACK}))


async def choose(market: Marketplace, url: str, choice: str) -> str:
    """Press a button of a hosted page that shows it; return where it leads."""
    path = url.removeprefix(BASE_URL)
    assert f'value="{choice}"' in (await market.browser.get(path)).text
    return str((await market.browser.post(path, data={"choice": choice})).headers.get("location", ""))


async def seen(market: Marketplace, session: Json) -> Json:
    return created(await market.get(f"/identity-verifications/{session['Id']}"))


async def level(market: Marketplace, user: Json) -> str:
    return str(created(await market.get(f"/users/{user['Id']}"))["KYCLevel"])


async def test_a_new_session_shows_every_field(market: Marketplace) -> None:
    bob = await market.owner()
    body = {"ReturnUrl": BACK, "Tag": "mine"}
    session = created(await market.post(f"/users/{bob['Id']}/identity-verifications", body))
    assert session == {
        "Id": session["Id"],
        "Tag": "mine",
        "HostedUrl": f"{BASE_URL}/identity-verification/{session['Id']}",
        "ReturnUrl": BACK,
        "Status": "PENDING",
        "UserId": bob["Id"],
        "CreationDate": session["CreationDate"],
        "LastUpdate": session["CreationDate"],
        "Checks": [],
        "PSCs": [],
    }
    assert session["Id"].startswith("idnver_")
    assert (await market.events())[-1] == ("IDENTITY_VERIFICATION_PENDING", session["Id"])


async def test_a_validated_person_is_regular(market: Marketplace) -> None:
    bob = await market.owner()
    session = await begun(market, bob)
    assert (await choose(market, session["HostedUrl"], "VALIDATED")).startswith(f"{BACK}?")
    done = await seen(market, session)
    assert done["Status"] == "VALIDATED"
    assert [(check["Type"], check["CheckStatus"], check["Reasons"]) for check in done["Checks"]] == [
        ("IDENTITY_DOCUMENT_VERIFICATION", "VALIDATED", []),
        ("IDV_NAME_MATCH_CHECK", "VALIDATED", []),
        ("IDV_AGE_CHECK", "VALIDATED", []),
    ]
    assert done["Checks"][0]["CheckId"].startswith("idnchc_")
    assert done["Checks"][0]["Data"] == [
        {"Type": "FIRST_NAME", "Value": "Bob"},
        {"Type": "LAST_NAME", "Value": "Martin"},
        {"Type": "BIRTHDATE", "Value": "290563200"},
    ]
    assert await level(market, bob) == "REGULAR"
    assert (await market.events())[-2:] == [
        ("IDENTITY_VERIFICATION_VALIDATED", session["Id"]),
        ("USER_KYC_REGULAR", bob["Id"]),
    ]


@pytest.mark.parametrize(
    ("outcome", "event", "reason"),
    [
        ("REFUSED", "IDENTITY_VERIFICATION_FAILED", "DOCUMENT_NOT_ACCEPTED"),
        ("REVIEW", "IDENTITY_VERIFICATION_INCONCLUSIVE", "FACE_MATCH_FAIL"),
    ],
)
async def test_any_other_outcome_leaves_a_person_light(
    market: Marketplace, outcome: str, event: str, reason: str
) -> None:
    bob = await market.owner()
    session = await begun(market, bob)
    await choose(market, session["HostedUrl"], outcome)
    done = await seen(market, session)
    assert (done["Status"], done["Checks"][0]["Reasons"][0]["Type"]) == (outcome, reason)
    assert [check["CheckStatus"] for check in done["Checks"]] == ["REFUSED", "VALIDATED", "VALIDATED"]
    assert await level(market, bob) == "LIGHT"
    assert (await market.events())[-1] == (event, session["Id"])


async def test_a_page_is_answered_once(market: Marketplace) -> None:
    session = await begun(market, await market.owner())
    await choose(market, session["HostedUrl"], "REFUSED")
    path = session["HostedUrl"].removeprefix(BASE_URL)
    await market.browser.post(path, data={"choice": "VALIDATED"})
    assert "Nothing to do" in (await market.browser.get(path)).text
    assert (await seen(market, session))["Status"] == "REFUSED"


async def test_a_company_is_verified_as_a_whole(market: Marketplace) -> None:
    company = await market.company()
    session = await begun(market, company)
    await choose(market, session["HostedUrl"], "VALIDATED")
    checks = (await seen(market, session))["Checks"]
    assert [check["Type"] for check in checks][3:] == [
        "BUSINESS_VERIFICATION",
        "BUSINESS_NAME_MATCH",
        "BUSINESS_INSIGHTS_MATCH",
    ]
    assert [data["Type"] for check in (checks[0], checks[3]) for data in check["Data"]] == [
        "LEGAL_REPRESENTATIVE_FIRST_NAME",
        "LEGAL_REPRESENTATIVE_LAST_NAME",
        "LEGAL_REPRESENTATIVE_BIRTHDATE",
        "COMPANY_NAME",
        "COMPANY_NUMBER",
    ]
    assert await level(market, company) == "REGULAR"


async def test_a_review_ends_when_somebody_has_looked(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    session = await begun(market, bob)
    await choose(market, session["HostedUrl"], "REVIEW")
    await control.do("identity_verification.decide", session["Id"], Status="VALIDATED")
    assert await level(market, bob) == "REGULAR"
    again = await control.post(f"/do/identity_verification.decide/{session['Id']}", {"Status": "REFUSED"})
    assert refused(again)["Type"] == "invalid_action"


async def test_a_refusal_may_have_a_reason_of_its_own(market: Marketplace, control: Controls) -> None:
    session = await begun(market, await market.owner())
    facts = {"Status": "REFUSED", "ReasonType": "UNDERAGE_PERSON", "ReasonValue": "Seventeen"}
    done = await control.do("identity_verification.decide", session["Id"], **facts)
    assert done["Checks"][0]["Reasons"] == [{"Type": "UNDERAGE_PERSON", "Value": "Seventeen"}]


async def test_a_link_that_nobody_follows_expires(market: Marketplace, control: Controls) -> None:
    session = await begun(market, await market.owner())
    await control.advance(WEEK_S + 1)
    assert (await seen(market, session))["Status"] == "EXPIRED"
    assert ("IDENTITY_VERIFICATION_EXPIRED", session["Id"]) in await market.events()


async def test_another_birthday_outdates_the_session(market: Marketplace) -> None:
    bob = await market.owner()
    session = await begun(market, bob)
    await choose(market, session["HostedUrl"], "VALIDATED")
    body = {"Birthday": 290_563_201, "TermsAndConditionsAccepted": True}
    created(await market.put(f"/sca/users/natural/{bob['Id']}", body))
    assert (await seen(market, session))["Status"] == "OUT_OF_DATE"
    assert await level(market, bob) == "LIGHT"
    assert (await market.events())[-2:] == [
        ("IDENTITY_VERIFICATION_OUTDATED", session["Id"]),
        ("USER_KYC_LIGHT", bob["Id"]),
    ]


async def test_another_address_leaves_the_session_alone(market: Marketplace) -> None:
    bob = await market.owner()
    session = await begun(market, bob)
    await choose(market, session["HostedUrl"], "VALIDATED")
    body = {"Address": {"City": "Lyon"}, "TermsAndConditionsAccepted": True}
    created(await market.put(f"/sca/users/natural/{bob['Id']}", body))
    assert (await seen(market, session))["Status"] == "VALIDATED"


async def test_persons_with_significant_control_are_asked_one_by_one(market: Marketplace) -> None:
    company = await market.company()
    await market.declaration(company, "AcceptUBO", "Alice")
    session = await begun(market, company)
    await choose(market, session["HostedUrl"], "PENDING_PSC_ACTION")
    waiting = await seen(market, session)
    assert [(psc["FirstName"], psc["Status"]) for psc in waiting["PSCs"]] == [
        ("AcceptUBO", "PENDING"),
        ("Alice", "PENDING"),
    ]
    assert set(waiting["PSCs"][0]) >= {
        *("FirstName", "LastName", "Email", "DateOfBirth", "Country", "Nationality", "PscType", "Status"),
        *("ValidationDate", "HostedUrl"),
    }
    for psc in waiting["PSCs"]:
        assert await level(market, company) == "LIGHT"
        await choose(market, psc["HostedUrl"], "VALIDATED")
    assert (await seen(market, session))["Status"] == "VALIDATED"
    assert await level(market, company) == "REGULAR"
    named = [event for event, resource in await market.events() if resource == session["Id"]]
    assert named == [
        "IDENTITY_VERIFICATION_PENDING",
        "IDENTITY_VERIFICATION_PENDING_PSC_ACTION",
        *["IDENTITY_VERIFICATION_PSC_PENDING"] * 2,
        *["IDENTITY_VERIFICATION_PSC_VALIDATED"] * 2,
        "IDENTITY_VERIFICATION_VALIDATED",
    ]


@pytest.mark.parametrize("outcome", ["REJECTED", "ABANDONED"])
async def test_a_person_with_significant_control_tries_again(market: Marketplace, outcome: str) -> None:
    session = await begun(market, await market.company())
    await choose(market, session["HostedUrl"], "PENDING_PSC_ACTION")
    (psc,) = (await seen(market, session))["PSCs"]
    await choose(market, psc["HostedUrl"], outcome)
    assert (await seen(market, session))["PSCs"][0]["Status"] == outcome
    assert (await market.events())[-1] == (f"IDENTITY_VERIFICATION_PSC_{outcome}", session["Id"])
    path = f"/identity-verifications/{session['Id']}/pscs/{psc['Id']}/retry"
    retried = created(await market.put(path, {"LastName": "Durand"}))
    assert (retried["Status"], retried["LastName"]) == ("PENDING", "Durand")
    assert "Nothing to do" in (await market.browser.get(psc["HostedUrl"].removeprefix(BASE_URL))).text
    await choose(market, retried["HostedUrl"], "VALIDATED")
    assert (await seen(market, session))["Status"] == "VALIDATED"
    assert refused(await market.put(path, {}))["Type"] == "invalid_action"
    refused(await market.put(f"/identity-verifications/{session['Id']}/pscs/nobody/retry", {}), 404)


async def test_sessions_are_listed_in_short(market: Marketplace) -> None:
    bob = await market.owner()
    sessions = [await begun(market, bob) for _ in range(2)]
    rows = await market.get(f"/users/{bob['Id']}/identity-verifications", per_page="1", page="2")
    assert rows.headers["x-number-of-items"] == "2"
    (row,) = rows.json()
    assert (list(row), row["Id"]) == (["Id", "Status", "CreationDate", "LastUpdate"], sessions[1]["Id"])


async def test_only_who_can_be_verified_begins_a_session(market: Marketplace) -> None:
    path = "/users/{}/identity-verifications"
    error = refused(await market.post(path.format("nobody"), {"ReturnUrl": BACK}))
    assert (error["Message"], error["errors"]) == (
        "Missing or incorrect required parameter",
        {"UserId": "UserId is not valid"},
    )
    alice = await market.payer()
    error = refused(await market.post(path.format(alice["Id"]), {"ReturnUrl": BACK}))
    assert (error["Type"], error["Message"]) == (
        "invalid_action",
        "This feature is only available for users categorised as Owner.",
    )
    partners = await market.company("PARTNERSHIP")
    assert refused(await market.post(path.format(partners["Id"]), {"ReturnUrl": BACK}))["Type"] == "invalid_action"
    await begun(market, await market.company("ORGANIZATION"))


async def test_a_session_needs_a_way_back(market: Marketplace) -> None:
    path = f"/users/{(await market.owner())['Id']}/identity-verifications"
    for body in ({}, {"ReturnUrl": "https://example.com/" + "x" * 500}, {"ReturnUrl": [BACK]}):
        assert "ReturnUrl" in refused(await market.post(path, body))["errors"]
    refused(await market.get("/identity-verifications/idnver_nobody"), 404)


async def test_a_platform_without_the_feature_is_told_so_in_another_shape(
    market: Marketplace, control: Controls
) -> None:
    bob = await market.owner()
    await control.do("client.activate", "local", HostedVerification=False)
    response = await market.post(f"/users/{bob['Id']}/identity-verifications", {"ReturnUrl": BACK})
    problem = response.json()
    assert (response.status_code, problem["status"], problem["title"]) == (403, 403, "Forbidden")
    assert (set(problem), response.headers["content-type"]) == (
        {"type", "title", "status", "traceId"},
        "application/problem+json",
    )
    await control.do("client.activate", "local", HostedVerification=True)
    await begun(market, bob)
