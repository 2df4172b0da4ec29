from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from datasources.connection import fault
from gateway.observe import REQUEST_ID, TRACE_ID, JsonLines, configure_logging, event, log

ROOT = Path(__file__).parents[2]
SECRET = "440499198603120178"


def line(record: logging.LogRecord, worker: int | None = None) -> dict[str, str | int]:
    text = JsonLines(worker).format(record)
    assert "\n" not in text
    parsed: dict[str, str | int] = json.loads(text)
    assert str(parsed.pop("at")).endswith("+00:00")
    return parsed


def failed(name: str) -> logging.LogRecord:
    try:
        raise ValueError(SECRET)
    except ValueError:
        return logging.LogRecord(name, logging.ERROR, __file__, 1, f"Exception: {SECRET} %s", (SECRET,), sys.exc_info())


def test_an_event_has_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, log.name):
        event(logging.INFO, "started", port=8000)
    assert line(caplog.records[0]) == {"level": "info", "event": "started", "port": 8000}


def test_an_event_of_a_database_has_its_fields_in_the_same_place(caplog: pytest.LogCaptureFixture) -> None:
    fault("vehicle", ValueError(SECRET))
    shown = {"level": "error", "event": "statement refused", "database": "vehicle", "error": "ValueError"}
    assert line(caplog.records[0]) == shown


def test_a_line_has_the_request(caplog: pytest.LogCaptureFixture) -> None:
    token = REQUEST_ID.set("abc")
    with caplog.at_level(logging.INFO, log.name):
        event(logging.WARNING, "slow")
    assert line(caplog.records[0]) == {"level": "warning", "event": "slow", "request": "abc"}
    REQUEST_ID.reset(token)


def test_a_line_has_the_trace_and_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    token = TRACE_ID.set("4bf92f3577b34da6a3ce929d0e0e4736")
    with caplog.at_level(logging.INFO, log.name):
        event(logging.WARNING, "slow")
    shown = line(caplog.records[0], worker=3)
    assert (shown["trace"], shown["worker"]) == ("4bf92f3577b34da6a3ce929d0e0e4736", 3)
    TRACE_ID.reset(token)


def test_an_exception_is_its_type_and_place(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, log.name):
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            event(logging.ERROR, "internal", error=error)
    shown = line(caplog.records[0])
    assert str(shown.pop("where")).startswith("tests/gateway/test_observe.py:")
    assert shown == {"level": "error", "event": "internal", "error": "ValueError"}


@pytest.mark.parametrize("name", ["asyncio", "asyncpg", "sqlalchemy.engine", "uvicorn.error"])
def test_of_a_library_s_line_only_its_name_is_kept(name: str) -> None:
    shown = line(failed(name))
    assert (shown["event"], shown["error"]) == (name, "ValueError")
    assert SECRET not in json.dumps(shown)


def test_other_packages_of_ours_log_events_too(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("datasources.database").error("statement refused", extra={"database": "vehicle"})
    assert line(caplog.records[0]) == {"level": "error", "event": "statement refused", "database": "vehicle"}


def test_loggers_that_print_documents_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configured = logging.root.handlers[:], logging.root.level
    try:
        configure_logging()
        for name in ("strawberry.execution", "graphql", "uvicorn.access"):
            logging.getLogger(name).error(SECRET)
        event(logging.ERROR, "internal")
        shown = capsys.readouterr().err
    finally:
        logging.root.handlers, level = configured
        logging.root.setLevel(level)
    assert SECRET not in shown
    assert json.loads(shown)["event"] == "internal"


UNCAUGHT = f"""
import asyncio, threading, warnings
from gateway.observe import configure_logging, tell_of_everything
configure_logging(worker=2)
tell_of_everything()
warnings.warn("{SECRET}")
def fail(): raise ValueError("{SECRET}")
class Broken:
    def __del__(self): fail()
Broken()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
async def forgotten():
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
asyncio.run(forgotten())
fail()
"""


def test_whatever_goes_wrong_anywhere_is_a_line_without_values() -> None:
    ended = subprocess.run([sys.executable, "-c", UNCAUGHT], capture_output=True, text=True, check=False, cwd=ROOT)
    lines = [json.loads(text) for text in ended.stderr.splitlines()]
    assert [(one["event"], one.get("error")) for one in lines] == [
        ("py.warnings", None),
        ("uncaught", "ValueError"),
        ("uncaught", "ValueError"),
        ("asyncio", "ValueError"),
        ("uncaught", "ValueError"),
    ]
    assert {one["worker"] for one in lines} == {2}
    assert SECRET not in ended.stderr
