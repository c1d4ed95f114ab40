"""Tales of how money comes in, goes on and goes out, day by day and in every way the marketplace offers."""

from services.emulator.demo import banking, ways_to_pay
from services.emulator.demo.cast import FICKLE, FICKLE_IBAN, PAYERS
from services.emulator.demo.chronicle import DAY_S, HOUR_S, Tale
from services.emulator.demo.market import Market, take_back
from services.emulator.demo.people import person_body
from services.emulator.demo.quarrels import settle
from services.emulator.demo.trade import (
    convert_all,
    pay_out_all,
    pay_out_instantly,
    pay_out_once,
    pay_out_too_much,
    trade,
)

MINUTE_S = 60
WEEK_S = 7 * DAY_S
EMMA, EMMA_IBAN = PAYERS[2], "DE77100100100123456789"
# What pages of other methods are answered, None for a payer who just goes away.
ANSWERS = (("ideal", "yes"), ("paypal", "yes"), ("bancontact", "yes"), ("ideal", "refused"), ("bancontact", None))


async def trading(market: Market) -> Tale:
    """Let two to five orders happen a day, with a night in between."""
    while True:
        for _ in range(market.chance.randint(2, 5)):
            await trade(market)
            yield market.chance.randint(2 * HOUR_S, 5 * HOUR_S)
        yield market.chance.randint(2 * HOUR_S, 8 * HOUR_S)


