"""The pre-flight says STOP to what Mangopay would refuse, a notice of what is to be thought of, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.objects.fields import Content
from models.operations.checks import LATELY, Check, Level, is_stopped, preflight
from models.operations.kinds import OPERATIONS
from models.operations.requests import CURRENCY
from models.operations.situation import Earlier, Situation

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ALICE, BOB = "user_m_alice", "user_m_bob"
NAMES = {ALICE: "Alice", BOB: "Bob"}


def euros(amount: int, currency: str = "EUR") -> Content:
    return {"Currency": currency, "Amount": amount}


def ago(**delta: float) -> int:
    return int((NOW - timedelta(**delta)).timestamp())


def wallet(owner: str = BOB, balance: int = 5000, currency: str = "EUR", name: str = "shop") -> Content:
    return {"Id": f"wlt_m_{name}", "Owners": [owner], "Currency": currency, "Balance": euros(balance, currency)}


def people(**more: Content) -> dict[str, Content]:
    """Return Alice, a PAYER, and Bob, an OWNER; `alice` and `bob` are what is another of them."""
    users = {
        ALICE: {"UserCategory": "PAYER", "KYCLevel": "LIGHT", **more.get("alice", {})},
        BOB: {"UserCategory": "OWNER", "KYCLevel": "REGULAR", **more.get("bob", {})},
    }
    return {user_id: {"Id": user_id, "FirstName": NAMES[user_id], **user} for user_id, user in users.items()}


def check(kind: str, situation: Situation, **values: str) -> tuple[Check, ...]:
    return preflight(OPERATIONS[kind], {CURRENCY: "EUR", **values}, situation, now=NOW)


def said(checks: tuple[Check, ...], level: Level = Level.STOP) -> list[str]:
    return [found.sentence for found in checks if found.level is level]


def payin(**more: object) -> Content:
    """Alice has paid 12.60 EUR ten days ago, of which the platform keeps 0.60."""
    return {
        "Id": "payin_m_1",
        "AuthorId": ALICE,
        "Status": "SUCCEEDED",
        "PaymentType": "CARD",
        "CreationDate": ago(days=10),
        "DebitedFunds": euros(1260),
        "CreditedFunds": euros(1200),
        "Fees": euros(60),
        **more,
    }


def refunded(amount: int, status: str = "SUCCEEDED", fees: int = 0, **when: float) -> Content:
    return {
        "Id": "refund_m_1",
        "Status": status,
        "DebitedFunds": euros(amount),
        "CreditedFunds": euros(amount - fees),
        "Fees": euros(fees),
        "CreationDate": ago(**when or {"days": 2}),
    }


def refund(initial: Content | None = None, balance: int = 5000, **found: Any) -> tuple[Check, ...]:
    typed = {"DebitedFunds": "12", "Fees": "0", **found.pop("typed", {})}
    situation = Situation(
        objects={"PayInId": initial or payin()}, wallet=wallet(balance=balance), people=people(), **found
    )
    return check("refund-payin", situation, PayInId="payin_m_1", AuthorId=ALICE, **typed)


def test_nothing_speaks_against_what_can_be_refunded() -> None:
    checks = refund()
    assert not is_stopped(checks)
    assert [found.sentence for found in checks] == [
        "12.00 EUR can still be given back, afterwards 0.00 EUR.",
        "The platform keeps its fees of 0.60 EUR.",
        "Balance of the wallet: 50.00 EUR, afterwards 38.00 EUR.",
    ]


@pytest.mark.parametrize("status", ["CREATED", "FAILED"])
def test_only_what_succeeded_is_refunded(status: str) -> None:
    assert f"The pay-in is {status}: only one that succeeded can be refunded." in said(refund(payin(Status=status)))


@pytest.mark.parametrize("method", ["BANK_WIRE", "PAY_BY_BANK"])
def test_a_wire_is_given_back_by_a_payout_instead(method: str) -> None:
    assert said(refund(payin(PaymentType=method))) == [
        "A bank wire cannot be refunded: pay it back by a payout that names the pay-in."
    ]


@pytest.mark.parametrize(
    ("method", "days"),
    [
        *[("CARD", 334), ("DIRECT_DEBIT", 334), ("PREAUTHORIZED", 334), ("KLARNA", 334)],
        *[("IDEAL", 365), ("MBWAY", 365), ("BIZUM", 365)],
        *[("BCMC", 180), ("PAYPAL", 180), ("TWINT", 120), ("SATISPAY", 90)],
    ],
)
def test_each_method_has_its_own_last_day(method: str, days: int) -> None:
    assert said(refund(payin(PaymentType=method, CreationDate=ago(days=days)))) == []
    [reason] = said(refund(payin(PaymentType=method, CreationDate=ago(days=days, seconds=1))))
    assert f"older than {days} days" in reason


def test_a_transfer_too_is_taken_back_for_eleven_months_only() -> None:
    def after(**when: float) -> list[str]:
        transfer = {**payin(CreationDate=ago(**when)), "Id": "xfer_m_1", "PaymentType": None}
        situation = Situation(objects={"TransferId": transfer}, wallet=wallet(), people=people())
        return said(check("refund-transfer", situation, TransferId="xfer_m_1", DebitedFunds="12", Fees="0"))

    assert after(days=334) == []
    [reason] = after(days=335)
    assert reason.startswith("The transfer is older than 334 days")


@pytest.mark.parametrize("method", ["DIRECT_DEBIT", "DIRECT_DEBIT_DIRECT"])
def test_a_direct_debit_is_refunded_after_its_first_week(method: str) -> None:
    assert said(refund(payin(PaymentType=method, CreationDate=ago(days=7)))) == []
    [reason] = said(refund(payin(PaymentType=method, CreationDate=ago(days=6, hours=23))))
    assert reason.startswith("A direct debit can be refunded after 7 days")


@pytest.mark.parametrize(
    ("status", "result", "stops"),
    [
        ("PENDING_CLIENT_ACTION", "", True),
        ("SUBMITTED", "", True),
        ("CLOSED", "LOST", True),
        ("CLOSED", "WON", False),
        ("CLOSED", "VOID", False),
    ],
)
def test_what_is_disputed_is_not_refunded_unless_the_dispute_was_won(status: str, result: str, *, stops: bool) -> None:
    checks = refund(disputes=[{"Status": status, "ResultCode": result}])
    assert is_stopped(checks) is stops
    assert any("disputed" in reason for reason in said(checks)) is stops


def test_a_refund_under_way_is_waited_for() -> None:
    checks = refund(refunds=[refunded(200, "CREATED")], typed={"DebitedFunds": "1"})
    assert said(checks) == ["A refund of it is still under way; the next can be made once that has ended."]


def test_what_was_given_back_whole_is_not_given_back_again() -> None:
    assert said(refund(refunds=[refunded(500), refunded(700)])) == ["All of the pay-in has been given back."]


def test_no_more_is_given_back_than_what_remains() -> None:
    at_most = refund(refunds=[refunded(500)], typed={"DebitedFunds": "7"})
    assert said(at_most) == []
    assert said(refund(refunds=[refunded(500)], typed={"DebitedFunds": "7.01"})) == [
        "Only 7.00 EUR can still be given back."
    ]


@pytest.mark.parametrize(
    ("earlier", "stops"),
    [
        (refunded(500, hours=23, minutes=59), True),
        (refunded(500, days=1), False),
        (refunded(500, "FAILED", hours=1), False),
        (refunded(499, hours=1), False),
    ],
)
def test_the_same_amount_is_not_refunded_twice_in_a_day(earlier: Content, *, stops: bool) -> None:
    checks = refund(refunds=[earlier], typed={"DebitedFunds": "5"})
    assert any("the last 24 hours" in reason for reason in said(checks)) is stops


def test_no_more_fees_are_given_back_than_the_platform_still_keeps() -> None:
    given = [refunded(500, fees=-20)]
    assert said(refund(refunds=given, typed={"DebitedFunds": "7", "Fees": "-0.40"})) == []
    assert said(refund(refunds=given, typed={"DebitedFunds": "7", "Fees": "-0.41"})) == [
        "Of the fees only 0.40 EUR can still be given back."
    ]


def test_a_refund_is_taken_out_of_what_is_in_the_wallet() -> None:
    [reason] = said(refund(balance=1199))
    assert reason == "There are only 11.99 EUR in the wallet. What was transferred on from it has to be refunded first."


def test_what_is_all_still_there_was_not_transferred_on() -> None:
    reasons = said(refund(balance=1200, typed={"DebitedFunds": "500"}))
    assert reasons == ["Only 12.00 EUR can still be given back.", "There are only 12.00 EUR in the wallet."]


def test_a_refund_is_made_in_the_name_of_whoever_paid() -> None:
    situation = Situation(objects={"PayInId": payin()}, wallet=wallet(), people=people())
    checks = check("refund-payin", situation, PayInId="payin_m_1", AuthorId=BOB, DebitedFunds="12")
    assert said(checks) == ["The author must be the pay-in's own: Alice."]


def recipient(**more: object) -> Content:
    return {"Id": "rec_1", "UserId": BOB, "Status": "ACTIVE", "RecipientScope": "PAYOUT", **more}


def payout(account: Content | None = None, author: str = BOB, owner: str = "", **found: Any) -> tuple[Check, ...]:
    typed = {"AuthorId": author, "DebitedFunds": "10", "Fees": "0", "RecipientId": "rec_1", **found.pop("typed", {})}
    paid_from = wallet(owner or author, currency=typed.get(CURRENCY, "EUR"), balance=found.pop("balance", 5000))
    situation = Situation(
        objects={"RecipientId": account or recipient(UserId=author), **found.pop("objects", {})},
        wallet=paid_from,
        **{"people": people(), **found},
    )
    return check("payout", situation, DebitedWalletId="wlt_m_shop", **typed)


GIVES_BACK = {"PaymentRef.ReasonType": "PAYIN_REFUND", "PaymentRef.ReferenceId": "payin_m_1"}


def test_an_owner_is_paid_out() -> None:
    assert [found.sentence for found in payout()] == ["Balance of the wallet: 50.00 EUR, afterwards 40.00 EUR."]


def test_a_payer_is_paid_out_only_to_give_a_payin_back() -> None:
    [reason] = said(payout(author=ALICE))
    assert reason.startswith("A PAYER is not paid out")
    back = payout(recipient(UserId=ALICE, RecipientScope="PAYIN"), author=ALICE, typed=GIVES_BACK)
    assert (said(back), said(back, Level.NOTICE)) == ([], [])


def test_a_payout_that_gives_back_says_which_payin() -> None:
    assert said(payout(typed={"PaymentRef.ReasonType": "PAYIN_REFUND"})) == ["Say which pay-in is given back."]


@pytest.mark.parametrize(("status", "stops"), [("SUCCEEDED", False), ("CREATED", True), ("FAILED", True)])
def test_only_a_payin_that_succeeded_is_given_back(status: str, *, stops: bool) -> None:
    given_back = {"PaymentRef.ReferenceId": payin(PaymentType="BANK_WIRE", Status=status)}
    assert is_stopped(payout(objects=given_back, typed=GIVES_BACK)) is stops


def test_a_light_kyc_level_is_told_and_stops_nothing() -> None:
    checks = payout(people=people(bob={"KYCLevel": "LIGHT"}))
    assert said(checks) == []
    assert said(checks, Level.NOTICE)[0].startswith("The user's KYC level is LIGHT")


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (recipient(Status="PENDING"), "The recipient is PENDING: only an ACTIVE one can be paid out to."),
        (recipient(Status="DEACTIVATED"), "The recipient is DEACTIVATED: only an ACTIVE one can be paid out to."),
        (recipient(Status="CANCELED"), "The recipient is CANCELED: only an ACTIVE one can be paid out to."),
        (recipient(UserId=ALICE), "The bank account belongs to Alice, not to the author."),
        (recipient(RecipientScope="PAYIN"), "This recipient is only for giving pay-ins back."),
        ({"Id": "bankacc_m_1", "UserId": BOB, "Active": False}, "The bank account is deactivated."),
    ],
)
def test_what_cannot_be_paid_out_to_is_said(account: Content, reason: str) -> None:
    assert said(payout(account)) == [reason]


@pytest.mark.parametrize("verdict", ["CLOSE_MATCH", "NO_MATCH", "MATCH_NOT_POSSIBLE"])
def test_an_account_of_another_name_is_told(verdict: str) -> None:
    checks = payout(recipient(RecipientVerificationOfPayee={"RecipientVerificationCheck": verdict}))
    assert said(checks) == []
    assert verdict in said(checks, Level.NOTICE)[0]


def test_a_wallet_is_paid_out_by_its_owner() -> None:
    assert said(payout(owner=ALICE)) == ["The wallet belongs to Alice, who must be the author."]


@pytest.mark.parametrize(
    ("mode", "currency", "stops"),
    [("RTGS_PAYMENT", "EUR", False), ("RTGS_PAYMENT", "GBP", True), ("INSTANT_PAYMENT", "GBP", False)],
)
def test_rtgs_pays_out_euros_only(mode: str, currency: str, *, stops: bool) -> None:
    checks = payout(typed={"PayoutModeRequested": mode, CURRENCY: currency})
    assert said(checks) == (["RTGS pays out euros only."] if stops else [])


@pytest.mark.parametrize(("mode", "level"), [("INSTANT_PAYMENT_ONLY", Level.STOP), ("INSTANT_PAYMENT", Level.NOTICE)])
def test_an_account_that_takes_no_instant_payment_is_told(mode: str, level: Level) -> None:
    checks = payout(unreachable="The bank takes none.", typed={"PayoutModeRequested": mode})
    assert ["The bank takes none." in sentence for sentence in said(checks, level)] == [True]


def test_no_more_leaves_a_wallet_than_is_in_it() -> None:
    assert said(payout(balance=1000)) == []
    assert said(payout(balance=999)) == ["There are only 9.99 EUR in the wallet."]


def test_the_platforms_own_payout_needs_no_user() -> None:
    fees = {"Id": "FEES_EUR", "Currency": "EUR", "Balance": euros(100)}
    situation = Situation(wallet=fees, unseen={"BankAccountId": "Compare its id."})
    checks = check("payout-platform", situation, DebitedWalletId="FEES_EUR", DebitedFunds="1.01")
    assert [(found.level, found.sentence) for found in checks] == [
        (Level.STOP, "There are only 1.00 EUR in the wallet."),
        (Level.NOTICE, "Compare its id."),
    ]


def transfer(kind: str = "transfer", into: Content | None = None, **found: Any) -> tuple[Check, ...]:
    """Bob moves ten euros of his wallet into another, of his own if nothing else is said."""
    typed = {"AuthorId": BOB, "DebitedFunds": "10", "Fees": "0", **found.pop("typed", {})}
    situation = Situation(wallet=wallet(), into=into or wallet(name="till"), **{"people": people(), **found})
    return check(kind, situation, **typed)


def test_money_moves_between_ones_own_wallets() -> None:
    checks = transfer()
    assert (said(checks), said(checks, Level.NOTICE)) == ([], [])


@pytest.mark.parametrize(
    ("into", "reason"),
    [
        (wallet(), "Both wallets are the same."),
        (wallet(name="till", currency="GBP"), "One wallet is in EUR, the other in GBP: use a conversion."),
        (wallet(ALICE, name="till"), "Alice is a PAYER, to whom nobody can transfer."),
    ],
)
def test_what_cannot_be_transferred_to_is_said(into: Content, reason: str) -> None:
    assert said(transfer(into=into)) == [reason]


def test_a_payer_moves_money_between_own_wallets() -> None:
    situation = Situation(wallet=wallet(ALICE), into=wallet(ALICE, name="till"), people=people())
    assert not is_stopped(check("transfer", situation, AuthorId=ALICE, DebitedFunds="10"))


def test_a_wallet_is_emptied_by_its_owner() -> None:
    assert said(transfer(typed={"AuthorId": ALICE})) == ["The wallet belongs to Bob, who must be the author."]


@pytest.mark.parametrize(("payer", "is_told"), [("OWNER", True), ("PAYER", False)])
def test_an_owner_who_pays_another_may_have_to_confirm_it(payer: str, *, is_told: bool) -> None:
    both = people(bob={"UserCategory": payer}, alice={"UserCategory": "OWNER"})
    checks = transfer(into=wallet(ALICE, name="till"), people=both)
    assert said(checks) == []
    assert said(checks, Level.NOTICE) == (["Bob may have to confirm this with strong authentication."] * is_told)


def quote(**more: object) -> Content:
    return {
        "Id": "cvrquote_1",
        "Status": "ACTIVE",
        "ExpirationDate": ago(seconds=-1),
        "DebitedFunds": euros(1000),
        "CreditedFunds": euros(850, "GBP"),
        "Fees": euros(0),
        "ConversionRateResponse": {"MarketRate": 0.85},
        **more,
    }


POUNDS = wallet(name="pounds", currency="GBP")


def test_a_rate_is_told_with_its_end() -> None:
    checks = transfer("convert", POUNDS, quote=quote())
    assert said(checks) == []
    assert said(checks, Level.FINE)[0] == "The rate is 0.85, good until 12:00:01 UTC."


@pytest.mark.parametrize(
    ("quoted", "reason"),
    [
        (quote(ExpirationDate=ago(seconds=0)), "The quote has expired. Ask for another."),
        (quote(Status="EXPIRED"), "The quote has expired. Ask for another."),
        (quote(DebitedFunds=euros(999)), "The quote is for another amount. Ask for another."),
        (quote(Fees=euros(1)), "The quote is for another amount. Ask for another."),
        (quote(CreditedFunds=euros(850, "USD")), "The quote is for another currency. Ask for another."),
    ],
)
def test_a_quote_holds_for_what_it_was_asked_for_until_it_ends(quoted: Content, reason: str) -> None:
    assert said(transfer("convert", POUNDS, quote=quoted)) == [reason]


def test_a_quote_without_fees_is_one_for_none() -> None:
    assert said(transfer("convert", POUNDS, quote=quote(Fees=None))) == []


@pytest.mark.parametrize(
    ("into", "reason"),
    [
        (wallet(name="till"), "Both wallets are in EUR: use a transfer."),
        (wallet(ALICE, name="pounds", currency="GBP"), "Both wallets must belong to the same user."),
    ],
)
def test_what_cannot_be_converted_into_is_said(into: Content, reason: str) -> None:
    assert said(transfer("convert", into)) == [reason]


def card(**more: object) -> Content:
    return {"Id": "card_m_1", "UserId": ALICE, "Active": True, "Validity": "VALID", "Currency": "EUR", **more}


def charge(kind: str = "payin-card", **objects: Content) -> tuple[Check, ...]:
    situation = Situation(objects=objects, into=wallet(), people=people())
    return check(kind, situation, AuthorId=ALICE, DebitedFunds="10", Fees="1")


def test_a_charge_tells_what_will_be_in_the_wallet() -> None:
    [fine] = charge(CardId=card(Validity="UNKNOWN"))
    assert fine == Check(Level.FINE, "Balance of the wallet: 50.00 EUR, once it has come 59.00 EUR.")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (card(Active=False), "The card is deactivated."),
        (card(Validity="INVALID"), "Mangopay has found the card invalid."),
        (card(Currency="GBP"), "The card is registered in GBP, the wallet is in EUR."),
        (card(UserId=BOB), "It belongs to Bob, who must be the author."),
    ],
)
def test_what_cannot_be_charged_is_said(given: Content, reason: str) -> None:
    assert said(charge(CardId=given)) == [reason]


@pytest.mark.parametrize(
    ("status", "stops"),
    [("ACTIVE", False), ("SUBMITTED", False), ("CREATED", True), ("FAILED", True), ("EXPIRED", True)],
)
def test_a_mandate_is_debited_once_it_is_submitted(status: str, *, stops: bool) -> None:
    checks = charge("payin-directdebit", MandateId={"Id": "mdt_m_1", "UserId": ALICE, "Status": status})
    assert said(checks) == ([f"The mandate is {status}: nothing can be debited by it."] if stops else [])


def hold(**more: object) -> Content:
    return {
        "AuthorId": ALICE,
        "Status": "SUCCEEDED",
        "PaymentStatus": "WAITING",
        "DebitedFunds": euros(1000),
        "RemainingFunds": euros(1000),
        "ExpirationDate": ago(days=-1),
        **more,
    }


def on_hold(kind: str, held: Content, name: str = "PreauthorizationId", **typed: str) -> tuple[Check, ...]:
    return check(kind, Situation(objects={name: held}, into=wallet() if typed else None, people=people()), **typed)


@pytest.mark.parametrize(
    ("held", "amount", "reasons"),
    [
        (hold(), "10", []),
        (hold(), "10.01", ["Only 10.00 EUR are held."]),
        (hold(RemainingFunds=euros(400)), "4.01", ["Only 4.00 EUR are held."]),
        (hold(PaymentStatus="CANCELED"), "1", ["The hold is CANCELED: nothing is held any more."]),
        (hold(Status="FAILED", PaymentStatus=None), "1", ["The hold is FAILED: nothing is held."]),
        (hold(ExpirationDate=ago(seconds=1)), "1", ["The hold has expired."]),
        (hold(DebitedFunds=euros(9, "GBP"), RemainingFunds=None), "1", ["The amount is in GBP, the wallet in EUR."]),
    ],
)
def test_no_more_is_captured_than_is_held(held: Content, amount: str, reasons: list[str]) -> None:
    assert said(on_hold("capture", held, DebitedFunds=amount)) == reasons


@pytest.mark.parametrize(
    ("name", "is_told"), [("PreauthorizationId", False), ("DepositId", True), ("ExtendedPreauthorizationId", True)]
)
def test_a_part_of_a_hold_of_30_days_lets_go_of_the_rest(name: str, *, is_told: bool) -> None:
    checks = on_hold("capture", hold(RemainingFunds=None), name, DebitedFunds="4")
    assert (said(checks), [sentence.split(": ")[1] for sentence in said(checks, Level.NOTICE)]) == (
        [],
        ["the other 6.00 EUR are let go."] * is_told,
    )


@pytest.mark.parametrize(
    ("kind", "left", "reason"),
    [
        ("cancel-preauthorization", 1000, ""),
        ("cancel-preauthorization", 400, "A part of it was captured: release what is left instead."),
        ("release-preauthorization", 400, ""),
        ("release-preauthorization", 1000, "Nothing was captured of it yet: cancel it instead."),
    ],
)
def test_a_hold_is_cancelled_whole_and_released_in_part(kind: str, left: int, reason: str) -> None:
    assert said(on_hold(kind, hold(RemainingFunds=euros(left)))) == ([reason] if reason else [])


def test_what_is_not_held_is_not_released() -> None:
    released = hold(PaymentStatus="VALIDATED", RemainingFunds=euros(400))
    assert said(on_hold("release-preauthorization", released)) == ["The hold is VALIDATED: nothing is held any more."]


def dispute(**more: object) -> Content:
    return {
        "Id": "dispute_m_1",
        "Status": "PENDING_CLIENT_ACTION",
        "DisputedFunds": euros(1260),
        "ContestDeadlineDate": ago(days=-7),
        **more,
    }


def answer(kind: str, disputed: Content, *papers: Content, **typed: str) -> tuple[Check, ...]:
    return check(kind, Situation(objects={"DisputeId": disputed}, papers=papers), **typed)


PAPER = {"Id": "dispdoc_m_1"}
AGAIN = "REOPENED_PENDING_CLIENT_ACTION"


@pytest.mark.parametrize(
    ("disputed", "amount", "reasons"),
    [
        (dispute(), "12.60", []),
        (dispute(), "12.61", ["Only 12.60 EUR are disputed."]),
        (dispute(), "", ["Say how much is contested."]),
        (dispute(Status=AGAIN), "", []),
        (dispute(Status="SUBMITTED"), "1", ["The dispute is SUBMITTED: it does not wait for the platform."]),
        (dispute(Status="CLOSED"), "1", ["The dispute is CLOSED: it does not wait for the platform."]),
        (dispute(ContestDeadlineDate=ago(days=1)), "1", ["It can be contested until 2026-11-26 12:00 UTC."]),
    ],
)
def test_a_dispute_is_contested_in_time_and_not_beyond_what_is_disputed(
    disputed: Content, amount: str, reasons: list[str]
) -> None:
    checks = answer("contest-dispute", disputed, PAPER, ContestedFunds=amount)
    assert (said(checks), said(checks, Level.NOTICE)) == (reasons, [])


def test_a_dispute_without_proof_is_told() -> None:
    checks = answer("contest-dispute", dispute(), ContestedFunds="1")
    assert said(checks) == []
    assert said(checks, Level.NOTICE)[0].startswith("No document is added")


def test_giving_a_dispute_up_is_told_for_what_it_is() -> None:
    checks = answer("close-dispute", dispute(ContestDeadlineDate=ago(days=1)))
    assert [found.level for found in checks] == [Level.NOTICE]
    assert is_stopped(answer("close-dispute", dispute(Status="CLOSED")))


def settle(typed: dict[str, str], result: str = "LOST", *settled: Content) -> list[str]:
    situation = Situation(
        objects={"RepudiationId": {"Id": "repud_m_1", "DebitedFunds": euros(1260)}},
        disputes=[{"Status": "CLOSED", "ResultCode": result}],
        disputed=payin(),
        wallet=wallet(),
        settled=settled,
        people=people(),
    )
    return said(check("settle", situation, AuthorId=BOB, **typed))


HALF_SETTLED = {"Status": "SUCCEEDED", "DebitedFunds": euros(700)}


@pytest.mark.parametrize(
    ("typed", "found", "reasons"),
    [
        ({"DebitedFunds": "12", "Fees": "-0.60"}, ("LOST",), []),
        ({"DebitedFunds": "12.01"}, ("LOST",), ["Only 12.00 EUR are still to be settled."]),
        ({"DebitedFunds": "5.01"}, ("LOST", HALF_SETTLED), ["Only 5.00 EUR are still to be settled."]),
        ({"DebitedFunds": "12"}, ("LOST", {**HALF_SETTLED, "Status": "FAILED"}), []),
        ({"DebitedFunds": "1"}, ("LOST", HALF_SETTLED, HALF_SETTLED), ["It has been settled."]),
        ({"DebitedFunds": "12"}, ("WON",), ["Only a dispute that is closed and lost can be settled."]),
        ({"DebitedFunds": "9", "Fees": "-0.61"}, ("LOST",), ["The fees of the disputed pay-in were only 0.60 EUR."]),
        ({"DebitedFunds": "9", "Fees": "0.61"}, ("LOST",), ["The fees of the disputed pay-in were only 0.60 EUR."]),
    ],
)
def test_what_was_lost_is_settled_up_to_what_the_user_got(
    typed: dict[str, str], found: tuple[Any, ...], reasons: list[str]
) -> None:
    assert settle(typed, *found) == reasons


@pytest.mark.parametrize(
    ("kind", "name", "on", "off"),
    [
        ("deactivate-card", "CardId", card(), card(Active=False)),
        ("deactivate-recipient", "RecipientId", recipient(), recipient(Status="DEACTIVATED")),
        ("deactivate-bank-account", "BankAccountId", {"Active": True}, {"Active": False}),
        ("cancel-mandate", "MandateId", {"Status": "SUBMITTED"}, {"Status": "FAILED"}),
    ],
)
def test_what_is_on_is_switched_off_once_and_for_good(kind: str, name: str, on: Content, off: Content) -> None:
    assert [found.sentence for found in check(kind, Situation(objects={name: on}))] == [
        f"This is for good. {OPERATIONS[kind].explains}"
    ]
    [reason] = said(check(kind, Situation(objects={name: off})))
    assert reason.endswith("already.")


@pytest.mark.parametrize(
    ("kind", "blocked", "flow", "level"),
    [
        ("payout", BOB, "Outflows", Level.STOP),
        ("payout", BOB, "Inflows", Level.NOTICE),
        ("transfer", BOB, "Inflows", Level.STOP),
        ("transfer", BOB, "Outflows", Level.STOP),
        ("payin-card", BOB, "Inflows", Level.STOP),
        ("payin-card", BOB, "Outflows", Level.NOTICE),
        ("payin-card", ALICE, "Inflows", Level.NOTICE),
        ("refund-payin", BOB, "Outflows", Level.NOTICE),
    ],
)
def test_a_block_stops_only_what_it_is_of(kind: str, blocked: str, flow: str, level: Level) -> None:
    status = {"ActionCode": "008703", "ScopeBlocked": {"Inflows": False, "Outflows": False, flow: True}}
    found = check(kind, Situation(into=wallet(), people=people(), blocks={blocked: status}))
    assert [(check.level, check.sentence.startswith("Mangopay has blocked")) for check in found] == [(level, True)]
    assert f"for {NAMES[blocked]}" in found[0].sentence


def test_what_is_not_blocked_is_not_told() -> None:
    status = {"ActionCode": "", "ScopeBlocked": {"Inflows": False, "Outflows": False}}
    assert check("payout", Situation(people=people(), blocks={BOB: status})) == ()


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        *[("payout", Level.STOP), ("transfer", Level.STOP), ("payin-bankwire", Level.STOP)],
        *[("refund-payin", Level.STOP), ("deactivate-card", Level.NOTICE)],
    ],
)
def test_nothing_flows_for_a_closed_account(kind: str, level: Level) -> None:
    found = check(kind, Situation(people=people(bob={"UserStatus": "CLOSED"})))
    assert found == (Check(level, "The account of Bob is closed."),)


@pytest.mark.parametrize(("author", "is_told"), [(BOB, True), (ALICE, False)])
def test_an_author_without_strong_authentication_is_told(author: str, *, is_told: bool) -> None:
    found = check("transfer", Situation(people=people(bob={"UserStatus": "PENDING_USER_ACTION"})), AuthorId=author)
    assert [check.level for check in found] == [Level.NOTICE] * is_told


def test_what_cannot_be_read_stops_and_what_is_kept_from_us_is_told() -> None:
    situation = Situation(unread={"PayInId": "Gone.", "card": "Gone."}, unseen={"DebitedWalletId": "Hidden."})
    assert check("payout", situation) == (Check(Level.STOP, "Gone."), Check(Level.NOTICE, "Hidden."))


def test_an_amount_whose_currency_is_hidden_is_not_sent() -> None:
    hidden = Situation(unseen={"DebitedWalletId": "Hidden."})
    assert is_stopped(check("payout", hidden, DebitedFunds="10", Currency=""))
    assert not is_stopped(check("payout", hidden, DebitedFunds="10"))


def test_what_was_asked_for_lately_is_told_with_who_asked() -> None:
    earlier = [Earlier(f"op_{n}", "Refund 12.00 EUR", "olivia@example.com", NOW - LATELY / 2) for n in (2, 1)]
    [found] = check("refund-payin", Situation(lately=earlier))
    assert (found.level, found.operation_ids) == (Level.NOTICE, ("op_2", "op_1"))
    assert "(2 times)" in found.sentence
    assert "“Refund 12.00 EUR”, by olivia@example.com" in found.sentence


def test_the_gravest_comes_first() -> None:
    checks = payout(
        recipient(UserId=ALICE),
        people=people(bob={"KYCLevel": "LIGHT"}),
        unread={"x": "Gone."},
        unseen={"y": "Hidden."},
    )
    levels = [found.level for found in checks]
    assert levels == [Level.STOP, Level.STOP, Level.NOTICE, Level.NOTICE, Level.FINE]


@pytest.mark.parametrize("kind", OPERATIONS)
def test_nothing_is_said_while_nothing_is_filled_in(kind: str) -> None:
    assert check(kind, Situation()) == ()
