"""A supervisor on a phone listens to a tune, uploads one that is refused and one that is not, and begins a pilot."""

from pathlib import Path

from playwright.async_api import Page

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL
from tests.e2e.agents.scene import NARROW, Desk, faults_of
from tests.integration.survey.test_tunes import a_sweep

TUNES = f"{WEB_URL}/survey/tunes"


async def sideways(page: Page) -> int:
    wide: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


async def test_a_supervisor_keeps_the_tunes_on_a_phone(desk: Desk, tmp_path: Path) -> None:
    page = await desk.sign_in(Role.SUPERVISOR, "keeper", size=NARROW)
    await page.goto(TUNES)
    heard = await page.evaluate(
        """async () => {
            const player = document.querySelector("#small_brook audio");
            player.load();
            await new Promise((done, failed) => {
                player.addEventListener("loadedmetadata", done, {once: true});
                player.addEventListener("error", () => failed(player.error), {once: true});
            });
            return player.duration;
        }"""
    )
    assert 2 < heard < 30
    (tmp_path / "quiet.wav").write_bytes(a_sweep(500, dbfs=-40))
    (tmp_path / "good.wav").write_bytes(a_sweep(500))
    for file, licence in (("quiet.wav", "合同 12"), ("good.wav", None)):
        await page.locator("#file").set_input_files(tmp_path / file)
        await page.locator("#tune_id").fill("street_song")
        if licence:
            await page.locator("#licence").fill(licence)
        async with page.expect_navigation():
            await page.locator("#licence").press("Enter")
        if file == "quiet.wav":
            assert "现在是 -40.0 dBFS" in await page.locator("#file-says").inner_text()
            assert (await faults_of(page), await sideways(page)) == ([], 0)
    assert "合同 12" in await page.locator("#street_song").inner_text()
    await page.locator("#pilot_name").fill("街声")
    for tune in ("street_song", "small_brook"):
        await page.locator(f"input[name=arms][value={tune}]").press("Space")
    await page.locator("#percent").fill("20")
    async with page.expect_navigation():
        await page.locator("#percent").press("Enter")
    assert "20%" in await page.locator("section[aria-labelledby=pilots]").inner_text()
    assert (await faults_of(page), await sideways(page)) == ([], 0)
