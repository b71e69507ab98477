"""What a usual Weir does, in small: the load behind cmake/weir.profdata (tools/profile.sh runs this).

profile_load.py PORT KEY: streamed and whole answers through both APIs over several connections, some of them
to browsers, mistakes, documents, a chat. Counts matter here and not speed.
"""

import concurrent.futures
import http.client
import json
import sys

PROMPT = "Tell what a gateway in front of a model is for, and what it costs to have one. " * 10
MESSAGES = {"model": "claude-sonnet-4-5", "max_tokens": 256, "messages": [{"role": "user", "content": PROMPT}]}
CHAT = {"model": "claude-sonnet-4-5", "max_tokens": 256, "messages": [{"role": "user", "content": PROMPT}]}


class Client:
    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.fields = {"x-api-key": key, "content-type": "application/json",
                       "user-agent": "Anthropic/Python 0.84.0", "anthropic-version": "2023-06-01",
                       "accept": "application/json", "accept-encoding": "gzip, deflate",
                       "x-stainless-lang": "python", "x-stainless-retry-count": "0"}

    def ask(self, method, path, body=None, status=(200, 201), **fields):
        text = json.dumps(body) if isinstance(body, dict) else body
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.connection.request(method, path, text, {**self.fields, **named})
        response = self.connection.getresponse()
        content = response.read()
        if response.status not in status:
            raise RuntimeError(f"{method} {path}: {response.status} in place of {status}: {content[:500]}")


def load(port, key, rounds):
    client = Client(port, key)
    for number in range(rounds):
        for _ in range(6):
            client.ask("POST", "/v1/messages", MESSAGES)
        client.ask("POST", "/v1/messages", MESSAGES, origin="https://app.example.com")
        client.ask("POST", "/v1/messages", {**MESSAGES, "stream": True})
        client.ask("POST", "/v1/messages", {**MESSAGES, "stream": True})
        if number % 4 == 0:
            client.ask("POST", "/v1/chat/completions", CHAT)
            client.ask("POST", "/v1/chat/completions", {**CHAT, "stream": True})
            client.ask("POST", "/v1/messages", b"{", status=(400,))
        if number % 10 == 0:
            client.ask("POST", "/api/documents", {"title": f"Note {number}", "text": PROMPT})
            client.ask("POST", "/api/chat", {"message": "What is a gateway for?"})
            client.ask("GET", "/metrics")
            client.ask("GET", "/livez")


def main():
    port, key = int(sys.argv[1]), sys.argv[2]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(load, port, key, 100) for _ in range(8)]:
            done.result()


if __name__ == "__main__":
    main()
