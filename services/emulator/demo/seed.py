"""The story so far: a marketplace six weeks old, told through the API and by those who decide beside it."""

import itertools
import random

from services.emulator.demo.banking import register_recipient
from services.emulator.demo.cast import COMPANIES, HESITANT, PAYERS, SELLERS
from services.emulator.demo.chronicle import DAY_S, Chronicle, Tale
from services.emulator.demo.market import Market, take_back
from services.emulator.demo.others import Others
from services.emulator.demo.people import FIRST_DAY
from services.emulator.demo.scenes import SCENES
from services.emulator.demo.shop import Shop
from services.emulator.demo.tales import money, people, quarrels
from services.emulator.demo.trade import pay_out_once, trade
from services.emulator.engine.world import World

# What operators care about; the rest of the 168 event types is left to them.
HOOKED = (
    *("PAYIN_NORMAL_CREATED", "PAYIN_NORMAL_SUCCEEDED", "PAYIN_NORMAL_FAILED"),
    *("PAYIN_REFUND_CREATED", "PAYIN_REFUND_SUCCEEDED", "PAYIN_REFUND_FAILED"),
    "PAYIN_REPUDIATION_SUCCEEDED",
    *("PREAUTHORIZATION_FAILED", "PREAUTHORIZATION_PAYMENT_WAITING"),
    *("PREAUTHORIZATION_PAYMENT_VALIDATED", "PREAUTHORIZATION_PAYMENT_CANCELED", "PREAUTHORIZATION_PAYMENT_EXPIRED"),
    *("RECURRING_REGISTRATION_AUTH_NEEDED", "RECURRING_REGISTRATION_ENDED"),
    *("MANDATE_SUBMITTED", "MANDATE_ACTIVATED", "MANDATE_FAILED"),
    *("TRANSFER_NORMAL_CREATED", "TRANSFER_NORMAL_SUCCEEDED", "TRANSFER_NORMAL_FAILED"),
    *("TRANSFER_REFUND_SUCCEEDED", "TRANSFER_REFUND_FAILED"),
    *("TRANSFER_SETTLEMENT_SUCCEEDED", "TRANSFER_SETTLEMENT_FAILED"),
    *("PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_FAILED", "PAYOUT_REFUND_SUCCEEDED"),
    *("INSTANT_PAYOUT_SUCCEEDED", "INSTANT_PAYOUT_FALLBACKED"),
    *("INSTANT_CONVERSION_SUCCEEDED", "QUOTED_CONVERSION_SUCCEEDED"),
    *("DISPUTE_CREATED", "DISPUTE_ACTION_REQUIRED", "DISPUTE_SUBMITTED"),
    *("DISPUTE_FURTHER_ACTION_REQUIRED", "DISPUTE_CLOSED"),
    *("KYC_CREATED", "KYC_VALIDATION_ASKED", "KYC_SUCCEEDED", "KYC_FAILED", "KYC_OUTDATED"),
    *("UBO_DECLARATION_VALIDATED", "UBO_DECLARATION_INCOMPLETE", "UBO_DECLARATION_REFUSED"),
    *("IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_FAILED"),
    *("USER_KYC_REGULAR", "USER_KYC_RENEWAL_REQUIRED"),
    *("USER_ACCOUNT_VALIDATION_ASKED", "USER_ACCOUNT_ACTIVATED", "USER_ACCOUNT_CLOSED"),
    *("USER_OUTFLOWS_BLOCKED", "USER_OUTFLOWS_UNBLOCKED"),
    *("RECIPIENT_ACTIVE", "RECIPIENT_CANCELED", "RECIPIENT_DEACTIVATED", "VIRTUAL_ACCOUNT_ACTIVE"),
)
# What else has happened in the last hours, beside trade.
LATELY = ("payout", "payout_failed", "method_payin", "preauthorisation", "instant_payout", "dispute", "recipient")


async def seed(shop: Shop, world: World, hook_url: str | None) -> None:
    """Tell the past at its own dates, then register the hooks, then let today begin."""
    chance = random.Random(7)  # noqa: S311  (a story, not a secret)
    market = Market(shop, Others(world), chance, itertools.count(1001))
    chronicle = Chronicle(world.clock, world.agenda)
    for days_ago, tale in _tales(market):
        chronicle.begin(tale, days_ago=days_ago)
    await chronicle.tell()
    if hook_url is not None:
        await register_hooks(shop, hook_url)
    await _begin_today(market, world.clock.now())


