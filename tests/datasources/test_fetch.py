"""The document and its server in one loop. A7 is the case of the catalogue of attacks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from datasources.fetch import HEAD_SIZE, Document, FetchFailed

LIMIT = 1000
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server that does `serve` with each connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            await serve(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(*parts: bytes) -> Serve:
    """Answers any request with these bytes, piece by piece."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.001)

    return serve


async def fetched(serve: Serve, path: str = "/jwks") -> bytes:
    async with serving(serve) as port, asyncio.timeout(5):
        return await Document(f"http://127.0.0.1:{port}{path}", limit=LIMIT, loopback=True).fetch()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([OK + b"Content-Length: 5\r\n\r\nhello"], id="whole"),
        pytest.param([bytes([one]) for one in OK + b"Content-Length: 5\r\n\r\nhello"], id="byte-by-byte"),
        pytest.param([OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"], id="chunked"),
        pytest.param([OK + b"Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"], id="identity"),
        pytest.param([b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"], id="HTTP/1.0"),
    ],
)
async def test_a_document(parts: list[bytes]) -> None:
    assert await fetched(saying(*parts)) == b"hello"


async def test_what_is_asked() -> None:
    asked = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 0\r\n\r\n")

    assert await fetched(serve, "/realms/staff?x=1") == b""
    lines = asked.decode().split("\r\n")
    assert lines[0] == "GET /realms/staff?x=1 HTTP/1.1"
    assert lines[1].startswith("Host: 127.0.0.1:")
    assert "Accept-Encoding: identity" in lines


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        pytest.param([b"HTTP/1.1 302 Found\r\nLocation: http://attacker.example/\r\n\r\n"], "status 302", id="A7-redirect"),
        pytest.param([b"HTTP/1.1 307 T\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"], "status 307", id="A7-redirect-near"),
        pytest.param([b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"], "status 500", id="F26-500"),
        pytest.param([b"HTTP/1.1 204 X\r\n\r\n"], "status 204", id="no-content"),
        pytest.param([OK + b"Content-Length: 52428800\r\n\r\n"], "too large", id="A7-50-MB-announced"),
        pytest.param([OK + b"Content-Length: 99999999999999999999\r\n\r\n"], "not HTTP", id="absurd-length"),
        pytest.param(
            [OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"200\r\n" + b"x" * 512 + b"\r\n"] * 3], "too large", id="A7-50-MB-chunked"
        ),
        pytest.param([OK + b"Content-Length: 10\r\n\r\nhello"], "cut off", id="cut-off"),
        pytest.param([OK + b"\r\nhello"], "cut off", id="of-no-length"),
        pytest.param([OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"], "encoded", id="A7-gzip-bomb"),
        pytest.param([OK, *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 20], "too large", id="endless-headers"),
        pytest.param([b"<html>hello</html>"], "not HTTP", id="not-HTTP"),
        pytest.param([b"\x16\x03\x01\x00\x00"], "not HTTP", id="TLS"),
        pytest.param([OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"], "not HTTP", id="two-lengths"),
        pytest.param([], "cut off", id="nothing"),
    ],
)  # fmt: skip
async def test_what_is_no_good_answer(parts: list[bytes], why: str) -> None:
    with pytest.raises(FetchFailed) as failure:
        await fetched(saying(*parts))
    assert (str(failure.value), failure.value.__cause__) == (why, None)
    assert HEAD_SIZE > LIMIT


async def test_a7_a_redirect_is_not_followed() -> None:
    visited = False

    async def elsewhere(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        nonlocal visited
        visited = True

    async with serving(elsewhere) as port:
        with pytest.raises(FetchFailed):
            await fetched(saying(f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/\r\n\r\n".encode()))
        await asyncio.sleep(0.05)
    assert not visited


async def test_f26_one_that_hangs_is_let_go() -> None:
    gone = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        assert await reader.read() == b""
        gone.set()

    async with serving(hang) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await Document(f"http://127.0.0.1:{port}/", limit=LIMIT, loopback=True).fetch()
        async with asyncio.timeout(5):
            await gone.wait()


async def test_nobody_there() -> None:
    async with serving(saying()) as port:
        pass
    with pytest.raises(OSError, match="Connect call failed"):
        await Document(f"http://127.0.0.1:{port}/", limit=LIMIT, loopback=True).fetch()


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/jwks",
        "http://127.0.0.1.attacker.example/jwks",
        "http://127.0.0.1@attacker.example/jwks",
        "http://10.0.0.1/jwks",
        "file:///etc/passwd",
        "ftp://127.0.0.1/jwks",
        "https:///jwks",
        "https://user:secret@id.example/jwks",
        "https://id.example/jwks#x",
        "https://id.example/jw ks\r\nX: y",
        "https://ïd.example/jwks",
        "https://id.example:port/jwks",
        "jwks",
        "",
    ],
)
def test_an_address_that_is_not_trusted_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"not HTTPS|not an address|Port could not"):
        Document(url, limit=LIMIT, loopback=True)


def test_plain_http_is_for_this_machine_and_when_it_may() -> None:
    for host in ("127.0.0.1:8000", "localhost", "[::1]:8000"):
        Document(f"http://{host}/jwks", limit=LIMIT, loopback=True)
        with pytest.raises(ValueError, match="not HTTPS"):
            Document(f"http://{host}/jwks", limit=LIMIT)


# --- HTTPS ---------------------------------------------------------------------------------------


@pytest.fixture
def secured(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and a client's that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(secret + made.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())


async def test_over_https(secured: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = secured
    async with serving(saying(OK + b"Content-Length: 5\r\n\r\nhello"), server) as port:
        document = Document(f"https://127.0.0.1:{port}/jwks", limit=LIMIT, context=client)
        assert await document.fetch() == b"hello"


async def test_a_certificate_that_nobody_vouches_for_is_refused(secured: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with serving(saying(OK), secured[0]) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await Document(f"https://127.0.0.1:{port}/jwks", limit=LIMIT).fetch()
