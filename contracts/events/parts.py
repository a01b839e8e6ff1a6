"""Pieces that several events carry."""

from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from contracts.vocabulary import CaseId, PromiseId, Purpose, ResponseId, Sealed


class Piece(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class About(Piece):
    """What a second contact refers to."""

    response_id: ResponseId | None = None
    case_id: CaseId | None = None
    promise_id: PromiseId | None = None
    suggestion_id: str | None = None


class CallbackPart(Piece):
    """One reason to call; one contact yields one response per part."""

    part_id: str
    purpose: Purpose
    round: int
    questionnaire: str
    about: About | None = None
    text: Sealed | None = None
    """What is to be told the customer (progress), sealed as text, field `progress`."""
    request_id: str | None = None
    """The `callback-requested` that asked for it; None for a part that nobody asked for."""


class StartInterval(Piece):
    """A span in which a contact may start: begins inclusive, ends inclusive."""

    begins: AwareDatetime
    ends: AwareDatetime

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.ends < self.begins:
            raise ValueError(f"interval ends {self.ends} before it begins {self.begins}")
        return self


class Span(Piece):
    """Evidence: characters `start` (inclusive) to `end` (exclusive) of the answer to `question_id`."""

    question_id: str
    start: int
    end: int
