"""Who does what with the books and with payouts."""

from typing import Final

from app.actors import ADMIN, APPROVER, COORDINATOR, PROVIDER

#: Who writes runs into the books and drafts payouts.
KEEPERS: Final = (COORDINATOR, ADMIN)
APPROVERS: Final = (APPROVER, COORDINATOR, ADMIN)
#: Who says that money went out, and brings the file that shows it.
PAYERS: Final = (COORDINATOR, PROVIDER, ADMIN)
READERS: Final = (COORDINATOR, APPROVER, PROVIDER, ADMIN)
