"""Parts of the pages about batches: how far one has come, its lines, and what is wrong in a file."""

from collections.abc import Sequence

import htpy as h

from models.journal import Operation, OperationBatch, State
from models.money import Money
from models.operations.batch_files import Column, Fault, columns_of
from models.operations.kinds import OperationKind
from services.operations.batch_journal import BatchView
from ui.components.operation_parts import PATH, amount_of, operation_href, state_chip, title_of
from ui.components.parts import empty, icon, message, money, when
from ui.components.values import foreign
from ui.theme import Tone

BATCHES = f"{PATH}/batches"
# Beside what is done, in the order in which it is told.
_TOLD = {
    State.ACCEPTED: "not finished at Mangopay",
    State.FAILED: "failed",
    State.UNKNOWN: "being found out",
    State.CANCELLED: "cancelled",
    State.REFUSED: "refused",
    State.EXPIRED: "expired",
}
MOST_FAULTS = 200


def batch_href(batch: OperationBatch) -> str:
    return f"{BATCHES}/{batch.batch_id}"


def how_far(view: BatchView) -> str:
    """Return how far a batch has come: "412 of 1,000 done, 3 failed, 1 being found out"."""
    told = [f"{view.count(State.SUCCEEDED):,} of {view.batch.lines:,} done"]
    told += [f"{count:,} {word}" for state, word in _TOLD.items() if (count := view.count(state))]
    return ", ".join(told)


def totals_view(batch: OperationBatch) -> h.Node:
    amounts = [Money(minor, currency) for currency, minor in sorted(batch.totals.items())]
    return h.span(".batch-totals")[[money(amount) for amount in amounts]]


def batch_row(view: BatchView) -> h.Element:
    batch, target = view.batch, batch_href(view.batch)
    return h.div(".list-row", role="row", tabindex="0", data_href=target)[
        h.span(".what", role="cell", title=view.act)[view.act],
        h.span(".state", role="cell")[state_chip(batch.state)],
        h.span(".far", role="cell")[how_far(view)],
        h.span(".who", role="cell", title=batch.asked_by)[batch.asked_by],
        h.span(".when", role="cell")[when(batch.created_at)],
        h.span(".ways-in", role="cell")[
            h.a(".open", href=target, tabindex="-1", aria_label="Open", title="Open")[icon("search")]
        ],
    ]


def line_row(row: Operation) -> h.Element:
    amount, target = amount_of(row), operation_href(row)
    notices = row.seen.get("notices", []) if row.state is State.QUEUED else []
    note = row.failure or " ".join(notices)
    return h.div(".list-row", role="row", tabindex="0", data_href=target)[
        h.span(".number.numbers", role="cell")[str(row.line)],
        h.span(".what", role="cell", title=title_of(row))[h.a(href=target, tabindex="-1")[title_of(row)]],
        h.span(".state", role="cell")[state_chip(row.state)],
        h.span(".amount", role="cell")[money(amount) if amount else None],
        h.span(".note", role="cell", title=note or None)[foreign(note)],
    ]


def faults_view(faults: Sequence[Fault], lines: int) -> h.Node:
    """Return what is wrong in a file, by line and column."""
    many = f"{len(faults):,} faults" if len(faults) > 1 else "1 fault"
    of = f" in {lines:,} lines" if lines else ""
    rest = len(faults) - MOST_FAULTS
    return h.fragment[
        message(
            Tone.NEGATIVE,
            f"{many}{of}. Nothing was kept, and nothing has moved.",
            "Correct the file and upload it again.",
        ),
        h.div(".table-frame")[
            h.table(".small-table.faults")[
                h.thead[h.tr[[h.th(scope="col")[label] for label in ("Line", "Column", "What is wrong")]]],
                h.tbody[[_fault(fault) for fault in faults[:MOST_FAULTS]]],
            ]
        ],
        h.p(".caption")[f"And {rest:,} more: the file of faults has them all."] if rest > 0 else None,
    ]


def _fault(fault: Fault) -> h.Element:
    return h.tr[h.td(".numbers")[str(fault.line)], h.td(".mono")[fault.column], h.td[foreign(fault.sentence)]]


def columns_view(kind: OperationKind) -> h.Node:
    """Return what a file of a kind looks like, with a template to begin with."""
    return h.fragment[
        h.p[
            h.a(href=f"{BATCHES}/template/{kind.name}.csv", download=f"{kind.name}.csv")[
                icon("download"), " Template with the columns"
            ]
        ],
        h.details[
            h.summary["What the columns mean"],
            h.dl(".batch-columns")[[_column(column) for column in columns_of(kind)]],
        ],
    ]


def _column(column: Column) -> h.Node:
    options = f" One of {', '.join(column.options)}." if column.options else ""
    needed = "Required. " if column.is_required else ""
    return h.fragment[h.dt(".mono")[column.name], h.dd[f"{needed}{column.explains}{options}"]]


def no_batches() -> h.Node:
    return empty("upload_file", "No file was uploaded yet", "Each file will be listed here, with what became of it.")
