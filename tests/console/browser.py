"""A browser without a window, driven over the DevTools protocol: one page, which may reach one origin and no other."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "headless_shell", "chrome-headless-shell")
SECONDS, LOOK_SECONDS = 20.0, 0.05
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--hide-scrollbars",
)


def found() -> str | None:
    """A browser of this machine."""
    return next((place for place in map(shutil.which, NAMES) if place is not None), None)


class Failed(AssertionError):
    """The page is not as it should be."""


class Page:
    """One page. `asked` are all addresses that it asked for, `complaints` what the browser had to say against it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._origin = ""
        self._background: set[asyncio.Task[Any]] = set()

    async def listen(self) -> None:
        """Takes what the browser says, until it is gone."""
        async for message in self._socket:
            told = json.loads(message)
            if "id" in told:
                self._waiting.pop(told["id"]).set_result(told)
            else:
                self._hear(told["method"], told["params"])

    def _hear(self, event: str, told: Mapping[str, Any]) -> None:
        if event == "Fetch.requestPaused":
            self._later(self._judge(told["requestId"], told["request"]["url"]))
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"], ensure_ascii=False)[:500])
        elif event == "Log.entryAdded" and told["entry"]["source"] in {"security", "javascript", "violation"}:
            self.complaints.append(told["entry"]["text"])

    async def _judge(self, request: str, address: str) -> None:
        self.asked.append(address)
        own = address.startswith(f"{self._origin}/")
        if own:
            await self.send("Fetch.continueRequest", requestId=request)
        else:
            await self.send("Fetch.failRequest", requestId=request, errorReason="BlockedByClient")

    def _later(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def send(self, method: str, **parameters: Any) -> Any:
        """One command. Raises Failed."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        told = await self._waiting[number]
        if "error" in told:
            raise Failed(f"{method}: {told['error']['message']}")
        return told["result"]

    async def visit(self, address: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Opens an address, and from then on nothing of another origin."""
        parts = urlsplit(address)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        for domain in ("Page", "Runtime", "Log"):
            await self.send(f"{domain}.enable")
        await self.send("Fetch.enable", patterns=[{"urlPattern": "*"}])
        await self.look(width=width, height=height, dark=dark)
        await self.send("Page.navigate", url=address)

    async def look(self, *, width: int, height: int, dark: bool) -> None:
        """The size of the window, and whether whoever looks likes it dark."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def tell(self, expression: str) -> Any:
        """The value of an expression in the page. Raises Failed."""
        result = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def until(self, expression: str) -> None:
        """Returns once an expression is true. Raises Failed when it does not become so."""
        for _ in range(int(SECONDS / LOOK_SECONDS)):
            if await self.tell(f"Boolean({expression})"):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Failed(f"never: {expression}; {self.complaints}")

    async def press(self, key: str, *, control: bool = False) -> None:
        """A key, as the keyboard gives it."""
        held: dict[str, Any] = {"key": key, "code": key, "modifiers": 2 if control else 0}
        text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else None)
        number = {"Enter": 13, "Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "End": 35, " ": 32, "Home": 36}.get(key, 0)
        held |= {"windowsVirtualKeyCode": number}
        await self.send(
            "Input.dispatchKeyEvent", type="keyDown", **held, **({"text": text} if text and not control else {})
        )
        await self.send("Input.dispatchKeyEvent", type="keyUp", **held)

    async def type(self, text: str) -> None:
        """A text into what has the focus."""
        await self.send("Input.insertText", text=text)

    async def picture(self) -> bytes:
        """What is to be seen now, as PNG."""
        shot = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])


@contextlib.asynccontextmanager
async def browsing(program: str, language: str = "zh-CN") -> AsyncIterator[Page]:
    """A page of a new browser, which is ended on the way out."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program, *OPTIONS, f"--user-data-dir={profile}", f"--lang={language}", f"--accept-lang={language}",
            stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(SECONDS):
                base = await _address(process)
            async with httpx.AsyncClient() as client:
                target = (await client.put(f"{base}/json/new?about:blank")).json()
            async with connect(target["webSocketDebuggerUrl"], max_size=None) as socket:
                page = Page(socket)
                hearing = asyncio.create_task(page.listen())
                try:
                    yield page
                finally:
                    hearing.cancel()
                    await asyncio.gather(hearing, return_exceptions=True)
        finally:
            process.terminate()
            await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    while line := await process.stderr.readline():
        said += line
        if match := re.search(rb"listening on ws://([^/]+)/", line):
            return f"http://{match[1].decode()}"
    raise Failed(f"the browser does not start: {said.decode(errors='replace')[-2000:]}")
