"""How money goes out, to which accounts, and in which currency."""

from services.emulator.demo.banking import deactivate_recipient, register_recipient
from services.emulator.demo.market import Market
from services.emulator.demo.trade import convert_all, pay_out_all, pay_out_instantly, pay_out_once, pay_out_too_much

# Above this a seller is paid out.
PAYOUT_ABOVE = 40_000
SECOND_IBAN = "IT07X0542811101000000654321"


async def payout(market: Market) -> None:
    """Pay out whoever has earned much, or else a little to whoever has earned most."""
    if not await pay_out_all(market, above=PAYOUT_ABOVE):
        await pay_out_once(market, 2_000)


async def instant_payout(market: Market) -> None:
    """Pay out instantly; every third time the bank cannot be reached in that way, and it falls back."""
    await pay_out_instantly(market, is_reachable=market.chance.random() < 2 / 3)


async def payout_failed(market: Market) -> None:
    await pay_out_too_much(market)


async def payout_returned(market: Market) -> None:
    """Let a bank send a payout back at once."""
    made = await pay_out_once(market, 4_000)
    if made is not None:
        await market.others.decide("payout.return", made["Id"], RefundReasonType="BANKACCOUNT_HAS_BEEN_CLOSED")


async def conversion(market: Market) -> None:
    """Change what was earned abroad; if there is nothing, somebody buys there first."""
    by_quote = market.chance.random() < 1 / 2
    if not await convert_all(market, by_quote=by_quote):
        abroad = [seller for seller in market.sellers if seller.account_id is None]
        currencies = {seller.wallet["Currency"] for seller in abroad}
        await market.order([buyer for buyer in market.buyers if buyer.wallet["Currency"] in currencies], abroad)
        await convert_all(market, by_quote=by_quote)


async def recipient(market: Market) -> None:
    """Let a seller register one more account, or deactivate the one they had before."""
    sellers = [seller for seller in market.sellers if seller.wallet["Currency"] == "EUR" and seller.account_id]
    if not sellers:
        return
    user_id = market.chance.choice(sellers).user_id
    known = await market.shop.list(f"/users/{user_id}/recipients", Status="ACTIVE")
    if len(known) > 1:
        await deactivate_recipient(market.shop, known[-1]["Id"])
    else:
        await register_recipient(market.shop, user_id, SECOND_IBAN, name="Second account")
    await market.look_around()
