"""Opening what is sealed, once for many rows; what was erased opens as nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis.vault import ERASED, Keyring, Vault, scope_of
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.context import ServiceContext
from services.followup.responses import Response


async def opened_texts(vault: Vault, responses: Sequence[Response]) -> tuple[Keyring, dict[str, dict[str, str]]]:
    """The keyring of their customers, and the open answers by response id; empty after an erasure."""
    keys = await vault.keyring(text={response.customer_ref for response in responses})
    return keys, {response.response_id: texts_of(keys, response) for response in responses}


def texts_of(keys: Keyring, response: Response) -> dict[str, str]:
    texts = open_text(keys, response.customer_ref, "texts", response.texts)
    return AnswerTexts.model_validate(texts).texts if texts is not None else {}


def open_text(keys: Keyring, ref: str, field: str, sealed: str | None) -> object | None:
    """None: nothing was there, or it was erased."""
    value = keys.open(ref, field, sealed) if sealed else None
    return None if value is ERASED else value


def words(keys: Keyring, ref: str, field: str, sealed: str | None) -> str | None:
    value = open_text(keys, ref, field, sealed)
    return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Opened:
    """A response with its scores, words and context in the clear: for one page view only."""

    response: Response
    sheet: AnswerSheet
    texts: dict[str, str]
    context: ServiceContext | None


async def keyring_for(vault: Vault, responses: Iterable[Response], refs: Iterable[str] = ()) -> Keyring:
    """Opens answers, words and contexts of these responses, and what else is sealed for `refs`."""
    rows = list(responses)
    return await vault.keyring(
        text={response.customer_ref for response in rows} | set(refs),
        facts={scope_of(sealed) for response in rows for sealed in (response.answers, response.context)},
    )


def opened(keys: Keyring, response: Response) -> Opened:
    ref = response.customer_ref
    answers = open_text(keys, ref, "answers", response.answers)
    context = open_text(keys, ref, "context", response.context)
    return Opened(
        response=response,
        sheet=AnswerSheet.model_validate(answers) if answers is not None else AnswerSheet(answers=()),
        texts=texts_of(keys, response),
        context=ServiceContext.model_validate(context) if context is not None else None,
    )
