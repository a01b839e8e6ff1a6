"""How this process reaches a hosted telephone provider. Without a provider nothing of this runs."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.survey.ivr import settings as exchange
from services.survey.ivr.settings import House

PREFIX = "AFTERCALL_SURVEY_HOSTED_"
PATH = "/survey/calls"
"""Below the address of this installation: the door for the provider."""
_APIS = {"twilio": "https://api.twilio.com", "jambonz": "https://api.jambonz.cloud"}


class Hosted(House):
    """From the environment, `AFTERCALL_SURVEY_HOSTED_` before each name in capitals.

    `api`: of the provider's REST interface, `account` and `token` its login. `secret`: signs what the provider asks of
    us; Twilio signs with the token. `sounds_url`: where the provider finds the folder of prompts and tunes.
    `can_transfer`: whether it can hand a call to a person. `agents`: numbers or SIP addresses, rung at the same time.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    provider: Literal["", "twilio", "jambonz"] = ""
    api: str = ""
    account: str = ""
    token: str = Field(default="", repr=False)
    secret: str = Field(default="", repr=False)
    sounds_url: str = ""
    can_transfer: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.provider:
            return self
        for name in ("account", "token", "caller_id", "sounds_url"):
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} is missing")
        if self.provider == "jambonz" and not self.secret:
            raise ValueError("SECRET is missing: the webhook secret of the account, with which jambonz signs")
        return self

    @property
    def signing_secret(self) -> str:
        return self.secret or self.token

    @property
    def rest(self) -> str:
        return (self.api or _APIS[self.provider]).rstrip("/")

    @property
    def plays_uploads(self) -> bool:
        """The provider fetches them from us."""
        return True

    @property
    def exchange(self) -> str:
        """The name under which its calls are stored."""
        return f"hosted-{self.provider}"

    def sound(self, file: str) -> str:
        return f"{self.sounds_url.rstrip('/')}/{file}.wav"


def read() -> Hosted:
    """Raises `SettingsError` naming what is wrong."""
    return exchange.from_environment(Hosted)


def wanted() -> bool:
    return bool(read().provider)


def check() -> None:
    """Of an own exchange as well. Raises `SettingsError`."""
    exchange.check()
    read()
