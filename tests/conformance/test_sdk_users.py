"""Mangopay's own client opens, changes, lists and closes users; what it has no call for is tested over HTTP alone.

It cannot say that a user is not present when it looks at one, and shows the body of a refusal, not its header.
"""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from mangopay.exceptions import APIError
from mangopay.resources import LegalUser, LegalUserSca, NaturalUser, NaturalUserSca, ScaStatus, User, Wallet
from mangopay.utils import Address, LegalRepresentative

from tests.conformance.people import ADDRESS, company, euros, owner, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


def refusal(caught: pytest.ExceptionInfo[APIError]) -> tuple[int, str, Any]:
    content = caught.value.content
    return caught.value.code, content["Type"], content["errors"]


def confirm(redirect_url: str) -> None:
    """Answer the page in the user's place."""
    assert requests.post(redirect_url, data={"choice": "yes"}, timeout=5).status_code == 200


def test_a_natural_user_is_created_viewed_listed_and_changed() -> None:
    alice = payer()
    assert alice.id.startswith("user_m_")
    assert (alice.kyc_level, alice.user_status, alice.person_type) == ("LIGHT", "ACTIVE", "NATURAL")
    seen = NaturalUserSca.get(alice.id)
    assert (seen.first_name, seen.address, seen.pending_user_action) == ("Alice", ADDRESS, None)
    alice.last_name = "Durand"
    alice.address = Address("1 rue du Port", "Escalier B", "Lyon", None, "69001", "FR")
    alice.save()
    changed = NaturalUser.get(alice.id)
    assert (changed.last_name, changed.address.city, changed.tag) == ("Durand", "Lyon", "conformance")


def test_all_users_are_listed_page_by_page() -> None:
    ids = [payer().id for _ in range(3)]
    newest = User.all(page=1, per_page=2, Sort="CreationDate:DESC")
    assert [user.id for user in newest] == [ids[2], ids[1]]
    assert int(newest.total_items) >= 3
    assert User.all(page=2, per_page=2, Sort="CreationDate:DESC")[0].id == ids[0]


def test_an_owner_who_must_confirm_is_told_where() -> None:
    bob = owner("bob@example.com")
    assert bob.user_status == "PENDING_USER_ACTION"
    assert "/sca?token=" in bob.pending_user_action.redirect_url
    assert bob.birthday == date(1979, 3, 17)
    confirm(bob.pending_user_action.redirect_url)
    assert User.get_sca(bob.id).user_status == "ACTIVE"


def test_a_new_phone_number_is_confirmed_again() -> None:
    bob = owner("bob@example.com")
    confirm(bob.pending_user_action.redirect_url)
    bob.phone_number, bob.phone_number_country = "0611111111", "FR"
    bob.save()
    assert bob.user_status == "PENDING_USER_ACTION"
    assert bob.pending_user_action.redirect_url
    assert User.get_sca(bob.id).phone_number == "0611111111"


def test_a_link_to_enrol_and_the_state_of_it() -> None:
    bob = owner("bob@example.com")
    assert ScaStatus.get(bob.id).is_enrolled is False
    link = User.enroll_sca(bob.id)
    confirm(link.pending_user_action.redirect_url)
    status = ScaStatus.get(bob.id)
    assert (status.is_enrolled, status.user_status) == (True, "ACTIVE")
    assert status.last_enrollment_date is not None
    assert status.consent_scope.transfer is None


def test_consent_is_managed_by_a_link() -> None:
    bob = owner()
    confirm(User.manage_consent(bob.id).pending_user_action.redirect_url)
    status = ScaStatus.get(bob.id)
    assert status.consent_scope.transfer == status.consent_scope.view_account_information == "ACTIVE"
    assert status.last_consent_collection_date is not None


def test_a_payer_cannot_enrol() -> None:
    with pytest.raises(APIError) as caught:
        User.enroll_sca(payer().id)
    assert refusal(caught) == (400, "not_allowed_for_user_category_payer", None)


def test_a_payer_becomes_an_owner() -> None:
    alice = payer()
    facts = {"birthday": date(1980, 1, 1), "nationality": "FR", "country_of_residence": "FR"}
    said = {"id": alice.id, "user_category": "OWNER", "terms_and_conditions_accepted": True, **facts}
    names = {"first_name": alice.first_name, "last_name": alice.last_name, "email": alice.email}
    raised = alice.categorize(**said, **names)
    assert (raised["user_category"], raised["user_status"]) == ("OWNER", "PENDING_USER_ACTION")
    assert "/sca?token=" in raised["pending_user_action"].redirect_url
    with pytest.raises(APIError) as caught:
        alice.categorize(**said, **names)
    assert refusal(caught) == (400, "not_allowed_for_user_category_owner", None)


def test_a_company_is_created_viewed_and_changed() -> None:
    atelier = company()
    seen = User.get_sca(atelier.id)
    assert isinstance(seen, LegalUserSca)
    assert (seen.name, seen.legal_representative.first_name) == ("Atelier Bob", "Bob")
    atelier.name = "Atelier Robert"
    atelier.save()
    legacy = LegalUser.get(atelier.id)
    assert (legacy.name, legacy.legal_representative_first_name) == ("Atelier Robert", "Bob")
    assert legacy.headquarters_address == ADDRESS


