"""Mangopay's own client proves who a user is: documents, beneficial owners, hosted sessions, blocks and countries."""

import base64
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    CountryAuthorization,
    Document,
    DocumentConsult,
    IdentityVerification,
    Page,
    Psc,
    Ubo,
    UboDeclaration,
    User,
    UserDataFormatValidation,
)
from mangopay.utils import Birthplace, CompanyNumberValidation

from tests.conformance.people import ADDRESS, company, owner, payer

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

SCAN = base64.b64encode(b"%PDF-1.7" + bytes(33_000)).decode()
BACK = "https://example.com/back"


def today() -> date:
    return datetime.now(UTC).date()


def document_of(user: Any, tag: str = "accept", kind: str = "IDENTITY_PROOF") -> Any:
    document = Document(user=user, type=kind, tag=tag)
    document.save()
    Page(document=document, file=SCAN, user=user).save()
    document.status = "VALIDATION_ASKED"
    document.save()
    return document


def declaration_of(user: Any) -> Any:
    declaration = UboDeclaration(user=user)
    declaration.save()
    return declaration


def ubo_of(user: Any, declaration: Any, first_name: str = "AcceptUBO") -> Any:
    ubo = Ubo(
        user=user,
        ubo_declaration=declaration,
        first_name=first_name,
        last_name="Martin",
        address=ADDRESS,
        nationality="FR",
        birthday=date(1979, 3, 17),
        birthplace=Birthplace(city="Lyon", country="FR"),
    )
    ubo.save()
    return ubo


def submitted(user: Any, declaration: Any) -> Any:
    declaration.status = "VALIDATION_ASKED"
    declaration.save()
    return seen_declaration(user, declaration)


def seen_declaration(user: Any, declaration: Any) -> Any:
    return UboDeclaration.get(declaration.id, user_id=user.id)


def session_of(user: Any) -> Any:
    session = IdentityVerification(return_url=BACK, tag="conformance")
    return IdentityVerification(**session.create(user.id))


def choose(url: str, outcome: str) -> None:
    """Press a button of a hosted page."""
    assert httpx.post(url, data={"choice": outcome}, trust_env=False).status_code in {200, 303}


def test_a_kyc_document_is_accepted_by_its_tag() -> None:
    bob = owner()
    document = document_of(bob)
    seen = Document.get(document.id)
    assert (seen.status, seen.refused_reason_type, seen.flags) == ("VALIDATED", None, [])
    assert seen.processed_date >= seen.creation_date
    assert User.get_sca(bob.id).kyc_level == "REGULAR"
    assert document.id in [row.id for row in Document.all(per_page=100, Status="VALIDATED", Sort="CreationDate:DESC")]
    rows = User(id=bob.id).documents.all(per_page=1)
    assert [row.id for row in rows] == [document.id]


def test_a_kyc_document_is_refused_by_its_tag() -> None:
    document = document_of(owner(), "refuse_expired")
    seen = Document.get(document.id)
    assert (seen.status, seen.refused_reason_type, seen.flags) == ("REFUSED", "DOCUMENT_HAS_EXPIRED", ["009021"])


def test_a_payers_document_is_refused() -> None:
    assert Document.get(document_of(payer()).id).status == "REFUSED"


def test_the_pages_of_a_document_are_consulted() -> None:
    document = document_of(owner())
    (page,) = DocumentConsult.get_kyc_document_consult(document.id)
    assert page["expiration_date"] >= today()
    shown = httpx.get(page["url"], trust_env=False)
    assert (shown.headers["content-type"], shown.content) == ("application/pdf", base64.b64decode(SCAN))


def test_a_document_that_does_not_suit_its_user_is_refused() -> None:
    with pytest.raises(APIError) as caught:
        Document(user=owner(), type="REGISTRATION_PROOF").save()
    assert caught.value.content["errors"] == {"Type": "REGISTRATION_PROOF cannot be submitted for NATURAL_PERSON user"}


def test_a_page_that_is_too_small_is_refused() -> None:
    bob = owner()
    document = Document(user=bob, type="IDENTITY_PROOF")
    document.save()
    with pytest.raises(APIError, match="too small to be readable"):
        Page(document=document, file=base64.b64encode(b"%PDF").decode(), user=bob).save()


