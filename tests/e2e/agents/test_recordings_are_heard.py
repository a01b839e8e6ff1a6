"""A supervisor hears the recording of a call in a browser, for a reason, on pages that axe-core finds no fault with."""

import base64
import math
from datetime import timedelta

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest
from launcher.telephony.rtp import a_law
from services.survey.store import call_recordings
from services.survey.store.call_recordings import SOUND
from tests.e2e.agents.scene import Desk
from tests.e2e.agents.test_every_page_is_accessible import SEEN, look
from tests.integration.survey.builders import a_permit
from tests.integration.survey.calls import an_agent

NAME = "heard"
REF = f"customer-{NAME}"
PAGE = f"{WEB_URL}/survey/recordings/{NAME}/1"
SECOND = bytes(a_law(0.3 * math.sin(n / 3)) for n in range(80)) * 100
PLAYS = """async audio => {
    audio.muted = true;
    await audio.play();
    audio.pause();
    return audio.duration;
}"""


async def test_a_recording_is_played_for_a_reason_that_is_audited(desk: Desk) -> None:
    await _recorded(desk.survey)
    for size, language, theme in SEEN:
        login = f"hears-{size['width']}-{language}"
        page = await desk.sign_in(Role.SUPERVISOR, login, size=size, language=language)
        faults: list[str] = []
        for address in (f"{WEB_URL}/survey/recordings", PAGE):
            await page.goto(f"{address}?theme={theme}&lang={language}")
            faults += await look(page)
        await page.select_option("select[name=reason]", index=1)
        await page.locator("form[method=get] button").click()
        await page.wait_for_selector("audio")
        faults += await look(page)
        assert faults == []
        assert await _heard(desk.survey, login) == 0, "nothing was handed out yet"
        duration = await page.locator("audio").evaluate(PLAYS)
        assert abs(duration - 1.0) < 0.05
        assert await _heard(desk.survey, login) >= 1
        await page.context.close()


async def _recorded(survey: ServiceUnderTest) -> None:
    """A call of an agent of which the exchange recorded a second."""
    await survey.receive(await a_permit(survey, callback=NAME, ref=REF, channel="phone"))
    await (await an_agent(survey, "records", callback=NAME)).steps("claim", "dial")
    keys = await survey.runtime.vault.keyring(text=[REF])
    sealed = keys.seal_text(REF, SOUND, base64.b64encode(SECOND).decode())
    async with survey.runtime.transaction(customers=[REF]) as tx:
        until = tx.now + timedelta(days=90)
        key = (NAME, 1)
        await call_recordings.insert(tx.connection, key, customer_ref=REF, exchange="test", at=tx.now, keep_until=until)
        assert await call_recordings.keep(tx.connection, key, sealed=sealed, seconds=1.0, at=tx.now, keep_until=until)
        await call_recordings.gone_from_exchange(tx.connection, key)


async def _heard(survey: ServiceUnderTest, login: str) -> int:
    rows = await survey.query("SELECT action FROM staff.audit_page(NULL, 500, $1)", login)
    return sum(row["action"] == "recording-heard" for row in rows)
