"""A browser at the door: where it comes from, and what it says it is."""

from dataclasses import dataclass, field

from ua_parser import parse

LONGEST_USER_AGENT = 400


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is not signed in yet. `device` is such as "Firefox on Linux", as the browser says of itself."""

    address: str
    device: str
    # The token of a session that the same browser brings along; a new one takes its place.
    replaces: str = field(default="", repr=False)


def describe_device(user_agent: str) -> str:
    """Return browser and system by name, without versions, so that an update makes no new device of them."""
    parsed = parse(user_agent[:LONGEST_USER_AGENT])
    browser, system = parsed.user_agent, parsed.os
    names = [known.family for known in (browser, system) if known is not None]
    return " on ".join(names) or "Unknown device"
