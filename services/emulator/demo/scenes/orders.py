"""What is bought by card or by wire, and what comes back."""

from services.emulator.demo.banking import receive_wire, virtual_account_of
from services.emulator.demo.market import Market, Order, take_back
from services.emulator.demo.shop import money
from services.emulator.demo.trade import refuse_payment

WIRED = (31_500, 48_900, 62_000, 115_000)


async def order(market: Market) -> None:
    placed = await market.order()
    if placed is not None:
        market.orders.append(placed)


async def refused_payment(market: Market) -> None:
    await refuse_payment(market)


async def take_back_all(market: Market) -> None:
    placed = await last_order(market)
    if placed is not None:
        await take_back(market.shop, placed)


async def take_back_part(market: Market) -> None:
    """Give two fifths of the price back; the marketplace keeps its fees."""
    placed = await last_order(market)
    if placed is not None:
        await take_back(market.shop, placed, amount=placed.payin["DebitedFunds"]["Amount"] * 2 // 5)


async def last_order(market: Market) -> Order | None:
    """Return the oldest order that is remembered, and forget it; a new one if none is."""
    return market.orders.popleft() if market.orders else await market.order()


async def wire(market: Market) -> None:
    """Ask a buyer for a bank wire."""
    if market.buyers:
        buyer = market.chance.choice(market.buyers)
        await market.shop.ask_for_wire(buyer.wallet, market.chance.choice(WIRED), market.tag("paid by wire"))


async def settle_wires(market: Market) -> None:
    """Let the oldest wire that is under way arrive, whoever asked for it; one in eight is refused."""
    query = {"EventType": "PAYIN_NORMAL_CREATED", "Sort": "Date:DESC", "per_page": "25"}
    for event in reversed(await market.shop.list("/events", **query)):
        payin = await market.shop.get(f"/payins/{event['ResourceId']}")
        if (payin["PaymentType"], payin["ExecutionType"], payin["Status"]) == ("BANK_WIRE", "DIRECT", "CREATED"):
            outcome = "REJECT" if market.chance.random() < 1 / 8 else "ACCEPT"
            await market.shop.post(f"/simulation/payins/bankwire/{payin['Id']}", {"Status": outcome})
            if outcome == "ACCEPT":
                wallet = await market.shop.get(f"/wallets/{payin['CreditedWalletId']}")
                # What the platform has wired to itself stays there.
                if wallet.get("Owners"):
                    await market.pass_on(wallet, payin["DeclaredDebitedFunds"]["Amount"], payin["Tag"])
            return


async def virtual_account_wire(market: Market) -> None:
    """Let a wire reach the virtual account of a buyer, who gets one if they have none."""
    buyers = market.buyers_in("EUR")[:3]
    if buyers:
        wallet, amount, tag = market.chance.choice(buyers).wallet, market.chance.choice(WIRED), market.tag("by wire")
        await receive_wire(market.others, await virtual_account_of(market.shop, wallet), money(wallet, amount), tag)
        await market.pass_on(wallet, amount, tag)
