"""A scene for every kind of operation, in each of its variants: the world that it needs, what an operator fills in, and
how the ledger tells whether it was done.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tests.services.emulator.banking import recipient
from tests.services.emulator.cards import captured, deposited, preauthorized
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, CHALLENGED_CARD, IBAN, Json, Marketplace, created
from tests.services.emulator.payments import mandate_of

Ledger = Mapping[str, int]
Values = dict[str, str]
Finish = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is filled in, and what of the ledger is another by how much once it was done."""

    values: Values
    read: Callable[[], Awaitable[Ledger]]
    change: Ledger
    # What somebody else does before a payment that was accepted comes to its end.
    finish: Finish | None = None

    def times_done(self, before: Ledger, after: Ledger) -> int:
        """Return 0 or 1. Raises AssertionError for a ledger in which it was done by half, or more than once."""
        done = {name: number + self.change.get(name, 0) for name, number in before.items()}
        assert after in (before, done), f"neither done once nor not at all: {before} became {after}"
        return int(after == done)


class World:
    """A marketplace, its control plane, and the numbers that are read of them."""

    def __init__(self, market: Marketplace, control: Controls) -> None:
        self.market = market
        self.control = control

    async def platform(self, wallet: str = "FEES") -> int:
        """Return the balance of the platform's own wallet in euros."""
        return int(created(await self.market.get(f"/clients/wallets/{wallet}/EUR"))["Balance"]["Amount"])

    async def count(self, path: str) -> int:
        """Return how many rows a list has of what did not fail."""
        rows = await self.market.get(path, per_page="100", Sort="CreationDate:DESC")
        assert rows.status_code == 200, rows.text
        return sum(row["Status"] != "FAILED" for row in rows.json())

    async def has(self, path: str, name: str, *values: object) -> int:
        """Return 1 where a field of an object is one of these."""
        return int(created(await self.market.get(path))[name] in values)

    async def verified_owner(self, name: str = "Bob") -> Json:
        """Return an OWNER whom Mangopay pays out."""
        bob = await self.market.owner(name, f"{name.lower()}+accept@example.com")
        await self.market.document(bob)
        return bob

    async def paid(self, amount: int = 1260, fees: int = 60) -> Json:
        """Alice has paid by card into Bob's wallet, and the platform has kept its fees."""
        wallet, card = await self.market.wallet(await self.verified_owner()), await self._card()
        return created(await self.market.pay_in(card, wallet, amount, fees))

    async def _card(self, number: str | None = None) -> Json:
        alice = await self.market.payer()
        return await self.market.card(alice, number) if number else await self.market.card(alice)


Play = Callable[[World], Awaitable[Scene]]


async def _refund_payin(world: World) -> Scene:
    payin = await world.paid()
    wallet = {"Id": payin["CreditedWalletId"]}

    async def read() -> Ledger:
        return {
            "refunds": await world.count(f"/payins/{payin['Id']}/refunds"),
            "wallet": await world.market.balance(wallet),
            "fees": await world.platform(),
        }

    return Scene(
        values={"PayInId": payin["Id"]},
        read=read,
        change={"refunds": 1, "wallet": -1200, "fees": -60},
    )


async def _refund_transfer(world: World) -> Scene:
    market = world.market
    shop, till = await market.funded(await market.owner(), 1000), await market.wallet(await market.owner("Carol"))
    transfer = created(await market.transfer(shop, till, 800))

    async def read() -> Ledger:
        return {
            "refunds": await world.count(f"/transfers/{transfer['Id']}/refunds"),
            "shop": await market.balance(shop),
            "till": await market.balance(till),
        }

    values = {"TransferId": transfer["Id"], "DebitedFunds": "5.00", "Fees": "0"}
    return Scene(values=values, read=read, change={"refunds": 1, "shop": 500, "till": -500})


async def _payout(world: World) -> Scene:
    bob = await world.verified_owner()
    account = await recipient(world.market, bob)
    return _out_of(world, await world.market.funded(bob, 1000), {"RecipientId": account["Id"]})


async def _payout_to_bank_account(world: World) -> Scene:
    bob = await world.verified_owner()
    account = await world.market.account(bob)
    return _out_of(world, await world.market.funded(bob, 1000), {"BankAccountId": account["Id"]})


