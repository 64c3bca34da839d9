"""For a payment provider: the merchants who bank with it and agreed that it is shared."""

from typing import Any

from marshmallow import fields

from app.actors import PROVIDER
from app.qr import bank_name
from app.registry.api.frame import api
from app.registry.queries.providers import LIVE, ProviderFilter, ProviderMerchant, provider_merchant, provider_page
from app.registry.rules.rights import masked_account
from app.registry.rules.stages import STAGES
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import PageQuery, Shown, cut_of, one_of, paged, text_field


class ProviderQuery(PageQuery):
    """Which merchants."""

    q = text_field("tên, mã hộ, mã quầy", 120)
    stage = one_of(["", *STAGES], "chặng", load_default="")
    state = one_of(["", *LIVE], "tình trạng tài khoản", load_default="")


class ProviderAccountOut(Shown):
    """An account at this provider, by its end."""

    bank = fields.String()
    account_tail = fields.String()
    state = fields.String()
    print_from = fields.AwareDateTime(allow_none=True)


class ProviderPointOut(Shown):
    """A place of the merchant, with this provider's codes there."""

    code = fields.String()
    place = fields.String()
    stage = fields.String()
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    serials = fields.List(fields.String(), metadata={"description": "mã QR đang dùng hoặc chờ duyệt"})


class ProviderMerchantOut(Shown):
    """A merchant as their provider sees them: no phone, no other bank."""

    code = fields.String(required=True)
    holder_name = fields.String()
    shop_name = fields.String()
    line_of_business = fields.String()
    unit = fields.String()
    stage = fields.String()
    since = fields.AwareDateTime(allow_none=True)
    accounts = fields.List(fields.Nested(ProviderAccountOut))
    points = fields.List(fields.Nested(ProviderPointOut))


@api.get("/provider/merchants")
@allow(PROVIDER)
@api.arguments(ProviderQuery, location="query")
@api.response(200, paged(ProviderMerchantOut))
def provider_list(query: dict[str, Any]) -> dict[str, Any]:
    """Hộ có tài khoản tại đơn vị và đã đồng ý chia sẻ với đơn vị."""
    wanted = ProviderFilter(query["q"], query["stage"], query["state"])
    page = provider_page(current_actor(), wanted, moment(), cut_of(query))
    return {"items": [_shown(each) for each in page.items], "total": page.total}


@api.get("/provider/merchants/<code>")
@allow(PROVIDER)
@api.response(200, ProviderMerchantOut)
def provider_one(code: str) -> dict[str, Any]:
    """Một hộ của đơn vị."""
    return _shown(provider_merchant(current_actor(), code, moment()))


def _shown(each: ProviderMerchant) -> dict[str, Any]:
    merchant = each.merchant
    return {
        "code": merchant.code,
        "holder_name": merchant.holder_name,
        "shop_name": merchant.shop_name,
        "line_of_business": merchant.line_of_business,
        "unit": each.unit,
        "stage": each.stage,
        "since": each.since,
        "accounts": [
            {
                "bank": bank_name(account.bank_bin) if account.bank_bin else account.provider,
                "account_tail": masked_account(account.account_number),
                "state": account.state,
                "print_from": account.print_from,
            }
            for account in each.accounts
        ],
        "points": [
            {
                "code": point.code,
                "place": point.place,
                "stage": point.stage,
                "lat": point.lat,
                "lng": point.lng,
                "serials": [code.serial for code in point.codes],
            }
            for point in each.points
        ],
    }
