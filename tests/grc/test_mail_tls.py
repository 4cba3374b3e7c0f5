"""No letter leaves in the clear: mail servers that cannot agree on TLS get nothing (OPS-3)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.mail import EmailMessage, get_connection

from tests.stories.stack import free_port

HERE = "127.0.0.1"


def certificate(folder: Path) -> Path:
    """A certificate that this machine signed for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HERE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Sink:
    """Keeps what a mail server is sent."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(envelope.content)
        return "250 Kept"


@contextmanager
def mail_server(settings: Any, pem: Path | None = None, *, tls: bool = True) -> Iterator[Sink]:
    """A mail server, with STARTTLS if it has a certificate; the platform uses TLS if it must."""
    sink, port = Sink(), free_port()
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    server = Controller(sink, hostname=HERE, port=port, tls_context=context)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HERE, port
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = tls, False
    try:
        yield sink
    finally:
        server.stop()


def send() -> None:
    server = get_connection()
    letter = EmailMessage("Subject", "A secret link", "a@firm.test", ["b@client.test"])
    try:
        assert server.send_messages([letter]) == 1
    finally:
        server.close()


def test_a_server_without_starttls_gets_nothing_ops_3(settings: Any) -> None:
    with mail_server(settings) as sink:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            send()
        assert sink.letters == []
    with mail_server(settings, tls=False) as sink:  # on this machine alone, see grc/safety.py
        send()
        assert len(sink.letters) == 1


def test_a_server_that_cannot_prove_its_name_gets_nothing_ops_3(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    with mail_server(settings, pem) as sink:
        with pytest.raises(ssl.SSLCertVerificationError):
            send()
        assert sink.letters == []
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server(settings, pem) as sink:
        send()
        assert len(sink.letters) == 1
