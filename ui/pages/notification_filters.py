"""The filters above the list of notifications."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from models.columns import from_milliseconds, to_milliseconds
from models.event_types import EVENT_TYPES, groups
from models.notification_filter import OTHER_GROUP
from ui.components.html import button, enable, show
from ui.pages.notification_view import WITHIN, View


class FilterBar:
    """The filters in one row; each shows what is set, and "Clear" takes all away."""

    def __init__(self, view: View, go: Callable[[View], Awaitable[None]]) -> None:
        self._view = view
        self._go = go
        types = {name: name for name in EVENT_TYPES}
        if view.event_type:
            types.setdefault(view.event_type, view.event_type)
        with ui.element("div").classes("filters").props('role=search aria-label="Filter notifications"'):
            self._type = self._select("Event type", types, "event_type", with_input=True)
            self._group = self._select("Group", [*groups(), OTHER_GROUP], "group")
            self._resource = (
                ui.input(placeholder="Object id", value=view.resource_id or "")
                .props('outlined dense clearable debounce=400 aria-label="Object id" spellcheck=false')
                .on_value_change(lambda event: self._set(resource_id=(event.value or "").strip() or None))
            )
            self._within = self._select("Any time", WITHIN, "within")
            self._moments = self._between()
            self._pings = button("Pings", lambda: self._set(test_pings=not self._view.test_pings), classes="toggle")
            self._repeats = button(
                "Duplicates", lambda: self._set(duplicates=not self._view.duplicates), classes="toggle"
            )
            self._clear = button(
                "Clear all filters", self._clear_all, icon_name="close", classes="plain-button icon-button"
            )

    def show(self, view: View) -> None:
        """Show what is set, without taking it for somebody's wish to set it."""
        self._view = view
        self._type.value, self._group.value = view.event_type, view.group
        self._within.value, self._resource.value = view.within, view.resource_id or ""
        is_between = view.since is not None or view.until is not None
        toggles = ((self._pings, view.test_pings), (self._repeats, view.duplicates), (self._moments, is_between))
        for field, value in (
            (self._type, view.event_type),
            (self._group, view.group),
            (self._resource, view.resource_id),
            (self._within, view.within),
        ):
            _mark(field, is_on=bool(value))
        for toggle, is_on in toggles:
            _mark(toggle, is_on=is_on)
            toggle.props(f"aria-pressed={str(is_on).lower()}")
        enable(self._clear, is_enabled=view != View())

    def _select(
        self, label: str, options: list[str] | dict[str, str], name: str, *, with_input: bool = False
    ) -> ui.select:
        select = ui.select(options, label=label, value=getattr(self._view, name), with_input=with_input, clearable=True)
        select.props(f'outlined dense options-dense aria-label="{label}"')
        return select.on_value_change(lambda event: self._set(**{name: event.value}))

    def _between(self) -> ui.html:
        """Add a button with the two ends of a stretch of time, chosen in the reader's own zone."""
        with ui.element("div"):
            menu = ui.menu()
            opener = button("From and to", menu.open, icon_name="date_range", classes="toggle icon-button")
        with menu, ui.element("div").classes("moments"):
            for name, label in (("since", "From"), ("until", "To, not included")):
                moment = getattr(self._view, name)
                with ui.element("label"):
                    show(label)
                    field = ui.element("input").props(f"type=datetime-local data-moment={name}")
                    field.on(
                        "moment", lambda event, name=name: self._set_moment(name, event.args["detail"]), args=["detail"]
                    )
                    if moment is not None:
                        field.props(f"data-milliseconds={to_milliseconds(moment)}")
        return opener

    async def _set_moment(self, name: str, milliseconds: object) -> None:
        moment = from_milliseconds(int(milliseconds)) if isinstance(milliseconds, int | float) else None
        await self._set(**{name: moment})

    async def _set(self, **changes: object) -> None:
        if any(getattr(self._view, name) != value for name, value in changes.items()):
            await self._go(self._view.changed(**changes))

    async def _clear_all(self) -> None:
        await self._go(View())


def _mark(element: ui.element, *, is_on: bool) -> None:
    element.classes(add="is-on" if is_on else "", remove="" if is_on else "is-on")
