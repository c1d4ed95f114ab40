"""What an operation meets at Mangopay is read whole; what cannot be read is said, and what is not shown is no fault."""

from typing import Any

import pytest

from models.journal import State
from models.known import KnownObject
from models.objects.fields import Content
from models.operations.checks import Level, is_stopped, preflight
from models.operations.kinds import OPERATIONS
from models.operations.requests import CURRENCY
from models.operations.situation import Situation, seen_of
from services.operations.journal import move
from services.operations.reading import read_situation
from tests.services.emulator.banking import recipient
from tests.services.emulator.cards import preauthorized
from tests.services.emulator.marketplace import Json, created
from tests.services.emulator.payments import mandate_of
from tests.services.operations.bank import APRIL, LOCAL, OLIVIA, Bank

Payin = dict[str, Any]


async def read(bank: Bank, kind: str, **values: str) -> Situation:
    return await read_situation(OLIVIA, bank.teller, OPERATIONS[kind], values)


def offered(situation: Situation) -> dict[str, set[str]]:
    return {name: {str(content["Id"]) for content in contents} for name, contents in situation.offers.items()}


def same(content: Content | None, other: Json) -> bool:
    return content is not None and content["Id"] == other["Id"]


async def test_around_a_payin_lie_its_wallet_its_card_and_its_refunds(bank: Bank, payin: Payin) -> None:
    await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds="2", Fees="0")
    found = await read(bank, "refund-payin", PayInId=payin["Id"])
    assert same(found.initial, payin)
    assert same(found.wallet, {"Id": payin["CreditedWalletId"]})
    assert same(found.card, {"Id": payin["CardId"]})
    assert [refund["Id"] for refund in found.refunds] == [refund["Id"] for refund in await bank.refunds(payin)]
    assert (set(found.people), found.unread, found.unseen) == ({payin["AuthorId"], payin["CreditedUserId"]}, {}, {})


