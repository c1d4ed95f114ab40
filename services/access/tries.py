"""What is counted against whom at the door."""

from models.environment import Environment
from services.access.throttle import CODE, MAIL, SIGN_IN, Tries


def sign_in_tries(environment: Environment, email: str, address: str) -> Tries:
    return Tries("sign-in", SIGN_IN, environment, email, address)


def code_tries(environment: Environment, email: str, address: str) -> Tries:
    return Tries("code", CODE, environment, email, address)


def mail_tries(environment: Environment, email: str, address: str) -> Tries:
    return Tries("mail", MAIL, environment, email, address)
