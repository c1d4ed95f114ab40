"""KYC documents, and the level they lead to."""

import base64

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, SCAN, Json, Marketplace, created, refused

PNG = base64.b64encode(b"\x89PNG\r\n" + bytes(33_000)).decode()


async def new_document(market: Marketplace, user: Json, kind: str = "IDENTITY_PROOF", tag: str | None = None) -> Json:
    return created(await market.post(f"/users/{user['Id']}/kyc/documents", {"Type": kind, "Tag": tag}))


async def level(market: Marketplace, user: Json) -> str:
    return str(created(await market.get(f"/users/{user['Id']}"))["KYCLevel"])


async def test_a_new_document_shows_every_field(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob, tag="mine")
    assert document == {
        "Type": "IDENTITY_PROOF",
        "UserId": bob["Id"],
        "Flags": [],
        "Id": document["Id"],
        "Tag": "mine",
        "CreationDate": document["CreationDate"],
        "ProcessedDate": None,
        "Status": "CREATED",
        "RefusedReasonType": None,
        "RefusedReasonMessage": None,
    }


async def test_an_accepted_identity_makes_a_person_regular(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    assert document["Id"].startswith("kyc_")
    assert (document["Status"], document["RefusedReasonType"]) == ("VALIDATED", None)
    assert document["ProcessedDate"] >= document["CreationDate"]
    seen = created(await market.get(f"/users/{bob['Id']}"))
    assert (seen["KYCLevel"], seen["ProofOfIdentity"]) == ("REGULAR", document["Id"])
    assert (await market.events())[-4:] == [
        ("KYC_CREATED", document["Id"]),
        ("KYC_VALIDATION_ASKED", document["Id"]),
        ("KYC_SUCCEEDED", document["Id"]),
        ("USER_KYC_REGULAR", bob["Id"]),
    ]


@pytest.mark.parametrize(
    ("tag", "reason", "flags"),
    [
        ("refuse_unreadable", "DOCUMENT_UNREADABLE", ["009004"]),
        ("refuse_not_accepted", "DOCUMENT_NOT_ACCEPTED", ["009019"]),
        ("refuse_expired", "DOCUMENT_HAS_EXPIRED", ["009021"]),
        ("refuse_incomplete", "DOCUMENT_INCOMPLETE", ["009018"]),
        ("refuse_missing", "DOCUMENT_MISSING", ["009010"]),
        ("refuse_no_user_data_match", "DOCUMENT_DO_NOT_MATCH_USER_DATA", ["009022", "009023"]),
        ("refuse_falsified", "DOCUMENT_FALSIFIED", ["009000"]),
        ("refuse_underage", "UNDERAGE_PERSON", ["009020"]),
        ("refuse_specific_case", "SPECIFIC_CASE", ["009100"]),
    ],
)
async def test_a_tag_refuses_a_document(market: Marketplace, tag: str, reason: str, flags: list[str]) -> None:
    bob = await market.owner()
    document = await market.document(bob, tag=tag)
    assert (document["Status"], document["RefusedReasonType"], document["Flags"]) == ("REFUSED", reason, flags)
    assert (await market.events())[-1] == ("KYC_FAILED", document["Id"])
    assert await level(market, bob) == "LIGHT"


async def test_any_other_tag_leaves_the_document_to_somebody_who_looks(market: Marketplace) -> None:
    document = await market.document(await market.owner(), tag="Accept")
    assert document["Status"] == "VALIDATION_ASKED"
    waiting = (await market.get("/kyc/documents", Status="validation_asked,REFUSED")).json()
    assert [row["Id"] for row in waiting] == [document["Id"]]
    decided = created(await market.post(f"/simulation/kyc/documents/{document['Id']}", {"Tag": "accept"}))
    assert decided["Status"] == "VALIDATED"


async def test_the_tag_of_the_creation_decides_and_not_that_of_the_submission(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob, tag="accept")
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}"
    await market.post(f"{path}/pages", {"File": SCAN})
    asked = created(await market.put(path, {"Status": "VALIDATION_ASKED", "Tag": "refuse_expired"}))
    assert (asked["Status"], asked["Tag"]) == ("VALIDATION_ASKED", "refuse_expired")
    assert created(await market.get(path))["Status"] == "VALIDATED"


