"""Payouts: who may have one, by which rail it goes, what becomes of its money, and what the bank sends back."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import ADDRESS, IBAN, Json, Marketplace, created, refused

DAY_S = 86_400
FALLBACK_IBAN = "FR541558929750ZZZZZZAC01915"


async def verified(market: Marketplace, amount: int = 10_000, iban: str = IBAN) -> tuple[Json, Json]:
    """Return Bob's till, with so much in it, and his bank account; his identity is proved."""
    bob = await market.owner()
    await market.document(bob)
    return await market.funded(bob, amount), await market.account(bob, iban)


async def recipient(market: Marketplace, user: Json, **more: object) -> Json:
    body: Json = {
        "DisplayName": "Bobs account",
        "PayoutMethodType": "LocalBankTransfer",
        "RecipientType": "Individual",
        "Currency": "EUR",
        "Country": "FR",
        "IndividualRecipient": {"FirstName": "Bob", "LastName": "Martin", "Address": ADDRESS},
        "LocalBankTransfer": {"EUR": {"IBAN": IBAN}},
    }
    response = await market.post(f"/users/{user['Id']}/recipients", body | more)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def seen(market: Marketplace, payout: Json) -> Json:
    return created(await market.get(f"/payouts/bankwire/{payout['Id']}"))


def told(events: list[tuple[str, str]], resource: Mapping[str, Any]) -> list[str]:
    return [event_type for event_type, resource_id in events if resource_id == resource["Id"]]


async def test_a_payout_answers_every_field(market: Marketplace) -> None:
    till, account = await verified(market)
    payout = created(await market.pay_out(till, account, 9_000, Tag="week 7", BankWireRef="WEEK 7", ChargeBearer="SHA"))
    assert payout["Id"].startswith("po_")
    assert {name: payout[name] for name in payout if name not in ("Id", "CreationDate")} == {
        "Tag": "week 7",
        "AuthorId": till["Owners"][0],
        "CreditedUserId": None,
        "DebitedFunds": {"Currency": "EUR", "Amount": 9_000},
        "CreditedFunds": {"Currency": "EUR", "Amount": 9_000},
        "Fees": {"Currency": "EUR", "Amount": 0},
        "Status": "CREATED",
        "ResultCode": None,
        "ResultMessage": None,
        "ExecutionDate": None,
        "Type": "PAYOUT",
        "Nature": "REGULAR",
        "CreditedWalletId": None,
        "DebitedWalletId": till["Id"],
        "PaymentType": "BANK_WIRE",
        "BankAccountId": account["Id"],
        "RecipientId": None,
        "BankWireRef": "WEEK 7",
        "ModeRequested": None,
        "ModeApplied": "PENDING_RESPONSE",
        "FallbackReason": None,
        "EndToEndId": None,
        "PaymentRef": None,
        "RecipientVerificationOfPayee": None,
        "ChargeBearer": "SHA",
    }
    done = await seen(market, payout)
    assert (done["Status"], done["ResultCode"], done["ModeApplied"]) == ("SUCCEEDED", "000000", "STANDARD")
    assert done["ExecutionDate"] is not None
    assert done["EndToEndId"]
    short = created(await market.get(f"/payouts/{payout['Id']}"))
    assert set(done) - set(short) == {"ModeRequested", "ModeApplied", "FallbackReason"}
    assert (await market.get("/payouts/po_m_nothing")).status_code == 404


async def test_a_payout_s_fees_stay_with_the_platform_even_all_of_it(market: Marketplace) -> None:
    till, account = await verified(market, 1_000)
    fees = {"Currency": "EUR", "Amount": 1_000}
    payout = created(await market.pay_out(till, account, 1_000, Fees=fees))
    assert (payout["CreditedFunds"]["Amount"], (await seen(market, payout))["Status"]) == (0, "SUCCEEDED")
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"] == fees
    assert await market.balance(till) == 0


