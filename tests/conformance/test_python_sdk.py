"""Mangopay's own client finds in the emulator what it expects of Mangopay; each test asserts what the client parsed."""

import base64
import time
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from mangopay import get_default_handler
from mangopay.exceptions import APIError
from mangopay.resources import (
    BankAccount,
    BankWirePayIn,
    BankWirePayOut,
    Card,
    CardRegistration,
    Client,
    ClientWallet,
    DirectPayIn,
    Document,
    Event,
    IdempotencyResponse,
    LegalUserSca,
    NaturalUser,
    NaturalUserSca,
    Notification,
    Page,
    PayIn,
    PayInRefund,
    Refund,
    Transaction,
    Transfer,
    TransferRefund,
    User,
    Wallet,
)
from mangopay.utils import Address, BrowserInfo, LegalRepresentative, Money

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

ADDRESS = Address("18 rue de la Roquette", None, "Paris", None, "75011", "FR")
SCAN = base64.b64encode(b"%PDF-1.7" + bytes(33_000)).decode()


def euros(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


def payer() -> Any:
    alice = NaturalUserSca(
        first_name="Alice",
        last_name="Martin",
        email="alice@example.com",
        user_category="PAYER",
        terms_and_conditions_accepted=True,
        address=ADDRESS,
        tag="conformance",
    )
    alice.save()
    return alice


def owner(email: str = "bob+accept@example.com") -> Any:
    bob = NaturalUserSca(
        first_name="Bob",
        last_name="Lefèvre",
        email=email,
        user_category="OWNER",
        terms_and_conditions_accepted=True,
        birthday=date(1979, 3, 17),
        nationality="FR",
        country_of_residence="FR",
        address=ADDRESS,
    )
    bob.save()
    return bob


def wallet_of(user: Any) -> Any:
    wallet = Wallet(owners=[user], description="A wallet", currency="EUR")
    wallet.save()
    return wallet


def card_of(user: Any) -> Any:
    registration = CardRegistration(user=user, currency="EUR")
    registration.save()
    data = get_default_handler().custom_request(
        "POST",
        registration.card_registration_url,
        accessKeyRef=registration.access_key,
        data_XXX=registration.preregistration_data,
        cardNumber="4970107111111119",
        cardExpirationDate="1229",
        cardCvx="123",
    )
    registration.registration_data = data
    registration.save()
    return registration.card


def paid(user: Any, wallet: Any, amount: int, fees: int = 0) -> Any:
    payin = DirectPayIn(
        author=user,
        credited_wallet=wallet,
        card=card_of(user),
        debited_funds=euros(amount),
        fees=euros(fees),
        secure_mode_return_url="https://example.com/back",
        ip_address="203.0.113.24",
        browser_info=BrowserInfo(
            accept_header="text/html",
            java_enabled=False,
            javascript_enabled=True,
            language="FR",
            color_depth=24,
            screen_height=1080,
            screen_width=1920,
            timezone_offset=-60,
            user_agent="Firefox",
        ),
    )
    payin.save()
    return payin


def transferred(payer: Any, purse: Any, till: Any, amount: int, fees: int = 0) -> Any:
    transfer = Transfer(
        author=payer,
        credited_user=User(id=till.owners_ids[0]),
        debited_funds=euros(amount),
        fees=euros(fees),
        debited_wallet=purse,
        credited_wallet=till,
    )
    transfer.save()
    return transfer


def document_of(user: Any, tag: str = "accept") -> Any:
    document = Document(user=user, type="IDENTITY_PROOF", tag=tag)
    document.save()
    Page(document=document, file=SCAN, user=user).save()
    document.status = "VALIDATION_ASKED"
    document.save()
    return document


def test_a_natural_user_is_created_viewed_listed_and_changed() -> None:
    alice = payer()
    assert alice.id.startswith("user_m_")
    assert (alice.kyc_level, alice.user_status, alice.person_type) == ("LIGHT", "ACTIVE", "NATURAL")
    seen = NaturalUserSca.get(alice.id)
    assert (seen.first_name, seen.address, seen.pending_user_action) == ("Alice", ADDRESS, None)
    assert alice.id in [user.id for user in User.all(per_page=100)]
    alice.last_name = "Durand"
    alice.save()
    assert NaturalUser.get(alice.id).last_name == "Durand"


def test_an_owner_who_must_confirm_is_told_where() -> None:
    bob = owner("bob@example.com")
    assert bob.user_status == "PENDING_USER_ACTION"
    assert "/sca?token=" in bob.pending_user_action.redirect_url
    assert bob.birthday == date(1979, 3, 17)


def test_a_company_is_created_and_viewed() -> None:
    company = LegalUserSca(
        name="Atelier Bob",
        legal_person_type="BUSINESS",
        email="atelier+accept@example.com",
        company_number="732829320",
        user_category="OWNER",
        terms_and_conditions_accepted=True,
        headquarters_address=ADDRESS,
        legal_representative=LegalRepresentative(
            first_name="Bob",
            last_name="Lefèvre",
            birthday=290_563_200,
            nationality="FR",
            country_of_residence="FR",
            email="bob+accept@example.com",
        ),
    )
    company.save()
    seen = User.get_sca(company.id)
    assert isinstance(seen, LegalUserSca)
    assert (seen.name, seen.legal_representative.first_name) == ("Atelier Bob", "Bob")


def test_an_unknown_user_does_not_exist() -> None:
    with pytest.raises(NaturalUserSca.DoesNotExist):
        NaturalUserSca.get("user_m_nobody")


def test_a_wallet_is_created_and_listed() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    assert Wallet.get(wallet.id).balance == euros(0)
    assert [row.id for row in Wallet.get_all_for_user(alice.id)] == [wallet.id]
    assert wallet.owners_ids == [alice.id]


def test_a_card_is_registered_listed_and_deactivated() -> None:
    alice = payer()
    card = card_of(alice)
    assert (card.alias, card.card_provider, card.validity) == ("497010XXXXXX1119", "VISA", "UNKNOWN")
    assert [row.id for row in User(id=alice.id).cards.all()] == [card.id]
    assert card.id in [row.id for row in Card.get_by_fingerprint(card.fingerprint, per_page=100)]
    card.active = False
    card.save()
    assert Card.get(card.id).active is False


def test_a_card_payin_fills_the_wallet() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    payin = paid(alice, wallet, 1260, fees=60)
    assert (payin.status, payin.result_code, payin.result_message) == ("SUCCEEDED", "000000", "Success")
    assert payin.credited_funds == euros(1200)
    seen = PayIn.get(payin.id)
    assert isinstance(seen, DirectPayIn)
    assert (seen.execution_date.year, seen.browser_info.language) == (time.gmtime().tm_year, "FR")
    assert Wallet.get(wallet.id).balance == euros(1200)
    assert ClientWallet.get("FEES", "EUR").balance >= euros(60)
    assert Wallet.get("FEES_EUR").id == "FEES_EUR"


def test_a_magic_amount_fails_with_its_code() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 33305)
    assert (payin.status, payin.result_code) == ("FAILED", "101101")


