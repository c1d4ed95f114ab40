"""Platform-wide: the token, the profile, hooks, events, and the feeds."""

from services.emulator.routes.platform import (
    clients,
    countries,
    events,
    feeds,
    hooks,
    oauth,
    permission_groups,
    reporting,
    reports,
    ssos,
)

MODULES = (
    oauth,
    clients,
    hooks,
    events,
    feeds,
    reports,
    reporting,
    countries,
    permission_groups,
    ssos,
)
