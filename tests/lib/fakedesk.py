# SPDX-License-Identifier: Apache-2.0
"""The clerk's desk, played by a thread: answers what sekisho-web asks about mail that is only in memory."""
import json
import os
import socket
import struct
import threading
import time

HEAD = struct.Struct("<IHHI")
MAGIC, TYPE = 0x31464b53, 32


def copy(ident="01kajxxxxxxxxxxxxxxx-1", **fields):
    """A copy as the desk shows it, due in some minutes."""
    now = int(time.time() * 1e6)
    base = {"id": ident, "message": ident.split("-")[0], "state": "waiting", "variant": "whole", "direction": "outbound",
            "waits": ["time"], "open": ["time"], "made_us": now, "due_us": now + 555 * 10**6, "expires_us": 0,
            "ended_us": 0, "size": 1234, "tries": 0, "owner": "tanaka@ours.example", "sender": "tanaka@ours.example",
            "from": "tanaka@ours.example", "subject": "お見積りの件", "recipients": ["suzuki@example.com"],
            "findings": [], "can": ["stop"]}
    base.update(fields)
    return base


def end(one, state, by):
    one.update(state=state, ended_us=int(time.time() * 1e6), ended_by=by, can=[], open=[])


def without_none(value):
    """Members that are not there are left out."""
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    return [without_none(v) for v in value] if isinstance(value, list) else value


class FakeDesk:
    """TOKENS: token -> {"purpose", "person", "language", "copies"}; PASSWORD is the right one of every mail."""

    def __init__(self, path):
        self.path, self.tokens, self.asked, self.password = path, {}, [], "himitsu"
        self.wrong, self.delay, self.stall = 0, 0, threading.Event()
        self.stall.set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(200)
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, token, purpose="stop", person="tanaka@ours.example", language=None, copies=None):
        self.tokens[token] = {"purpose": purpose, "person": person, "language": language,
                              "copies": copies if copies is not None else [copy()]}
        return self.tokens[token]

    def close(self):
        self.stall.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rb") as stream:
            while head := stream.read(HEAD.size):
                magic, kind, _, size = HEAD.unpack(head)
                assert (magic, kind) == (MAGIC, TYPE), head
                question = json.loads(stream.read(size))
                self.asked.append(question)
                self.stall.wait(60)
                answer = json.dumps(without_none(self.answer(question))).encode()
                try:
                    client.sendall(HEAD.pack(MAGIC, TYPE, 0, len(answer)) + answer)
                except OSError:
                    return

    def answer(self, question):
        about = self.tokens.get(question.get("token"))
        if about is None:
            return {"result": "unknown", "copies": [], "events": []}
        act = getattr(self, "_" + question["verb"])
        return {"result": act(about, question.get("text")), **about, "events": []}

    @staticmethod
    def _look(about, text):
        return "ok"

    @staticmethod
    def _stop(about, text):
        waiting = [c for c in about["copies"] if c["state"] == "waiting"]
        for one in waiting:
            end(one, "stopped", about["person"])
            one["why"] = text
        if waiting:
            return "ok"
        return "too-late" if any(c["state"] in ("sent", "releasing") for c in about["copies"]) else "ended"

    @staticmethod
    def _ask(about, text):
        return "asked"

    def _password(self, about, text):
        if self.wrong >= 3:
            return "later"
        if text != self.password:
            self.wrong += 1
            return "wrong"
        for one in about["copies"]:
            one.update(state="releasing", can=[], open=[])
        return "ok"
