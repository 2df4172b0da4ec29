"""Samples of stacks: whose each is, and by which function."""

from __future__ import annotations

import pytest

from bench.profiles import by_function, by_part, stacks_of

LOOP = "run (gateway/commands/serving.py:90);Runner.run (asyncio/runners.py:118)"


@pytest.mark.parametrize(
    ("inner", "part"),
    [
        ("", "event loop and sockets"),
        (";RequestResponseCycle.send (uvicorn/protocols/http/httptools_impl.py:5)", "HTTP, uvicorn"),
        (";f (gateway/http.py:1);Database.keyed (datasources/database.py:2)", "sharing of statements"),
        (";f (datasources/database.py:2);Connection.fetch (asyncpg/connection.py:3)", "the driver"),
        (";LogRecorder.record (gateway/recorder.py:1);sha256 (auth/audit/digests.py:2)", "the record and its subjects"),
        (";shape (gateway/shape.py:1);<lambda> (<row>:1)", "rows to JSON"),
        (";f (gateway/pipeline.py:1);get (abc.py:9)", "the rest of the pipeline"),
    ],
)
def test_a_sample_is_that_of_the_innermost_function_that_is_known(inner: str, part: str) -> None:
    assert by_part(list(stacks_of(f"{LOOP}{inner} 7"))) == {part: 7}


def test_other_threads_than_the_event_loop_s_are_left_out() -> None:
    assert list(stacks_of("Thread.run (threading.py:1);_worker (concurrent/futures/thread.py:2) 9")) == []


def test_a_function_has_the_samples_of_all_its_lines() -> None:
    raw = f"{LOOP};f (gateway/run.py:1) 2\n{LOOP};f (gateway/run.py:9) 3"
    assert by_function(list(stacks_of(raw))) == {"f (gateway/run.py)": 5}
