"""Facts about contacts, as the customers' telephones and mailboxes saw them."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from launcher.demo.customer import Work
from launcher.demo.evidence import Evidence
from launcher.demo.memory import Contact

Found = tuple[bool, str, str]
_OPENS, _CLOSES = time(8), time(22)
_PATIENCE = timedelta(hours=2)


def lawful_hours(evidence: Evidence) -> Found:
    outside = [contact for contact in evidence.memory.contacts if not _is_lawful(contact)]
    return not outside, f"{len(evidence.memory.contacts)} 次联系，时段外 {len(outside)}", "时段外 0"


def far_west(evidence: Evidence) -> Found:
    """Eight in the morning there is ten on the operator's clock."""
    work = evidence.month.planted.far_west
    found = _contacts(evidence, work)
    local = [contact.at.astimezone(ZoneInfo(contact.zone)) for contact in found]
    holds = bool(found) and all(_is_lawful(contact) for contact in found)
    return holds, "、".join(f"{at:%m-%d %H:%M}" for at in local) or "没有联系", f"{work.customer.zone} 08–22 点"


def stopped(evidence: Evidence) -> Found:
    """Neither the customer nor anybody with the same number is contacted after the wish."""
    planted, memory = evidence.month.planted, evidence.memory
    late, ends = [], []
    for group in (planted.stopped, planted.stopped_online):
        since = memory.stops.get(group[0].customer.customer_id)
        if since is None:
            return False, f"{group[0].customer.name} 没有机会说出口", "两位客户要求停止"
        people = {work.customer.customer_id for work in group}
        late += [c for c in memory.contacts if c.customer_id in people and c.at > since]
        ends += [evidence.told.stories[work.key].explanation for work in group]
    holds = not late and all(end == "opted_out" for end in ends)
    return holds, f"之后联系 {len(late)} 次，{ends.count('opted_out')} 次服务记为拒绝联系", f"0 次，{len(ends)} 次"


def moved(evidence: Evidence) -> Found:
    work, corrected = evidence.month.planted.moved, evidence.month.planted.corrections[0]
    addresses = {contact.address for contact in _contacts(evidence, work)}
    return addresses == {corrected.customer.email}, "、".join(sorted(addresses)) or "没有信", "只有新邮箱"


def silent(evidence: Evidence) -> Found:
    work = evidence.month.planted.silent
    explanation = evidence.told.stories[work.key].explanation
    return explanation == "no_contact_data", str(explanation), "no_contact_data"


def appointment(evidence: Evidence) -> Found:
    work = evidence.month.planted.appointment
    agreed = evidence.memory.agreed.get(work.key)
    if agreed is None:
        return False, "没有约成", "第二天 15:00"
    later = [contact.at for contact in _contacts(evidence, work)][1:]
    holds = bool(later) and agreed <= later[0] <= agreed + _PATIENCE
    zone = ZoneInfo(work.customer.zone)
    found = f"{later[0].astimezone(zone):%m-%d %H:%M}" if later else "没有再打"
    return holds, found, f"{agreed.astimezone(zone):%m-%d %H:%M}"


def _contacts(evidence: Evidence, work: Work) -> list[Contact]:
    return sorted((c for c in evidence.memory.contacts if c.service == work.key), key=lambda contact: contact.at)


def _is_lawful(contact: Contact) -> bool:
    return _OPENS <= contact.at.astimezone(ZoneInfo(contact.zone)).time() < _CLOSES
