"""KYC documents, and the level they lead to."""

import base64

import pytest

from tests.services.emulator.marketplace import SCAN, Marketplace, company_body, created, refused


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
    ("tag", "reason"), [("refuse_expired", "DOCUMENT_HAS_EXPIRED"), ("refuse_underage", "UNDERAGE_PERSON")]
)
async def test_a_tag_refuses_a_document(market: Marketplace, tag: str, reason: str) -> None:
    bob = await market.owner()
    document = await market.document(bob, tag=tag)
    assert (document["Status"], document["RefusedReasonType"]) == ("REFUSED", reason)
    assert (await market.events())[-1] == ("KYC_FAILED", document["Id"])


async def test_any_other_tag_leaves_the_document_to_somebody_who_looks(market: Marketplace) -> None:
    document = await market.document(await market.owner(), tag="Accept")
    assert document["Status"] == "VALIDATION_ASKED"
    waiting = (await market.get("/kyc/documents", Status="validation_asked,REFUSED")).json()
    assert [row["Id"] for row in waiting] == [document["Id"]]
    decided = created(await market.post(f"/simulation/kyc/documents/{document['Id']}", {"Tag": "accept"}))
    assert decided["Status"] == "VALIDATED"


async def test_a_payers_document_ends_refused(market: Marketplace) -> None:
    assert (await market.document(await market.payer()))["Status"] == "REFUSED"


async def test_a_company_needs_three_documents(market: Marketplace) -> None:
    company = created(await market.post("/sca/users/legal", company_body()))
    levels = []
    for kind in ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"):
        await market.document(company, kind)
        levels.append(created(await market.get(f"/users/{company['Id']}"))["KYCLevel"])
    assert levels == ["LIGHT", "LIGHT", "REGULAR"]


async def test_a_person_has_no_articles_of_association(market: Marketplace) -> None:
    bob = await market.owner()
    body = {"Type": "ARTICLES_OF_ASSOCIATION"}
    error = refused(await market.post(f"/users/{bob['Id']}/kyc/documents", body))
    assert error["errors"] == {"Type": "ARTICLES_OF_ASSOCIATION cannot be submitted for NATURAL_PERSON user"}


async def test_pages_are_counted_and_checked(market: Marketplace) -> None:
    bob = await market.owner()
    path = f"/users/{bob['Id']}/kyc/documents"
    document = created(await market.post(path, {"Type": "IDENTITY_PROOF"}))
    page = f"{path}/{document['Id']}/pages"
    assert refused(await market.put(f"{path}/{document['Id']}", {"Status": "VALIDATION_ASKED"}))["Type"] == (
        "invalid_action"
    )
    short = base64.b64encode(b"%PDF-1.7").decode()
    assert refused(await market.post(page, {"File": short}))["errors"] == {
        "File": "The file is too small to be readable"
    }
    assert "Base-64" in refused(await market.post(page, {"File": "%%%"}))["errors"]["File"]
    refused(await market.post(page, {"File": base64.b64encode(bytes(40_000)).decode()}), 415)
    for _ in range(5):
        assert (await market.post(page, {"File": SCAN})).status_code == 204
    assert refused(await market.post(page, {"File": SCAN}))["Type"] == "max_page_number"


async def test_a_submitted_document_takes_no_more_pages(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    page = f"/users/{bob['Id']}/kyc/documents/{document['Id']}/pages"
    assert refused(await market.post(page, {"File": SCAN}))["Type"] == "invalid_action"


async def test_bobs_document_is_not_found_under_mallory(market: Marketplace) -> None:
    bob, mallory = await market.owner(), await market.owner("Mallory", "mallory+accept@example.com")
    document = await market.document(bob)
    refused(await market.get(f"/users/{mallory['Id']}/kyc/documents/{document['Id']}"), 404)
    assert (await market.get(f"/users/{mallory['Id']}/kyc/documents")).json() == []
