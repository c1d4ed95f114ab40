"""Refunds, as Mangopay's own client makes and reads them."""

from collections.abc import Callable
from typing import Any

import pytest
from mangopay.exceptions import APIError
from mangopay.resources import PayIn, PayInRefund, Refund, Transfer, TransferRefund, Wallet

from tests.conformance.people import euros, owner, paid, payer, transferred, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


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
    assert Wallet.get(purse.id).balance == euros(0)


def test_a_partial_refund_keeps_its_words_and_amounts() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1000, fees=100)
    refund = PayInRefund(
        author=alice,
        payin=payin,
        debited_funds=euros(500),
        fees=euros(-50),
        tag="too small",
        reference="return-7",
        statement_descriptor="SHOP 7",
    )
    refund.save()
    seen = Refund.get(refund.id)
    assert (seen.debited_funds, seen.fees, seen.credited_funds) == (euros(500), euros(-50), euros(550))
    assert (seen.tag, seen.reference, seen.statement_descriptor) == ("too small", "return-7", "SHOP 7")


def test_refunds_of_a_payin_are_listed_and_filtered() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1000)
    refunds = [PayInRefund(author=alice, payin=payin, debited_funds=euros(300), fees=euros(0)) for _ in range(2)]
    for refund in refunds:
        refund.save()
    assert [refund.result_code for refund in refunds] == ["000000", "005407"]
    listed = PayIn.get(payin.id).get_refunds(page=1, per_page=1)
    assert ([row.id for row in listed], listed.total_items) == ([refunds[0].id], "2")
    failed = PayIn.get(payin.id).get_refunds(Status="FAILED", ResultCode="005407")
    assert [row.id for row in failed] == [refunds[1].id]


def test_what_is_no_refund_is_an_error() -> None:
    alice, mallory = payer(), payer()
    payin = paid(alice, wallet_of(alice), 1000)
    with pytest.raises(APIError) as caught:
        PayInRefund(author=mallory, payin=payin).save()
    assert caught.value.content["errors"] == {"AuthorId": "Author of the refund is not the author of the initial payin"}
    with pytest.raises(APIError) as caught:
        PayInRefund(author=alice, payin=payin, debited_funds=euros(10)).save()
    assert caught.value.content["errors"] == {"Fees": "if DebitedFunds are defined, Fees must be defined"}
    with pytest.raises(Refund.DoesNotExist):
        Refund.get("refund_m_none")


def test_a_transfer_is_fully_refunded_only_once() -> None:
    alice, bob = payer(), owner()
    purse, till = wallet_of(alice), wallet_of(bob)
    paid(alice, purse, 1000)
    transfer = transferred(alice, purse, till, 1000)
    TransferRefund(author=alice, transfer=transfer).save()
    with pytest.raises(APIError) as caught:
        TransferRefund(author=alice, transfer=Transfer.get(transfer.id)).save()
    assert list(caught.value.content["errors"]) == ["TransferId"]


def test_a_refund_the_bank_takes_its_time_with_is_created(bank: Callable[..., dict[str, Any]]) -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1000)
    bank("payin.hold_refunds", payin.id)
    refund = PayInRefund(author=alice, payin=payin)
    refund.save()
    assert (refund.status, refund.result_code) == ("CREATED", None)
    bank("refund.settle", refund.id)
    assert Refund.get(refund.id).status == "SUCCEEDED"
