"""What is asked of a provider's formats, and which one is configured."""

from collections.abc import Mapping
from typing import Protocol

from services.survey.ivr.hosted.document import Document, Order, Told
from services.survey.ivr.hosted.jambonz import Jambonz
from services.survey.ivr.hosted.settings import Hosted
from services.survey.ivr.hosted.twilio import Twilio


class Provider(Protocol):
    content_type: str

    def proves(self, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider signed this. `url`: as it was asked for; names of `headers` in small letters."""

    def told(self, body: bytes) -> Told:
        """Raises `NotUnderstood`."""

    def rendered(self, document: Document) -> bytes: ...

    def order(self, number: str, *, first: str, status: str) -> Order:
        """One call; `first` is asked once it is answered, `status` told its end."""


def provider_of(settings: Hosted) -> Provider:
    return Jambonz(settings) if settings.provider == "jambonz" else Twilio(settings)