async def _payout_that_gives_back(world: World) -> Scene:
    """Alice has wired ten euros, which no refund can give back."""
    market = world.market
    alice = await market.payer()
    wallet = await market.wallet(alice)
    wire = await market.wire(wallet, 1000)
    created(await market.post(f"/simulation/payins/bankwire/{wire['Id']}", {"Status": "ACCEPT"}))
    account = await recipient(market, alice, RecipientScope="PAYIN")
    reference = {"PaymentRef.ReasonType": "PAYIN_REFUND", "PaymentRef.ReferenceId": wire["Id"]}
    return _out_of(world, wallet, {"RecipientId": account["Id"], **reference})


def _out_of(world: World, wallet: Json, given: Values) -> Scene:
    async def read() -> Ledger:
        return {
            "transactions": await world.count(f"/wallets/{wallet['Id']}/transactions"),
            "wallet": await world.market.balance(wallet),
            "fees": await world.platform(),
        }

    return Scene(
        values={"DebitedWalletId": wallet["Id"], "DebitedFunds": "5.00", "Fees": "0.50", **given},
        read=read,
        change={"transactions": 1, "wallet": -500, "fees": 50},
    )


async def _transfer(world: World) -> Scene:
    market = world.market
    shop, till = await market.funded(await market.payer(), 1000), await market.wallet(await market.owner("Carol"))

    async def read() -> Ledger:
        return {
            "transfers": await world.count(f"/wallets/{till['Id']}/transactions"),
            "shop": await market.balance(shop),
            "till": await market.balance(till),
            "fees": await world.platform(),
        }

    return Scene(
        values={
            "DebitedWalletId": shop["Id"],
            "CreditedWalletId": till["Id"],
            "DebitedFunds": "5.00",
            "Fees": "0.50",
        },
        read=read,
        change={"transfers": 1, "shop": -500, "till": 450, "fees": 50},
    )


async def _convert(world: World) -> Scene:
    market = world.market
    alice = await market.payer()
    pounds, euros = await market.funded(alice, 1000, "GBP"), await market.wallet(alice)
    asked: Json = {
        "DebitedFunds": {"Currency": "GBP", "Amount": 500},
        "CreditedFunds": {"Currency": "EUR"},
        "Fees": {"Currency": "GBP", "Amount": 0},
        "Duration": 300,
    }
    quote = created(await market.post("/conversions/quote", asked))

    async def read() -> Ledger:
        return {
            "conversions": await world.count(f"/wallets/{euros['Id']}/transactions"),
            "pounds": await market.balance(pounds),
            "euros": await market.balance(euros),
        }

    return Scene(
        values={
            "DebitedWalletId": pounds["Id"],
            "CreditedWalletId": euros["Id"],
            "DebitedFunds": "5.00",
            "QuoteId": quote["Id"],
        },
        read=read,
        change={"conversions": 1, "pounds": -500, "euros": quote["CreditedFunds"]["Amount"]},
    )


def _into(world: World, wallet: Json, values: Values, amount: int = 0, finish: Finish | None = None) -> Scene:
    """Return a scene in which a wallet gets another transaction, and this much."""

    async def read() -> Ledger:
        return {
            "payins": await world.count(f"/wallets/{wallet['Id']}/transactions"),
            "wallet": await world.market.balance(wallet),
        }

    change = {"payins": 1, "wallet": amount}
    return Scene(values={"CreditedWalletId": wallet["Id"], **values}, read=read, change=change, finish=finish)


async def _payin_bankwire(world: World) -> Scene:
    wallet = await world.market.wallet(await world.market.payer())
    return _into(world, wallet, {"DeclaredDebitedFunds": "5.00", "DeclaredFees": "0.50"})


def _charged(card: Json) -> Values:
    return {
        "CardId": card["Id"],
        "DebitedFunds": "5.00",
        "SecureModeReturnURL": "https://example.com/back",
        "IpAddress": "203.0.113.24",
        "BrowserInfo.Language": "en",
        "BrowserInfo.UserAgent": "Firefox",
    }


async def _payin_card(world: World) -> Scene:
    alice = await world.market.payer()
    card, wallet = await world.market.card(alice), await world.market.wallet(await world.market.owner())
    return _into(world, wallet, _charged(card), 500)


