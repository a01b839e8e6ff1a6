"""The message that brings a customer the link. It names no product and no problem: a mailbox is read by others too."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from contracts.vocabulary import Purpose

_SUBJECT = {
    ("zh-CN", Purpose.SURVEY): "请您评价这次服务",
    ("zh-CN", Purpose.PROGRESS): "您反映的情况有了进展",
    ("zh-CN", Purpose.VERIFICATION): "想再向您核实一次",
    ("en", Purpose.SURVEY): "How was our service?",
    ("en", Purpose.PROGRESS): "News on what you told us",
    ("en", Purpose.VERIFICATION): "One more question from us",
}
_TEXT = {
    "zh-CN": "您好，想请您用约{minutes}分钟回答几个问题：{url} （{until}前有效，打开后先确认身份，可选择不再接收）",
    "en": "A few questions, about {minutes} min: {url} (until {until}; you confirm who you are first and can opt out)",
}
_BODY = {
    "zh-CN": """您好：

感谢您使用我们的服务。想请您用大约 {minutes} 分钟回答几个问题：

{url}

链接在 {until} 前有效，中途离开可以接着填。
为了保护您的信息，打开后会先请您确认身份。
不想再收到回访，打开链接后可以选择“不再接收回访”。

这封邮件由系统发出，请不要直接回复。
""",
    "en": """Hello,

Thank you for using our service. A few questions, about {minutes} minutes:

{url}

The link works until {until}; you can leave and come back.
To protect your information we first ask you to confirm who you are.
If you do not wish to be contacted again, open the link and choose "Do not contact me again".

This message was sent automatically, please do not reply.
""",
}


@dataclass(frozen=True)
class Letter:
    """`until` is shown in the customer's `zone`."""

    sender: str
    address: str
    language: str
    purpose: Purpose
    url: str
    minutes: int
    until: datetime
    zone: str
    message_id: str


def text_of(letter: Letter) -> str:
    """The words of a text message: short, and without a line break."""
    language = _language(letter)
    return _TEXT[language].format(minutes=letter.minutes, url=letter.url, until=_until(letter, language))


def compose(letter: Letter, now: datetime) -> EmailMessage:
    language = _language(letter)
    until = _until(letter, language)
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = letter.address
    message["Subject"] = _SUBJECT[language, letter.purpose]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    message.set_content(_BODY[language].format(minutes=letter.minutes, url=letter.url, until=until))
    return message


def _language(letter: Letter) -> str:
    return "en" if letter.language.startswith("en") else "zh-CN"


def _until(letter: Letter, language: str) -> str:
    local = letter.until.astimezone(ZoneInfo(letter.zone))
    if language == "en":
        return f"{local:%-d %b %Y %H:%M}"
    return f"{local:%Y} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"
