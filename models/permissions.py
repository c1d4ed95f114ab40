"""Which role may do what: one table. Services, pages, README and the matrix of tests are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.environment import Environment


class Role(StrEnum):
    """What a person's access to an environment is for."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    DEVELOPER = "developer"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Permission(StrEnum):
    """What a service or a page asks for before it does anything."""

    SEE = "see"
    OWN_ACCESS = "own-access"
    EXPORT = "export"
    ASK_FOR_MONEY = "ask-for-money"
    UPDATE_PROFILES = "update-profiles"
    APPROVE = "approve"
    CONFIGURE_HOOKS = "configure-hooks"
    REPLAY = "replay"
    MANAGE_TEAM = "manage-team"
    READ_AUDIT_LOG = "read-audit-log"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. What moves money or changes settings asks for a second factor in Production."""

    what: str
    roles: frozenset[Role]
    needs_second_factor: bool


def _rule(what: str, *roles: Role, needs_second_factor: bool = True) -> Rule:
    return Rule(what, frozenset(roles), needs_second_factor)


_EVERYBODY = tuple(Role)

RULES: Mapping[Permission, Rule] = {
    Permission.SEE: _rule("See users, money, notifications, hooks and news", *_EVERYBODY, needs_second_factor=False),
    Permission.OWN_ACCESS: _rule(
        "Manage one's own password, second factor and sessions", *_EVERYBODY, needs_second_factor=False
    ),
    Permission.EXPORT: _rule("Export what one may see", *_EVERYBODY, needs_second_factor=False),
    Permission.ASK_FOR_MONEY: _rule(
        "Ask for refunds, payouts, transfers and other money operations", Role.OPERATOR, Role.APPROVER, Role.ADMIN
    ),
    Permission.UPDATE_PROFILES: _rule("Update users' profiles", Role.OPERATOR, Role.APPROVER, Role.ADMIN),
    Permission.APPROVE: _rule("Approve what others asked for", Role.APPROVER, Role.ADMIN),
    Permission.CONFIGURE_HOOKS: _rule("Change hooks and forwarding targets", Role.DEVELOPER, Role.ADMIN),
    Permission.REPLAY: _rule("Replay notifications", Role.DEVELOPER, Role.ADMIN),
    Permission.MANAGE_TEAM: _rule("Invite, change, suspend and remove members", Role.ADMIN),
    Permission.READ_AUDIT_LOG: _rule("Read and export the audit log", Role.ADMIN),
}


def may(role: Role, permission: Permission) -> bool:
    return role in RULES[permission].roles


def requires_second_factor(environment: Environment, role: Role) -> bool:
    """Whether a role may only be used with two factors: in Production, once it moves money or changes settings."""
    return environment is Environment.PRODUCTION and any(
        rule.needs_second_factor and role in rule.roles for rule in RULES.values()
    )


def lacks_second_factor(environment: Environment, role: Role, *, has_one: bool) -> bool:
    return not has_one and requires_second_factor(environment, role)