async def _payin_card_challenged(world: World) -> Scene:
    """Alice has to answer her bank before anything moves."""
    market = world.market
    alice = await market.payer()
    card, wallet = await market.card(alice, CHALLENGED_CARD), await market.wallet(await market.owner())

    async def finish() -> None:
        [payin] = (await market.get(f"/wallets/{wallet['Id']}/transactions")).json()
        await market.browser.post(f"/pay/{payin['Id']}", data={"choice": "yes"})

    return _into(world, wallet, _charged(card) | {"SecureMode": "FORCE"}, 500, finish)


async def _payin_web(world: World) -> Scene:
    alice = await world.market.payer()
    values = {"AuthorId": alice["Id"], "DebitedFunds": "5.00", "ReturnURL": "https://example.com/thanks"}
    return _into(world, await world.market.wallet(await world.market.owner()), values)


async def _payin_directdebit(world: World) -> Scene:
    bob = await world.market.owner("Successful", "successful+accept@example.com")
    mandate = await mandate_of(world.market, bob)
    return _into(world, await world.market.wallet(bob), {"MandateId": mandate["Id"], "DebitedFunds": "5.00"}, 500)


async def _capture(world: World, name: str) -> Scene:
    """Ten euros are held on Alice's card."""
    hold, wallet = await _held(world, name), await world.market.wallet(await world.market.owner())
    return _into(world, wallet, {name: hold["Id"], "DebitedFunds": "5.00"}, 500)


async def _held(world: World, name: str) -> Json:
    card = await world.market.card(await world.market.payer())
    if name == "PreauthorizationId":
        return await preauthorized(world.market, card, 1000)
    return await deposited(world.market, card, 1000, "deposit" if name == "DepositId" else "extended")


HOLD_PATHS = {
    "PreauthorizationId": "/preauthorizations",
    "DepositId": "/deposit-preauthorizations",
    "ExtendedPreauthorizationId": "/extended-preauthorizations",
}


async def _cancel(world: World, name: str) -> Scene:
    hold = await _held(world, name)

    async def read() -> Ledger:
        return {"cancelled": await world.has(f"{HOLD_PATHS[name]}/{hold['Id']}", "PaymentStatus", "CANCELED")}

    return Scene(values={name: hold["Id"]}, read=read, change={"cancelled": 1})


async def _release(world: World) -> Scene:
    """Four of the ten euros were captured."""
    hold, wallet = await _held(world, "PreauthorizationId"), await world.market.wallet(await world.market.owner())
    created(await captured(world.market, wallet, 400, "preauthorized/direct", PreauthorizationId=hold["Id"]))

    async def read() -> Ledger:
        seen = created(await world.market.get(f"/preauthorizations/{hold['Id']}"))
        return {"released": int(seen["PaymentStatus"] == "VALIDATED"), "left": seen["RemainingFunds"]["Amount"]}

    return Scene(values={"PreauthorizationId": hold["Id"]}, read=read, change={"released": 1, "left": -600})


async def _disputed(world: World) -> Json:
    payin = await world.paid()
    return await world.control.do("dispute.open", payin["Id"])


async def _contest_dispute(world: World) -> Scene:
    dispute = await _disputed(world)

    async def read() -> Ledger:
        return {"contested": await world.has(f"/disputes/{dispute['Id']}", "Status", "SUBMITTED")}

    return Scene(values={"DisputeId": dispute["Id"]}, read=read, change={"contested": 1})


async def _close_dispute(world: World) -> Scene:
    dispute = await _disputed(world)

    async def read() -> Ledger:
        return {"lost": await world.has(f"/disputes/{dispute['Id']}", "ResultCode", "LOST")}

    return Scene(values={"DisputeId": dispute["Id"]}, read=read, change={"lost": 1})


async def _settle(world: World) -> Scene:
    market = world.market
    payin = await world.paid()
    dispute = await world.control.do("dispute.open", payin["Id"])
    created(await market.put(f"/disputes/{dispute['Id']}/close", {}))

    async def read() -> Ledger:
        return {
            # The repudiation is among them.
            "transactions": await world.count(f"/disputes/{dispute['Id']}/transactions"),
            "wallet": await market.balance({"Id": payin["CreditedWalletId"]}),
            "credit": await world.platform("CREDIT"),
            "fees": await world.platform(),
        }

    return Scene(
        values={"RepudiationId": dispute["RepudiationId"], "Fees": "-0.60"},
        read=read,
        change={"transactions": 1, "wallet": -1200, "credit": 1260, "fees": -60},
    )


