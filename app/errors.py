"""What a person may be told: one family of errors, each with a stable code and a way to mend it."""


class DomainError(Exception):
    """Something a person can mend. `str()` is one Vietnamese message: what is wrong, then how to mend it.

    `code` is stable (for the API and for reading out over the phone); `status` is the HTTP answer.
    """

    code = "loi"
    status = 422

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())


class NotFoundError(DomainError):
    """What was asked for does not exist, or is not in this person's scope: the two look the same."""

    code = "khong-tim-thay"
    status = 404


class ForbiddenError(DomainError):
    """This person may not do this."""

    code = "khong-duoc-phep"
    status = 403


class ConflictError(DomainError):
    """What was asked contradicts what is recorded already."""

    code = "mau-thuan"
    status = 409


class RefusedError(DomainError):
    """The input was read and refused; the message names place and remedy."""

    code = "tu-choi"
