"""Strong customer authentication: enrolment, consent, and who may look into a wallet."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, company_body, created, owner_body, refused

DAY_S = 86_400
SCOPES = ("ContactInformationUpdate", "RecipientRegistration", "Transfer", "ViewAccountInformation")


async def events_of(market: Marketplace, user: Json) -> list[str]:
    return [event for event, resource_id in await market.events() if resource_id == user["Id"]]


async def status_of(market: Marketplace, user: Json) -> Json:
    return created(await market.get(f"/sca/users/{user['Id']}/sca-status"))


async def consenting(market: Marketplace, user: Json) -> None:
    asked = created(await market.post(f"/sca/users/{user['Id']}/consent", {}))
    await market.answer_page(asked["PendingUserAction"])


async def test_who_enrols_is_active_and_known_to_be_enrolled(market: Marketplace) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body(email="bob@example.com")))
    waiting = await status_of(market, bob)
    assert (waiting["UserStatus"], waiting["IsEnrolled"]) == ("PENDING_USER_ACTION", False)
    assert waiting["ConsentScope"] == dict.fromkeys(SCOPES)
    back = await market.answer_page(bob["PendingUserAction"], back_to="https://example.com/done?a=1")
    assert back.headers["Location"] == "https://example.com/done?a=1&controlStatus=VALIDATED"
    enrolled = await status_of(market, bob)
    assert (enrolled["UserStatus"], enrolled["IsEnrolled"]) == ("ACTIVE", True)
    assert enrolled["LastEnrollmentDate"] >= bob["CreationDate"]
    assert await events_of(market, bob) == [
        *("USER_ACCOUNT_VALIDATION_ASKED", "SCA_ENROLLMENT_SUCCEEDED", "SCA_EMAIL_VERIFIED", "USER_ACCOUNT_ACTIVATED"),
    ]


async def test_a_refused_page_fails_and_answers_once(market: Marketplace) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body(email="bob@example.com")))
    back = await market.answer_page(bob["PendingUserAction"], "no", "https://example.com/done")
    assert back.headers["Location"].endswith("?controlStatus=FAILED")
    again = await market.answer_page(bob["PendingUserAction"], "yes", "https://example.com/done")
    assert again.headers["Location"].endswith("?controlStatus=FAILED")
    assert (await events_of(market, bob))[-1] == "SCA_ENROLLMENT_FAILED"
    assert (await status_of(market, bob))["UserStatus"] == "PENDING_USER_ACTION"


async def test_a_link_lives_ten_minutes(market: Marketplace, control: Controls) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body(email="bob@example.com")))
    await control.advance(601)
    page = await market.browser.get(bob["PendingUserAction"]["RedirectUrl"].removeprefix(BASE_URL))
    assert "expired" in page.text
    assert (await events_of(market, bob))[-1] == "SCA_ENROLLMENT_EXPIRED"
    link = created(await market.post(f"/sca/users/{bob['Id']}/enrollment", {}))["PendingUserAction"]
    await market.answer_page(link)
    assert (await status_of(market, bob))["UserStatus"] == "ACTIVE"


async def test_a_second_link_is_not_missed_once_the_first_was_followed(market: Marketplace, control: Controls) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body(email="bob@example.com")))
    await market.post(f"/sca/users/{bob['Id']}/enrollment", {})
    await market.answer_page(bob["PendingUserAction"])
    await control.advance(601)
    assert "SCA_ENROLLMENT_EXPIRED" not in await events_of(market, bob)


async def test_an_email_with_accept_in_it_needs_no_page(market: Marketplace) -> None:
    bob = await market.owner()
    assert (bob["UserStatus"], bob["PendingUserAction"]) == ("ACTIVE", None)
    assert (await status_of(market, bob))["IsEnrolled"] is True


async def test_a_representative_is_asked_for_a_company(market: Marketplace) -> None:
    company = created(await market.post("/sca/users/legal", company_body() | {"Email": "atelier@example.com"}))
    assert company["UserStatus"] == "ACTIVE"
    body = company_body("ORGANIZATION")
    body["LegalRepresentative"]["Email"] = "bob@example.com"
    assert created(await market.post("/sca/users/legal", body))["PendingUserAction"]["RedirectUrl"]


async def test_nobody_becomes_an_owner_in_their_absence(market: Marketplace) -> None:
    body = owner_body(email="bob@example.com") | {"ScaContext": "USER_NOT_PRESENT"}
    assert refused(await market.post("/sca/users/natural", body), 403)["Type"] == "sca_proxy_missing"
    alice = created(await market.post("/sca/users/natural", body | {"UserCategory": "PAYER"}))
    assert "ScaContext" not in alice
    path = f"/sca/users/natural/{alice['Id']}/category"
    assert refused(await market.put(path, body), 403)["Type"] == "sca_proxy_missing"
    assert created(await market.get(f"/sca/users/{alice['Id']}"))["UserCategory"] == "PAYER"


async def test_a_payer_has_nothing_to_enrol_for(market: Marketplace) -> None:
    alice = await market.payer()
    for verb in ("enrollment", "consent"):
        error = refused(await market.post(f"/sca/users/{alice['Id']}/{verb}", {}))
        assert error["Type"] == "not_allowed_for_user_category_payer"
        assert error["Message"] == "This endpoint is not allowed for User categorized as PAYER"
    error = refused(await market.get(f"/sca/users/{alice['Id']}/sca-status"), 404)
    assert error["Type"] == "ressource_not_found"


async def test_consent_is_given_and_taken_back_for_every_scope(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    await consenting(market, bob)
    given = await status_of(market, bob)
    assert given["ConsentScope"] == dict.fromkeys(SCOPES, "ACTIVE")
    assert given["LastConsentCollectionDate"] >= bob["CreationDate"]
    assert (await events_of(market, bob))[-4:] == [
        "SCA_CONTACT_INFORMATION_UPDATE_CONSENT_GIVEN",
        "SCA_RECIPIENT_REGISTRATION_CONSENT_GIVEN",
        "SCA_TRANSFER_CONSENT_GIVEN",
        "SCA_VIEW_ACCOUNT_INFORMATION_CONSENT_GIVEN",
    ]
    asked = created(await market.post(f"/sca/users/{bob['Id']}/consent", {}))
    await market.answer_page(asked["PendingUserAction"], "no")
    assert (await status_of(market, bob))["ConsentScope"] == dict.fromkeys(SCOPES, "INACTIVE")
    assert (await events_of(market, bob))[-1] == "SCA_VIEW_ACCOUNT_INFORMATION_CONSENT_REVOKED"


async def test_a_platform_that_is_no_proxy_asks_for_no_consent(market: Marketplace, control: Controls) -> None:
    bob = await market.enrolled_owner()
    await control.do("sca.switch_proxy", "-", IsActive=False)
    error = refused(await market.post(f"/sca/users/{bob['Id']}/consent", {}))
    assert error["errors"] == {
        "Invalid SCA request": "Consent cannot be given when no proxy is required by the client."
    }


async def test_a_new_contact_without_the_user_takes_consent(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    path = f"/sca/users/natural/{bob['Id']}"
    body = {"TermsAndConditionsAccepted": True, "Email": "robert@example.com", "ScaContext": "USER_NOT_PRESENT"}
    assert refused(await market.put(path, body), 403)["Type"] == "sca_proxy_missing"
    assert created(await market.get(f"/sca/users/{bob['Id']}"))["Email"] == "bob@example.com"
    await consenting(market, bob)
    changed = created(await market.put(path, body))
    assert (changed["UserStatus"], changed["PendingUserAction"]) == ("ACTIVE", None)
    assert (await events_of(market, bob)).count("SCA_EMAIL_VERIFIED") == 2


async def test_a_verified_phone_is_told(market: Marketplace) -> None:
    body = owner_body() | {"PhoneNumber": "+33611111111"}
    bob = created(await market.post("/sca/users/natural", body))
    assert "SCA_PHONE_NUMBER_VERIFIED" in await events_of(market, bob)


@pytest.mark.parametrize("path", ["/wallets/{w}", "/users/{u}/wallets", "/wallets/{w}/transactions"])
async def test_an_owners_money_is_seen_after_a_confirmation(market: Marketplace, path: str) -> None:
    bob = await market.enrolled_owner()
    wallet = await market.wallet(bob)
    path = path.format(w=wallet["Id"], u=bob["Id"])
    hidden = await market.get(path)
    assert (hidden.status_code, hidden.content) == (401, b"")
    scheme, _, url = hidden.headers["WWW-Authenticate"].partition(" RedirectUrl=")
    assert scheme == "PendingUserAction"
    assert url.startswith(f"{BASE_URL}/sca?token=sca_")
    await market.answer_page({"RedirectUrl": url})
    assert (await market.get(path)).status_code == 200


async def test_one_confirmation_opens_all_four_for_180_days(market: Marketplace, control: Controls) -> None:
    bob = await market.enrolled_owner()
    wallet = await market.wallet(bob)
    paths = [
        f"/wallets/{wallet['Id']}",
        f"/users/{bob['Id']}/wallets",
        f"/wallets/{wallet['Id']}/transactions",
        f"/users/{bob['Id']}/transactions",
    ]
    hidden = await market.get(paths[0])
    await market.answer_page({"RedirectUrl": hidden.headers["WWW-Authenticate"].partition("RedirectUrl=")[2]})
    assert [(await market.get(path)).status_code for path in paths] == [200] * 4
    await control.advance(180 * DAY_S + 1)
    assert [(await market.get(path)).status_code for path in paths] == [401] * 4


async def test_a_refusal_opens_nothing(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    path = f"/wallets/{(await market.wallet(bob))['Id']}"
    hidden = await market.get(path)
    url = hidden.headers["WWW-Authenticate"].partition("RedirectUrl=")[2]
    await market.answer_page({"RedirectUrl": url}, "no")
    assert (await market.get(path)).status_code == 401


async def test_money_is_seen_without_the_user_only_by_consent(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    path = f"/wallets/{(await market.wallet(bob))['Id']}"
    error = refused(await market.get(path, ScaContext="USER_NOT_PRESENT"), 403)
    assert error["Type"] == "sca_proxy_missing"
    assert error["Message"].endswith("The user has not provided consent to the requested proxy")
    await consenting(market, bob)
    assert created(await market.get(path, ScaContext="USER_NOT_PRESENT"))["Owners"] == [bob["Id"]]
    assert created(await market.get(path, scaContext="user_not_present"))["Owners"] == [bob["Id"]]


async def test_a_payers_and_a_legacy_owners_money_is_seen_by_anybody(market: Marketplace) -> None:
    legacy = created(await market.post("/users/natural", owner_body(email="bob@example.com")))
    for user in (await market.payer(), legacy, await market.owner()):
        wallet = await market.wallet(user)
        assert (await market.get(f"/wallets/{wallet['Id']}")).status_code == 200


async def test_a_legacy_owner_who_enrols_is_asked_from_then_on(market: Marketplace) -> None:
    legacy = created(await market.post("/users/natural", owner_body(email="bob@example.com")))
    assert legacy["UserStatus"] == "ACTIVE"
    link = created(await market.post(f"/sca/users/{legacy['Id']}/enrollment", {}))["PendingUserAction"]
    assert (await market.get(f"/users/{legacy['Id']}/wallets")).status_code == 200
    await market.answer_page(link)
    assert (await market.get(f"/users/{legacy['Id']}/wallets")).status_code == 401


async def test_an_unknown_context_is_refused(market: Marketplace) -> None:
    bob = await market.enrolled_owner()
    error = refused(await market.get(f"/users/{bob['Id']}/wallets", ScaContext="USER_ASLEEP"))
    assert error["errors"] == {"ScaContext": "The requested value 'USER_ASLEEP' was not found."}


async def test_somebody_at_the_control_plane_answers_in_a_users_place(market: Marketplace, control: Controls) -> None:
    bob = created(await market.post("/sca/users/natural", owner_body(email="bob@example.com")))
    await control.do("sca.answer", bob["Id"], Choice="yes")
    assert (await status_of(market, bob))["UserStatus"] == "ACTIVE"
    none_left = await control.post(f"/do/sca.answer/{bob['Id']}", {"Choice": "yes"})
    assert none_left.json()["Type"] == "invalid_action"


@pytest.mark.parametrize(
    ("url", "led_to"),
    [
        ("http://[::1]:3000/back", "http://[::1]:3000/back?controlStatus=VALIDATED"),
        ("http://app/#/done", "http://app/?controlStatus=VALIDATED#/done"),
        ("http://app/?a=%20b#done", "http://app/?a=%20b&controlStatus=VALIDATED#done"),
    ],
)
async def test_the_way_back_keeps_its_host_and_its_fragment(market: Marketplace, url: str, led_to: str) -> None:
    bob = await market.owner("Bob", "bob@example.com")
    back = await market.answer_page(bob["PendingUserAction"], back_to=url)
    assert back.headers["Location"] == led_to


async def test_many_looks_at_a_closed_wallet_lead_to_one_page(market: Marketplace, control: Controls) -> None:
    bob = await market.enrolled_owner()
    paths = [f"/users/{bob['Id']}/wallets", f"/wallets/{(await market.wallet(bob))['Id']}"]

    async def told() -> str:
        (link,) = {(await market.get(path)).headers["WWW-Authenticate"] for path in paths * 3}
        return link.partition("RedirectUrl=")[2]

    async def open_pages() -> int:
        return int((await control.get()).json()["Counts"]["sca_session"])

    before, first = await open_pages(), await told()
    assert await open_pages() == before + 1
    await control.advance(601)
    second = await told()
    assert second != first
    assert await open_pages() == before + 1
    await market.answer_page({"RedirectUrl": second}, "no")
    assert await told() != second
