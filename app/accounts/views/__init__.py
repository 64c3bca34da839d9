"""Pages of accounts: the entrance, one's own account, the administrator's list of people, the coordinator's team."""

from app.accounts.views import confirming, entrance, links, own, people, team
from app.accounts.views.frame import pages

__all__ = ["confirming", "entrance", "links", "own", "pages", "people", "team"]