def test_a_bank_wire_says_where_to_send_the_money() -> None:
    alice = payer()
    wire = BankWirePayIn(
        author=alice,
        credited_wallet=wallet_of(alice),
        declared_debited_funds=euros(62000),
        declared_fees=euros(0),
    )
    wire.save()
    seen = PayIn.get(wire.id)
    assert isinstance(seen, BankWirePayIn)
    assert (seen.status, seen.declared_debited_funds, seen.bank_account["Type"]) == ("CREATED", euros(62000), "IBAN")
    assert seen.wire_reference


def test_a_transfer_pays_the_seller_and_is_listed() -> None:
    alice, bob = payer(), owner()
    purse, till = wallet_of(alice), wallet_of(bob)
    paid(alice, purse, 1000)
    transfer = transferred(alice, purse, till, 1000, fees=100)
    assert (transfer.status, transfer.credited_funds) == ("SUCCEEDED", euros(900))
    assert Wallet.get(till.id).balance == euros(900)
    rows = Transaction.all(user_id=alice.id)
    assert [(row.type, row.nature, row.status) for row in rows] == [
        ("PAYIN", "REGULAR", "SUCCEEDED"),
        ("TRANSFER", "REGULAR", "SUCCEEDED"),
    ]
    assert [row.id for row in purse.transactions.all(Type="TRANSFER")] == [transfer.id]