async def test_every_refund_is_read_however_many_there_are(
    bank: Bank, payin: Payin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is missed for being on another page would be given back twice."""
    for amount in ("1", "2", "3"):
        await bank.do("refund-payin", PayInId=payin["Id"], DebitedFunds=amount, Fees="0")
    monkeypatch.setattr("services.operations.reading.PER_PAGE", 1)
    assert seen_of(await read(bank, "refund-payin", PayInId=payin["Id"]))["remains"] == 1200 - 600


async def test_a_dispute_of_a_payin_is_read(bank: Bank, payin: Payin) -> None:
    dispute = await bank.controls.do("dispute.open", payin["Id"])
    found = await read(bank, "refund-payin", PayInId=payin["Id"])
    assert [row["Id"] for row in found.disputes] == [dispute["Id"]]


async def test_around_a_repudiation_lie_its_payin_and_what_was_settled_of_it(bank: Bank, payin: Payin) -> None:
    dispute = await bank.controls.do("dispute.open", payin["Id"])
    created(await bank.market.put(f"/disputes/{dispute['Id']}/close", {}))
    settled = await bank.do("settle", RepudiationId=dispute["RepudiationId"], DebitedFunds="2.00", Fees="0")
    found = await read(bank, "settle", RepudiationId=dispute["RepudiationId"])
    assert same(found.disputed, payin)
    assert same(found.wallet, {"Id": payin["CreditedWalletId"]})
    assert [row["Id"] for row in found.settled] == [settled.object_id]
    assert seen_of(found)["owed"] == 1200 - 200


async def test_what_a_user_is_blocked_for_is_read(bank: Bank) -> None:
    bob = await bank.market.owner()
    wallet = await bank.market.wallet(bob)
    await bank.controls.do("user.block", bob["Id"], Outflows=True)
    found = await read(bank, "payout", DebitedWalletId=wallet["Id"])
    assert found.blocks[bob["Id"]]["ScopeBlocked"] == {"Inflows": False, "Outflows": True}


@pytest.mark.parametrize(("kind", "name"), [("refund-payin", "PayInId"), ("transfer", "DebitedWalletId")])
async def test_what_mangopay_does_not_know_stops_it(bank: Bank, kind: str, name: str) -> None:
    found = await read(bank, kind, **{name: "1234567890"})
    assert "does not know" in found.unread[name]
    assert is_stopped(preflight(OPERATIONS[kind], {}, found, now=bank.clock()))


async def test_what_cannot_be_read_just_now_stops_it(bank: Bank, payin: Payin) -> None:
    await bank.controls.break_api("error", Status=403, Path=f"/payins/{payin['Id']}/refunds")
    found = await read(bank, "refund-payin", PayInId=payin["Id"])
    assert found.unread
    assert is_stopped(preflight(OPERATIONS["refund-payin"], {}, found, now=bank.clock()))


async def test_what_is_no_id_is_not_asked_for(bank: Bank) -> None:
    found = await read(bank, "transfer", DebitedWalletId="../../clients", CreditedWalletId="user_m_1")
    assert (found.objects, found.unread) == ({}, {})


async def test_a_wallet_that_asks_for_its_user_is_unseen_and_stops_nothing(bank: Bank) -> None:
    """Bob has set up strong authentication: only he is shown his wallet, before he has confirmed."""
    bob = await bank.market.enrolled_owner()
    wallet = await bank.market.wallet(bob)
    account = await bank.market.account(bob)
    values = {"DebitedWalletId": wallet["Id"], "BankAccountId": account["Id"], "AuthorId": bob["Id"]}
    found = await read(bank, "payout", **values)
    assert (found.wallet, found.unread, set(found.unseen)) == (None, {}, {"DebitedWalletId"})
    checks = preflight(OPERATIONS["payout"], {**values, CURRENCY: "EUR"}, found, now=bank.clock())
    assert [check.level for check in checks if "cannot be looked at" in check.sentence] == [Level.NOTICE]
    assert not is_stopped(checks)


async def test_out_of_a_wallet_that_is_not_shown_money_is_paid_out_in_the_recipients_currency(bank: Bank) -> None:
    market = bank.market
    bob = await market.enrolled_owner()
    await market.document(bob)
    wallet, account = await market.funded(bob, 1000), await recipient(market, bob)
    await market.answer_page(account["PendingUserAction"])
    paid = await bank.do("payout", DebitedWalletId=wallet["Id"], RecipientId=account["Id"], DebitedFunds="5.00")
    assert (paid.state, paid.amount, paid.currency) == (State.ACCEPTED, 500, "EUR")


async def test_a_wallet_is_seen_once_its_user_has_confirmed(bank: Bank) -> None:
    bob = await bank.market.enrolled_owner()
    wallet = await bank.market.wallet(bob)
    hidden = await bank.market.get(f"/wallets/{wallet['Id']}")
    _, _, url = hidden.headers["WWW-Authenticate"].partition(" RedirectUrl=")
    await bank.market.answer_page({"RedirectUrl": url})
    assert same((await read(bank, "payout", DebitedWalletId=wallet["Id"])).wallet, wallet)


async def test_the_authors_own_are_offered_for_a_payout(bank: Bank) -> None:
    bob, market = await bank.market.owner(), bank.market
    wallets = [await market.wallet(bob), await market.wallet(bob, "GBP")]
    account, legacy = await recipient(market, bob), await market.account(bob)
    await market.wallet(await market.payer())
    offers = offered(await read(bank, "payout", AuthorId=bob["Id"]))
    assert offers["DebitedWalletId"] == {wallet["Id"] for wallet in wallets}
    assert account["Id"] in offers["RecipientId"]
    assert offers["BankAccountId"] == {legacy["Id"]}


async def test_a_field_that_is_filled_is_offered_nothing(bank: Bank) -> None:
    bob = await bank.market.owner()
    account, _ = await recipient(bank.market, bob), await bank.market.account(bob)
    wallet = await bank.market.wallet(bob)
    found = await read(bank, "payout", AuthorId=bob["Id"], RecipientId=account["Id"], DebitedWalletId=wallet["Id"])
    assert offered(found) == {}


async def test_only_cards_that_can_be_charged_are_offered(bank: Bank) -> None:
    alice = await bank.market.payer()
    card, old = await bank.market.card(alice), await bank.market.card(alice)
    created(await bank.market.put(f"/cards/{old['Id']}", {"Active": False}))
    await bank.market.wallet(alice)
    # Whose wallet is to get it, nobody can guess.
    assert offered(await read(bank, "payin-card", AuthorId=alice["Id"])) == {"CardId": {card["Id"]}}


async def test_mandates_of_the_author_are_offered(bank: Bank) -> None:
    bob = await bank.market.owner()
    mandate = await mandate_of(bank.market, bob)
    offers = offered(await read(bank, "payin-directdebit", AuthorId=bob["Id"]))
    assert offers == {"MandateId": {mandate["Id"]}}


@pytest.mark.parametrize("author", ["", "wlt_m_1", "../clients"])
async def test_nothing_is_offered_without_an_author(bank: Bank, author: str) -> None:
    assert offered(await read(bank, "payout", AuthorId=author)) == {}


async def test_wallets_that_ask_for_their_user_are_not_offered(bank: Bank) -> None:
    bob = await bank.market.enrolled_owner()
    await bank.market.wallet(bob)
    found = await read(bank, "payout", AuthorId=bob["Id"])
    assert (offered(found), found.unread) == ({}, {})


async def test_the_platforms_wallets_are_offered_for_its_payout(bank: Bank, payin: Payin) -> None:
    assert payin["Fees"]["Amount"]
    found = await read(bank, "payout-platform")
    assert "FEES_EUR" in offered(found)["DebitedWalletId"]
    assert offered(await read(bank, "payout-platform", DebitedWalletId="FEES_EUR")) == {}


async def test_the_platform_is_not_paid_out_to_an_account_that_is_known_as_a_users(bank: Bank) -> None:
    known = KnownObject(
        environment=LOCAL, object_id="bankacc_m_1", kind="bank-account", user_id="user_m_bob", seen_at=bank.clock()
    )
    async with bank.teller.database.session() as session:
        session.add(known)
        await session.commit()
    found = await read(bank, "payout-platform", DebitedWalletId="FEES_EUR", BankAccountId="bankacc_m_1")
    assert found.unread == {
        "BankAccountId": "This bank account is the user user_m_bob's: pay the platform out to an account of its own."
    }
    other = await read(bank, "payout-platform", DebitedWalletId="FEES_EUR", BankAccountId="bankacc_m_2")
    assert other.unread == {}


async def test_a_hold_is_read_with_what_is_left_of_it(bank: Bank) -> None:
    hold = await preauthorized(bank.market, await bank.market.card(await bank.market.payer()), 1000)
    found = await read(bank, "capture", PreauthorizationId=hold["Id"])
    assert same(found.hold, hold)
    assert seen_of(found) == {"held": 1000, "status": "WAITING", "lately": []}


class Shop:
    """Alice has twenty euros, and sends some of them to Bob."""

    def __init__(self, bank: Bank, values: dict[str, str]) -> None:
        self.bank = bank
        self.values = values

    async def lately(self, amount: str = "5", *, but: str = "", **more: str) -> list[str]:
        values = {**self.values, "DebitedFunds": amount, **more}
        found = await read_situation(OLIVIA, self.bank.teller, OPERATIONS["transfer"], values, operation_id=but)
        return [earlier.operation_id for earlier in found.lately]


@pytest.fixture
async def shop(bank: Bank) -> Shop:
    market = bank.market
    purse, till = await market.funded(await market.payer(), 2000), await market.wallet(await market.owner())
    return Shop(bank, {"DebitedWalletId": purse["Id"], "CreditedWalletId": till["Id"]})


async def test_the_same_amount_to_the_same_place_is_told_for_a_day(bank: Bank, shop: Shop) -> None:
    first = await bank.do("transfer", OLIVIA, **shop.values, DebitedFunds="5")
    second = await bank.do("transfer", APRIL, **shop.values, DebitedFunds="5.00", Fees="0")
    assert await shop.lately() == [second.operation_id, first.operation_id]
    assert await shop.lately(but=second.operation_id) == [first.operation_id]
    [earlier] = (await _of(bank, shop, but=first.operation_id)).lately
    assert (earlier.asked_by, earlier.sentence) == (APRIL.email, second.sentence)
    bank.clock.advance(hours=24)
    assert await shop.lately() == []


async def _of(bank: Bank, shop: Shop, *, but: str) -> Situation:
    values = {**shop.values, "DebitedFunds": "5"}
    return await read_situation(OLIVIA, bank.teller, OPERATIONS["transfer"], values, operation_id=but)


async def test_another_amount_or_place_is_not_told(bank: Bank, shop: Shop) -> None:
    await bank.do("transfer", OLIVIA, **shop.values, DebitedFunds="5")
    assert await shop.lately("5.01") == []
    elsewhere = await bank.market.wallet(await bank.market.owner("Carol"))
    assert await shop.lately(CreditedWalletId=elsewhere["Id"]) == []


@pytest.mark.parametrize(
    ("state", "is_told"),
    [
        (State.UNKNOWN, True),
        (State.ACCEPTED, True),
        (State.FAILED, False),
        (State.REFUSED, False),
        (State.DRAFT, False),
    ],
)
async def test_only_what_may_have_moved_money_is_told(bank: Bank, shop: Shop, state: State, *, is_told: bool) -> None:
    done = await bank.do("transfer", OLIVIA, **shop.values, DebitedFunds="5")
    async with bank.teller.database.session() as session:
        assert await move(session, done, State.SUCCEEDED, state=state)
        await session.commit()
    assert bool(await shop.lately()) is is_told
