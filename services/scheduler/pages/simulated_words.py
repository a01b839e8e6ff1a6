"""Strata, scenarios and skills of a comparison as words."""

from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from services.scheduler.pages.words import CHANNELS, DISPOSITIONS, SCENARIOS, named
from services.scheduler.sampling import OTHER, VIP
from services.scheduler.simulate.intervals import OVERALL

__all__ = ["CHANNELS", "DISPOSITIONS", "named", "skill", "stratum"]

_SKILLS = {"general": N_("普通坐席"), "senior": N_("资深坐席")}


def stratum(label: str) -> str:
    """A stratum's, scenario's or hour's label; what has no word of its own is left as it is."""
    if label == OVERALL:
        return _("全部")
    if label == VIP:
        return "VIP"
    scenario, _slash, kind = label.partition("/")
    if not kind:
        return named(SCENARIOS, scenario)
    return f"{named(SCENARIOS, scenario)} / {_('其他') if kind == OTHER else kind}"


def skill(code: str) -> str:
    return named(_SKILLS, code)
