"""HTTP/1.1 as a stranger speaks it to the release binary: bytes over a raw socket, and what comes back.

Each case carries a second request behind it. Of a message that is refused it must never be answered.
"""

import email.utils
import re
import socket
import time

import pytest

SECOND = b"GET /livez HTTP/1.1\r\nHost: second\r\n\r\n"
CHAT = b'{"message": "hi"}'


def converse(weir, message, timeout=8):
    """Everything that the server answers until it closes; fails when it keeps the connection open."""
    with socket.create_connection((weir.host, weir.port), timeout=timeout) as connection:
        received = b""
        try:
            connection.sendall(message)
        except OSError:
            pass  # refused before the end of a large message: the answer is there
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        except socket.timeout:
            raise AssertionError(f"the connection stays open after {message[:200]!r}: {received[:300]!r}") from None
        return received


def statuses(received):
    """The status of each answer: heads are found by their Content-Length or their lack of a body."""
    found = []
    while received:
        match = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
        assert match, received[:200]
        head, _, received = received.partition(b"\r\n\r\n")
        found.append(int(match[1]))
        length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
        received = received[int(length[1]) if length else 0:]
    return found


def field(answer, name):
    match = re.search(rb"\r\n" + name + rb": ([^\r]*)\r\n", answer.partition(b"\r\n\r\n")[0] + b"\r\n", re.I)
    return match and match[1]


def get(line=b"GET /livez HTTP/1.1", fields=b""):
    return line + b"\r\nHost: a\r\n" + fields + b"\r\n"


def chat(fields, body=CHAT):
    return b"POST /api/chat HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + fields + b"\r\n" + body


def sized(length):
    return chat(b"Content-Length:" + length + b"\r\n")


def coded(coding, body=b"11\r\n" + CHAT + b"\r\n0\r\n\r\n"):
    return chat(b"Transfer-Encoding:" + coding + b"\r\n", body)


def chunked(body):
    return coded(b" chunked", body)


def chunk(size=b"11", data=CHAT, end=b"\r\n", last=b"0\r\n\r\n"):
    return chunked(size + b"\r\n" + data + end + last)


