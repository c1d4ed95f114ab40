"""Mangopay's own client finds in the emulator what it expects of Mangopay; each test asserts what the client parsed."""

import base64
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from mangopay.exceptions import APIError
from mangopay.resources import (
    Document,
    Event,
    IdempotencyResponse,
    Notification,
    Page,
    Wallet,
)

from tests.conformance.people import paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

SCAN = base64.b64encode(b"%PDF-1.7" + bytes(33_000)).decode()


def document_of(user: Any, tag: str = "accept") -> Any:
    document = Document(user=user, type="IDENTITY_PROOF", tag=tag)
    document.save()
    Page(document=document, file=SCAN, user=user).save()
    document.status = "VALIDATION_ASKED"
    document.save()
    return document


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
