"""The fields of an operation's form: what they are filled with, what that stands for, what could be filled in."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import htpy as h
from nicegui import ui

from models.operations.kinds import OperationKind
from models.operations.parameters import Form, Parameter
from models.operations.requests import amount_of, faults_of
from models.operations.situation import Situation
from ui.components.forms import Field
from ui.components.html import button, put, show
from ui.components.operation_parts import offer_text, resolved

Values = Mapping[str, str]


class OperationFields:
    """`values` are what they begin with; `on_change` is called whenever somebody types or chooses."""

    def __init__(self, kind: OperationKind, values: Values, *, on_change: Callable[[], Awaitable[None]]) -> None:
        self._kind = kind
        self._on_change = on_change
        self._fields: dict[str, Field] = {}
        self._told: dict[str, ui.html] = {}
        self._offers: dict[str, ui.element] = {}
        # The buttons beside each field, by what they fill in and what they say.
        self._offered: dict[str, dict[tuple[str, str], ui.element]] = {}
        # What was suggested last: it may be replaced by a better suggestion, what a person typed may not.
        self._suggested: dict[str, str] = {}
        for parameter in kind.shown:
            self._field(parameter, values.get(parameter.name, ""))

    @property
    def values(self) -> dict[str, str]:
        return {name: value for name, field in self._fields.items() if (value := field.value.strip())}

    @property
    def by_name(self) -> Mapping[str, Field]:
        return self._fields

    def draw(self, situation: Situation, values: Values, currency: str) -> None:
        """Show beside each field what it stands for, as far as that is known."""
        for parameter in self._kind.shown:
            typed = values.get(parameter.name, "")
            told = resolved(parameter, typed, situation) if parameter.form is Form.ID and typed else None
            put(self._told[parameter.name], told or self._read_amount(parameter, values))
            self._offer(parameter, situation)
            if parameter.is_amount:
                self._fields[parameter.name].end_with(currency)
            if typed and (fault := self._fault_of_typed(parameter, values, situation)):
                self._fields[parameter.name].refuse(fault, goes_there=False)

    def fill_in(self, suggestions: Values) -> None:
        """Fill in what is suggested wherever nobody has typed something of their own."""
        for name, suggestion in suggestions.items():
            field, last = self._fields.get(name), self._suggested.get(name)
            if not suggestion:
                # What could not be read takes nothing away that was known before.
                continue
            if field is not None and field.value == suggestion:
                # A draft that is come back to was filled in like this before.
                self._suggested[name] = suggestion
            # What somebody has emptied stays empty: they may be about to type.
            elif field is not None and suggestion != last and field.value in ("", last):
                self._suggested[name] = suggestion
                field.reset(suggestion)

    def _field(self, parameter: Parameter, value: str) -> None:
        is_needed = bool(parameter.is_required or parameter.default or self._is_one_of(parameter))
        label = parameter.label if is_needed else f"{parameter.label} (optional)"
        options = self._options(parameter)
        debounce = "debounce=400" if options is None else ""
        typed = "spellcheck=false autocomplete=off" if options is None else ""
        numeric = "inputmode=decimal" if parameter.is_amount else ""
        field = Field(
            label,
            value=value or self._default(parameter),
            options=options,
            help_text=h.fragment[parameter.explains, self._either(parameter), " ", h.code[parameter.name]],
            attributes=f"{debounce} {typed} {numeric} data-parameter={parameter.name}",
        )
        self._fields[parameter.name] = field
        self._told[parameter.name] = show(classes="told")
        self._offers[parameter.name] = ui.element("div").classes("offers")
        field.on_change(self._on_change)

    def _either(self, parameter: Parameter) -> str:
        """Say of which parameters only one is to be filled in."""
        names = next((names for names in self._kind.one_of if parameter.name in names), ())
        others = [self._kind.by_name[name].label.lower() for name in names if name != parameter.name]
        return f" Either this or {' or '.join(others)}." if others else ""

    def _is_one_of(self, parameter: Parameter) -> bool:
        return any(parameter.name in names for names in self._kind.one_of)

    def _options(self, parameter: Parameter) -> Mapping[str, str] | None:
        if parameter.form is not Form.CHOICE:
            return None
        nothing = {} if parameter.is_required or parameter.default else {"": "Not said"}
        return {**nothing, **parameter.options}

    def _default(self, parameter: Parameter) -> str:
        # Whether the fees are given back is suggested, by what there is of them.
        return "" if parameter.form is Form.SIGNED_AMOUNT else parameter.default

    def _offer(self, parameter: Parameter, situation: Situation) -> None:
        """Show what an empty field could be filled with, to choose with one click.

        A button that is offered again stays: a click on one that is just being replaced would be lost.
        """
        name = parameter.name
        offered = situation.offers.get(name, ())
        offers = [(str(content.get("Id")), offer_text(parameter, content, situation)) for content in offered]
        shown = self._offered.setdefault(name, {})
        for gone in shown.keys() - set(offers):
            shown.pop(gone).delete()
        with self._offers[name]:
            for value, text in offers:
                if (value, text) not in shown:
                    shown[value, text] = button(text, partial(self._take, name, value), classes="offer")

    async def _take(self, name: str, value: str) -> None:
        self._fields[name].reset(value)
        await self._on_change()

    def _fault_of_typed(self, parameter: Parameter, values: Values, situation: Situation) -> str:
        """Return what is wrong with what was typed, while it is being filled in: not that something is missing."""
        if parameter.name in situation.unread:
            return situation.unread[parameter.name]
        return faults_of(self._kind, values).get(parameter.name, "")

    def _read_amount(self, parameter: Parameter, values: Values) -> h.Node:
        """Say how an amount was read, where that is not what was typed."""
        typed = values.get(parameter.name)
        amount = amount_of(self._kind, values, parameter.name) if parameter.is_amount and typed else None
        if amount is None or typed == amount.decimal_text() or not amount.amount:
            return None
        return h.span(".caption.numbers")[f"Read as {amount.text()}"]
