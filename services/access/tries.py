"""What is counted against whom at the door. Each kind by itself: wishes for one kind of mail use up no other's."""

from models.environment import Environment
from models.mail import MailKind
from services.access.throttle import CODE, MAIL, SIGN_IN, Tries


def sign_in_tries(environment: Environment, email: str, address: str) -> Tries:
    return Tries("sign-in", SIGN_IN, environment, email, address)


def code_tries(environment: Environment, email: str, address: str) -> Tries:
    return Tries("code", CODE, environment, email, address)


def password_tries(environment: Environment, email: str, address: str) -> Tries:
    """The present password, asked for again by somebody who is signed in."""
    return Tries("present password", SIGN_IN, environment, email, address)


def mail_tries(kind: MailKind, environment: Environment, email: str, address: str) -> Tries:
    return Tries(kind, MAIL, environment, email, address)
