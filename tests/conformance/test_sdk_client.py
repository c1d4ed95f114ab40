"""Mangopay's own client looks after the platform itself.

It knows neither SSOs nor permission groups any more: those are tested over HTTP.
"""

import base64

import httpx
import pytest
from mangopay import get_default_handler
from mangopay.exceptions import APIError
from mangopay.resources import Client, ClientLogo, ClientWallet
from mangopay.utils import PlatformCategorization

from tests.conformance.people import ADDRESS, euros, paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


def test_the_client_reads_the_platform_and_its_budget() -> None:
    client = Client.get()
    assert (client.client_id, client.name, client.licensor) == ("local", "Local Market", "EU")
    assert client.platform_categorization.business_type == "MARKETPLACE"
    first = get_default_handler().get_rate_limits()[0]
    assert first.calls_made + first.calls_remaining == 2300


def test_the_profile_is_changed_and_stays_so() -> None:
    client = Client.get()
    client.primary_theme_colour = "#aabbcc"
    client.tech_emails = ["one@example.com", "two@example.com"]
    client.headquarters_address = ADDRESS
    client.platform_categorization = PlatformCategorization("CROWDFUNDING", "LOAN")
    client.update()
    seen = Client.get()
    assert (seen.primary_theme_colour, seen.tech_emails) == ("#aabbcc", ["one@example.com", "two@example.com"])
    assert (seen.headquarters_address, seen.platform_categorization.sector) == (ADDRESS, "LOAN")
    assert seen.admin_email == client.admin_email


def test_a_bad_profile_is_refused() -> None:
    client = Client.get()
    client.headquarters_phone_number = "+331234567890123456"
    with pytest.raises(APIError) as caught:
        client.update()
    assert list(caught.value.content["errors"]) == ["HeadquartersPhoneNumber"]


def test_a_logo_is_uploaded() -> None:
    picture = b"\x89PNG\r\n a logo"
    ClientLogo(file=base64.b64encode(picture).decode()).upload()
    assert httpx.get(Client.get().logo, trust_env=False).content == picture


def test_the_platforms_wallets_are_viewed_and_listed() -> None:
    before = ClientWallet.get("FEES", "EUR").balance
    alice = payer()
    payin = paid(alice, wallet_of(alice), 1260, fees=60)
    fees = ClientWallet.get("FEES", "EUR")
    assert (fees.id, fees.funds_type, fees.balance.amount) == ("FEES_EUR", "FEES", before.amount + 60)
    assert {"FEES_EUR", "CREDIT_EUR"} <= {wallet.id for wallet in ClientWallet.all(per_page=100)}
    assert "CREDIT_EUR" in {wallet.id for wallet in ClientWallet.all_by_funds_type("CREDIT")}
    rows = fees.get_transactions("FEES", "EUR", Sort="CreationDate:DESC", per_page=1)
    assert [(row.id, row.fees) for row in rows] == [(payin.id, euros(60))]


def test_a_wallet_in_no_currency_does_not_exist() -> None:
    with pytest.raises(ClientWallet.DoesNotExist):
        ClientWallet.get("FEES", "XXX")
