"""What stands beside the notifications: the hooks as Mangopay has them."""

from collections.abc import Sequence

import htpy as h
from nicegui import ui

from models.objects.kinds import href
from models.objects.secrets import url_without_secrets
from services.access.actors import Actor
from services.bootstrap import Services
from services.mangopay.errors import MangopayError
from services.notifications.hooks import KnownHook, list_hooks
from ui.components.html import button, put, show
from ui.components.parts import api_error, chip, empty, message, skeleton, when
from ui.theme import Tone


class HooksPanel:
    """Hook configuration, read from the API when the panel is loaded."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        # What the last good answer showed: it stays while Mangopay cannot be reached.
        self._loaded: h.Node = None
        with ui.element("section").classes("panel").props('aria-label="Hooks"'):
            with ui.element("div").classes("panel-head"):
                show(h.h2(".section")["Hooks"])
                button("Reload hooks", self.load, icon_name="refresh", classes="plain-button icon-button")
            self._content = show(h.div(".panel-body")[skeleton("90%", "70%", "80%", "60%")])

    async def load(self) -> None:
        try:
            services = self._services
            hooks = await list_hooks(self._actor, services.clients, services.database, services.tokens)
        except MangopayError as error:
            put(self._content, h.div(".panel-body")[api_error(error)], self._loaded)
            return
        self._loaded = _hooks(hooks)
        put(self._content, self._loaded)


def _hooks(hooks: Sequence[KnownHook]) -> h.Node:
    if not hooks:
        why = h.fragment[
            "Mangopay tells nobody of anything. ",
            h.code["uv run main.py hook-url ENVIRONMENT"],
            " prints the URL to register.",
        ]
        return empty("notifications_off", "No hook is set", why)
    silent = sum(not known.hook.is_delivering for known in hooks)
    elsewhere = sum(not known.leads_here for known in hooks)
    without_email = sum(not known.hook.email for known in hooks)
    counts = [
        f"{len(hooks)} hooks",
        f"{elsewhere} lead elsewhere" if elsewhere else "all lead to this dashboard",
        f"{without_email} without an e-mail for alerts" if without_email else "",
    ]
    return h.fragment[
        h.div(".panel-body")[
            message(
                Tone.NOTICE,
                "Do not change these settings without your developers.",
                "Your platform may rely on each of these URLs.",
            ),
            silent > 0 and message(Tone.NEGATIVE, f"{silent} of {len(hooks)} send nothing.", "They stand first below."),
            h.p(".caption")[" · ".join(filter(None, counts))],
        ],
        h.div(".hook-list")[[_hook(known) for known in sorted(hooks, key=_most_urgent_first)]],
    ]


def _hook(known: KnownHook) -> h.Node:
    hook, last = known.hook, known.last_told_at
    event_type = hook.event_type or "Unknown event type"
    url = url_without_secrets(hook.url)
    return h.div(".hook")[
        h.strong(".hook-name", title=event_type)[h.a(href=href("hook", hook.id))[event_type]],
        h.div(".hook-chips")[
            chip(hook.status or "UNKNOWN"),
            chip(hook.validity or "UNKNOWN"),
            h.span(".caption")[h.fragment["received ", when(last)] if last else "nothing yet"],
        ],
        h.p(".hook-url", title=url)[
            h.strong["This dashboard"] if known.leads_here else h.strong(".tone.waiting")["Elsewhere"],
            " ",
            h.span(".mono")[url],
        ],
        hook.email and h.p(".caption")[f"Alerts to {hook.email}"],
    ]


def _most_urgent_first(known: KnownHook) -> tuple[bool, str]:
    return known.hook.is_delivering, known.hook.event_type or ""
