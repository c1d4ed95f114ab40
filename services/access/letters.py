"""What the dashboard writes to people about their access, and about Mangopay's status.

Plain text: nothing in it can be disguised.
"""

from datetime import datetime

from models.access import LINK_LIFETIME
from models.environment import Environment
from models.mail import Mail, MailKind
from models.permissions import Role
from services.mail.mailers import Letter

MINUTES = int(LINK_LIFETIME.total_seconds() // 60)


def invitation(environment: Environment, email: str, *, role: Role, url: str, by: str = "") -> Letter:
    who = f"{by} invites you" if by else "You are invited"
    return Letter(
        email,
        f"Your access to the Mangopay Dashboard ({environment.label})",
        f"{who} to the Mangopay Dashboard, environment {environment.label}, as {role}.\n\n"
        f"Choose a password here to open your access:\n\n{url}\n\n"
        f"{_terms()} When it has lapsed, choose “Create an access” on the sign-in page to get another.\n\n"
        "If you did not expect this, leave it alone: without the link nothing happens.\n",
    )


def access_link(environment: Environment, email: str, *, role: Role, url: str, address: str) -> Letter:
    return Letter(
        email,
        f"Your access to the Mangopay Dashboard ({environment.label})",
        f"Somebody asked for an access to the Mangopay Dashboard with this address, environment {environment.label}.\n"
        f"Your role will be: {role}.\n\n"
        f"Choose a password here to open it:\n\n{url}\n\n"
        f"{_terms()}\n\n{_not_you(address)}",
    )


def password_link(environment: Environment, email: str, *, url: str, address: str) -> Letter:
    return Letter(
        email,
        f"Choose a new password for the Mangopay Dashboard ({environment.label})",
        f"Somebody asked for a new password for your access to the Mangopay Dashboard, environment "
        f"{environment.label}.\n\nChoose it here:\n\n{url}\n\n"
        f"{_terms()} Until you use it, your present password stays good.\n\n{_not_you(address)}",
    )


def notice(mail: Mail, *, url: str) -> Letter:
    """Return the letter about something that has happened to an access."""
    subject, what = {
        MailKind.PASSWORD_SET: ("Your password was changed", "The password of your access was changed."),
        MailKind.SECOND_FACTOR_SET_UP: (
            "Your second factor was set up",
            "An authenticator app was set up as the second factor of your access.",
        ),
        MailKind.SECOND_FACTOR_REMOVED: (
            "Your second factor was removed",
            "The second factor of your access was removed. Until a new one is set up, the password alone opens it.",
        ),
        MailKind.RECOVERY_CODE_USED: (
            "A recovery code was used",
            f"A recovery code was used to sign in with your access. {mail.detail} unused ones are left.",
        ),
        MailKind.RECOVERY_CODES_RENEWED: (
            "New recovery codes",
            "New recovery codes were made for your access. The ones before no longer work.",
        ),
        MailKind.WRONG_CODES: (
            "Somebody may know your password",
            "Somebody gave the right password of your access, and then wrong codes until no more were taken.",
        ),
        MailKind.ROLE_CHANGED: ("Your access was changed", f"Your access was changed: {mail.detail}."),
        MailKind.NEW_DEVICE: (
            "Sign-in with a new device",
            f"Somebody signed in with your access from {mail.detail}, which was not used with it before.",
        ),
    }[mail.kind]
    ways = (
        f"If you did not expect this, ask an admin of your dashboard:\n\n{url}\n"
        if mail.kind is MailKind.ROLE_CHANGED
        else "If it was not you, choose a new password at once, and tell an admin of your dashboard:\n\n"
        f"{url}/forgotten-password?environment={mail.environment}\n"
    )
    where = f"Environment: {mail.environment.label}\nWhen: {_moment(mail.created_at)}\n"
    where += f"From: {mail.address}\n" if mail.address else ""
    return Letter(
        mail.email,
        f"{subject} (Mangopay Dashboard, {mail.environment.label})",
        f"{what}\n\n{where}\n{ways}",
    )


def status(mail: Mail, *, url: str) -> Letter:
    """Return the letter about a change of Mangopay's status; the first line of its detail is the subject."""
    subject, _, rest = mail.detail.partition("\n\n")
    return Letter(
        mail.email,
        f"{subject} (Mangopay, {mail.environment.label})",
        f"{subject}\n\n{rest}\n\n"
        f"You asked for mail about what concerns the environment {mail.environment.label}. All incidents and planned "
        f"work, and the switch that ends these letters:\n\n{url}/api-status\n",
    )


def _terms() -> str:
    return f"The link works once, for {MINUTES} minutes."


def _not_you(address: str) -> str:
    where = f" It was asked for from {address}." if address else ""
    return f"If it was not you, leave it alone: without the link nothing changes.{where}\n"


def _moment(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"
