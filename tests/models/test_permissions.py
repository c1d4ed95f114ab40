import pytest

from models.environment import Environment
from models.permissions import RULES, Permission, Role, may, requires_second_factor

EVERYBODY = set(Role)
MONEY = {Role.OPERATOR, Role.APPROVER, Role.ADMIN}
TABLE = {
    Permission.SEE: EVERYBODY,
    Permission.OWN_ACCESS: EVERYBODY,
    Permission.EXPORT: EVERYBODY,
    Permission.ASK_FOR_MONEY: MONEY,
    Permission.UPDATE_PROFILES: MONEY,
    Permission.APPROVE: {Role.APPROVER, Role.ADMIN},
    Permission.CONFIGURE_HOOKS: {Role.DEVELOPER, Role.ADMIN},
    Permission.REPLAY: {Role.DEVELOPER, Role.ADMIN},
    Permission.MANAGE_TEAM: {Role.ADMIN},
    Permission.READ_AUDIT_LOG: {Role.ADMIN},
}
HARMLESS = {Permission.SEE, Permission.OWN_ACCESS, Permission.EXPORT}


@pytest.mark.parametrize("permission", Permission)
def test_each_permission_is_for_the_roles_of_the_table_and_no_other(permission: Permission) -> None:
    assert {role for role in Role if may(role, permission)} == TABLE[permission]


def test_every_permission_has_a_rule_with_a_sentence_of_its_own() -> None:
    assert set(RULES) == set(Permission)
    assert len({rule.what for rule in RULES.values()}) == len(Permission)


def test_who_only_looks_needs_no_second_factor_and_everything_else_does() -> None:
    assert {permission for permission, rule in RULES.items() if not rule.needs_second_factor} == HARMLESS


def test_a_viewer_may_see_and_nothing_that_changes_anything() -> None:
    assert {permission for permission in Permission if may(Role.VIEWER, permission)} == HARMLESS


def test_an_admin_may_do_everything() -> None:
    assert all(may(Role.ADMIN, permission) for permission in Permission)


@pytest.mark.parametrize("role", Role)
def test_in_production_every_role_but_the_viewers_requires_a_second_factor(role: Role) -> None:
    assert requires_second_factor(Environment.PRODUCTION, role) is (role is not Role.VIEWER)


@pytest.mark.parametrize("environment", [Environment.SANDBOX, Environment.LOCAL])
def test_where_no_real_money_is_no_role_requires_a_second_factor(environment: Environment) -> None:
    assert not any(requires_second_factor(environment, role) for role in Role)
