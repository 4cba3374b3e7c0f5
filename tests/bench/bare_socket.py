"""The floor of an upload: a socket, a hash, a file, and nothing else.

    python -m tests.bench.bare_socket PORT FOLDER

A sender says the number of bytes in 8 bytes, then sends them; the answer is their SHA-256, when
the file is flushed to the disk.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from itertools import count
from pathlib import Path

PIECE = 2**20


def serve(port: int, folder: Path) -> None:
    """Receive for ever, one sender at a time."""
    with socket.create_server(("127.0.0.1", port)) as server:
        for number in count():
            sender, _ = server.accept()
            with sender:
                sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while head := sender.recv(8, socket.MSG_WAITALL):
                    path = folder / f"bare-{number}"
                    sender.sendall(receive(sender, int.from_bytes(head), path))
                    path.unlink()


def receive(sender: socket.socket, size_bytes: int, path: Path) -> bytes:
    """Keep so many bytes in a new file; their SHA-256."""
    digest, buffer = hashlib.sha256(), memoryview(bytearray(PIECE))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while size_bytes:
            got = sender.recv_into(buffer, min(PIECE, size_bytes))
            digest.update(buffer[:got])
            os.write(descriptor, buffer[:got])
            size_bytes -= got
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return digest.digest()


def send(connection: socket.socket, content: bytes) -> bytes:
    """Send a file and wait until it is kept; its SHA-256 as it arrived."""
    connection.sendall(len(content).to_bytes(8))
    connection.sendall(content)
    return connection.recv(32, socket.MSG_WAITALL)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
