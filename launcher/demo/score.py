"""The product's figures beside the planted truth: one line for each planted fact. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from launcher.demo.evidence import Evidence
from launcher.demo.facts import contacts, figures, followups, services


@dataclass(frozen=True)
class Line:
    """`holds`: the planted fact was found. `found` and `planted` are words for the terminal."""

    name: str
    holds: bool
    found: str
    planted: str


Fact = Callable[[Evidence], tuple[bool, str, str]]
"""(holds, found, planted)."""

FACTS: dict[str, Fact] = {
    "每份单据有且只有一个结局": services.each_has_one_end,
    "结局与客户经历一致": services.ends_agree,
    "抽样框与抽样率": services.frame_and_rates,
    "重复与更正": services.repeated_and_corrected,
    "框外与退回各有原因": services.kept_out,
    "死信恰好是埋下的": services.dead_letters,
    "答卷原样到达，一份不多": services.answers_arrived,
    "整体满意度（加权）": figures.overall,
    "NPS（加权）": figures.nps,
    "一次性解决率（加权）": figures.solved,
    "响应速度（加权）": figures.of("response_speed"),
    "专业能力（加权）": figures.of("competence"),
    "服务态度（加权）": figures.of("attitude"),
    "沟通清晰度（加权）": figures.of("clarity"),
    "只在当地 08–22 点联系": contacts.lawful_hours,
    "另一时区的客户按当地时间": contacts.far_west,
    "说过“别再打”就不再联系": contacts.stopped,
    "更正后的邮箱才收到信": contacts.moved,
    "没有联系方式的客户": contacts.silent,
    "约定时间准时回电": contacts.appointment,
    "各部门收到各自的案件": followups.departments,
    "建议与表扬送到各部门": followups.routed,
    "1 分 → 案件 → 处理 → 告知 → 结案": followups.story,
    "结案都有证据，历史都完整": followups.closed_with_evidence,
    "二次回访不满意则重开": followups.reopened,
    "建议合并、答复、回告提出人": followups.wish,
    "二次回访前后成对": followups.pairs,
    "兑现与违背的承诺": followups.promises,
}


def score(evidence: Evidence) -> list[Line]:
    return [Line(name, *fact(evidence)) for name, fact in FACTS.items()]


def all_found(lines: Sequence[Line]) -> bool:
    return all(line.holds for line in lines)
