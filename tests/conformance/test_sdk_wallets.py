"""Mangopay's own client opens wallets, looks into them, and moves money between them."""

from typing import Any

import pytest
import requests
from mangopay.exceptions import APIError
from mangopay.resources import Transaction, Transfer, User, Wallet

from tests.conformance.people import euros, owner, paid, payer, transferred, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


def enrolled(email: str = "bob@example.com") -> Any:
    """Return an OWNER who is asked to confirm whatever is worth it."""
    bob = owner(email)
    confirm(bob.pending_user_action.redirect_url)
    return bob


def confirm(redirect_url: str, choice: str = "yes") -> None:
    assert requests.post(redirect_url, data={"choice": choice}, timeout=5).status_code == 200


def test_a_wallet_is_created_viewed_listed_and_changed() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    assert Wallet.get(wallet.id).balance == euros(0)
    assert [row.id for row in Wallet.get_all_for_user(alice.id)] == [wallet.id]
    assert wallet.owners_ids == [alice.id]
    wallet.description = "Savings"
    wallet.save()
    assert Wallet.get(wallet.id).description == "Savings"


def test_wallets_are_listed_page_by_page() -> None:
    alice = payer()
    ids = [wallet_of(alice).id for _ in range(3)]
    page = Wallet.get_all_for_user(alice.id, page=2, per_page=2, Sort="CreationDate:DESC")
    assert [row.id for row in page] == [ids[0]]
    assert (page.total_items, page.total_pages) == ("3", "2")


def test_a_wallet_has_one_owner_and_a_known_currency() -> None:
    with pytest.raises(APIError) as caught:
        Wallet(owners=[payer(), payer()], description="Two", currency="AZN").save()
    assert caught.value.content["errors"] == {
        "Owners": "Owners doesn't support multiple values for the moment",
        "Currency": "The currency AZN is not available",
    }


def test_an_unknown_wallet_does_not_exist() -> None:
    with pytest.raises(Wallet.DoesNotExist):
        Wallet.get("wlt_m_nothing")


def test_an_owners_wallet_is_seen_after_a_confirmation() -> None:
    bob = enrolled()
    wallet = wallet_of(bob)
    with pytest.raises(APIError) as caught:
        Wallet.get(wallet.id, ScaContext="USER_PRESENT")
    # The client hands over an empty body; the way to the page is in the header that it keeps.
    assert (caught.value.code, caught.value.content) == (401, None)
    scheme, _, url = caught.value.headers["WWW-Authenticate"].partition(" RedirectUrl=")
    assert scheme == "PendingUserAction"
    confirm(url)
    assert Wallet.get(wallet.id, ScaContext="USER_PRESENT").id == wallet.id
    assert [row.id for row in Wallet.get_all_for_user(bob.id)] == [wallet.id]
    assert list(Transaction.all(user_id=bob.id)) == []


def test_an_absent_owners_wallet_takes_consent() -> None:
    bob = enrolled()
    wallet = wallet_of(bob)
    with pytest.raises(APIError) as caught:
        Wallet.get(wallet.id, ScaContext="USER_NOT_PRESENT")
    assert (caught.value.code, caught.value.content["Type"]) == (403, "sca_proxy_missing")
    confirm(User.manage_consent(bob.id).pending_user_action.redirect_url)
    assert Wallet.get(wallet.id, ScaContext="USER_NOT_PRESENT").id == wallet.id


def test_a_transfer_pays_the_seller_and_is_listed() -> None:
    alice, bob = payer(), owner()
    purse, till = wallet_of(alice), wallet_of(bob)
    paid(alice, purse, 1000)
    transfer = transferred(alice, purse, till, 1000, fees=100)
    assert (transfer.status, transfer.credited_funds) == ("SUCCEEDED", euros(900))
    assert Transfer.get(transfer.id).execution_date is not None
    assert Wallet.get(till.id).balance == euros(900)
    rows = Transaction.all(user_id=alice.id)
    assert [(row.type, row.nature, row.status) for row in rows] == [
        ("PAYIN", "REGULAR", "SUCCEEDED"),
        ("TRANSFER", "REGULAR", "SUCCEEDED"),
    ]
    assert [row.id for row in purse.transactions.all(Type="TRANSFER")] == [transfer.id]
    assert [row.id for row in till.transactions.all(Status="FAILED")] == []


def test_a_transfer_without_money_fails() -> None:
    alice, bob = payer(), owner()
    transfer = transferred(alice, wallet_of(alice), wallet_of(bob), 1000)
    assert (transfer.status, transfer.result_code) == ("FAILED", "001001")
    assert transfer.result_message == "Unsufficient wallet balance"


@pytest.mark.parametrize(("choice", "outcome"), [("yes", ("SUCCEEDED", "000000")), ("no", ("FAILED", "007101"))])
def test_much_money_between_owners_is_confirmed(choice: str, outcome: tuple[str, str]) -> None:
    bob, carla = enrolled(), owner("carla+accept@example.com")
    till, shelf = wallet_of(bob), wallet_of(carla)
    paid(bob, till, 60_000)
    transfer = transferred(bob, till, shelf, 50_001)
    assert (transfer.status, transfer.sca_context) == ("CREATED", "USER_PRESENT")
    confirm(transfer.pending_user_action.redirect_url, choice)
    seen = Transfer.get(transfer.id)
    assert (seen.status, seen.result_code) == outcome
    assert seen.pending_user_action is None


def test_nobody_transfers_from_somebody_elses_wallet() -> None:
    alice, mallory = payer(), payer()
    with pytest.raises(APIError) as caught:
        transferred(mallory, wallet_of(alice), wallet_of(mallory), 100)
    assert caught.value.content["errors"] == {"AuthorId": "Author should be the Debited wallet owner"}
