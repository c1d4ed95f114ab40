"""The main job: what Mangopay's own client causes is seen in an open page, at once."""

import asyncio
from datetime import date
from typing import Any

import pytest
from mangopay.api import APIRequest
from mangopay.resources import CardRegistration, DirectPayIn, NaturalUser, Notification, Wallet
from mangopay.utils import Address, BrowserInfo, Money
from playwright.async_api import Page, expect

from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID
from tests.browser.dashboard import row_of, visit_notifications
from tests.serving import Server

# How soon it comes is measured in tests/benchmarks; here it must come by itself, however busy the machine is.
AT_ONCE_MS = 5_000
# The local market has no hook for this one yet.
UNHOOKED = "USER_CATEGORY_UPDATED_TO_OWNER"
EUROS = Money(amount=1260, currency="EUR")
NOTHING = Money(amount=0, currency="EUR")
BROWSER = BrowserInfo(
    accept_header="text/html",
    java_enabled=False,
    javascript_enabled=True,
    language="FR",
    color_depth=24,
    screen_height=1080,
    screen_width=1920,
    timezone_offset=-60,
    user_agent="Firefox",
)
# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")


class Platform:
    """A platform that uses Mangopay by its own client; each step answers once Mangopay has."""

    def __init__(self, server: Server) -> None:
        api_url = f"{server.base_url}/emulator/v2.01/"
        self._handler = APIRequest(LOCAL_CLIENT_ID, LOCAL_API_KEY, api_sandbox_url=api_url, sandbox=True)

    def register_hook(self, event_type: str, url: str) -> None:
        Notification(event_type=event_type, url=url).save(self._handler)

    def create_user(self) -> Any:
        alice = NaturalUser(
            first_name="Alice",
            last_name="Martin",
            email="alice@example.com",
            user_category="PAYER",
            terms_and_conditions_accepted=True,
            address=Address("18 rue de la Roquette", None, "Paris", None, "75011", "FR"),
        )
        alice.save(self._handler)
        return alice

    def make_owner(self, user: Any) -> None:
        user.user_category = "OWNER"
        user.birthday = date(1984, 5, 2)
        user.nationality = user.country_of_residence = "FR"
        user.save(self._handler)

    def pay_in(self, user: Any) -> str:
        wallet = Wallet(owners=[user], description="Alice's wallet", currency="EUR")
        wallet.save(self._handler)
        payin = DirectPayIn(
            author=user,
            credited_wallet=wallet,
            card=self._save_card(user),
            debited_funds=EUROS,
            fees=NOTHING,
            secure_mode_return_url="https://example.com/back",
            ip_address="203.0.113.24",
            browser_info=BROWSER,
        )
        payin.save(self._handler)
        assert payin.status == "SUCCEEDED"
        return str(payin.id)

    def _save_card(self, user: Any) -> Any:
        registration = CardRegistration(user=user, currency="EUR")
        registration.save(self._handler)
        registration.registration_data = self._handler.custom_request(
            "POST",
            registration.card_registration_url,
            accessKeyRef=registration.access_key,
            data_XXX=registration.preregistration_data,
            cardNumber="4970107111111119",
            cardExpirationDate="1229",
            cardCvx="123",
        )
        registration.save(self._handler)
        return registration.card


async def test_what_mangopays_own_client_causes_is_seen_in_an_open_page_by_itself(page: Page, server: Server) -> None:
    platform = Platform(server)
    await visit_notifications(page)
    hook_url = server.base_url + server.hook_path()
    await asyncio.to_thread(platform.register_hook, UNHOOKED, hook_url)
    alice = await asyncio.to_thread(platform.create_user)

    payin_id = await asyncio.to_thread(platform.pay_in, alice)
    await expect_at_once(page, payin_id, "PAYIN_NORMAL_SUCCEEDED")
    await asyncio.to_thread(platform.make_owner, alice)
    await expect_at_once(page, alice.id, UNHOOKED)


async def expect_at_once(page: Page, resource_id: str, event_type: str) -> None:
    await expect(row_of(page, resource_id).filter(has_text=event_type)).to_be_visible(timeout=AT_ONCE_MS)