async def register_hooks(shop: Shop, url: str) -> None:
    for event_type in HOOKED:
        await shop.post("/hooks", {"EventType": event_type, "Url": url, "Tag": "Dashboard receiver"})


def _tales(market: Market) -> list[tuple[float, Tale]]:
    """Return all tales, and how many days ago each begins."""
    newcomers = (*PAYERS, *COMPANIES, *SELLERS[1:])
    return [
        # Whoever sells is there before those who buy: their cards are made VALID by a first order.
        (FIRST_DAY + 1, people.changing_accounts(market)),
        *((one.joined, people.joining(market, one)) for one in newcomers),
        (36.1, people.being_blocked(market)),
        (33.4, people.leaving(market)),
        (20.3, people.renewing(market)),
        (9.6, people.being_refused(market)),
        (3.7, people.hesitating(market)),
        (0.1, _play_lately(market)),
        *_tales_of_money(market),
        *_tales_of_quarrels(market),
    ]


def _tales_of_money(market: Market) -> list[tuple[float, Tale]]:
    return [
        (FIRST_DAY - 1, money.trading(market)),
        (FIRST_DAY - 2, money.returning(market)),
        (FIRST_DAY - 0.6, money.paying_out(market)),
        (41.3, money.paying_otherwise(market)),
        (39.5, money.debiting(market)),
        (17.8, money.taking_back(market)),
        (31.4, money.subscribing(market)),
        (24.2, money.unsubscribing(market)),
        (19.9, money.holding(market, taken=())),
        (11.1, money.holding(market, taken=(9_000, 15_000))),
        (8.2, money.holding(market, taken=(), is_cancelled=True)),
        (4.4, money.holding(market, taken=(14_000,))),
        (1.9, money.holding(market, taken=())),
        (22.6, money.depositing(market, taken=7_500)),
        (6.3, money.depositing(market)),
        (26.5, money.receiving_wires(market)),
        (29.1, money.wiring(market)),
        (10.5, money.wiring(market)),
        (21.2, money.converting(market, by_quote=False)),
        (7.7, money.converting(market, by_quote=True)),
        (14.5, money.hurrying(market)),
        (12.4, money.hurrying(market, is_reachable=False)),
        (16.3, money.asking_twice(market)),
        (13.6, money.sending_back(market)),
        (13.1, money.taking_out_fees(market)),
    ]


def _tales_of_quarrels(market: Market) -> list[tuple[float, Tale]]:
    return [
        (40.8, quarrels.settled(market)),
        (35.2, quarrels.decided(market, "WON")),
        (25.9, quarrels.decided(market, "LOST")),
        (23.3, quarrels.uncontestable(market)),
        (18.7, quarrels.decided(market, "WON")),
        (9.1, quarrels.reopened(market)),
        (8.8, quarrels.contested(market)),
        (7.2, quarrels.waiting(market)),
        (5.5, quarrels.asked_about(market)),
    ]


async def _play_lately(market: Market) -> Tale:
    for name in LATELY:
        await SCENES[name].play(market)
        yield market.chance.randint(600, 900)


async def _begin_today(market: Market, today: int) -> None:
    """Let a little happen now: enough to be notified of, and not so much that it looks like a rush."""
    for _ in range(2):
        await trade(market)
    await take_back(market.shop, market.orders.pop())
    wallet = market.buyers_in("EUR")[0].wallet
    await market.shop.ask_for_wire(wallet, 62_000, market.tag("a dining table"))
    await pay_out_once(market, 3_000)
    await _leave_unconfirmed(market.shop)
    await _report(market.shop, today)


async def _leave_unconfirmed(shop: Shop) -> None:
    """Let the seller who once did not confirm an account register it again, and be waited for."""
    for user in await shop.list("/users"):
        if user["Email"] == HESITANT.email:
            await register_recipient(shop, user["Id"], HESITANT.iban or "")


async def _report(shop: Shop, now: int) -> None:
    """Ask for one report of each service."""
    await shop.post("/reports/transactions", {"DownloadFormat": "CSV", "Tag": "The last six months"})
    body = {"DownloadFormat": "CSV", "ReportType": "COLLECTED_FEES", "AfterDate": now - 28 * DAY_S, "BeforeDate": now}
    await shop.post("/reporting/reports", body)
