"""What the agent is told of the customer besides this service: tags with the rule that gave each."""

from collections.abc import Sequence

from chassis.runtime import Received
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from contracts.events.tagging import CustomerMark, CustomerTagSheet
from services.survey.store import customer_tags

NAMES = {
    "high_value": N_("高价值客户"),
    "complaint_risk": N_("投诉风险客户"),
    "active_suggester": N_("建议活跃客户"),
}
_BECAUSE = {
    "level": N_("客户等级"),
    "purchases": N_("一年内购买 {n} 次"),
    "amount": N_("一年内购买 {n} 元"),
    "low_scores": N_("一年内低分 {n} 次"),
    "complaints": N_("一年内投诉 {n} 次"),
    "signs": N_("曾说要投诉、曝光或起诉"),
    "suggestions": N_("一年内提出建议 {n} 次"),
}


async def customers_tagged(tx: Transaction, received: Sequence[Received]) -> None:
    """Twice or out of order: the highest revision holds."""
    await customer_tags.put(tx.connection, [one.event for one in received])


def marks_from(keys: Keyring, ref: str, tags: str | None) -> tuple[CustomerMark, ...]:
    sheet = keys.open_as(CustomerTagSheet, ref, "customer_tags", tags) if tags else ERASED
    return () if sheet is ERASED else sheet.marks


def named(mark: CustomerMark) -> tuple[str, str]:
    """(tag, why) in the request's language; a code without a word speaks for itself."""
    why = _(_BECAUSE[mark.because]) if mark.because in _BECAUSE else mark.because
    return _(NAMES[mark.code]) if mark.code in NAMES else mark.code, why.format(n=f"{mark.seen:g}")
