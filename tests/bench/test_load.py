"""The answers that the load generator has to take apart, and what it makes of wrong ones."""

from __future__ import annotations

import asyncio

import pytest

from bench.load import BadAnswer, Load, percentile, request, split

HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = HEAD + b"Content-Length: 4\r\nX: y\r\n\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (WHOLE + b"body", (200, b"body")),
        (WHOLE + b"bod", None),
        (WHOLE[:-2], None),
        (HEAD.replace(b"200", b"503") + b"content-length: 0\r\n\r\n", (503, b"")),
        (CHUNKED + b"2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n", (200, b"body")),
        (CHUNKED + b"2\r\nbo\r\n2\r\n", None),
    ],
)
def test_an_answer_is_taken_apart_once_it_is_whole(data: bytes, answer: tuple[int, bytes] | None) -> None:
    assert split(data) == answer


def test_an_answer_without_its_length_is_a_bad_one() -> None:
    with pytest.raises(BadAnswer):
        split(HEAD + b"\r\n")


def test_a_request_has_its_length_and_a_token_only_where_there_is_one() -> None:
    assert request("http://127.0.0.1:1", "/graphql", b"{}").endswith(b"content-length: 2\r\n\r\n{}")
    assert b"\r\nauthorization: Bearer t\r\n\r\n{}" in request("http://127.0.0.1:1", "/graphql", b"{}", "t")


@pytest.mark.parametrize(("share", "milliseconds"), [(0.5, 51_000), (0.99, 100_000), (0.0, 1_000)])
def test_percentiles_are_of_values_in_any_order(share: float, milliseconds: float) -> None:
    assert percentile([float(second) for second in range(100, 0, -1)], share) == milliseconds


async def served(answer: bytes) -> None:
    """A load of two connections on a server that always gives this answer."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        load = Load()
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            await load.start(url, [request(url, "/", b"{}")], 2, 1)
            while len(load.latencies) < 10:
                await load.wait(0.01)
        finally:
            load.stop()


async def test_every_connection_asks_again_when_it_was_answered() -> None:
    await served(WHOLE + b"body")


@pytest.mark.parametrize(
    "answer", [WHOLE.replace(b"200", b"500") + b"body", HEAD + b'content-length: 13\r\n\r\n{"errors":[]}']
)
async def test_a_wrong_answer_ends_the_load(answer: bytes) -> None:
    with pytest.raises(BadAnswer):
        await served(answer)
