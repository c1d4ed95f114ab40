"""Tales of who joins the marketplace, proves who they are, is blocked, or leaves again."""

from services.emulator.demo.banking import deactivate_recipient, register_recipient
from services.emulator.demo.cast import BLOCKED, HESITANT, LEAVER, REFUSED, SELLERS
from services.emulator.demo.chronicle import DAY_S, HOUR_S, Tale
from services.emulator.demo.market import Buyer, Market, Seller, admit_buyer, admit_seller, as_sellers
from services.emulator.demo.people import Company, Person, person_body
from services.emulator.demo.shop import RETURN_URL

FORMER_IBAN = "IT07X0542811101000000654321"


async def joining(market: Market, newcomer: Person | Company) -> Tale:
    if isinstance(newcomer, Person) and not newcomer.is_seller:
        await _admit_buyer(market, newcomer)
    else:
        await _admit_seller(market, newcomer)
    yield 0


async def changing_accounts(market: Market) -> Tale:
    """Let a seller name a second account, be paid out to it in vain once it was deactivated, and keep the first."""
    carla = await _admit_seller(market, SELLERS[0])
    yield 4 * DAY_S
    former = await register_recipient(market.shop, carla.user_id, FORMER_IBAN, name="Former account")
    yield 9 * DAY_S
    await deactivate_recipient(market.shop, former["Id"])
    await market.look_around()
    yield 2 * DAY_S
    await market.shop.pay_out(carla.wallet, former["Id"], 4_500, Tag="Extra payout")


async def being_blocked(market: Market) -> Tale:
    """Let a seller earn, be blocked from being paid out, and ask for a payout all the same."""
    viktor = await _admit_seller(market, BLOCKED)
    buyers = market.buyers_in("EUR")
    for _ in range(3):
        yield 6 * DAY_S + 5 * HOUR_S
        await market.order(buyers, [viktor])
    yield 10 * DAY_S
    await market.others.decide("user.block", viktor.user_id, Outflows=True, ActionCode="008701")
    await market.look_around()
    yield 1 * DAY_S
    await market.shop.pay_out(viktor.wallet, viktor.account_id or "", 5_000)


async def being_refused(market: Market) -> Tale:
    """Let a company whose proof of registration was refused try the hosted verification instead."""
    company = await _admit_seller(market, REFUSED)
    yield 7 * DAY_S
    body = {"ReturnUrl": RETURN_URL, "Tag": "Second attempt"}
    await market.shop.post(f"/users/{company.user_id}/identity-verifications", body)


async def leaving(market: Market) -> Tale:
    """Let a buyer buy once, and close their account three weeks later."""
    lukas = await _admit_buyer(market, LEAVER)
    yield 21 * DAY_S
    await market.shop.delete(f"/users/natural/{lukas.user_id}")
    await market.look_around()


async def hesitating(market: Market) -> Tale:
    """Let a seller enrol on the page, and register an account without ever confirming it."""
    user = await market.shop.post("/sca/users/natural", person_body(HESITANT))
    yield HOUR_S / 10
    await market.others.decide("sca.answer", user["Id"], Choice="yes")
    await market.shop.open_wallet(user["Id"], HESITANT.currency, f"{HESITANT.name}, {HESITANT.currency}")
    await market.shop.submit_document(user["Id"], "IDENTITY_PROOF", "accept")
    yield DAY_S
    await register_recipient(market.shop, user["Id"], HESITANT.iban or "")


async def renewing(market: Market) -> Tale:
    """Ask the seller who was verified first to be verified anew."""
    for document in (await market.shop.list("/kyc/documents", Status="VALIDATED"))[:1]:
        await market.others.decide("user.renew_kyc", document["UserId"], Status="REQUIRED")
    yield 0


async def _admit_buyer(market: Market, person: Person) -> Buyer:
    """Admit somebody whose first order follows at once, which is what makes their card VALID."""
    buyer = await admit_buyer(market.shop, person)
    market.buyers.append(buyer)
    await market.order([buyer])
    return buyer


async def _admit_seller(market: Market, owner: Person | Company) -> Seller:
    seller = await admit_seller(market.shop, owner)
    market.sellers += await as_sellers(market.shop, await market.shop.get(f"/users/{seller.user_id}"))
    return seller
