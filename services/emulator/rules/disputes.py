"""Disputes: a payer's bank takes a pay-in back, the platform contests it or not, and somebody decides.

Opening one takes the money out of CREDIT_<currency>, which may fall below zero: a repudiation. A dispute won gives it
back; one that was lost is repaid by settlement transfers, or by a bank wire of the platform.
Source: https://docs.mangopay.com/api-reference/disputes/dispute-object

Chosen: the deadline is the end of the fourteenth day; asking for more grants seven days from then; a deadline that
passes loses; what is won comes back as far as it was contested, what is void comes back in full; the platform's own
bank wires repay all lost disputes of a currency as soon as its CREDIT wallet owes nothing; one lost dispute does not
make others of the same card lost; a dispute belongs to the author and to the credited user of its pay-in.
"""

from services.emulator.engine.errors import invalid_action
from services.emulator.engine.ids import new_id
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import given_back
from services.emulator.rules.transactions import begin, client_wallet, conclude

DAY_S = 86_400
CONTEST_DAYS = 14
MORE_DAYS = 7
TYPES = ("CONTESTABLE", "NOT_CONTESTABLE", "RETRIEVAL")
REASONS = (
    *("DUPLICATE", "FRAUD", "PRODUCT_UNACCEPTABLE", "UNKNOWN", "OTHER", "REFUND_CONVERSION_RATE"),
    *("LATE_FAILURE_INSUFFICIENT_FUNDS", "LATE_FAILURE_CONTACT_USER", "LATE_FAILURE_BANKACCOUNT_CLOSED"),
    *("LATE_FAILURE_BANKACCOUNT_INCOMPATIBLE", "LATE_FAILURE_BANKACCOUNT_INCORRECT", "AUTHORISATION_DISPUTED"),
    *("TRANSACTION_NOT_RECOGNIZED", "PRODUCT_NOT_PROVIDED", "CANCELED_REOCCURING_TRANSACTION"),
    *("REFUND_NOT_PROCESSED", "COUNTERFEIT_PRODUCT"),
)
# Where the platform is to act, and where somebody else is.
WAITS_FOR_CLIENT = ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION")
WAITS_FOR_DECISION = ("SUBMITTED", "PENDING_BANK_ACTION")
PENDING = "PENDING"


def open_dispute(
    world: World,
    payin: Entity,
    *,
    dispute_type: str = "CONTESTABLE",
    reason_type: str = "UNKNOWN",
    reason_message: str | None = None,
    disputed_funds: Entity | None = None,
) -> Entity:
    """Dispute a succeeded pay-in, all of it unless told otherwise, and take its money back if that is the type's way.

    Raises ApiError 400 for a pay-in that has not succeeded, has been refunded, or is disputed already.
    """
    _refuse_undisputable(world, payin)
    dispute = _new(world, payin, disputed_funds or payin["DebitedFunds"])
    dispute |= {
        "DisputeType": dispute_type,
        "DisputeReason": {"DisputeReasonType": reason_type, "DisputeReasonMessage": reason_message},
    }
    if dispute_type != "RETRIEVAL":
        dispute["RepudiationId"] = _repudiate(world, payin, dispute)["Id"]
    world.store.disputes.save(dispute)
    world.emit("DISPUTE_CREATED", dispute["Id"])
    if dispute_type == "NOT_CONTESTABLE":
        return close(world, dispute, "LOST")
    return _ask_client(world, dispute, "PENDING_CLIENT_ACTION", "DISPUTE_ACTION_REQUIRED")


def charge_back(world: World, payin_id: str) -> None:
    """Let the payer of a pay-in change their mind, if it can still be disputed: an act."""
    payin = world.store.transactions.get(payin_id)
    if payin is not None and payin["Status"] == "SUCCEEDED" and not is_refunded_or_disputed(world, payin):
        open_dispute(world, payin, reason_type="AUTHORISATION_DISPUTED")


def expire(world: World, dispute_id: str) -> None:
    """Lose a dispute whose deadline has passed while it waited for the platform: an act."""
    dispute = world.store.disputes.get(dispute_id)
    if dispute is not None and dispute["Status"] in WAITS_FOR_CLIENT and has_passed_deadline(world, dispute):
        close(world, dispute, "LOST")


def has_passed_deadline(world: World, dispute: Entity) -> bool:
    return bool(world.clock.now() > dispute["ContestDeadlineDate"])


def close(world: World, dispute: Entity, result_code: str, result_message: str | None = None) -> Entity:
    """Close a dispute as WON, LOST or VOID; the first and the last bring money back, the second leaves a debt."""
    dispute |= {"Status": "CLOSED", "ClosedDate": world.clock.now()}
    dispute |= {"ResultCode": result_code, "ResultMessage": result_message}
    repudiation = world.store.transactions.get(dispute["RepudiationId"])
    if repudiation is not None and result_code == "LOST":
        dispute["_Unsettled"] = [PENDING, dispute["DisputedFunds"]["Currency"]]
    elif repudiation is not None:
        _give_back(world, dispute, repudiation)
    world.store.disputes.save(dispute)
    world.emit("DISPUTE_CLOSED", dispute["Id"])
    return dispute


def ask_again(world: World, dispute: Entity, message: str | None) -> Entity:
    """Want better documents of a submitted dispute."""
    _refuse_unless(dispute, WAITS_FOR_DECISION)
    dispute["StatusMessage"] = message
    more = _end_of_day(world.clock.now() + MORE_DAYS * DAY_S)
    dispute["ContestDeadlineDate"] = max(dispute["ContestDeadlineDate"], more)
    return _ask_client(world, dispute, "REOPENED_PENDING_CLIENT_ACTION", "DISPUTE_FURTHER_ACTION_REQUIRED")


