"""Signed roots, handed to witnesses: what one of them holds, nobody can take back, the operator neither.

A checkpoint is one line of JSON: ``{"algorithm":…,"checkpoint":{…},"key":…,"signature":…}``. The signature, in base64url, is
over the canonical JSON of ``checkpoint``: ES256 as in RFC 7518, or Ed25519 (RFC 8032).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from auth.audit.digests import DIGESTS
from auth.audit.record import canonical
from auth.audit.terms import Report, Snapshot, now, timestamp
from auth.audit.tree import Peaks
from auth.audit.witness import Witness

SECONDS = 1.0
PATIENCE = 5.0
"""Seconds that a witness may take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """The state of a log at a time: how many records it has, the root over them, the hash of the last."""

    log: str
    digest: str
    size: int
    root: str
    head: str
    time: str

    @classmethod
    def of(cls, snapshot: Snapshot, at: str) -> Checkpoint:
        """The checkpoint of what is on the disk."""
        peaks = Peaks(DIGESTS[snapshot.digest], snapshot.head.sequence, snapshot.nodes)
        return cls(
            log=snapshot.log,
            digest=snapshot.digest,
            size=peaks.size,
            root=peaks.root().hex(),
            head=snapshot.head.hash,
            time=at,
        )

    @classmethod
    def decode(cls, document: Mapping[str, Any]) -> Checkpoint:
        """The checkpoint that was encoded. Raises ValueError."""
        values = {name: document.get(name) for name in cls.__slots__}
        if not all(isinstance(value, int if name == "size" else str) for name, value in values.items()):
            raise ValueError("not a checkpoint")
        return cls(**values)  # type: ignore[arg-type]

    def encode(self) -> bytes:
        """What is signed."""
        return canonical({name: getattr(self, name) for name in self.__slots__})


class Signer:
    """Signs checkpoints. The key is the log's own: P-256 or Ed25519."""

    def __init__(self, key: EllipticCurvePrivateKey | Ed25519PrivateKey) -> None:
        if isinstance(key, EllipticCurvePrivateKey) and not isinstance(key.curve, SECP256R1):
            raise ValueError("not a P-256 key")
        self._key = key
        self.algorithm = "ES256" if isinstance(key, EllipticCurvePrivateKey) else "Ed25519"
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.key_id = hashlib.sha256(public).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path) -> Signer:
        """The signer with the private key of a file (PEM, not encrypted). Raises ValueError, OSError."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (TypeError, UnsupportedAlgorithm) as error:
            raise ValueError("not a private key that can be read") from error
        if not isinstance(key, EllipticCurvePrivateKey | Ed25519PrivateKey):
            raise ValueError("neither a P-256 nor an Ed25519 key")
        return cls(key)

    @property
    def public_key(self) -> bytes:
        """What others check signatures with (PEM)."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """The line that witnesses get."""
        body = checkpoint.encode()
        if isinstance(self._key, EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self._key.sign(body, ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32) + s.to_bytes(32)
        else:
            signature = self._key.sign(body)
        encoded = base64.urlsafe_b64encode(signature).rstrip(b"=")
        return b'{"algorithm":"%b","checkpoint":%b,"key":"%b","signature":"%b"}\n' % (
            self.algorithm.encode(),
            body,
            self.key_id.encode(),
            encoded,
        )

    def read(self, line: bytes) -> Checkpoint | None:
        """The checkpoint of a line that this key has signed; None for any other line."""
        try:
            document = orjson.loads(line)
            checkpoint = Checkpoint.decode(document["checkpoint"])
            signature = base64.urlsafe_b64decode(document["signature"] + "==")
            if isinstance(self._key, EllipticCurvePrivateKey):
                encoded = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
                self._key.public_key().verify(encoded, checkpoint.encode(), ECDSA(hashes.SHA256()))
            else:
                self._key.public_key().verify(signature, checkpoint.encode())
        except (ValueError, LookupError, TypeError, AttributeError, InvalidSignature):
            return None
        return checkpoint


@dataclass
class _Round:
    """What a witness has, since when it lacks something, and the handing over that is going on."""

    witness: Witness
    size: int = 0
    lacking: float | None = None
    handing: asyncio.Task[None] | None = None
    failing: bool = False


class Checkpoints:
    """Signs the log's state every second in which it grew and hands it out; a witness that is slow holds up nobody.

    A witness that fails gets the newest checkpoint at the next turn: each vouches for all before it.
    """

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        signer: Signer,
        witnesses: Sequence[Witness],
        *,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
        report: Report | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._signer = signer
        self._rounds = [_Round(witness) for witness in witnesses]
        self._seconds = seconds
        self._patience = patience
        self._report = report
        self._line = b""
        self._size = 0

    async def run(self) -> None:
        """Until cancelled; then once more."""
        try:
            while True:
                self.turn()
                await asyncio.sleep(self._seconds)
        finally:
            await self.finish()

    def turn(self) -> None:
        """Signs what is new and hands it to every witness that lacks it."""
        snapshot = self._snapshot()
        if snapshot.head.sequence > self._size:
            self._line = self._signer.sign(Checkpoint.of(snapshot, timestamp(now())))
            self._size = snapshot.head.sequence
        for each in self._rounds:
            if each.size < self._size:
                each.lacking = each.lacking or time.monotonic()
                if each.handing is None:
                    each.handing = asyncio.create_task(self._hand(each, self._line, self._size))

    async def finish(self) -> None:
        """Hands out the last state."""
        await self._handed()
        self.turn()
        await self._handed()

    def behind(self) -> Mapping[str, float]:
        """For how many seconds each witness has lacked something; 0 where it has all."""
        at = time.monotonic()
        return {each.witness.name: at - each.lacking if each.lacking else 0.0 for each in self._rounds}

    def witnessed(self) -> int:
        """How many records every witness vouches for."""
        return min((each.size for each in self._rounds), default=0)

    async def _handed(self) -> None:
        await asyncio.gather(*(each.handing for each in self._rounds if each.handing is not None))

    async def _hand(self, to: _Round, line: bytes, size: int) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await to.witness.take(line)
        except Exception as error:  # noqa: BLE001 - a witness is outside: whatever it does, the log goes on
            if not to.failing:
                self._tell("audit_witness_failed", witness=to.witness.name, error=type(error).__name__)
            to.failing = True
        else:
            if to.failing:
                self._tell("audit_witness_resumed", witness=to.witness.name)
            to.failing = False
            to.size = size
            to.lacking = None if size == self._size else to.lacking
        finally:
            to.handing = None

    def _tell(self, name: str, **fields: str) -> None:
        if self._report is not None:
            self._report(name, **fields)