def test_a_company_that_pays_becomes_one_that_owns() -> None:
    atelier = LegalUserSca(
        name="Atelier Bob",
        legal_person_type="SOLETRADER",
        email="atelier@example.com",
        user_category="PAYER",
        terms_and_conditions_accepted=True,
        legal_representative=LegalRepresentative(first_name="Bob", last_name="Lefèvre"),
    )
    atelier.save()
    assert atelier.user_status == "ACTIVE"
    atelier.user_category = "OWNER"
    atelier.headquarters_address = ADDRESS
    atelier.legal_representative = LegalRepresentative("Bob", "Lefèvre", 290_563_200, "FR", "FR", "bob@example.com")
    raised = atelier.categorize()
    assert (raised["user_category"], raised["user_status"]) == ("OWNER", "PENDING_USER_ACTION")


def test_the_legacy_calls_know_no_sca() -> None:
    bob = NaturalUser(
        first_name="Bob",
        last_name="Lefèvre",
        email="bob@example.com",
        user_category="OWNER",
        terms_and_conditions_accepted=True,
        birthday=date(1979, 3, 17),
        nationality="FR",
        country_of_residence="FR",
        occupation="Potter",
        income_range="3",
    )
    bob.save()
    assert (bob.user_status, bob.capacity, bob.occupation) == ("ACTIVE", "NORMAL", "Potter")
    bob.email = "robert@example.com"
    bob.save()
    seen = User.get(bob.id)
    assert isinstance(seen, NaturalUser)
    assert (seen.email, seen.user_status) == ("robert@example.com", "ACTIVE")


def test_a_legacy_company_has_a_flat_representative() -> None:
    atelier = LegalUser(
        name="Atelier Bob",
        legal_person_type="ORGANIZATION",
        email="atelier@example.com",
        user_category="OWNER",
        terms_and_conditions_accepted=True,
        headquarters_address=ADDRESS,
        legal_representative_first_name="Bob",
        legal_representative_last_name="Lefèvre",
        legal_representative_birthday=date(1979, 3, 17),
        legal_representative_nationality="FR",
        legal_representative_country_of_residence="FR",
        legal_representative_email="bob@example.com",
        legal_representative_address=ADDRESS,
    )
    atelier.save()
    seen = LegalUser.get(atelier.id)
    assert seen.legal_representative_birthday == date(1979, 3, 17)
    assert (seen.legal_representative_email, seen.legal_representative_address) == ("bob@example.com", ADDRESS)
    seen.legal_representative_last_name = "Dupont"
    seen.save()
    assert LegalUser.get(atelier.id).legal_representative_last_name == "Dupont"


def test_what_is_wrong_with_a_user_is_named_field_by_field() -> None:
    with pytest.raises(APIError) as caught:
        NaturalUserSca(
            first_name="Bob",
            last_name="Lefèvre",
            email="bob",
            user_category="OWNER",
            terms_and_conditions_accepted=True,
            birthday=date(1979, 3, 17),
            nationality="KP",
        ).save()
    code, kind, errors = refusal(caught)
    assert (code, kind) == (400, "param_error")
    assert errors["Nationality"] == "The Nationality used is blocked"
    assert errors["CountryOfResidence"] == "The CountryOfResidence field is required."
    assert errors["Email"].startswith("The field Email must match the regular expression '")


def test_an_owner_must_accept_the_terms() -> None:
    with pytest.raises(APIError) as caught:
        NaturalUserSca(
            first_name="Bob",
            last_name="Lefèvre",
            email="bob@example.com",
            user_category="OWNER",
            terms_and_conditions_accepted=False,
            birthday=date(1979, 3, 17),
            nationality="FR",
            country_of_residence="FR",
        ).save()
    assert refusal(caught) == (403, "user_hasnt_accepted_terms_and_conditions", None)


def test_an_unknown_user_does_not_exist() -> None:
    with pytest.raises(NaturalUserSca.DoesNotExist):
        NaturalUserSca.get("user_m_nobody")


def test_a_user_is_closed_for_good() -> None:
    alice = payer()
    purse = wallet_of(alice)
    paid(alice, purse, 1000)
    with pytest.raises(APIError) as caught:
        NaturalUserSca.close(alice.id)
    assert refusal(caught) == (400, "user_closure_not_possible", None)
    emma, atelier = payer(), company()
    NaturalUserSca.close(emma.id)
    LegalUserSca.close(atelier.id)
    assert {NaturalUserSca.get(emma.id).user_status, LegalUserSca.get(atelier.id).user_status} == {"CLOSED"}
    with pytest.raises(APIError) as caught:
        Wallet(owners=[emma], description="Too late", currency="EUR").save()
    assert refusal(caught) == (400, "user_closed", None)


def test_emoney_is_told_for_ever_for_a_year_and_for_a_month() -> None:
    alice = payer()
    paid(alice, wallet_of(alice), 1260, fees=60)
    today = datetime.now(UTC)
    for period in ({}, {"year": today.year}, {"year": today.year, "month": today.month}):
        (total,) = User(id=alice.id).get_emoney(**period)
        assert (total.credited_emoney, total.debited_emoney) == (euros(1200), euros(0))


def test_a_user_is_created_once_by_an_idempotency_key() -> None:
    key = str(uuid.uuid4())
    alice = NaturalUserSca(
        first_name="Alice",
        last_name="Martin",
        email="alice@example.com",
        user_category="PAYER",
        terms_and_conditions_accepted=True,
    )
    alice.save(idempotency_key=key)
    alice.id = None
    with pytest.raises(APIError) as caught:
        alice.save(idempotency_key=key)
    assert refusal(caught)[:2] == (409, "idempotent_creation_conflict")
