"""TLS: versions, HTTP/2 by ALPN, and a new certificate without a restart."""

import socket
import ssl
import subprocess
import time

import pytest


def certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, capture_output=True)


@pytest.fixture
def secure(launch, tmp_path):
    certificate(tmp_path, "first")
    (tmp_path / "tls.toml").write_text(f'[server]\ntls_certificate_file = "{tmp_path}/cert.pem"\n'
                                       f'tls_key_file = "{tmp_path}/key.pem"\n')
    return launch.weir_tls(tmp_path / "tls.toml")


def connect(port, versions=None, alpn=("http/1.1",)):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    if versions:
        context.minimum_version = context.maximum_version = versions
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=5))


def common_name(port):
    with connect(port) as connection:
        return connection.getpeercert(binary_form=True)


def test_versions_and_protocols(secure):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(secure.port, version) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: weir\r\n\r\n")
            assert connection.recv(20).startswith(b"HTTP/1.1 200")
    with connect(secure.port, alpn=("h2", "http/1.1")) as connection:
        assert connection.selected_alpn_protocol() == "h2"
    with pytest.raises((ssl.SSLError, OSError)):
        connect(secure.port, ssl.TLSVersion.TLSv1_1)


def test_a_new_certificate_is_taken_up_and_a_broken_one_is_not(secure, tmp_path):
    first = common_name(secure.port)
    with connect(secure.port) as kept:
        certificate(tmp_path, "second")
        deadline = time.monotonic() + 10
        while common_name(secure.port) == first:
            assert time.monotonic() < deadline, "the new certificate was not taken up"
            time.sleep(0.1)
        kept.sendall(b"GET /livez HTTP/1.1\r\nHost: weir\r\n\r\n")
        assert kept.recv(20).startswith(b"HTTP/1.1 200")
    second = common_name(secure.port)
    (tmp_path / "cert.pem").write_text("not a certificate")
    time.sleep(2.5)
    assert common_name(secure.port) == second