async def _payout_platform(world: World) -> Scene:
    await world.paid(1000, 300)
    sent = {"OwnerName": "Local Market", "OwnerAddress": ADDRESS, "IBAN": IBAN}
    account = created(await world.market.post("/clients/bankaccounts/iban", sent))

    async def read() -> Ledger:
        return {
            "payouts": await _paid_out(world),
            "fees": await world.platform(),
        }

    values = {"DebitedWalletId": "FEES_EUR", "BankAccountId": account["Id"], "DebitedFunds": "2.00"}
    return Scene(values=values, read=read, change={"payouts": 1, "fees": -200})


async def _paid_out(world: World) -> int:
    rows = await world.market.get("/clients/transactions", Type="PAYOUT", Nature="REGULAR", per_page="100")
    return sum(row["Status"] != "FAILED" for row in rows.json())


async def _payin_platform(world: World) -> Scene:
    async def read() -> Ledger:
        return {"payins": await world.count("/clients/wallets/CREDIT/EUR/transactions")}

    values = {"CreditedWalletId": "CREDIT_EUR", "DeclaredDebitedFunds": "50.00"}
    return Scene(values=values, read=read, change={"payins": 1})


def _switch(world: World, path: str, values: Values, name: str, *off: object) -> Scene:
    async def read() -> Ledger:
        return {"off": await world.has(path, name, *off)}

    return Scene(values=values, read=read, change={"off": 1})


async def _deactivate_card(world: World) -> Scene:
    card = await world.market.card(await world.market.payer())
    return _switch(world, f"/cards/{card['Id']}", {"CardId": card["Id"]}, "Active", False)


async def _deactivate_recipient(world: World) -> Scene:
    account = await recipient(world.market, await world.market.owner())
    values = {"RecipientId": account["Id"]}
    return _switch(world, f"/recipients/{account['Id']}", values, "Status", "DEACTIVATED")


async def _deactivate_bank_account(world: World) -> Scene:
    bob = await world.market.owner()
    account = await world.market.account(bob)
    values = {"UserId": bob["Id"], "BankAccountId": account["Id"]}
    return _switch(world, f"/users/{bob['Id']}/bankaccounts/{account['Id']}", values, "Active", False)


async def _cancel_mandate(world: World) -> Scene:
    mandate = await mandate_of(world.market, await world.market.owner())
    return _switch(world, f"/mandates/{mandate['Id']}", {"MandateId": mandate["Id"]}, "Status", "FAILED")


def _by(play: Callable[[World, str], Awaitable[Scene]], name: str) -> Play:
    return lambda world: play(world, name)


# By the name of the kind; a variant of it goes behind a blank.
SCENES: Mapping[str, Play] = MappingProxyType(
    {
        "refund-payin": _refund_payin,
        "refund-transfer": _refund_transfer,
        "payout": _payout,
        "payout BankAccountId": _payout_to_bank_account,
        "payout PaymentRef": _payout_that_gives_back,
        "transfer": _transfer,
        "convert": _convert,
        "payin-bankwire": _payin_bankwire,
        "payin-card": _payin_card,
        "payin-card challenged": _payin_card_challenged,
        "payin-web": _payin_web,
        "payin-directdebit": _payin_directdebit,
        **{f"capture {name}": _by(_capture, name) for name in HOLD_PATHS},
        **{f"cancel-preauthorization {name}": _by(_cancel, name) for name in HOLD_PATHS},
        "release-preauthorization": _release,
        "contest-dispute": _contest_dispute,
        "close-dispute": _close_dispute,
        "settle": _settle,
        "payout-platform": _payout_platform,
        "payin-platform": _payin_platform,
        "deactivate-card": _deactivate_card,
        "deactivate-recipient": _deactivate_recipient,
        "deactivate-bank-account": _deactivate_bank_account,
        "cancel-mandate": _cancel_mandate,
    }
)


def kind_of(scene: str) -> str:
    """Return the name of the kind that a scene is of."""
    return scene.partition(" ")[0]
