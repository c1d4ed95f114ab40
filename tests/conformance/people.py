"""Who Mangopay's own client opens accounts for in these tests, and what they do first."""

from datetime import date
from typing import Any

from mangopay import get_default_handler
from mangopay.resources import CardRegistration, DirectPayIn, LegalUserSca, NaturalUserSca, Transfer, User, Wallet
from mangopay.utils import Address, BrowserInfo, LegalRepresentative, Money

ADDRESS = Address("18 rue de la Roquette", None, "Paris", None, "75011", "FR")
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


def company() -> Any:
    atelier = LegalUserSca(
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
    atelier.save()
    return atelier


def wallet_of(user: Any, currency: str = "EUR") -> Any:
    wallet = Wallet(owners=[user], description="A wallet", currency=currency)
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
        browser_info=BROWSER,
    )
    payin.save()
    return payin


def transferred(author: Any, purse: Any, till: Any, amount: int, fees: int = 0) -> Any:
    transfer = Transfer(
        author=author,
        credited_user=User(id=till.owners_ids[0]),
        debited_funds=euros(amount),
        fees=euros(fees),
        debited_wallet=purse,
        credited_wallet=till,
    )
    transfer.save()
    return transfer
