"""Who is acting: a person on a page, a phone, the command line, or the program itself."""

from dataclasses import dataclass, field

VOLUNTEER = "volunteer"
TEAM_LEAD = "team_lead"
COORDINATOR = "coordinator"
APPROVER = "approver"
PRINT_SHOP = "print_shop"
PROVIDER = "provider"
PROVINCE = "province"
ADMIN = "admin"

#: Every role, with the words people use for it (docs/glossary.md).
ROLES = {
    VOLUNTEER: "Tình nguyện viên",
    TEAM_LEAD: "Đội trưởng",
    COORDINATOR: "Điều phối viên",
    APPROVER: "Người duyệt",
    PRINT_SHOP: "Nhà in",
    PROVIDER: "Đơn vị thanh toán",
    PROVINCE: "Cán bộ tỉnh",
    ADMIN: "Quản trị",
}

#: Roles that work at a desk inside the commune.
OFFICE = (COORDINATOR, APPROVER, ADMIN)


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the world a role reaches: a unit with all below it, a zone, or a provider. `kind` "all" has id 0."""

    kind: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or program) with the rights they have at this moment."""

    id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    via: str = "web"
    session: str = ""
    #: (role, scope) as granted; empty for programs, whose every role reaches every scope
    grants: frozenset[tuple[str, Scope]] = field(default_factory=frozenset)

    def has(self, *roles: str) -> bool:
        """Whether one of these roles is theirs."""
        return not self.roles.isdisjoint(roles)

    def scopes_of(self, *roles: str) -> frozenset[Scope]:
        """What these roles (without names: all of theirs) reach: a coordinator here may be a volunteer there."""
        if not roles or not self.grants:
            return self.scopes if not roles or self.has(*roles) else frozenset()
        return frozenset(scope for role, scope in self.grants if role in roles)


#: The person at the machine's own command line: whoever can read the instance folder may do everything in it.
COMMAND_LINE = Actor(None, "Dòng lệnh", frozenset({ADMIN, COORDINATOR}), frozenset({Scope("all")}), via="cli")
#: The program itself: migrations, jobs that nobody asked for, the sample commune.
SYSTEM = Actor(None, "Chợ Số", frozenset(), frozenset({Scope("all")}), via="system")