def send_to_bank(world: World, dispute: Entity) -> Entity:
    _refuse_unless(dispute, ("SUBMITTED",))
    dispute["Status"] = "PENDING_BANK_ACTION"
    world.store.disputes.save(dispute)
    world.emit("DISPUTE_SENT_TO_BANK", dispute["Id"])
    return dispute


def decide(world: World, dispute: Entity, result_code: str, result_message: str | None) -> Entity:
    """Let the bank decide what was submitted; VOID may come at any time before."""
    _refuse_unless(dispute, (*WAITS_FOR_DECISION, *(WAITS_FOR_CLIENT if result_code == "VOID" else ())))
    return close(world, dispute, result_code, result_message)


def note_repaid(world: World, currency: str) -> None:
    """Take all lost disputes of a currency for repaid once its CREDIT wallet owes nothing: an act."""
    if client_wallet(world, "CREDIT", currency)["Balance"]["Amount"] < 0:
        return
    for dispute in world.store.disputes.where("_Unsettled", currency):
        mark_settled(world, dispute)


def mark_settled(world: World, dispute: Entity) -> None:
    dispute["_Unsettled"] = []
    world.store.disputes.save(dispute)


def is_refunded_or_disputed(world: World, payin: Entity) -> bool:
    return bool(given_back.all_of(world, payin) or standing(world, payin))


def standing(world: World, payin: Entity) -> list[Entity]:
    """Return the disputes of a pay-in that are open or lost; those won or void do not count any more."""
    disputes = world.store.disputes.where("InitialTransactionId", payin["Id"])
    return [dispute for dispute in disputes if dispute["ResultCode"] not in ("WON", "VOID")]


def _new(world: World, payin: Entity, disputed_funds: Entity) -> Entity:
    """Return a dispute that nobody has given a type or a reason yet."""
    now = world.clock.now()
    return {
        "InitialTransactionId": payin["Id"],
        "InitialTransactionType": payin["Type"],
        "InitialTransactionNature": payin["Nature"],
        "DisputeType": None,
        "ContestDeadlineDate": _end_of_day(now + CONTEST_DAYS * DAY_S),
        "DisputedFunds": disputed_funds,
        "ContestedFunds": None,
        "Status": "CREATED",
        "StatusMessage": None,
        "DisputeReason": None,
        "ResultCode": "",
        "ResultMessage": None,
        "Id": new_id("dispute_m_"),
        "Tag": None,
        "CreationDate": now,
        "ClosedDate": None,
        "RepudiationId": None,
        "_WalletId": payin["CreditedWalletId"],
        "_UserIds": [user_id for user_id in (payin["AuthorId"], payin["CreditedUserId"]) if user_id],
    }


def _refuse_undisputable(world: World, payin: Entity) -> None:
    if payin["Status"] != "SUCCEEDED":
        raise invalid_action("Only a pay-in that has succeeded can be disputed")
    if is_refunded_or_disputed(world, payin):
        raise invalid_action("The pay-in has already been refunded or disputed")


def _refuse_unless(dispute: Entity, statuses: tuple[str, ...]) -> None:
    if dispute["Status"] not in statuses:
        raise invalid_action(f"The Status {dispute['Status']} of this Dispute does not allow this action")


def _ask_client(world: World, dispute: Entity, status: str, event_type: str) -> Entity:
    dispute["Status"] = status
    world.store.disputes.save(dispute)
    world.emit(event_type, dispute["Id"])
    left_s = dispute["ContestDeadlineDate"] + 1 - world.clock.now()
    world.later("dispute.expire", dispute["Id"], after_s=left_s)
    return dispute


def _repudiate(world: World, payin: Entity, dispute: Entity) -> Entity:
    currency = dispute["DisputedFunds"]["Currency"]
    repudiation = begin(
        world,
        "repud_m_",
        "PAYOUT",
        nature="REPUDIATION",
        author_id=payin["AuthorId"],
        debited_funds=dict(dispute["DisputedFunds"]),
        fees={"Currency": currency, "Amount": 0},
        debited_wallet=client_wallet(world, "CREDIT", currency),
        details={
            "InitialTransactionId": payin["Id"],
            "InitialTransactionType": payin["Type"],
            "InitialTransactionNature": payin["Nature"],
            "_DisputeId": dispute["Id"],
        },
    )
    return conclude(world, repudiation)


def _give_back(world: World, dispute: Entity, repudiation: Entity) -> None:
    """Return a repudiation to the CREDIT wallet it was taken from."""
    is_won = dispute["ResultCode"] == "WON"
    funds = dict((dispute["ContestedFunds"] if is_won else None) or dispute["DisputedFunds"])
    client_id = world.config.client_id
    refund = begin(
        world,
        "refund_m_",
        "PAYIN",
        nature="REFUND",
        author_id=client_id,
        debited_funds=funds,
        fees={"Currency": funds["Currency"], "Amount": 0},
        credited_wallet=client_wallet(world, "CREDIT", funds["Currency"]),
        credited_user_id=client_id,
        details={
            "InitialTransactionId": repudiation["Id"],
            "InitialTransactionType": repudiation["Type"],
            "InitialTransactionNature": repudiation["Nature"],
            "RefundReason": {"RefundReasonType": "OTHER", "RefundReasonMessage": None},
            "StatementDescriptor": None,
            "Reference": None,
            "_DisputeId": dispute["Id"],
        },
    )
    conclude(world, refund)


def _end_of_day(moment: int) -> int:
    return moment - moment % DAY_S + DAY_S - 1
