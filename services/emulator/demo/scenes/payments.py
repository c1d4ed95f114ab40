"""What is paid by anything but a card that is charged at once."""

from services.emulator.demo import ways_to_pay
from services.emulator.demo.market import Buyer, Market
from services.emulator.engine.store import Entity

# What payers do on the page of another method; None is to go away.
ANSWERS = ("yes", "yes", "yes", "yes", "no", "refused", None)
DEBTOR_IBAN = "BE68539007547034"
MAX_HELD, MAX_SUBSCRIPTIONS, LAST_PAYMENT = 2, 5, 12


async def method_payin(market: Market) -> None:
    """Pay by iDEAL, Bancontact or PayPal, or not."""
    buyer = _buyer(market)
    if buyer is None:
        return
    tag, price = market.basket()
    method = market.chance.choice(ways_to_pay.METHODS)
    payin = await ways_to_pay.begin_payment(market.shop, buyer.wallet, method, price, tag)
    answer = market.chance.choice(ANSWERS)
    if answer is not None:
        payin = await ways_to_pay.answer_payment(market.shop, payin, answer)
    if payin["Status"] == "SUCCEEDED":
        await market.pass_on(buyer.wallet, price, tag)


async def direct_debit(market: Market) -> None:
    """Debit whoever has a mandate; a buyer signs one if nobody has."""
    tag, price = market.basket()
    mandate = await _mandate(market)
    if mandate is None:
        return
    wallet = (await market.shop.list(f"/users/{mandate['UserId']}/wallets"))[0]
    payin = await ways_to_pay.debit(market.shop, mandate, wallet, price, tag)
    if payin["Status"] == "SUCCEEDED":
        await market.pass_on(wallet, price, tag)


async def preauthorisation(market: Market) -> None:
    """Hold money on a card, or take or give up what is held there already."""
    buyer = _buyer(market)
    if buyer is None:
        return
    path = f"/users/{buyer.user_id}/preauthorizations"
    held = await market.shop.list(path, Status="SUCCEEDED", PaymentStatus="WAITING")
    if len(held) < MAX_HELD:
        tag, price = market.basket()
        await ways_to_pay.hold(market.shop, buyer.card, price, tag)
    elif market.chance.random() < 1 / 4 and held[0]["PayInId"] is None:
        await market.shop.put(f"/preauthorizations/{held[0]['Id']}", {"PaymentStatus": "CANCELED"})
    else:
        amount = held[0]["RemainingFunds"]["Amount"]
        taken = amount if amount < 5_000 else amount * 3 // 5
        await ways_to_pay.capture(market.shop, held[0], buyer.wallet, taken)
        await market.pass_on(buyer.wallet, taken, held[0]["Tag"])


async def deposit(market: Market) -> None:
    """Hold a deposit, or keep some of one that is held, or hand it back."""
    buyer = _buyer(market)
    if buyer is None:
        return
    path = f"/users/{buyer.user_id}/deposit-preauthorizations"
    held = await market.shop.list(path, Status="SUCCEEDED", PaymentStatus="WAITING")
    if len(held) < MAX_HELD:
        await ways_to_pay.hold_deposit(market.shop, buyer.card, 30_000, market.tag("loan of a kiln, deposit"))
    elif market.chance.random() < 1 / 2:
        await market.shop.put(f"/deposit-preauthorizations/{held[0]['Id']}", {"PaymentStatus": "CANCELED"})
    else:
        await ways_to_pay.capture_deposit(market.shop, held[0], buyer.wallet, 7_500)
        await market.pass_on(buyer.wallet, 7_500, held[0]["Tag"])


async def subscription(market: Market) -> None:
    """Charge a subscription once more, end one that has run long enough, or begin one if there are few."""
    path, query = "/recurringpayinregistrations", {"EventType": "RECURRING_REGISTRATION_CREATED", "Sort": "Date:DESC"}
    events = await market.shop.list("/events", **query, per_page=str(MAX_SUBSCRIPTIONS))
    known = [await market.shop.get(f"{path}/{event['ResourceId']}") for event in events]
    running = [registration for registration in known if registration["Status"] == "IN_PROGRESS"]
    buyer = _buyer(market)
    if buyer is not None and (not running or (len(running) < MAX_SUBSCRIPTIONS and market.chance.random() < 1 / 4)):
        tag = market.tag("coffee, every week")
        await ways_to_pay.subscribe(market.shop, buyer.card, buyer.wallet, 1_690, tag)
        await market.pass_on(buyer.wallet, 1_690, tag)
    elif running:
        await _go_on(market, market.chance.choice(running))


async def _go_on(market: Market, registration: Entity) -> None:
    if registration["CurrentState"]["PayinsLinked"] >= LAST_PAYMENT:
        await market.shop.put(f"/recurringpayinregistrations/{registration['Id']}", {"Status": "ENDED"})
        return
    payin = await ways_to_pay.charge(market.shop, registration)
    if payin["Status"] == "SUCCEEDED":
        wallet = await market.shop.get(f"/wallets/{payin['CreditedWalletId']}")
        await market.pass_on(wallet, payin["CreditedFunds"]["Amount"], payin["Tag"])


async def _mandate(market: Market) -> Entity | None:
    """Return a mandate that can be used, signed now if there is none."""
    active = await market.shop.list("/mandates", Status="ACTIVE,SUBMITTED")
    # A debtor named Fickle would take every single payment back.
    for mandate in active:
        if (await market.shop.get(f"/users/{mandate['UserId']}"))["FirstName"] != "Fickle":
            return mandate
    buyer = _buyer(market)
    if buyer is None:
        return None
    user = await market.shop.get(f"/users/{buyer.user_id}")
    body = {"OwnerName": f"{user['FirstName']} {user['LastName']}", "OwnerAddress": user["Address"]}
    account = await market.shop.post(f"/users/{buyer.user_id}/bankaccounts/iban", body | {"IBAN": DEBTOR_IBAN})
    return await ways_to_pay.sign_mandate(market.shop, account["Id"])


def _buyer(market: Market) -> Buyer | None:
    buyers = market.buyers_in("EUR")
    return market.chance.choice(buyers) if buyers else None
