"""What the demo keeps between two starts, in one directory: keys, databases, and a note of the city that is in them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from datasources.embedded import EmbeddedPostgres, EmbeddedPostgresError
from datasources.provision import role_name
from datasources.tables import DATABASES
from gateway.commands.serving import Refusal

ROOT = Path(__file__).parents[2]
DEFAULT_STATE = ROOT / ".state"
CITY_FILE = "city.json"
SEAL_FILE = "seal-key"
AUDIT_KEY_FILE = "audit-key"
SIGNING_KEY_FILE = "audit-signing-key.pem"
WITNESS_PATH = "/witness"
PORT_FILE = "provider-port"


@dataclass(frozen=True, kw_only=True)
class City:
    """Which city is in the databases. `made_by` tells the tables and the generator that made it."""

    size: str
    seed: int
    made_by: str


class State:
    """The directory of one demo. Nothing is written before it is needed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    def issuer(self) -> DemoIssuer:
        """The issuers of this demo's tokens, where its identity provider serves them."""
        return DemoIssuer.open(self.directory, f"http://127.0.0.1:{self.provider_port()}")

    def verifier(self) -> TokenVerifier:
        """Takes this demo's tokens and no others."""
        return TokenVerifier(self.issuer().trusted())

    def provider_port(self) -> int:
        """The port of the identity provider: it stays, since it is in every token. A free one is taken at first."""
        path = self.directory / PORT_FILE
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(path.read_text())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return self.remember_provider_port(listener.getsockname()[1])

    def remember_provider_port(self, port: int) -> int:
        """The identity provider listens there."""
        self._write(self.directory / PORT_FILE, str(port))
        return port

    def seal_key(self) -> bytes:
        """The key of cursors and ids, made at the first start."""
        return self._secret(SEAL_FILE)

    def audit_key(self) -> bytes:
        """The key of the log's pseudonyms, made at the first start; it lies beside the log in a demo only."""
        return self._secret(AUDIT_KEY_FILE)

    @property
    def audit_directory(self) -> Path:
        """Where the access log is."""
        return self.directory / "audit"

    def signing_key(self) -> Path:
        """The file with the key of the log's checkpoints, made at the first start."""
        path = self.directory / SIGNING_KEY_FILE
        if not path.exists():
            made = generate_private_key(SECP256R1())
            pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            self._write(path, pem.decode())
        return path

    @property
    def witness_directory(self) -> Path:
        """Where the demo's witnesses keep checkpoints."""
        return self.directory / "witnesses"

    def witness_url(self) -> str:
        """The address of the one that the identity provider's server has beside it."""
        return f"http://127.0.0.1:{self.provider_port()}{WITNESS_PATH}"

    def _secret(self, name: str) -> bytes:
        path = self.directory / name
        with contextlib.suppress(FileNotFoundError):
            return bytes.fromhex(path.read_text())
        self._write(path, secrets.token_hex(64))
        return bytes.fromhex(path.read_text())

    def city(self) -> City | None:
        """The city that was built to its end, by the tables and the generator of now; else None."""
        try:
            city = City(**json.loads((self.directory / CITY_FILE).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return city if city.made_by == fingerprint() else None

    def forget_city(self) -> None:
        """Take the note away, before the databases are touched."""
        (self.directory / CITY_FILE).unlink(missing_ok=True)

    def remember_city(self, size: str, seed: int) -> None:
        """Leave the note, when everything is in the databases."""
        self._write(self.directory / CITY_FILE, json.dumps(asdict(City(size=size, seed=seed, made_by=fingerprint()))))

    def _write(self, path: Path, text: str) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)


def fingerprint() -> str:
    """Of the files that decide what the databases hold."""
    digest = hashlib.sha256()
    places = [ROOT / "datasources" / "provision.py"]
    for folder in ("tables", "city"):
        places += sorted(path for path in (ROOT / "datasources" / folder).rglob("*") if path.suffix in {".py", ".csv"})
    for path in places:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def running_postgres(state: State) -> Iterator[EmbeddedPostgres]:
    """The server of this state, started here and stopped at the end. Raises Refusal when it cannot be."""
    postgres = EmbeddedPostgres(state.directory)
    try:
        postgres.start()
    except EmbeddedPostgresError as error:
        raise Refusal(f"tongcha: {error}") from None
    try:
        yield postgres
    finally:
        postgres.stop()


@contextlib.contextmanager
def databases_of(state: State) -> Iterator[Mapping[str, str]]:
    """The databases of a demo that was built: of one that runs now, or started for this one use."""
    if state.city() is None:
        raise Refusal(f"tongcha: no city in {state.directory}; start tongcha demo once")
    postgres = EmbeddedPostgres(state.directory)
    addresses = addresses_of(postgres)
    if _answers(next(iter(addresses.values()))):
        yield addresses
        return
    with running_postgres(state) as postgres:
        yield addresses_of(postgres)


def addresses_of(postgres: EmbeddedPostgres) -> dict[str, str]:
    """The address of each database for the gateway's role in it."""
    return {name: postgres.dsn(name, role_name(name)) for name in DATABASES}


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
    except OSError:
        return False
    return True
