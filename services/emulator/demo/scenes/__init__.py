"""Single scenes of the marketplace's present, and how often each is played in comparison.

What a scene needs and cannot find it makes itself, so that any can be played at any time.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from services.emulator.demo.market import Market
from services.emulator.demo.scenes import disputes, orders, payments, payouts, people

Act = Callable[[Market], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    play: Act
    weight: int


SCENES: Mapping[str, Scene] = {
    "order": Scene(orders.order, 40),
    "refused_payment": Scene(orders.refused_payment, 5),
    "return": Scene(orders.take_back_all, 6),
    "partial_return": Scene(orders.take_back_part, 2),
    "wire": Scene(orders.wire, 4),
    "settle_wires": Scene(orders.settle_wires, 8),
    "virtual_account_wire": Scene(orders.virtual_account_wire, 2),
    "method_payin": Scene(payments.method_payin, 10),
    "direct_debit": Scene(payments.direct_debit, 2),
    "preauthorisation": Scene(payments.preauthorisation, 3),
    "deposit": Scene(payments.deposit, 1),
    "subscription": Scene(payments.subscription, 3),
    "payout": Scene(payouts.payout, 8),
    "instant_payout": Scene(payouts.instant_payout, 3),
    "payout_failed": Scene(payouts.payout_failed, 1),
    "payout_returned": Scene(payouts.payout_returned, 1),
    "conversion": Scene(payouts.conversion, 4),
    "recipient": Scene(payouts.recipient, 1),
    "newcomer": Scene(people.newcomer, 4),
    "document_verdict": Scene(people.document_verdict, 6),
    "identity_check": Scene(people.identity_check, 1),
    "dispute": Scene(disputes.dispute, 1),
    "dispute_progress": Scene(disputes.dispute_progress, 3),
}
