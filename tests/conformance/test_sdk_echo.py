"""Echo, as Mangopay's own client declares intents, splits and settlements.

The client has no call to list the settlements' validations page by page; they are read whole.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import PayInIntent, PayInIntentSplit, PayInIntentSplits, Settlement, SettlementValidation
from mangopay.utils import (
    IntentSplit,
    PayInIntentBuyer,
    PayInIntentExternalData,
    PayInIntentLineItem,
    PayInIntentSeller,
)

from tests.conformance.people import owner, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

HEADER = "ExternalProviderReference,ExternalTransactionType,ExternalTransactionStatus,Amount,Currency"


def external(reference: str) -> PayInIntentExternalData:
    return PayInIntentExternalData(
        external_processing_date=1_754_489_100,
        external_provider_reference=reference,
        external_merchant_reference="order-1",
        external_provider_name="Stripe",
        external_provider_payment_method="MASTERCARD",
    )


def declared(reference: str = "auth-sdk", amount: int = 1000) -> dict[str, Any]:
    bob = owner()
    item = PayInIntentLineItem(
        seller=PayInIntentSeller(author_id=bob.id, wallet_id=wallet_of(bob).id, fees_amount=0),
        sku="item-1",
        quantity=1,
        unit_amount=amount,
        tax_amount=0,
        discount_amount=0,
    )
    intent = PayInIntent(
        amount=amount,
        currency="EUR",
        platform_fees_amount=0,
        external_data=external(reference),
        buyer=PayInIntentBuyer(id=payer().id),
        line_items=[item],
    )
    return dict(intent.create_authorization())


def captured(reference: str = "auth-sdk") -> dict[str, Any]:
    return dict(PayInIntent().create_capture(declared(reference)["id"]))


def test_an_intent_is_authorised_captured_read_and_listed() -> None:
    made = declared()
    assert (made["status"], made["amount"], made["next_actions"]) == ("AUTHORIZED", 1000, "CAPTURE, CANCEL")
    done = PayInIntent().create_capture(made["id"])
    assert (done["status"], done["capture"].id[:12]) == ("CAPTURED", "int_capture_")
    seen = PayInIntent.get(made["id"])
    assert (seen.status, seen.external_data.external_provider_name) == ("CAPTURED", "Stripe")
    assert seen.line_items[0]["CapturedAmount"] == 1000
    assert made["id"] in [row.id for row in PayInIntent.all(Status="CAPTURED", per_page=100)]
    assert "Stripe" in PayInIntent.get_external_providers_list()
    with pytest.raises(PayInIntent.DoesNotExist):
        PayInIntent.get("int_none")


def test_an_intent_is_captured_in_part_and_cancelled() -> None:
    made = declared()
    item = PayInIntentLineItem(id=made["line_items"][0]["Id"], amount=400)
    part = PayInIntent(amount=400, external_data=external("capture-1"), line_items=[item]).create_capture(made["id"])
    assert (part["status"], part["captures"][0]["Amount"]) == ("PARTIALLY_CAPTURED", 400)
    assert PayInIntent.cancel(declared()["id"])["status"] == "CANCELED"
    with pytest.raises(APIError) as caught:
        PayInIntent.cancel(made["id"])
    assert caught.value.content["Type"] == "invalid_action"


def test_a_refund_of_an_intent_is_declared_and_reversed() -> None:
    intent = captured()
    done = PayInIntent.create_refund(intent["id"], external_data=external("refund-1"))
    assert (done["status"], done["next_actions"]) == ("REFUNDED", "REVERSE_REFUND")
    back = PayInIntent.reverse_refund(intent["id"], done["refund"].id, external_data=external("reverse-1"))
    assert (back["status"], back["refunds"][0]["Status"]) == ("REFUND_REVERSED", "REFUND_REVERSED")


def test_a_dispute_of_a_capture_is_declared_and_decided() -> None:
    intent = captured()
    ids = intent["id"], intent["capture"].id
    done = PayInIntent.create_dispute(*ids, external_data=external("dispute-1"))
    assert done["status"] == "DISPUTED"
    decided = dict(PayInIntent.update_dispute_outcome(*ids, done["dispute"].id, decision="DISPUTED_WON"))
    assert decided["disputes"][0]["Status"] == "DISPUTED_WON"


def test_a_split_is_made_changed_read_and_reversed() -> None:
    intent = captured()
    split = IntentSplit(
        line_item_id=intent["line_items"][0]["Id"], split_amount=700, fees_amount=0, description="Shoes"
    )
    (made,) = PayInIntentSplits(splits=[split]).create(intent["id"])["splits"]
    assert (made["Status"], made["SplitAmount"]) == ("CREATED", 700)
    ids = intent["id"], made["Id"]
    changed = dict(PayInIntentSplit.update_split(*ids, split_amount=900, description="Boots"))
    assert (changed["split_amount"], changed["description"]) == (900, "Boots")
    assert PayInIntentSplit.get(*ids).split_amount == 900
    with pytest.raises(APIError):
        PayInIntentSplit.execute(*ids)
    assert PayInIntentSplit.reverse(*ids)["status"] == "REVERSED"
    assert made["Id"] in [row.id for row in PayInIntentSplit.all(Status="REVERSED", per_page=100)]


def test_a_settlement_is_uploaded_funded_and_paid_out(bank: Callable[..., dict[str, Any]]) -> None:
    intent = captured("auth-settled")
    split = IntentSplit(line_item_id=intent["line_items"][0]["Id"], split_amount=1000, fees_amount=0)
    (made,) = PayInIntentSplits(splits=[split]).create(intent["id"])["splits"]
    opened = Settlement(file_name="june.csv").generate_upload_url()
    assert opened["status"] == "PENDING_UPLOAD"
    lines = [HEADER, "auth-settled,PAYMENT,SETTLED,1000,EUR", ",,,,", "TotalNetSettlementAmount,1000,,,"]
    assert httpx.put(opened["upload_url"], content="\n".join(lines), trust_env=False).status_code == 200
    seen = Settlement.get(opened["settlement_id"])
    assert (seen.status, seen.declared_intent_amount) == ("PENDING_FUNDS_RECEPTION", 1000)
    assert seen.settlement_id in [row.settlement_id for row in Settlement.all(per_page=100)]
    bank("settlement.fund", seen.settlement_id)
    assert Settlement.get(seen.settlement_id).status == "RECONCILED"
    assert PayInIntentSplit.execute(intent["id"], made["Id"])["status"] == "PENDING"
    assert PayInIntentSplit.get(intent["id"], made["Id"]).status == "COMPLETED"


def test_a_settlement_that_does_not_match_is_explained_renewed_and_cancelled() -> None:
    opened = Settlement(file_name="june.csv").generate_upload_url()
    settlement_id = opened["settlement_id"]
    lines = [HEADER, "never-declared,PAYMENT,SETTLED,1000,EUR", ",,,,", "TotalNetSettlementAmount,1000,,,"]
    httpx.put(opened["upload_url"], content="\n".join(lines), trust_env=False)
    assert Settlement.get(settlement_id).status == "UNMATCHED"
    errors = SettlementValidation.get(settlement_id)
    assert errors.lines_errors[0].details[0].code == "MATCH_REF_NOT_FOUND"
    renewed = Settlement.get(settlement_id)
    renewed.file_name = "july.csv"
    assert dict(renewed.generate_new_upload_url())["upload_url"] != opened["upload_url"]
    assert Settlement.cancel(settlement_id)["status"] == "CANCELLED"
