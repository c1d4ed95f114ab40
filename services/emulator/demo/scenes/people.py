"""Who joins, and what comes of their documents."""

import unicodedata

from services.emulator.demo.cast import NEWCOMERS
from services.emulator.demo.market import Buyer, Market, admit
from services.emulator.demo.people import Person
from services.emulator.demo.shop import RETURN_URL

MAX_USERS = 90
REFUSALS = ("refuse_unreadable", "refuse_expired", "refuse_no_user_data_match")
VERDICTS = ("VALIDATED", "VALIDATED", "REFUSED", "REVIEW")


async def newcomer(market: Market) -> None:
    """Admit a buyer, or a seller whose document waits to be looked at."""
    if len(await market.shop.list("/users")) >= MAX_USERS:
        return
    admitted = await admit(market.shop, _newcomer(market))
    if isinstance(admitted, Buyer):
        await market.order([admitted])
        market.buyers.append(admitted)


async def document_verdict(market: Market) -> None:
    """Look at the document that has waited longest; one in four is refused."""
    waiting = await market.shop.list("/kyc/documents", Status="VALIDATION_ASKED", per_page="1")
    for document in waiting:
        verdict = market.chance.choice(REFUSALS) if market.chance.random() < 1 / 4 else "accept"
        await market.shop.post(f"/simulation/kyc/documents/{document['Id']}", {"Tag": verdict})
        await market.look_around()


async def identity_check(market: Market) -> None:
    """Send a seller who is not verified yet to the hosted verification, or let one that was begun come to its end."""
    for user in await market.shop.list("/users"):
        if (user["UserCategory"], user["KYCLevel"], user["UserStatus"]) == ("OWNER", "LIGHT", "ACTIVE"):
            path = f"/users/{user['Id']}/identity-verifications"
            pending = [row for row in await market.shop.list(path) if row["Status"] == "PENDING"]
            if not pending:
                await market.shop.post(path, {"ReturnUrl": RETURN_URL})
                return
            if market.chance.random() < 1 / 2:
                status = market.chance.choice(VERDICTS)
                await market.others.decide("identity_verification.decide", pending[0]["Id"], Status=status)
                await market.look_around()
                return


def _newcomer(market: Market) -> Person:
    first, last, country, street, postal_code, city = market.chance.choice(NEWCOMERS)
    is_seller = market.chance.random() < 1 / 3
    email = f"{_ascii(first)}.{_ascii(last)}.{market.number()}@example.com"
    return Person(
        first,
        last,
        f"accept.{email}" if is_seller else email,
        market.chance.randint(200, 900) * 1_000_000,
        country,
        (street, postal_code, city),
        card_number=None if is_seller else "4970107111111119",
        iban="FR7630004000031234567890143" if is_seller else None,
        has_recipient=market.chance.random() < 1 / 2,
        documents=(("IDENTITY_PROOF", None),) if is_seller else (),
    )


def _ascii(name: str) -> str:
    """Return the letters of a name as an e-mail address may hold them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalpha()).lower()
