"""What keeps an operation from being sent, as one tree. Whatever is raised here, nothing has moved.

OperationError          any of these; the text says why, in one sentence
    NotThere            no such operation in this environment
    NoSuchBatch         no such batch in this environment
    AlreadyAsked        it is no draft any more: somebody has asked for it, perhaps this very person
    BatchMovedOn        somebody has taken the batch further, or stopped it
    Unfit               what was typed cannot be sent; carries the fields at fault
    Stopped             a check of the pre-flight speaks against it; carries the checks
    Moved               it is no longer as the operator saw it
    Busy                another operation on the same money is under way
    NotTaken            Mangopay has not taken it: no connection, too many calls, a refused key
    NotForYou           who asked cannot approve; what was approved is not what was asked
"""

from collections.abc import Mapping

from models.operations.checks import Check, Level


class OperationError(Exception):
    """Nothing was sent; the text says why."""


class NotThere(OperationError):
    def __init__(self) -> None:
        super().__init__("There is no such operation in this environment.")


class NoSuchBatch(OperationError):
    def __init__(self) -> None:
        super().__init__("There is no such batch in this environment.")


class AlreadyAsked(OperationError):
    def __init__(self, state: str) -> None:
        super().__init__(f"This operation has been asked for already: it is {state}.")


class BatchMovedOn(OperationError):
    def __init__(self, state: str) -> None:
        super().__init__(f"This batch is {state} by now.")


class Unfit(OperationError):
    def __init__(self, field_errors: Mapping[str, str]) -> None:
        super().__init__("Something is missing or wrong in the form.")
        self.field_errors = field_errors


class Stopped(OperationError):
    def __init__(self, checks: tuple[Check, ...]) -> None:
        super().__init__(" ".join(check.sentence for check in checks if check.level is Level.STOP))
        self.checks = checks


class Moved(OperationError):
    pass


class Busy(OperationError):
    def __init__(self) -> None:
        super().__init__("Another operation on the same money is under way. Wait until it has ended.")


class NotTaken(OperationError):
    pass


class NotForYou(OperationError):
    pass
