"""The worklist."""

from flask import render_template

from app.registry.queries.issues import issue_counts
from app.registry.rules.rights import READERS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment


@pages.get("/issues")
@pages.get("/merchants/issues")
@allow(*READERS)
def issues() -> str:
    """What wants attention, the worst first; each leads to the merchants it is about."""
    return render_template("registry/issues.html", issues=issue_counts(current_actor(), moment()))
