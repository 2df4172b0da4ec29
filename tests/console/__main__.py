"""``scripts/explorer``: the demo's page in a browser that reaches nothing else, as whoever tries it out would use it.

``scripts/explorer ADDRESS`` looks at a demo that runs; without, one is started on its usual state. ``--pictures DIRECTORY`` keeps
what was seen. Fails when a step does not lead to what it should, the page asks anything of another place, or the browser complains.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.console.operations import operations
from tests.console.browser import Failed, Page, browsing, found

SIZES = {"desktop": (1280, 860), "phone": (360, 740)}
TABS = ("answer", "held", "sources", "plan", "record", "asked")
RUN_ENDED = "!document.getElementById('run').disabled && document.querySelector('#status mark')"
DEMO = [sys.executable, "-m", "gateway.cli", "demo", "--port", "0"]


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """The address of a demo that is started here."""
    with subprocess.Popen(DEMO, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if match := re.search(r"page to ask from.*: (http://\S+)/$", line.rstrip()):
                    yield match[1]
                    break
            else:
                raise Failed("the demo does not start")
        finally:
            process.terminate()
            process.communicate()


async def expect(page: Page, what: str, expression: str) -> None:
    """One behaviour."""
    await page.until(expression)
    print(f"  {what}", flush=True)


async def choose(page: Page, select: str, value: str) -> None:
    """As a hand does it."""
    await page.tell(
        f"(() => {{ const list = document.getElementById('{select}'); list.value = '{value}';"
        " list.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


async def run(page: Page) -> None:
    """Asks, and waits for the answer."""
    await page.tell("document.getElementById('status').replaceChildren(); document.getElementById('run').click()")
    await page.until(RUN_ENDED)


def text(name: str) -> str:
    """What stands in an element, as an expression."""
    return f"document.getElementById('{name}').textContent"


def code(name: str) -> str:
    """What stands in an editor."""
    return f"document.getElementById('{name}').shadowRoot.querySelector('.cm-content').textContent"


async def every_operation(page: Page) -> None:
    """Each is answered to its caller, with a record that is of this answer."""
    for one in operations():
        await choose(page, "operation", one["name"])
        await run(page)
        await expect(page, f"{one['name']} is answered", f"{text('status')}.includes('OK')")
        await expect(page, "  and on record", f"{text('panel-record')}.includes('RELEASED')")


async def reasons(page: Page) -> None:
    """What is held back is said with its reason; who states no purpose sees less."""
    await choose(page, "operation", "01_roadside_vehicle")
    await choose(page, "caller", "officer-without-task")
    await run(page)
    await expect(page, "what is withheld has a reason", f"{text('panel-held')}.includes('PURPOSE_DENIED')")
    await expect(page, "and counts", f"Number({text('tab-held')}.match(/\\d+/)) > 2")
    await expect(page, "the plan names the policies", f"{text('panel-plan')}.includes('officer')")
    await page.tell("document.querySelector('[name=onWithheld]').click()")
    await run(page)
    await expect(page, "a refusal is shown as one", f"{text('status')}.includes('403')")
    await expect(page, "and is on record", f"{text('panel-record')}.includes('DENIED')")


async def writing(page: Page) -> None:
    """The editor completes and checks by the caller's schema, and the keyboard is enough."""
    await choose(page, "operation", "01_roadside_vehicle")
    await expect(page, "the schema is read", f"/\\d+/.test({text('knows')})")
    await page.tell("document.getElementById('query').shadowRoot.querySelector('.cm-content').focus()")
    await page.press("a", control=True)
    await page.press("Backspace")
    await page.type('{ vehicle(plateNo: "粤C12A34", plateType: "02") { nonsense ow')
    inside = "document.getElementById('query').shadowRoot"
    await expect(
        page,
        "fields are completed",
        f"{inside}.querySelector('.cm-tooltip-autocomplete li')?.textContent.startsWith('owner')",
    )
    await expect(
        page, "with the official term", f"{inside}.querySelector('.cm-completionInfo')?.textContent.includes('所有人')"
    )
    await page.press("Enter")
    await page.type(" { displayName } } }")
    await expect(page, "what the schema does not have is marked", f"{inside}.querySelector('.cm-lintRange-error')")
    await page.press("Enter", control=True)
    await page.until(RUN_ENDED)
    await expect(page, "Ctrl+Enter asks", f"{text('status')}.includes('GRAPHQL_VALIDATION_FAILED')")
    await page.tell("document.getElementById('tab-answer').focus()")
    await page.press("ArrowRight")
    await expect(page, "arrows go from tab to tab", "document.activeElement.id === 'tab-held'")
    await expect(page, "and show what it names", "!document.getElementById('panel-held').hidden")