async def test_a_recipient_is_paid_by_either_field(market: Marketplace) -> None:
    till, _ = await verified(market)
    bobs = await recipient(market, {"Id": till["Owners"][0]})
    first = created(await market.pay_out(till, bobs, 1_000))
    assert (first["BankAccountId"], first["RecipientId"]) == (bobs["Id"], None)
    second = created(await market.pay_out(till, bobs, 1_000, BankAccountId=None, RecipientId=bobs["Id"]))
    assert (second["BankAccountId"], second["RecipientId"]) == (None, bobs["Id"])
    assert [(await seen(market, payout))["Status"] for payout in (first, second)] == ["SUCCEEDED", "SUCCEEDED"]
    instant = created(await market.pay_out(till, bobs, 1_000, PayoutModeRequested="INSTANT_PAYMENT_ONLY"))
    assert (await seen(market, instant))["ModeApplied"] == "INSTANT_PAYMENT"
    error = refused(await market.pay_out(till, {"Id": None}, 1_000))
    assert error["errors"] == {"BankAccountId": "The BankAccountId field is required."}
    error = refused(await market.pay_out(till, {"Id": None}, 1_000, RecipientId="rec_nobody"))
    assert error["errors"] == {"RecipientId": "The value rec_nobody is not valid"}


async def test_what_state_a_recipient_has_to_be_in(market: Marketplace) -> None:
    till, _ = await verified(market)
    bob = {"Id": till["Owners"][0]}
    gone, payin = await recipient(market, bob), await recipient(market, bob, RecipientScope="PAYIN")
    assert (await market.put(f"/recipients/{gone['Id']}", {"Status": "DEACTIVATED"})).status_code == 200
    failed = created(await market.pay_out(till, gone, 100))
    assert (failed["Status"], failed["ResultCode"]) == ("FAILED", "121006")
    error = refused(await market.pay_out(till, payin, 100))
    assert (error["Type"], error["Message"]) == ("invalid_action", "Payout not allowed for RecipientScope PAYIN")


async def test_a_pending_recipient_is_not_paid_yet(market: Marketplace) -> None:
    carla = await market.owner("Carla", "carla@example.com")
    till, pending = await market.funded(carla, 1_000), await recipient(market, carla)
    assert pending["Status"] == "PENDING"
    error = refused(await market.pay_out(till, pending, 100))
    assert (error["Type"], list(error["errors"])) == ("param_error", ["BankAccountId"])


