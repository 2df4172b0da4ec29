from __future__ import annotations

import signal
import socket

import pytest

from gateway.commands.serving import Refusal, address, bind, stop_on_sigterm


def test_a_free_port_is_taken() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_taken_port_is_said_before_anything_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refusal) as refusal:
            bind("127.0.0.1", port)
    assert str(refusal.value) == f"tongcha: cannot listen on 127.0.0.1 port {port}: Address already in use"


def test_sigterm_is_taken_as_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        stop_on_sigterm()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
