"""The fault switchboard and the record of deliveries, as the control plane reads and writes them.

{"Seed": 7,
 "Notifications": [{"Kind": "duplicate", "EventType": "PAYIN_*", "Probability": 0.5, "Times": 3, "Copies": 2}],
 "Api": [{"Kind": "cut", "Method": "POST", "Path": "/payins/*", "When": "after", "Probability": 0.1}]}
"""

from collections.abc import Callable
from typing import TypeVar

from services.emulator.engine.errors import param_error
from services.emulator.engine.faults import API_FAULTS, NOTIFICATION_FAULTS, ApiRule, NotificationRule, Switchboard
from services.emulator.engine.fields import Fields
from services.emulator.engine.outbox import Attempt
from services.emulator.engine.store import Entity

__all__ = ["API_FAULTS", "ATTEMPT_FILTERS", "NOTIFICATION_FAULTS", "attempt", "set_faults", "shown"]

ATTEMPT_FILTERS = {"EventType": "event_type", "ResourceId": "resource_id", "HookId": "hook_id"}

# What a rule of each kind has.
MEMBERS = {
    "Notifications": ("Kind", "EventType", "Probability", "Times", "DelayS", "Copies"),
    "Api": ("Kind", "Method", "Path", "Probability", "Times", "DelayS", "Status", "When"),
}
# Nobody needs more copies of a notification, nor a fault to strike more often before it ends.
MOST = 1_000

Rule = TypeVar("Rule")


def attempt(made: Attempt) -> Entity:
    return {
        "HookId": made.hook_id,
        "Url": made.url,
        "EventType": made.event_type,
        "ResourceId": made.resource_id,
        "Date": made.date,
        "Number": made.number,
        "StartedAt": made.started_at,
        "DurationMs": round(made.duration_ms, 1),
        "Status": made.status,
        "Reason": made.reason,
    }


def shown(board: Switchboard) -> Entity:
    return {
        "Seed": board.seed,
        "Notifications": [
            {
                "Kind": rule.kind,
                "EventType": rule.event_type,
                "Probability": rule.probability,
                "Times": rule.times,
                "DelayS": rule.delay_s,
                "Copies": rule.copies,
            }
            for rule in board.notifications
        ],
        "Api": [
            {
                "Kind": rule.kind,
                "Method": rule.method,
                "Path": rule.path,
                "Probability": rule.probability,
                "Times": rule.times,
                "DelayS": rule.delay_s,
                "Status": rule.status,
                "When": rule.when,
            }
            for rule in board.api
        ],
    }


def set_faults(board: Switchboard, fields: Fields) -> None:
    """Replace all rules by those of a body, and begin chance anew; raises ApiError 400 and changes nothing if one is
    not understood.
    """
    for name in fields.body:
        if name not in ("Seed", *MEMBERS):
            fields.refuse(name, "A board has Seed, Notifications and Api")
    notifications = _rules(fields, "Notifications", _notification_rule)
    api = _rules(fields, "Api", _api_rule)
    seed = fields.number("Seed")
    fields.check()
    board.set(seed=seed or 0, notifications=notifications, api=api)


def _rules(fields: Fields, name: str, read: Callable[[Fields], Rule]) -> list[Rule]:
    bodies = fields.body.get(name) or []
    if not isinstance(bodies, list) or not all(isinstance(body, dict) for body in bodies):
        raise param_error({name: "A list of rules is expected"})
    return [read(_known(Fields(body, f"{name}[{at}].", fields.refused), name)) for at, body in enumerate(bodies)]


def _known(fields: Fields, name: str) -> Fields:
    """Refuse what no rule has: a slip of the pen would let the rule strike everywhere."""
    for given in fields.body:
        if given not in MEMBERS[name]:
            fields.refuse(given, f"A rule has {', '.join(MEMBERS[name])}")
    return fields


def _notification_rule(fields: Fields) -> NotificationRule:
    fields.require("Kind")
    rule = NotificationRule(
        kind=fields.choice("Kind", NOTIFICATION_FAULTS) or "",
        probability=_share(fields),
        times=_count(fields, "Times"),
        event_type=fields.text("EventType") or "*",
        copies=_count(fields, "Copies") or 1,
    )
    rule.delay_s = _seconds(fields, rule.delay_s)
    return rule


def _api_rule(fields: Fields) -> ApiRule:
    fields.require("Kind")
    rule = ApiRule(
        kind=fields.choice("Kind", API_FAULTS) or "",
        probability=_share(fields),
        times=_count(fields, "Times"),
        method=(fields.text("Method") or "*").upper(),
        path=fields.text("Path") or "*",
        status=fields.number("Status") or 500,
        when=fields.choice("When", ("before", "after")) or "before",
    )
    rule.delay_s = _seconds(fields, rule.delay_s)
    if not 400 <= rule.status <= 599:
        fields.refuse("Status", "An HTTP status from 400 to 599 is expected")
    return rule


def _count(fields: Fields, name: str) -> int | None:
    value = fields.number(name)
    if value is not None and not 0 <= value <= MOST:
        fields.refuse(name, f"A whole number from 0 to {MOST} is expected")
    return value


def _share(fields: Fields) -> float:
    value = fields.body.get("Probability", 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        fields.refuse("Probability", "A number from 0 to 1 is expected")
        return 0.0
    return float(value)


def _seconds(fields: Fields, default: float) -> float:
    value = fields.body.get("DelayS", default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        fields.refuse("DelayS", "A number of seconds, at most a day, is expected")
        return default
    return float(value)