async def test_two_payouts_cannot_spend_the_same_money(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    await control.do("payout.hold", "-")
    first = created(await market.pay_out(till, account, 6_000))
    assert (first["Status"], await market.balance(till)) == ("CREATED", 10_000)
    assert created(await market.pay_out(till, account, 4_001))["ResultCode"] == "121003"
    emma = await market.owner("Emma", "emma+accept@example.com")
    moved = created(await market.transfer(till, await market.wallet(emma), 4_001))
    assert moved["ResultCode"] == "001001"
    await control.do("payout.settle", first["Id"])
    assert await market.balance(till) == 4_000
    assert (await seen(market, first))["Status"] == "SUCCEEDED"
    assert (await control.post(f"/do/payout.settle/{first['Id']}")).status_code == 400


async def test_a_payout_the_bank_refuses_leaves_its_money(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    await control.do("payout.hold", "-")
    payout = created(await market.pay_out(till, account, 10_000))
    failed = await control.do("payout.fail", payout["Id"], ResultCode="121005")
    assert (failed["Status"], failed["ResultMessage"]) == ("FAILED", "Refused due to the Fraud Policy")
    await control.do("payout.hold", "-", Hold=False)
    again = created(await market.pay_out(till, account, 10_000))
    assert (await seen(market, again))["Status"] == "SUCCEEDED"
    assert await market.balance(till) == 0


async def test_a_payout_nobody_processes_expires_after_a_week(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    await control.do("payout.hold", "-")
    payout = created(await market.pay_out(till, account, 10_000))
    await control.advance(7 * DAY_S - 60)
    assert (await seen(market, payout))["Status"] == "CREATED"
    await control.advance(61)
    expired = await seen(market, payout)
    assert (expired["ResultCode"], expired["ResultMessage"]) == ("121009", "Payout expired before processing")
    assert told(await market.events(), payout) == ["PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_FAILED"]


async def test_an_instant_payment_arrives_and_both_families_of_events_tell(market: Marketplace) -> None:
    till, account = await verified(market)
    payout = created(await market.pay_out(till, account, 1_000, PayoutModeRequested="INSTANT_PAYMENT"))
    done = await seen(market, payout)
    assert (done["ModeRequested"], done["ModeApplied"], done["FallbackReason"]) == (
        *("INSTANT_PAYMENT", "INSTANT_PAYMENT", None),
    )
    assert told(await market.events(), payout) == [
        *("PAYOUT_NORMAL_CREATED", "INSTANT_PAYOUT_SUCCEEDED", "PAYOUT_NORMAL_SUCCEEDED"),
    ]


async def test_an_instant_payment_falls_back(market: Marketplace) -> None:
    till, account = await verified(market, iban=FALLBACK_IBAN)
    payout = created(await market.pay_out(till, account, 1_000, PayoutModeRequested="INSTANT_PAYMENT"))
    done = await seen(market, payout)
    assert (done["Status"], done["ModeApplied"]) == ("SUCCEEDED", "STANDARD")
    assert done["FallbackReason"] == {
        "Code": "001999",
        "Message": "Generic Operation error",
        "ResultCode": "001999",
        "ResultMessage": "Generic Operation error",
    }
    assert told(await market.events(), payout) == [
        *("PAYOUT_NORMAL_CREATED", "INSTANT_PAYOUT_FAILED", "INSTANT_PAYOUT_FALLBACKED", "PAYOUT_NORMAL_SUCCEEDED"),
    ]


async def test_an_instant_payment_only_has_no_way_back(market: Marketplace) -> None:
    till, account = await verified(market, iban=FALLBACK_IBAN)
    payout = created(await market.pay_out(till, account, 1_000, PayoutModeRequested="INSTANT_PAYMENT_ONLY"))
    failed = await seen(market, payout)
    assert (failed["Status"], failed["ResultCode"], failed["ModeApplied"]) == ("FAILED", "001999", "NONE")
    assert told(await market.events(), payout) == [
        *("PAYOUT_NORMAL_CREATED", "INSTANT_PAYOUT_FAILED", "PAYOUT_NORMAL_FAILED"),
    ]
    assert await market.balance(till) == 10_000


async def test_the_same_instant_payment_within_a_day_is_a_duplicate(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)

    async def pay(mode: str) -> Json:
        return await seen(market, created(await market.pay_out(till, account, 500, PayoutModeRequested=mode)))

    assert (await pay("INSTANT_PAYMENT"))["ModeApplied"] == "INSTANT_PAYMENT"
    assert (await pay("INSTANT_PAYMENT"))["FallbackReason"]["Code"] == "130008"
    assert (await pay("INSTANT_PAYMENT_ONLY"))["ResultCode"] == "130008"
    await control.advance(DAY_S + 1)
    assert (await pay("INSTANT_PAYMENT_ONLY"))["Status"] == "SUCCEEDED"


async def test_who_is_not_verified_gets_no_instant_payment(market: Marketplace) -> None:
    bob = await market.owner()
    till, account = await market.funded(bob, 1_000), await market.account(bob)
    modes = ("STANDARD", "INSTANT_PAYMENT", "INSTANT_PAYMENT_ONLY")
    payouts = [created(await market.pay_out(till, account, 100, PayoutModeRequested=mode)) for mode in modes]
    assert [payout["ResultCode"] for payout in payouts] == ["002999", "002999", "130003"]


async def test_gross_settlement_is_for_euros(market: Marketplace) -> None:
    till, account = await verified(market)
    payout = created(await market.pay_out(till, account, 100, PayoutModeRequested="RTGS_PAYMENT"))
    assert (await seen(market, payout))["ModeApplied"] == "RTGS_PAYMENT"
    pounds = await market.funded({"Id": till["Owners"][0]}, 1_000, "GBP")
    for mode in ("RTGS_PAYMENT", "INSTANT_PAYMENT_ONLY", "BY_PIGEON"):
        error = refused(await market.pay_out(pounds, account, 100, PayoutModeRequested=mode))
        assert list(error["errors"]) == ["PayoutModeRequested"]


async def test_reachability_is_asked_for_beforehand(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    body: Json = {
        "AuthorId": till["Owners"][0],
        "DebitedWalletId": till["Id"],
        "BankAccountId": account["Id"],
        "DebitedFunds": {"Currency": "EUR", "Amount": 100},
        "PayoutModeRequested": "INSTANT_PAYMENT",
    }

    async def asked(**more: object) -> Json:
        return dict(created(await market.post("/payouts/reachability", body | more))["InstantPayout"])

    assert await asked() == {"IsReachable": True, "UnreachableReason": None}
    assert await asked(BankWireRef="IP1070") == {
        "IsReachable": False,
        "UnreachableReason": {"Code": "130010", "Message": "Generic operation error"},
    }
    dear = await asked(DebitedFunds={"Currency": "EUR", "Amount": 10_000_001})
    assert dear["UnreachableReason"]["Code"] == "130002"
    assert refused(await market.post("/payouts/reachability", body | {"PayoutModeRequested": None}))["errors"] == {
        "PayoutModeRequested": "The PayoutModeRequested field is required."
    }
    await control.do("payout.configure", "-", InstantEnabled=False)
    assert (await asked())["UnreachableReason"]["Code"] == "130001"
    error = refused(await market.pay_out(till, account, 100, PayoutModeRequested="INSTANT_PAYMENT"))
    assert error["errors"] == {"PayoutModeRequested": "InstantPayment is disabled"}
    assert len((await market.get(f"/wallets/{till['Id']}/transactions")).json()) == 1


async def test_what_a_contract_forbids_is_refused_when_it_is_switched_on(
    market: Marketplace, control: Controls
) -> None:
    till, account = await verified(market)
    await control.do("payout.configure", "-", LegacyAccountsAccepted=False)
    assert created(await market.pay_out(till, account, 100))["ResultCode"] == "121018"
    checked = await recipient(market, {"Id": till["Owners"][0]})
    assert checked["RecipientVerificationOfPayee"]["RecipientVerificationCheck"] == "MATCH_NOT_POSSIBLE"
    assert created(await market.pay_out(till, checked, 100))["Status"] == "CREATED"
    await control.do("payout.configure", "-", VerificationOfPayeeEnforced=True)
    assert created(await market.pay_out(till, checked, 100))["ResultCode"] == "121030"


async def test_a_blocked_user_is_paid_nothing(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    await control.do("user.block", till["Owners"][0], Outflows=True)
    assert created(await market.pay_out(till, account, 100))["ResultCode"] == "008700"
    instant = created(await market.pay_out(till, account, 100, PayoutModeRequested="INSTANT_PAYMENT_ONLY"))
    assert instant["ResultCode"] == "130004"


async def test_a_wire_goes_back_to_its_payer_in_parts_and_no_further(market: Marketplace) -> None:
    alice = await market.payer()
    purse, account = await market.funded(alice, 9_000), await market.account(alice)
    (payin,) = (await market.get(f"/wallets/{purse['Id']}/transactions")).json()
    reference = {"ReasonType": "PAYIN_REFUND", "ReferenceId": payin["Id"]}
    assert created(await market.pay_out(purse, account, 100))["ResultCode"] == "002701"
    codes = []
    for amount in (5_000, 4_001, 4_000):
        payout = created(await market.pay_out(purse, account, amount, PaymentRef=reference))
        assert payout["PaymentRef"] == reference
        codes.append((await seen(market, payout))["ResultCode"])
    assert codes == ["000000", "005403", "000000"]
    assert await market.balance(purse) == 0


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ({"ReasonType": "PAYIN_REFUND", "ReferenceId": "payin_m_nothing"}, "PaymentRef.ReferenceId"),
        ({"ReasonType": "GIFT", "ReferenceId": "x"}, "PaymentRef.ReasonType"),
        ({"ReferenceId": "x"}, "PaymentRef.ReasonType"),
        (["PAYIN_REFUND"], "PaymentRef"),
    ],
)
async def test_a_payment_reference_names_a_payin(market: Marketplace, reference: object, named: str) -> None:
    till, account = await verified(market)
    assert named in refused(await market.pay_out(till, account, 100, PaymentRef=reference))["errors"]


async def test_only_a_payin_that_succeeded_is_given_back(market: Marketplace) -> None:
    till, account = await verified(market)
    wire = await market.wire(till, 1_000)
    reference = {"ReasonType": "PAYIN_REFUND", "ReferenceId": wire["Id"]}
    error = refused(await market.pay_out(till, account, 100, PaymentRef=reference))
    assert list(error["errors"]) == ["PaymentRef.ReferenceId"]


async def test_a_wire_goes_back_to_the_account_it_came_from(market: Marketplace) -> None:
    till, account = await verified(market)
    body = {"Country": "FR", "VirtualAccountPurpose": "COLLECTION"}
    virtual = created(await market.post(f"/wallets/{till['Id']}/virtual-accounts", body))
    wire = {
        "CreditedFunds": {"Currency": "EUR", "Amount": 3_000},
        "Creditor": {"IBAN": virtual["LocalAccountDetails"]["Account"]["IBAN"]},
        "TransactionDetails": {"Debtor": {"Name": "Carla", "IBAN": FALLBACK_IBAN}},
    }
    payin = created(await market.post("/simulation/payins/bankwire/funding", wire))
    reference = {"ReasonType": "PAYIN_REFUND", "ReferenceId": payin["Id"]}
    error = refused(await market.pay_out(till, account, 3_000, PaymentRef=reference))
    assert error["errors"] == {
        "PaymentRef.ReferenceId": "The account of the payout must be the account debited by the PayIn"
    }
    right = await market.account({"Id": till["Owners"][0]}, FALLBACK_IBAN)
    assert created(await market.pay_out(till, right, 3_000, PaymentRef=reference))["Status"] == "CREATED"


async def test_what_the_bank_sends_back_is_a_refund(market: Marketplace, control: Controls) -> None:
    till, account = await verified(market)
    payout = created(await market.pay_out(till, account, 10_000, Fees={"Currency": "EUR", "Amount": 500}))
    assert await market.balance(till) == 0
    reason = {"RefundReasonType": "BANKACCOUNT_HAS_BEEN_CLOSED", "RefundReasonMessage": "AC04"}
    refund = await control.do("payout.return", payout["Id"], **reason)
    assert (refund["Type"], refund["Nature"], refund["Status"]) == ("PAYIN", "REFUND", "SUCCEEDED")
    assert (refund["InitialTransactionId"], refund["InitialTransactionType"]) == (payout["Id"], "PAYOUT")
    assert (refund["CreditedFunds"]["Amount"], refund["CreditedWalletId"]) == (9_500, till["Id"])
    shown = created(await market.get(f"/refunds/{refund['Id']}"))
    assert shown["RefundReason"] == reason
    assert (await market.get(f"/payouts/{payout['Id']}/refunds")).json() == [shown]
    assert await market.balance(till) == 9_500
    assert (await seen(market, payout))["Status"] == "SUCCEEDED"
    assert told(await market.events(), refund) == ["PAYOUT_REFUND_CREATED", "PAYOUT_REFUND_SUCCEEDED"]
    assert (await control.post(f"/do/payout.return/{payout['Id']}")).status_code == 400


async def test_the_platform_pays_out_what_it_has_earned(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    created(await market.pay_in(card, wallet, 1_000, fees=300))
    sent = {"OwnerName": "Local Market", "OwnerAddress": ADDRESS, "IBAN": IBAN}
    account = created(await market.post("/clients/bankaccounts/iban", sent))
    body: Json = {
        "DebitedFunds": {"Currency": "EUR", "Amount": 200},
        "BankAccountId": account["Id"],
        "DebitedWalletId": "FEES_EUR",
        "BankWireRef": "EARNED",
    }
    payout = created(await market.post("/clients/payouts", body))
    assert (payout["AuthorId"], payout["DebitedWalletId"], payout["Status"]) == ("local", "FEES_EUR", "CREATED")
    assert (await seen(market, payout))["Status"] == "SUCCEEDED"
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 100
    assert created(await market.post("/clients/payouts", body))["ResultCode"] == "121003"
    refused(await market.post("/clients/payouts", body | {"DebitedWalletId": wallet["Id"]}))
    rows = (await market.get("/clients/transactions", Status="SUCCEEDED")).json()
    assert [row["Type"] for row in rows] == ["PAYIN", "PAYOUT"]
    assert [row["Type"] for row in (await market.get("/clients/transactions", Type="PAYOUT")).json()] == ["PAYOUT"] * 2


@pytest.mark.parametrize("value", [None, [], {}, "", 5, "x" * 300, 1.5, True, {"Currency": [], "Amount": {}}])
@pytest.mark.parametrize(
    "name", ["AuthorId", "DebitedWalletId", "BankAccountId", "DebitedFunds", "Fees", "PaymentRef", "ChargeBearer"]
)
async def test_no_field_of_the_wrong_kind_breaks_it(market: Marketplace, name: str, value: object) -> None:
    till, account = await verified(market)
    response = await market.pay_out(till, account, 100, **{name: value})
    assert response.status_code in {200, 400}, response.text


@pytest.mark.parametrize("tag", ["x" * 256, 5])
async def test_a_tag_is_a_text_of_no_great_length(market: Marketplace, tag: object) -> None:
    till, account = await verified(market)
    assert list(refused(await market.pay_out(till, account, 100, Tag=tag))["errors"]) == ["Tag"]
    assert await market.balance(till) == 10_000