BOTH = b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n"
REFUSED = {
    # RFC 9112 §2.2
    "bare_lf_in_request_line": b"GET /livez HTTP/1.1\nHost: a\r\n\r\n",
    "bare_lf_in_field": b"GET /livez HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "bare_lf_throughout": b"GET /livez HTTP/1.1\nHost: a\n\n",
    "bare_cr_in_request_line": b"GET /livez HTTP/1.1\rHost: a\r\n\r\n",
    "bare_cr_in_value": get(fields=b"X: a\rb\r\n"),
    "cr_cr_lf": get(fields=b"X: a\r\r\n"),
    "two_empty_lines_first": b"\r\n\r\n" + get(),
    "whitespace_before_first_field": b"GET /livez HTTP/1.1\r\n Host: a\r\n\r\n",
    # RFC 9112 §3
    "two_spaces": get(b"GET  /livez HTTP/1.1"),
    "trailing_space": get(b"GET /livez HTTP/1.1 "),
    "tab_for_space": get(b"GET\t/livez\tHTTP/1.1"),
    "space_in_target": get(b"GET /li vez HTTP/1.1"),
    "no_target": get(b"GET HTTP/1.1"),
    "no_version": get(b"GET /livez"),
    "lower_case_version": get(b"GET /livez http/1.1"),
    "version_without_minor": get(b"GET /livez HTTP/1"),
    "version_with_leading_zero": get(b"GET /livez HTTP/01.1"),
    "version_with_space": get(b"GET /livez HTTP/ 1.1"),
    "asterisk_with_get": get(b"GET * HTTP/1.1"),
    "authority_form_with_get": get(b"GET a:80 HTTP/1.1"),
    "absolute_form_with_user": get(b"GET http://u@a/livez HTTP/1.1"),
    "absolute_form_of_ftp": get(b"GET ftp://a/livez HTTP/1.1"),
    "fragment": get(b"GET /livez#x HTTP/1.1"),
    "raw_utf8": get(b"GET /\xc3\xa9 HTTP/1.1"),
    "nul_in_target": get(b"GET /\0 HTTP/1.1"),
    # RFC 9112 §3.2
    "no_host": b"GET /livez HTTP/1.1\r\n\r\n",
    "empty_host": b"GET /livez HTTP/1.1\r\nHost:\r\n\r\n",
    "same_host_twice": b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "two_hosts": b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "host_list": b"GET /livez HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "host_with_user": b"GET /livez HTTP/1.1\r\nHost: u@a\r\n\r\n",
    "host_with_path": b"GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "host_with_bad_port": b"GET /livez HTTP/1.1\r\nHost: a:x\r\n\r\n",
    # RFC 9112 §5
    "space_before_colon": get(fields=b"X : a\r\n"),
    "space_before_colon_of_length": chat(b"Content-Length : 17\r\n"),
    "space_before_colon_of_coding": chat(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    "obs_fold": get(fields=b"X: a\r\n b\r\n"),
    "obs_fold_of_coding": chat(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
    "empty_name": get(fields=b": a\r\n"),
    "no_colon": get(fields=b"nothing\r\n"),
    "brackets_in_name": get(fields=b"X[y]: a\r\n"),
    "utf8_in_name": get(fields=b"X\xc3\xab: a\r\n"),
    "nul_in_value": get(fields=b"X: a\0b\r\n"),
    "control_character_in_value": get(fields=b"X: a\x01b\r\n"),
    "delete_in_value": get(fields=b"X: a\x7f\r\n"),
    "length_with_underscore": chat(b"Content_Length: 17\r\n"),
    "coding_with_underscore": chat(b"Transfer_Encoding: chunked\r\n", b"0\r\n\r\n"),
    # RFC 9112 §6.1
    "length_then_coding": chat(BOTH, b"0\r\n\r\n"),
    "coding_then_length": chat(b"Transfer-Encoding: chunked\r\nContent-Length: 17\r\n", b"0\r\n\r\n"),
    "length_and_coding_with_a_request_inside": chat(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
                                                    b"0\r\n\r\nG" + SECOND),
    "coding_and_length_with_a_request_inside": chat(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                                                    b"26\r\n" + SECOND + b"\r\n0\r\n\r\n"),
    "coding_on_http_1_0": b"POST /api/chat HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding_identity": coded(b" identity"),
    "coding_gzip_alone": coded(b" gzip"),
    "coding_unknown": coded(b" xchunked"),
    "coding_empty": coded(b""),
    "coding_not_chunked_last": coded(b" chunked, gzip"),
    "coding_trailing_comma": coded(b" chunked,"),
    "coding_leading_comma": coded(b" , chunked"),
    "coding_chunked_twice": coded(b" chunked, chunked"),
    "coding_in_two_fields": chat(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "coding_contradicted": chat(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"),
    "coding_with_parameter": coded(b" chunked;q=1"),
    "coding_quoted": coded(b' "chunked"'),
    "coding_after_vertical_tab": coded(b" \x0bchunked"),
    "coding_after_form_feed": coded(b" \x0cchunked"),
    "coding_before_nul": coded(b" chunked\0"),
    # RFC 9112 §6.3
    "length_empty": sized(b""),
    "length_plus": sized(b" +17"),
    "length_minus": sized(b" -17"),
    "length_minus_zero": sized(b" -0"),
    "length_hexadecimal": sized(b" 0x11"),
    "length_octal": sized(b" 0o21"),
    "length_with_separator": sized(b" 1_7"),
    "length_with_space_inside": sized(b" 1 7"),
    "length_list_of_same": sized(b" 17, 17"),
    "length_list_of_different": sized(b" 17, 18"),
    "length_of_letters": sized(b" many"),
    "length_with_tail": sized(b" 17a"),
    "length_over_63_bits": sized(b" 9223372036854775808"),
    "length_over_64_bits": sized(b" 18446744073709551633"),
    "length_twice_the_same": chat(b"Content-Length: 17\r\nContent-Length: 17\r\n"),
    "length_twice_different": chat(b"Content-Length: 17\r\nContent-Length: 18\r\n"),
    # RFC 9112 §7.1
    "chunk_size_0x": chunk(b"0x11"),
    "chunk_size_plus": chunk(b"+11"),
    "chunk_size_minus": chunk(b"-11"),
    "chunk_size_underscore": chunk(b"1_1"),
    "chunk_size_leading_space": chunk(b" 11"),
    "chunk_size_trailing_space": chunk(b"11 "),
    "chunk_size_trailing_tab": chunk(b"11\t"),
    "chunk_size_empty": chunk(b""),
    "chunk_size_no_digit": chunk(b"xyz"),
    "chunk_size_over_64_bits": chunk(b"10000000000000011"),
    "chunk_size_ends_with_lf": chunked(b"11\n" + CHAT + b"\r\n0\r\n\r\n"),
    "chunk_size_ends_with_cr": chunked(b"11\r" + CHAT + b"\r\n0\r\n\r\n"),
    "chunk_data_too_long": chunk(data=CHAT + b"XX"),
    "chunk_data_without_end": chunk(end=b""),
    "chunk_data_ends_with_lf": chunk(end=b"\n"),
    "last_chunk_plus_zero": chunk(last=b"+0\r\n\r\n"),
    "chunk_extension_bare_semicolon": chunk(b"11;"),
    "chunk_extension_invalid_token": chunk(b"11;a[]"),
    "chunk_extension_nul": chunk(b"11;a\0"),
    "chunk_extension_control_character": chunk(b"11;a=\x01"),
    "chunk_extension_bare_lf": chunk(b"11;a\nb"),
    "chunk_extension_bare_cr": chunk(b"11;a\rb"),
    "chunk_extension_open_quote": chunk(b'11;a="b'),
    "chunk_extension_64k": chunk(b"11;" + b"a" * 65536),
    "trailer_without_colon": chunk(last=b"0\r\nnothing\r\n\r\n"),
    "trailer_space_before_colon": chunk(last=b"0\r\nX : y\r\n\r\n"),
    "trailer_bare_lf": chunk(last=b"0\r\nX: y\n\r\n"),
    "trailer_end_bare_lf": chunk(last=b"0\r\n\n"),
    # no HTTP at all
    "tls_hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
    "binary": bytes(range(256)),
    "json": b'{"a": 1}\r\n\r\n',
    # paths that two readers could read differently
    **{f"path_{name}": get(b"GET " + path + b" HTTP/1.1") for name, path in {
        "nul": b"/livez%00", "crlf": b"/livez%0d%0aX:y", "dot_dot": b"/api/../livez", "dot": b"/./livez",
        "escaped_dot_dot": b"/api/%2e%2e/livez", "half_escaped_dot_dot": b"/api/.%2E/livez", "escaped_slash": b"/api%2fhealth",
        "escaped_slash_after_dots": b"/api/..%2flivez", "backslash": b"/api\\health", "escaped_backslash": b"/api%5chealth",
        "overlong_slash": b"/api%c0%afhealth", "overlong_dots": b"/api/%c0%ae%c0%ae/livez", "surrogate": b"/%ed%a0%80",
        "bad_escape": b"/%zz", "cut_escape": b"/%2", "unicode_escape": b"/%u002e"}.items()},
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_400_closed_and_nothing_behind_it_answered(weir, name):
    assert statuses(converse(weir, REFUSED[name] + SECOND)) == [400]


OTHER = {
    "connect": (get(b"CONNECT a:443 HTTP/1.1"), 501),
    "connect_with_path": (get(b"CONNECT /livez HTTP/1.1"), 501),
    "unknown_method": (get(b"BREW /livez HTTP/1.1"), 501),
    "lower_case_method": (get(b"get /livez HTTP/1.1"), 501),
    "glued_method": (get(b"XGET /livez HTTP/1.1"), 501),
    "http_2_0": (get(b"GET /livez HTTP/2.0"), 505),
    "http_1_2": (get(b"GET /livez HTTP/1.2"), 505),
    "http_0_9": (get(b"GET /livez HTTP/0.9"), 505),
    "coding_not_supported": (coded(b" gzip, chunked"), 501),
    "unknown_expectation": (chat(b"Expect: tea\r\nContent-Length: 17\r\n"), 417),
    "expectation_list": (chat(b"Expect: 100-continue, tea\r\nContent-Length: 17\r\n"), 417),
    "long_target": (get(b"GET /" + b"a" * 100_000 + b" HTTP/1.1"), 414),
    "long_value": (get(fields=b"X: " + b"a" * 100_000 + b"\r\n"), 431),
    "long_name": (get(fields=b"X" * 100_000 + b": a\r\n"), 431),
    "long_method": (get(b"G" * 100_000 + b" /livez HTTP/1.1"), 431),
    "10000_fields": (get(fields=b"X: y\r\n" * 10_000), 431),
    "huge_length_without_body": (chat(b"Content-Length: 999999999\r\n", b""), 413),
    "huge_chunk": (chunk(b"7fffffffffffffff"), 413),
}


@pytest.mark.parametrize("name", OTHER)
def test_refused_with_another_status_closed_and_nothing_behind_it_answered(weir, name):
    message, status = OTHER[name]
    assert statuses(converse(weir, message + SECOND)) == [status]


LAST = b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
ACCEPTED = {
    "empty_line_first": b"\r\n" + get(),
    "absolute_form": get(b"GET http://a/livez HTTP/1.1"),
    "absolute_form_of_another_host": get(b"GET http://b.example:8080/livez HTTP/1.1"),
    "no_space_after_colon": b"GET /livez HTTP/1.1\r\nHost:a\r\n\r\n",
    "http_1_0_that_stays": b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "obs_text_in_value": get(fields=b"X: \xe9\r\n"),
    "length": sized(b" 17"),
    "length_after_tab": sized(b"\t17"),
    "chunks": chunk(),
    "chunks_one_by_one": chunked(b"".join(b"1\r\n%c\r\n" % byte for byte in CHAT) + b"0\r\n\r\n"),
    "coding_in_capitals": coded(b" CHUNKED"),
    "chunk_extensions": chunk(b'11;a;b=c;d="e;f"'),
    "trailers": chunk(last=b"0\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"),
    "body_of_get": get(fields=b"Content-Length: %d\r\n" % len(SECOND)) + SECOND,
    "upgrade_h2c": get(fields=b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
    "upgrade_websocket": get(fields=b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                    b"Sec-WebSocket-Key: eA==\r\n"),
    "upgrade_of_post": chat(b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 17\r\n"),
    "range_of_post": chat(b"Range: bytes=0-1\r\nContent-Length: 17\r\n"),
    "many_ranges": get(fields=b"Range: bytes=" + b",".join(b"%d-" % i for i in range(500)) + b"\r\n"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_and_the_connection_stays_in_step(weir, name):
    assert statuses(converse(weir, ACCEPTED[name] + LAST)) == [200, 200]


def test_pipelined_requests_are_answered_in_order(weir):
    received = converse(weir, get() + chunk() + get(b"GET /openapi.json HTTP/1.1") + LAST)
    assert statuses(received) == [200, 200, 200, 200]


def test_trailers_are_no_key(launch):
    weir = launch.weir(env={"VALID_API_KEYS": "sk-in-the-trailer"})
    late = chunk(last=b"0\r\nX-Api-Key: sk-in-the-trailer\r\nAuthorization: Bearer sk-in-the-trailer\r\n\r\n")
    assert statuses(converse(weir, late + LAST)) == [401, 200]
    early = late.replace(b"Host: a\r\n", b"Host: a\r\nX-Api-Key: sk-in-the-trailer\r\n")
    assert statuses(converse(weir, early + LAST)) == [200, 200]


def test_a_path_is_decoded_once_and_authorised_as_it_is_routed(launch):
    weir = launch.weir(env={"VALID_API_KEYS": "sk-for-paths"})
    for path, status in [(b"/api/documents", 401), (b"/api/document%73", 401), (b"/%61pi/documents", 401),
                         (b"/livez/../api/documents", 400), (b"/api/%2564ocuments", 404), (b"//api/documents", 404),
                         (b"/livez", 200), (b"/live%7a", 200), (b"/live%257a", 404)]:
        answer = converse(weir, get(b"GET " + path + b" HTTP/1.1", b"Connection: close\r\n"))
        assert statuses(answer) == [status], path


def test_head_is_get_without_the_body(weir):
    for path in (b"/", b"/livez", b"/api/health", b"/openapi.json", b"/api/documents", b"/nothing"):
        close = b"Connection: close\r\n"
        whole, whole_body = converse(weir, get(b"GET " + path + b" HTTP/1.1", close)).split(b"\r\n\r\n", 1)
        head, head_body = converse(weir, get(b"HEAD " + path + b" HTTP/1.1", close)).split(b"\r\n\r\n", 1)
        assert head_body == b"" and len(whole_body) > 0, path
        assert head.split(b"\r\n")[0] == whole.split(b"\r\n")[0], path

        def names(lines):
            return sorted(line.split(b":")[0].lower() for line in lines.split(b"\r\n")[1:])
        assert names(head) == names(whole), path
        for name in (b"content-type", b"content-length", b"etag"):
            if path != b"/api/health" or name != b"content-length":  # its length follows its latencies
                assert field(head + b"\r\n\r\n", name) == field(whole + b"\r\n\r\n", name), (path, name)


def test_date_on_every_answer(weir):
    for message in (LAST, get(b"GET /nothing HTTP/1.1", b"Connection: close\r\n"), b"GET / HTTP/1.1\r\n\r\n",
                    get(b"OPTIONS /api/chat HTTP/1.1", b"Connection: close\r\n"), get(b"GET / HTTP/3.3")):
        answer = converse(weir, message)
        date = field(answer, b"date").decode()
        parsed = email.utils.parsedate_to_datetime(date)
        assert abs(parsed.timestamp() - time.time()) < 5
        assert email.utils.format_datetime(parsed, usegmt=True) == date  # IMF-fixdate
        assert answer.lower().count(b"\r\ndate:") == 1


def test_405_names_what_is_allowed_and_options_too(weir):
    for method, path in [(b"PUT", b"/api/chat"), (b"TRACE", b"/"), (b"TRACE", b"/livez"), (b"DELETE", b"/v1/messages"),
                         (b"PATCH", b"/api/documents/x")]:
        answer = converse(weir, get(method + b" " + path + b" HTTP/1.1", b"Connection: close\r\n"))
        assert statuses(answer) == [405], (method, path)
        assert field(answer, b"allow"), (method, path)
        assert b"x-secret" not in answer
    star = converse(weir, get(b"OPTIONS * HTTP/1.1", b"Connection: close\r\n"))
    assert star.startswith(b"HTTP/1.1 204 ")
    assert b"POST" in field(converse(weir, get(b"OPTIONS /api/chat HTTP/1.1", b"Connection: close\r\n")), b"allow")


def test_204_and_304_have_no_content(weir):
    answer = converse(weir, get(b"OPTIONS /api/chat HTTP/1.1") + LAST)
    assert statuses(answer) == [204, 200]
    assert field(answer, b"content-length") is None and field(answer, b"transfer-encoding") is None
    page = converse(weir, get(b"GET / HTTP/1.1", b"Connection: close\r\n"))
    tag = field(page, b"etag")
    assert tag
    same = converse(weir, get(b"GET / HTTP/1.1", b"If-None-Match: " + tag + b"\r\n") + LAST)
    assert statuses(same) == [304, 200]
    assert field(same, b"content-length") is None and field(same, b"transfer-encoding") is None


def test_expect_100_continue(weir):
    with socket.create_connection((weir.host, weir.port), timeout=5) as connection:
        connection.sendall(chat(b"Expect: 100-continue\r\nContent-Length: 17\r\n", b""))
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(CHAT)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    # No interim answer for HTTP/1.0, and none where the request is refused by its head.
    old = b"POST /api/chat HTTP/1.0\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n"
    assert statuses(converse(weir, old + CHAT)) == [200]
    assert converse(weir, chat(b"Expect: 100-continue\r\nContent-Length: 20971520\r\n", b"")).startswith(b"HTTP/1.1 413 ")


def test_who_closes_the_connection(weir):
    for fields, version in [(b"Connection: close\r\n", b"1.1"), (b"Connection: x, CLOSE\r\n", b"1.1"),
                            (b"Connection: keep-alive\r\nConnection: close\r\n", b"1.1"), (b"", b"1.0")]:
        answer = converse(weir, get(b"GET /livez HTTP/" + version, fields) + SECOND)
        assert statuses(answer) == [200]
        assert field(answer, b"connection") == b"close"


def test_a_message_that_ends_too_early_is_no_request(weir):
    for message in (b"GET /livez HTTP/1.1\r\nHost: a\r\n", chat(b"Content-Length: 30\r\n"), chunked(b"11\r\n" + CHAT)):
        with socket.create_connection((weir.host, weir.port), timeout=5) as connection:
            connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
            assert b" 200 " not in connection.recv(4096)