async def languages(page: Page) -> None:
    """Chinese to who reads Chinese, and the other at a press."""
    await expect(page, "it speaks Chinese", f"document.documentElement.lang === 'zh-CN' && {text('run')} === '执行'")
    await page.tell("document.getElementById('language').click()")
    await expect(page, "and English", f"document.documentElement.lang === 'en' && {text('run')} === 'Run'")
    await page.tell("document.getElementById('language').click()")
    unnamed = (
        "[...document.querySelectorAll('input, select, button, [role=tabpanel]')].filter((one) => one.checkVisibility()"
        " && !(one.labels?.length || one.textContent.trim() || one.getAttribute('aria-labelledby'))).length === 0"
    )
    await expect(page, "everything has a name for who listens", unnamed)


async def everywhere(page: Page, pictures: Path | None) -> None:
    """On a desk and on a phone, in light and in dark: nothing wider than the window."""
    await choose(page, "operation", "02_shop_by_uscc")
    await run(page)
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            await page.look(width=width, height=height, dark=scheme == "dark")
            for tab in TABS:
                await page.tell(f"document.getElementById('tab-{tab}').click()")
                await expect(page, f"{size}, {scheme}, {tab} fits", f"document.documentElement.scrollWidth <= {width}")
                if pictures is not None:
                    await page.tell("document.getElementById('tabs').scrollIntoView()")
                    (pictures / f"{size}-{scheme}-{tab}.png").write_bytes(await page.picture())


async def look(address: str, program: str, pictures: Path | None) -> None:
    """Every look at the page."""
    async with browsing(program) as page:
        await page.visit(f"{address}/")
        await page.until(f"document.getElementById('knows') && /\\d+/.test({text('knows')})")
        await languages(page)
        await every_operation(page)
        await reasons(page)
        await writing(page)
        await everywhere(page, pictures)
        stored = await page.tell("localStorage.length + sessionStorage.length + document.cookie.length")
        elsewhere = sorted({one for one in page.asked if not one.startswith(f"{address}/")})
    if stored or elsewhere or page.complaints:
        raise Failed(f"kept: {stored}, asked elsewhere: {elsewhere}, complaints: {page.complaints}")
    print(f"{len(page.asked)} requests, none to another place; nothing kept, no complaint of the browser.")


def main() -> None:
    """Ends with status 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(prog="scripts/explorer", description="The demo's page in a browser.")
    parser.add_argument("address", nargs="?", help="of a demo that runs")
    parser.add_argument("--browser", default=found(), help="program; the one of this machine unless given")
    parser.add_argument("--pictures", type=Path, help="directory for what was seen")
    given = parser.parse_args()
    if given.browser is None:
        sys.exit("tongcha: scripts/explorer needs Chromium or Chrome; on Debian or Ubuntu: apt-get install chromium")
    if given.pictures is not None:
        given.pictures.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.nullcontext(given.address.rstrip("/")) if given.address else demo() as address:
            asyncio.run(look(address, given.browser, given.pictures))
    except Failed as failure:
        sys.exit(f"tongcha: {failure}")


if __name__ == "__main__":
    main()
