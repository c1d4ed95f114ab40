"""Platform-wide: the token, the profile, hooks, events, and the feeds."""

from services.emulator.routes.platform import clients, events, feeds, hooks, oauth

MODULES = (
    oauth,
    clients,
    hooks,
    events,
    feeds,
)
