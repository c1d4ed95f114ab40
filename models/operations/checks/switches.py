"""What speaks against switching off a card, an account or a mandate."""

from datetime import datetime

from models.operations.checks.check import Checks, notice, stop
from models.operations.kinds import OperationKind
from models.operations.situation import Situation, Values


def switch_off(kind: OperationKind, _values: Values, situation: Situation, _now: datetime) -> Checks:
    for name in ("CardId", "RecipientId", "BankAccountId", "MandateId"):
        content = situation.objects.get(name)
        if content is None:
            continue
        is_off = content.get("Active") is False or content.get("Status") in ("DEACTIVATED", "CANCELED")
        if is_off or (name == "MandateId" and content.get("Status") not in ("ACTIVE", "SUBMITTED")):
            yield stop(f"It is {content.get('Status') or 'deactivated'} already.")
        else:
            yield notice(f"This is for good. {kind.explains}")