def test_a_payout_leaves_for_the_bank() -> None:
    bob = owner()
    till = wallet_of(bob)
    paid(bob, till, 1000)
    document_of(bob)
    account = BankAccount(
        owner_name="Bob Lefèvre", user=bob, type="IBAN", owner_address=ADDRESS, iban="FR7630004000031234567890143"
    )
    account.save()
    assert [row.iban for row in User(id=bob.id).bankaccounts.all()] == ["FR7630004000031234567890143"]
    payout = BankWirePayOut(
        author=bob, debited_wallet=till, bank_account=account, debited_funds=euros(1000), fees=euros(0)
    )
    payout.save()
    assert payout.status == "CREATED"
    assert BankWirePayOut.get_bankwire(payout.id).mode_applied == "STANDARD"
    assert BankWirePayOut.get(payout.id).status == "SUCCEEDED"
    assert Wallet.get(till.id).balance == euros(0)


def test_refunds_go_back_the_way_the_money_came() -> None:
    alice, bob = payer(), owner()
    purse, till = wallet_of(alice), wallet_of(bob)
    payin = paid(alice, purse, 1000)
    transfer = transferred(alice, purse, till, 1000, fees=100)
    back = TransferRefund(author=alice, transfer=transfer)
    back.save()
    assert (back.status, back.type, back.fees) == ("SUCCEEDED", "TRANSFER", euros(-100))
    refund = PayInRefund(author=alice, payin=payin)
    refund.save()
    assert (refund.status, refund.type, refund.nature) == ("SUCCEEDED", "PAYOUT", "REFUND")
    seen = Refund.get(refund.id)
    assert (seen.initial_transaction_id, seen.initial_transaction_type) == (payin.id, "PAYIN")
    assert seen.refund_reason.type == "INITIALIZED_BY_CLIENT"
    assert [row.id for row in transfer.get_refunds()] == [back.id]


def test_a_kyc_document_is_accepted_by_its_tag() -> None:
    bob = owner()
    document = document_of(bob)
    seen = Document.get(document.id)
    assert (seen.status, seen.refused_reason_type, seen.flags) == ("VALIDATED", None, [])
    assert User.get_sca(bob.id).kyc_level == "REGULAR"
    assert document.id in [row.id for row in Document.all(per_page=100, Status="VALIDATED")]


def test_a_hook_is_created_listed_and_disabled() -> None:
    hook = Notification(event_type="DISPUTE_CREATED", url="http://127.0.0.1:1/hooks", email="olivia@example.com")
    hook.save()
    assert (hook.status, hook.validity) == ("ENABLED", "VALID")
    assert hook.id in [row.id for row in Notification.all(per_page=100)]
    hook.status = "DISABLED"
    hook.save()
    assert Notification.get(hook.id).status == "DISABLED"
    with pytest.raises(APIError, match="already been registered"):
        Notification(event_type="DISPUTE_CREATED", url="http://127.0.0.1:1/hooks").save()


def test_events_are_listed_with_their_pages() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1260)
    events = Event.all(event_type="PAYIN_NORMAL_SUCCEEDED", EventType="PAYIN_NORMAL_SUCCEEDED", Sort="Date:DESC")
    assert {event.event_type for event in events} == {"PAYIN_NORMAL_SUCCEEDED"}
    assert payin.id in [event.resource_id for event in events]
    assert int(events.total_items) >= 1
    assert all(event.date.timestamp() > time.time() - timedelta(days=1).total_seconds() for event in events)


def test_an_idempotency_key_leads_to_the_first_answer() -> None:
    key = str(uuid.uuid4())
    alice = payer()
    wallet = Wallet(owners=[alice], description="Once", currency="EUR")
    wallet.save(idempotency_key=key)
    with pytest.raises(APIError) as caught:
        Wallet(owners=[alice], description="Twice", currency="EUR").save(idempotency_key=key)
    assert (caught.value.code, caught.value.content["Type"]) == (409, "idempotent_creation_conflict")
    kept = IdempotencyResponse.get(key)
    assert (kept.status, kept.resource["Id"]) == ("200", wallet.id)


def test_the_client_reads_the_platform_and_its_budget() -> None:
    assert Client.get().name == "Local Market"
    first = get_default_handler().get_rate_limits()[0]
    assert first.calls_made + first.calls_remaining == 2300
