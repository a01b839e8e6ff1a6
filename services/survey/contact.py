"""The customer's contact data, opened."""

from chassis.vault import ERASED, Erased, Vault
from contracts.context import ContactData
from services.survey.permits import Permit


async def opened_contact(vault: Vault, permit: Permit) -> ContactData | Erased:
    ref = permit.callback.customer_ref
    if permit.contact is None:
        return ERASED
    opened = (await vault.keyring(contact=[ref])).open(ref, "contact", permit.contact)
    return ERASED if opened is ERASED else ContactData.model_validate(opened)
