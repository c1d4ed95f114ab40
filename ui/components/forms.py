"""Forms inside pages: labelled inputs with help and error beside them, tabs with an address each, questions."""

from collections.abc import Callable, Mapping
from uuid import uuid4

import htpy as h
from nicegui import ui
from sqlalchemy.exc import OperationalError

from ui.components.html import button, put, show
from ui.theme import Tone

BUSY = "The database does not answer just now."


def sentence_of(error: Exception) -> str:
    """Return what an act failed for, in words."""
    return f"{BUSY} Nothing was changed; try again in a moment." if isinstance(error, OperationalError) else str(error)


class Field:
    """A labelled input or, with options, a choice. Its error stands beside it, in words, and its help below.

    A searched choice is found by typing: the whole of an option, its key, or a beginning that no other has. What is
    none of them is the value as it was typed. `attributes` are more of the input's own.
    """

    def __init__(
        self,
        label: str,
        *,
        value: str = "",
        options: Mapping[str, str] | None = None,
        kind: str = "text",
        help_text: h.Node = "",
        is_long: bool = False,
        is_searched: bool = False,
        attributes: str = "",
    ) -> None:
        self._name = name = f"field-{uuid4()}"
        self._searched = dict(options or {}) if is_searched else {}
        with ui.element("div").classes("form-field"):
            ui.html(str(h.fragment[label]), tag="label").classes("form-label").props(f"for={name}")
            if options is None:
                self._input: ui.input | ui.select = (ui.textarea if is_long else ui.input)(value=value)
                self._input.props("outlined dense autogrow" if is_long else f"outlined dense type={kind}")
            elif is_searched:
                self._input = ui.input(value=options.get(value, value), autocomplete=list(options.values()))
                self._input.props("outlined dense").on("blur", self._complete, args=[])
            else:
                shown = value if value in options else None
                self._input = ui.select(dict(options), value=shown).props("outlined dense options-dense")
            self._input.props(f"for={name} {attributes}").on_value_change(lambda: self.refuse(""))
            self._error = show(classes="form-error")
            if help_text:
                described = show(help_text, classes="caption")
                self._input.props(f'aria-describedby="{self._error.html_id} {described.html_id}"')

    @property
    def value(self) -> str:
        text = str(self._input.value or "")
        return (self._searched and self._option(text)) or text

    def _option(self, text: str) -> str | None:
        """Return the option that was meant by a text: it is one, or only one begins like it."""
        typed = text.strip().casefold()
        meant = [key for key, label in self._searched.items() if typed in (label.casefold(), key.casefold())]
        meant = meant or [key for key, label in self._searched.items() if label.casefold().startswith(typed)]
        return meant[0] if typed and len(meant) == 1 else None

    def _complete(self) -> None:
        """Show the whole of the option that was meant, once somebody has typed it."""
        option = self._option(str(self._input.value or ""))
        if option is not None:
            self._input.value = self._searched[option]

    def end_with(self, text: str) -> None:
        """Show something behind the value that is not part of it, such as a currency."""
        self._input.props(f"suffix={text}") if text else self._input.props(remove="suffix")

    def reset(self, value: str = "") -> None:
        self._input.value = value
        self.refuse("")

    def on_change(self, act: Callable[[], object]) -> None:
        """Have something done whenever another value is typed or chosen."""
        self._input.on_value_change(act)

    def refuse(self, sentence: str, *, goes_there: bool = True) -> None:
        """Say what is wrong with the value, and go there; "" takes it back."""
        put(self._error, sentence and h.span(role="alert")[sentence])
        if sentence and goes_there:
            # Not at once: a dialog that closes this very moment would scroll back to where the page was before.
            self._input.client.run_javascript(
                f"requestAnimationFrame(() => document.getElementById('{self._name}')?.focus())"
            )


def tabs(entries: Mapping[str, str], *, path: str) -> None:
    """Add tabs, by address: each is a page of its own."""
    with ui.element("nav").classes("tabs").props('aria-label="Sections"'):
        show(
            [
                h.a(href=target, aria_current="page" if target == path else None)[name]
                for target, name in entries.items()
            ]
        )


async def ask(title: str, *content: h.Node, act: str, is_dangerous: bool = False) -> bool:
    """Ask whether something is to be done, in a dialog that says what will happen; True when it is."""
    with _named_dialog(title) as dialog, ui.card().classes("panel question"):
        show(h.h2(".section")[title], *content)
        with ui.element("div").classes("question-ways"):
            button("Cancel", dialog.close, classes="plain-button")
            button(act, lambda: dialog.submit(act), classes="danger" if is_dangerous else "primary")
    return bool(await answer_of(dialog))


async def answer_of(dialog: ui.dialog) -> object:
    """Open a dialog, wait for what it is answered with, and take it away; None when it is closed, or left."""
    answer: object = await dialog
    # Whoever leaves the page leaves the question behind, and it has gone with the page.
    if not dialog.is_deleted:
        dialog.delete()
    return answer


def _named_dialog(name: str) -> ui.dialog:
    dialog = ui.dialog()
    # Not by `props`, which would read a quotation mark in the name as its end.
    dialog.props["aria-label"] = name
    return dialog


def tell(sentence: str, *, is_error: bool = False) -> None:
    """Say in passing what has happened; an error stays long enough to be read twice, or until it is closed."""
    tone = Tone.NEGATIVE if is_error else Tone.POSITIVE
    ui.notify(
        sentence,
        # Quasar's own colours do not stand out enough; the stylesheet has ours.
        textColor="none",
        classes=f"toast {tone}",
        icon=tone.icon,
        timeout=10_000 if is_error else 4_000,
        close_button="Close" if is_error else False,
        position="bottom",
    )
