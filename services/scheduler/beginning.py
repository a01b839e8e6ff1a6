"""The callback of a completion that was drawn."""

from collections.abc import Mapping

from contracts.ids import named_id
from contracts.vocabulary import Priority, Purpose, Scenario
from services.scheduler.callback import Callback, Part
from services.scheduler.ledger import LedgerRow
from services.scheduler.merging import skill_for
from services.scheduler.rules import Rules
from services.scheduler.windows import window


def callback_of(rules: Rules, row: LedgerRow, *, answered: Mapping[int, int]) -> Callback:
    assert row.scenario is not None, "a drawn completion has a scenario"  # noqa: S101
    policy = rules.policies.scenarios[Scenario(row.scenario)]
    span = window(policy, row.counted_from)
    callback_id = named_id("callback", row.completion_ref)
    part = Part(
        part_id=named_id("part", callback_id), purpose=Purpose.SURVEY, round=1, questionnaire=policy.questionnaire
    )
    priority = Priority.VIP if row.vip else Priority.ORDINARY
    return Callback(
        callback_id=callback_id,
        completion_ref=row.completion_ref,
        customer_ref=row.customer_ref,
        source=row.source,
        service_id=row.service_id,
        scenario=policy.scenario,
        not_before=span.not_before,
        deadline=span.deadline,
        not_after=span.not_after,
        priority=Priority.COMPLAINT if policy.scenario is Scenario.COMPLAINT else priority,
        skill=skill_for(rules, policy.scenario, policy.skill, vip=row.vip),
        zone=row.zone,
        in_design=True,
        opened_at=row.accepted_at,
        phone_index=row.phone_index,
        email_index=row.email_index,
        channels=row.channels,
        answered=answered,
        parts=(part,),
    )