def test_a_company_becomes_regular_with_its_beneficial_owners() -> None:
    atelier = company()
    for kind in ("IDENTITY_PROOF", "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION"):
        document_of(atelier, kind=kind)
    declaration = declaration_of(atelier)
    assert (declaration.status, declaration.ubos) == ("CREATED", [])
    ubo = ubo_of(atelier, declaration)
    assert (ubo.is_active, ubo.birthday, ubo.birthplace) == (True, date(1979, 3, 17), Birthplace("Lyon", "FR"))
    assert User.get_sca(atelier.id).kyc_level == "LIGHT"
    seen = submitted(atelier, declaration)
    assert (seen.status, seen.ubos[0]["Id"]) == ("VALIDATED", ubo.id)
    assert User.get_sca(atelier.id).kyc_level == "REGULAR"


def test_a_beneficial_owner_is_viewed_and_changed() -> None:
    atelier = company()
    declaration = declaration_of(atelier)
    ubo = ubo_of(atelier, declaration)
    ubo.last_name = "Durand"
    ubo.save()
    seen = Ubo.get(ubo.id, user_id=atelier.id, ubo_declaration_id=declaration.id)
    assert (seen.first_name, seen.last_name, seen.address) == ("AcceptUBO", "Durand", ADDRESS)


def test_declarations_are_listed() -> None:
    atelier = company()
    declaration = declaration_of(atelier)
    ubo_of(atelier, declaration, "RefuseUBO")
    assert submitted(atelier, declaration).status == "REFUSED"
    second = declaration_of(atelier)
    rows = UboDeclaration.all(user_id=atelier.id)
    assert [(row.id, row.status) for row in rows] == [(declaration.id, "REFUSED"), (second.id, "CREATED")]


def test_a_second_declaration_waits_for_the_first() -> None:
    atelier = company()
    declaration_of(atelier)
    with pytest.raises(APIError, match="already have a declaration in progress"):
        declaration_of(atelier)


def test_a_declaration_without_anybody_is_not_validated() -> None:
    atelier = company()
    with pytest.raises(APIError, match="which has no ubo"):
        submitted(atelier, declaration_of(atelier))


def test_a_hosted_session_ends_as_its_page_says() -> None:
    bob = owner()
    session = session_of(bob)
    assert (session.status, session.return_url, session.user_id, session.checks) == ("PENDING", BACK, bob.id, [])
    choose(session.hosted_url, "VALIDATED")
    seen = IdentityVerification.get(session.id)
    assert (seen.status, seen.checks[0]["Type"]) == ("VALIDATED", "IDENTITY_DOCUMENT_VERIFICATION")
    assert [(row.id, row.status) for row in IdentityVerification.get_all(bob.id)] == [(session.id, "VALIDATED")]
    assert User.get_sca(bob.id).kyc_level == "REGULAR"


def test_a_person_with_significant_control_tries_again() -> None:
    session = session_of(company())
    choose(session.hosted_url, "PENDING_PSC_ACTION")
    (psc,) = IdentityVerification.get(session.id).pscs
    choose(psc["HostedUrl"], "REJECTED")
    retried = Psc(**Psc.retry(session.id, psc["Id"], email="bob@example.com"))
    assert (retried.status, retried.email, retried.date_of_birth) == (
        "PENDING",
        "bob@example.com",
        date(1979, 3, 18),
    )
    choose(retried.hosted_url, "VALIDATED")
    assert IdentityVerification.get(session.id).status == "VALIDATED"


def test_a_payer_is_not_verified() -> None:
    with pytest.raises(APIError, match="categorised as Owner"):
        session_of(payer())


def test_a_company_number_is_checked() -> None:
    asked = CompanyNumberValidation(company_number="732 829 320", country_code="FR")
    validation = UserDataFormatValidation(company_number=asked)
    validation.save()
    assert validation.company_number.is_valid is True
    assert validation.company_number.validation_rules
    with pytest.raises(APIError, match="ISO 3166-1"):
        UserDataFormatValidation(company_number=CompanyNumberValidation("1", "FRA")).save()


def test_nobody_is_blocked_who_was_not() -> None:
    bob = owner()
    document_of(bob)
    for status in (bob.get_block_status(), bob.get_regulatory()):
        assert (status.action_code, status.scope_blocked.inflows, status.scope_blocked.outflows) == ("", False, False)
        assert date.fromisoformat(status.kyc_information.last_kyc_date) <= today()


def test_countries_say_what_is_allowed() -> None:
    iran = CountryAuthorization.get_country_authorizations("IR")
    assert (iran.country_name, iran.authorization.block_user_creation) == ("Iran", True)
    # The client leaves page and per_page out of an address without a ClientId, so it only ever sees the first ten.
    rows = CountryAuthorization.get_all_countries_authorizations()
    assert (len(rows), rows[0].country_code) == (10, "AD")
    assert int(rows.total_items) > 200
    with pytest.raises(CountryAuthorization.DoesNotExist):
        CountryAuthorization.get_country_authorizations("XX")