async def returning(market: Market) -> Tale:
    """Let one of the last orders come back every few days, now and then only a part of it."""
    while True:
        yield market.chance.randint(2 * DAY_S, 4 * DAY_S)
        order = market.chance.choice(market.orders)
        market.orders.remove(order)
        price = order.payin["DebitedFunds"]["Amount"]
        await take_back(market.shop, order, amount=price * 2 // 5 if market.chance.random() < 1 / 3 else None)


async def paying_out(market: Market) -> Tale:
    while True:
        yield WEEK_S
        await pay_out_all(market)


async def paying_otherwise(market: Market) -> Tale:
    """Let buyers pay by other methods, with one outcome after another."""
    while True:
        for method, answer in ANSWERS:
            buyer = market.chance.choice(market.buyers_in("EUR"))
            tag, price = market.basket()
            payin = await ways_to_pay.begin_payment(market.shop, buyer.wallet, method, price, tag)
            yield 3 * MINUTE_S
            if answer is not None:
                payin = await ways_to_pay.answer_payment(market.shop, payin, answer)
            if payin["Status"] == "SUCCEEDED":
                await market.pass_on(buyer.wallet, price, tag)
            yield market.chance.randint(30 * HOUR_S, 50 * HOUR_S)


async def debiting(market: Market) -> Tale:
    """Let Emma's studio be debited every other week by a mandate that she has signed."""
    wallet = next(buyer.wallet for buyer in market.buyers if buyer.card["CardHolderName"] == EMMA.name)
    recipient = await banking.register_recipient(market.shop, wallet["Owners"][0], EMMA_IBAN, scope="PAYIN")
    yield 20 * MINUTE_S
    mandate = await ways_to_pay.sign_mandate(market.shop, recipient["Id"])
    while True:
        tag = market.tag("studio supplies")
        payin = await ways_to_pay.debit(market.shop, mandate, wallet, 12_800, tag)
        if payin["Status"] == "SUCCEEDED":
            await market.pass_on(wallet, 12_800, tag)
        yield 2 * WEEK_S


async def taking_back(market: Market) -> Tale:
    """Let a debtor's bank take a direct debit back; the marketplace accepts that, and has kept the money."""
    user = await market.shop.post("/sca/users/natural", person_body(FICKLE))
    wallet = await market.shop.open_wallet(user["Id"], FICKLE.currency, f"{FICKLE.name}, {FICKLE.currency}")
    recipient = await banking.register_recipient(market.shop, user["Id"], FICKLE_IBAN, scope="PAYIN")
    mandate = await ways_to_pay.sign_mandate(market.shop, recipient["Id"])
    payin = await ways_to_pay.debit(market.shop, mandate, wallet, 7_450, market.tag("a wall clock"))
    yield 5 * DAY_S
    (disputed,) = await market.shop.list(f"/payins/{payin['Id']}/disputes")
    lost = await market.shop.put(f"/disputes/{disputed['Id']}/close", {})
    yield 2 * DAY_S
    await settle(market.shop, lost)


async def subscribing(market: Market) -> Tale:
    """Let a buyer be charged every week."""
    buyer = market.chance.choice(market.buyers_in("EUR"))
    tag = market.tag("flowers, every week")
    registration = await ways_to_pay.subscribe(market.shop, buyer.card, buyer.wallet, 2_490, tag)
    while True:
        await market.pass_on(buyer.wallet, 2_490, tag)
        yield WEEK_S
        await ways_to_pay.charge(market.shop, registration)


async def unsubscribing(market: Market) -> Tale:
    buyer = market.chance.choice(market.buyers_in("EUR"))
    tag = market.tag("coffee, every week")
    registration = await ways_to_pay.subscribe(market.shop, buyer.card, buyer.wallet, 1_690, tag)
    await market.pass_on(buyer.wallet, 1_690, tag)
    yield 6 * DAY_S
    await market.shop.put(f"/recurringpayinregistrations/{registration['Id']}", {"Status": "ENDED"})


async def holding(market: Market, *, taken: tuple[int, ...], is_cancelled: bool = False) -> Tale:
    """Hold 240 euros on a card, then take these amounts one after another, or give it up; what is left expires."""
    buyer = market.chance.choice(market.buyers_in("EUR"))
    held = await ways_to_pay.hold(market.shop, buyer.card, 24_000, market.tag("made to measure"))
    for amount in taken:
        yield DAY_S
        await ways_to_pay.capture(market.shop, held, buyer.wallet, amount)
        await market.pass_on(buyer.wallet, amount, held["Tag"])
    if is_cancelled:
        yield DAY_S
        await market.shop.put(f"/preauthorizations/{held['Id']}", {"PaymentStatus": "CANCELED"})


async def depositing(market: Market, *, taken: int = 0) -> Tale:
    """Hold a deposit for something that was lent, and keep some of it if it came back broken."""
    buyer = market.chance.choice(market.buyers_in("EUR"))
    tag = market.tag("loan of a kiln, deposit")
    deposit = await ways_to_pay.hold_deposit(market.shop, buyer.card, 30_000, tag)
    yield 8 * DAY_S
    if taken:
        await ways_to_pay.capture_deposit(market.shop, deposit, buyer.wallet, taken)
        await market.pass_on(buyer.wallet, taken, tag)


async def receiving_wires(market: Market) -> Tale:
    """Let a hotel pay into the virtual account of a buyer who furnishes it."""
    buyer = market.buyers_in("EUR")[0]
    account = await banking.virtual_account_of(market.shop, buyer.wallet)
    for amount in (145_000, 98_500):
        yield 8 * DAY_S
        tag = market.tag("furniture for a hotel")
        await banking.receive_wire(market.others, account, {"Currency": "EUR", "Amount": amount}, tag)
        await market.pass_on(buyer.wallet, amount, tag)


async def wiring(market: Market) -> Tale:
    """Ask a buyer for a bank wire, which arrives two days later."""
    buyer = market.chance.choice(market.buyers_in("EUR"))
    tag = market.tag("a sideboard, paid by wire")
    wire = await market.shop.ask_for_wire(buyer.wallet, 84_000, tag)
    yield 2 * DAY_S
    await market.shop.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"})
    await market.pass_on(buyer.wallet, 84_000, tag)


async def converting(market: Market, *, by_quote: bool) -> Tale:
    await convert_all(market, by_quote=by_quote)
    yield 0


async def hurrying(market: Market, *, is_reachable: bool = True) -> Tale:
    await pay_out_instantly(market, is_reachable=is_reachable)
    yield 0


async def asking_twice(market: Market) -> Tale:
    await pay_out_too_much(market)
    yield 0


async def sending_back(market: Market) -> Tale:
    """Let a bank send a payout back three days later."""
    payout = await pay_out_once(market, 4_000)
    yield 3 * DAY_S
    if payout is not None:
        await market.others.decide("payout.return", payout["Id"], RefundReasonType="BANKACCOUNT_HAS_BEEN_CLOSED")


async def taking_out_fees(market: Market) -> Tale:
    """Pay out three quarters of what the marketplace has earned."""
    fees = await market.shop.get("/clients/wallets/FEES/EUR")
    await banking.take_out_fees(market.shop, fees["Balance"]["Amount"] * 3 // 4)
    yield 0