async def test_somebody_refuses_a_document_with_a_message(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    document = await market.document(bob, tag=None)
    facts = {"RefusedReasonType": "SPECIFIC_CASE", "RefusedReasonMessage": "Please call us", "Flags": ["009005"]}
    done = await control.do("kyc_document.decide", document["Id"], Status="REFUSED", **facts)
    assert (done["Status"], done["RefusedReasonMessage"], done["Flags"]) == ("REFUSED", "Please call us", ["009005"])
    again = await control.post(f"/do/kyc_document.decide/{document['Id']}", {"Status": "VALIDATED"})
    assert refused(again)["Type"] == "invalid_action"


async def test_a_document_that_is_out_of_date_takes_the_level_with_it(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    await control.do("kyc_document.decide", document["Id"], Status="OUT_OF_DATE")
    seen = created(await market.get(f"/users/{bob['Id']}"))
    assert (seen["KYCLevel"], seen["ProofOfIdentity"]) == ("LIGHT", None)
    assert (await market.events())[-2:] == [("KYC_OUTDATED", document["Id"]), ("USER_KYC_LIGHT", bob["Id"])]


async def test_another_name_outdates_the_proof_of_the_former_one(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    body = {"FirstName": "Robert", "TermsAndConditionsAccepted": True}
    created(await market.put(f"/sca/users/natural/{bob['Id']}", body))
    assert created(await market.get(f"/kyc/documents/{document['Id']}"))["Status"] == "OUT_OF_DATE"
    assert await level(market, bob) == "LIGHT"
    await market.document(bob)
    assert await level(market, bob) == "REGULAR"


async def test_a_payers_document_ends_refused(market: Marketplace) -> None:
    document = await market.document(await market.payer())
    assert (document["Status"], document["RefusedReasonType"]) == ("REFUSED", "SPECIFIC_CASE")
    assert "PAYER" in document["RefusedReasonMessage"]


@pytest.mark.parametrize(
    ("kind", "documents"),
    [
        ("SOLETRADER", ("IDENTITY_PROOF", "REGISTRATION_PROOF")),
        ("ORGANIZATION", ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION")),
    ],
)
async def test_a_company_needs_its_documents(market: Marketplace, kind: str, documents: tuple[str, ...]) -> None:
    company = await market.company(kind)
    for document in documents:
        assert await level(market, company) == "LIGHT"
        await market.document(company, document)
    assert await level(market, company) == "REGULAR"


@pytest.mark.parametrize(
    ("kind", "documents"),
    [
        ("BUSINESS", ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION")),
        ("PARTNERSHIP", ("IDENTITY_PROOF", "REGISTRATION_PROOF")),
    ],
)
async def test_a_company_with_owners_needs_their_declaration_too(
    market: Marketplace, kind: str, documents: tuple[str, ...]
) -> None:
    company = await market.company(kind)
    for document in documents:
        await market.document(company, document)
    assert await level(market, company) == "LIGHT"
    await market.declaration(company)
    assert await level(market, company) == "REGULAR"


async def test_a_companys_proofs_are_named_in_it(market: Marketplace) -> None:
    company = await market.company()
    kinds = ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION", "SHAREHOLDER_DECLARATION")
    ids = [(await market.document(company, kind))["Id"] for kind in kinds]
    seen = created(await market.get(f"/sca/users/{company['Id']}"))
    assert [
        seen["LegalRepresentative"]["ProofOfIdentity"],
        *(seen[name] for name in ("ProofOfRegistration", "Statute", "ShareholderDeclaration")),
    ] == ids


@pytest.mark.parametrize(
    ("kind", "document"),
    [("BUSINESS", "ADDRESS_PROOF"), ("SOLETRADER", "ARTICLES_OF_ASSOCIATION"), (None, "ARTICLES_OF_ASSOCIATION")],
)
async def test_a_document_must_suit_its_user(market: Marketplace, kind: str | None, document: str) -> None:
    user = await market.company(kind) if kind else await market.owner()
    error = refused(await market.post(f"/users/{user['Id']}/kyc/documents", {"Type": document}))
    sender = kind or "NATURAL_PERSON"
    assert (error["Type"], error["errors"]) == (
        "param_error",
        {"Type": f"{document} cannot be submitted for {sender} user"},
    )


async def test_a_closed_user_brings_no_documents(market: Marketplace) -> None:
    bob = await market.owner()
    assert (await market.http.delete(f"/v2.01/local/users/natural/{bob['Id']}")).status_code == 204
    error = refused(await market.post(f"/users/{bob['Id']}/kyc/documents", {"Type": "IDENTITY_PROOF"}))
    assert error["Type"] == "user_closed"


async def test_pages_are_counted_and_checked(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob)
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}"
    asked = refused(await market.put(path, {"Status": "VALIDATION_ASKED"}))
    assert asked["Type"] == "invalid_action"
    short = base64.b64encode(b"%PDF-1.7" + bytes(31_000)).decode()
    assert refused(await market.post(f"{path}/pages", {"File": short}))["errors"] == {
        "File": "The file is too small to be readable"
    }
    assert refused(await market.post(f"{path}/pages", {"File": "%%%"}))["errors"] == {
        "File": "Invalid length for a Base-64 char array or string."
    }
    assert refused(await market.post(f"{path}/pages", {}))["errors"] == {"File": "The File field is required."}
    refused(await market.post(f"{path}/pages", {"File": base64.b64encode(bytes(40_000)).decode()}), 415)
    refused(await market.post(f"{path}/pages", {"File": "A" * 10_000_004}), 413)
    for _ in range(5):
        assert (await market.post(f"{path}/pages", {"File": SCAN})).status_code == 204
    error = refused(await market.post(f"{path}/pages", {"File": SCAN}))
    assert (error["Type"], error["Message"]) == (
        "max_page_number",
        "Maximum number of pages exceeded. You can only add up to 5 pages to this document",
    )


async def test_base64_may_be_broken_into_lines(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob)
    broken = "\n".join(SCAN[start : start + 60] for start in range(0, len(SCAN), 60))
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}/pages"
    assert (await market.post(path, {"File": broken})).status_code == 204


async def test_other_documents_may_be_smaller(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob, "ADDRESS_PROOF")
    small = base64.b64encode(b"\xff\xd8\xff" + bytes(1_000)).decode()
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}/pages"
    assert (await market.post(path, {"File": small})).status_code == 204


async def test_a_submitted_document_takes_no_more_pages_and_no_second_submission(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}"
    assert refused(await market.post(f"{path}/pages", {"File": SCAN}))["Type"] == "invalid_action"
    assert refused(await market.put(path, {"Status": "VALIDATION_ASKED"}))["Type"] == "invalid_action"


async def test_a_change_that_submits_nothing_changes_the_tag_alone(market: Marketplace) -> None:
    bob = await market.owner()
    document = await new_document(market, bob)
    path = f"/users/{bob['Id']}/kyc/documents/{document['Id']}"
    assert created(await market.put(path, {"Tag": "Passport"})) == document | {"Tag": "Passport"}
    assert created(await market.put(path, document | {"Tag": "Mine"})) == document | {"Tag": "Mine"}
    assert created(await market.put(path, {})) == document | {"Tag": "Mine"}
    await market.post(f"{path}/pages", {"File": SCAN})
    asked = created(await market.put(path, {"Status": "VALIDATION_ASKED"}))
    assert (asked["Status"], asked["Tag"]) == ("VALIDATION_ASKED", "Mine")
    refused(await market.put(path, {"Status": "CREATED"}))


async def test_a_document_is_looked_at_by_links_that_hold_ten_minutes(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    document = await new_document(market, bob)
    for scan in (SCAN, PNG):
        await market.post(f"/users/{bob['Id']}/kyc/documents/{document['Id']}/pages", {"File": scan})
    links = (await market.post(f"/kyc/documents/{document['Id']}/consult", {})).json()
    paths = [link["Url"].removeprefix(BASE_URL) for link in links]
    pages = [await market.browser.get(path) for path in paths]
    assert [page.headers["content-type"] for page in pages] == ["application/pdf", "image/png"]
    assert [page.content for page in pages] == [base64.b64decode(SCAN), base64.b64decode(PNG)]
    await control.advance(links[0]["ExpirationDate"] - document["CreationDate"] + 1)
    assert (await market.browser.get(paths[0])).status_code == 404


async def test_documents_are_listed_by_status_and_type(market: Marketplace) -> None:
    company = await market.company()
    identity = await market.document(company)
    await market.document(company, "REGISTRATION_PROOF", tag="refuse_expired")
    path = f"/users/{company['Id']}/kyc/documents"
    assert [row["Id"] for row in (await market.get(path, Status="VALIDATED", Type="IDENTITY_PROOF")).json()] == [
        identity["Id"]
    ]
    first = await market.get(path, per_page="1")
    assert (first.headers["x-number-of-items"], len(first.json())) == ("2", 1)
    assert (await market.get(path, Type="IDENTITY_PROOF", Status="REFUSED")).json() == []


async def test_bobs_document_is_not_found_under_mallory(market: Marketplace) -> None:
    bob, mallory = await market.owner(), await market.owner("Mallory", "mallory+accept@example.com")
    document = await market.document(bob)
    refused(await market.get(f"/users/{mallory['Id']}/kyc/documents/{document['Id']}"), 404)
    assert (await market.get(f"/users/{mallory['Id']}/kyc/documents")).json() == []
    refused(await market.get("/users/nobody/kyc/documents"), 404)
