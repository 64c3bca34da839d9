"""Who sees and does what in the registry, besides the scope of each role. Pure."""

from typing import Final

from app.actors import ADMIN, APPROVER, COORDINATOR, TEAM_LEAD, VOLUNTEER, Actor

#: Who opens the list and the record of a merchant.
READERS: Final = (VOLUNTEER, TEAM_LEAD, COORDINATOR, APPROVER, ADMIN)
#: Who enters and changes merchants, points, milestones and consents.
EDITORS: Final = (TEAM_LEAD, COORDINATOR, ADMIN)
#: Who records what happens at the stall.
RECORDERS: Final = (VOLUNTEER, TEAM_LEAD, COORDINATOR, ADMIN)
#: Who may offer a way of looking at a list to everybody of their commune.
SHARERS: Final = (TEAM_LEAD, COORDINATOR, ADMIN)
#: Who brings lists in, takes lists out, merges and erases.
KEEPERS: Final = (COORDINATOR, ADMIN)
#: Who may say yes or no to an account; that it is another person comes on top of it.
APPROVERS: Final = (APPROVER, COORDINATOR, ADMIN)
#: Who reads an account number in full.
SEE_ACCOUNTS: Final = (COORDINATOR, APPROVER, ADMIN)
#: Who may ask to see a phone or tax code in full; each look is written down.
SEE_PERSONAL: Final = (VOLUNTEER, TEAM_LEAD, COORDINATOR, ADMIN)


def sees_accounts(actor: Actor) -> bool:
    """Whether account numbers are shown to this person in full."""
    return actor.has(*SEE_ACCOUNTS)


def masked_account(number: str) -> str:
    """An account as everybody may see it.

    >>> masked_account("0011001237465")
    '•••• 7465'
    """
    return f"•••• {number[-4:]}" if number else ""
