"""A TLS proxy in front of a sound Weir that spoils one thing, so that `weir check` has exactly that to find.

A fault is an object with some of these methods; what it does not define is done rightly:
    request(head)                → changes method, path or headers before they go on
    answer(head) → Reply or None → answers instead of the server
    response(head, reply)        → changes the reply
and the attributes of Fault below.
"""

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_MAX = 1024 * 1024
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "te", "upgrade", "host", "content-length", "expect",
              "x-forwarded-for", "x-forwarded-proto"}


class Fault:
    """Nothing is wrong."""
    forwards_address_fields = ()   # from the client, believed
    takes_two_lengths = False
    takes_huge_bodies = False
    buffers_streams = False

    def request(self, head):
        pass

    def answer(self, head):
        return None

    def response(self, head, reply):
        pass


class Head:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def route(self):
        return self.path.split("?")[0]


class Reply:
    """Field names are in lower case; `headers` is a list, because fields repeat."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def get(self, name):
        return next((value for key, value in self.headers if key == name), "")

    def drop(self, *names):
        self.headers = [(key, value) for key, value in self.headers if key not in names]

    def set(self, name, value):
        self.drop(name)
        self.headers.append((name, value))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fault, upstream_port, client = Fault(), 0, ""

    def setup(self):
        self.request.settimeout(30)
        self.request.do_handshake()
        super().setup()

    def log_message(self, *_):
        pass

    def handle_expect_100(self):
        if int(self.headers.get("content-length") or 0) > BODY_MAX and not self.fault.takes_huge_bodies:
            self.close_connection = True
            self.reply(Reply(413, [("content-type", "application/json")], b'{"error":"too large"}'))
            return False
        return super().handle_expect_100()

    def head(self):
        headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["x-forwarded-for"] = self.client
        headers["x-forwarded-proto"] = "https"
        headers["host"] = self.headers.get("host", "localhost")
        for name in self.fault.forwards_address_fields:
            if self.headers.get(name):
                headers["x-forwarded-for"] = self.headers[name].removeprefix("for=")
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) if not self.headers.get("transfer-encoding") else b""
        return Head(self.command, self.path, headers, body)

    def pass_on(self):
        if self.headers.get("transfer-encoding"):
            self.close_connection = True
            status = 200 if self.fault.takes_two_lengths else 400
            return self.reply(Reply(status, [("content-type", "application/json")], b"{}"))
        head = self.head()
        self.fault.request(head)
        reply = self.fault.answer(head)
        if reply is not None:
            self.fault.response(head, reply)
            return self.reply(reply)
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=30)
        try:
            connection.request(head.method, head.path, head.body or None, head.headers)
            answer = connection.getresponse()
            fields = [(name.lower(), value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
            if answer.getheader("content-type", "").startswith("text/event-stream") and not self.fault.buffers_streams:
                return self.stream(head, Reply(answer.status, fields, b""), answer)
            reply = Reply(answer.status, fields, answer.read())
            self.fault.response(head, reply)
            self.reply(reply)
        finally:
            connection.close()

    do_GET = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_TRACE = pass_on

    def start(self, reply):
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)

    def reply(self, reply):
        self.start(reply)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def stream(self, head, reply, answer):
        self.fault.response(head, reply)
        self.start(reply)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while data := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


class Proxy:
    def __init__(self, upstream_port, fault, certificate, client, outdated_tls=False):
        handler = type("ProxyHandler", (Handler,),
                       {"fault": fault, "upstream_port": upstream_port, "client": client})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a peer that ends a handshake on purpose
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if outdated_tls:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
