# SPDX-License-Identifier: Apache-2.0
"""sekisho-web over HTTP: what it answers, to whom, and what it never does."""
import contextlib
import hashlib
import http.client
import json
import os
import pwd
import re
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import pytest

import fakedesk
import stack
from webserver import FORM, WebServer, free_port, new_token

EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def web(own_folder):
    with WebServer(own_folder) as server:
        yield server


def form(**fields):
    return urllib.parse.urlencode(fields)


def snapshot(web):
    return json.dumps(web.desk.tokens, sort_keys=True)


def verbs(web):
    return [q["verb"] for q in web.desk.asked]


def test_headers_are_on_every_answer(web):
    token = new_token()
    web.desk.add(token)
    for method, path, status in (("GET", "/t/" + token, 200), ("HEAD", "/t/" + token, 200), ("GET", "/t/" + new_token(), 404),
                                 ("GET", "/", 404), ("GET", "/style.css", 200), ("GET", "/healthz", 200), ("GET", "/favicon.ico", 204),
                                 ("PUT", "/t/" + token, 405), ("DELETE", "/healthz", 405), ("OPTIONS", "/", 405), ("POST", "/healthz", 404),
                                 ("GET", "/" + "x" * 3000, 414), ("POST", "/t/" + token, 403)):
        got, headers, body = web.request(method, path)
        assert got == status, (method, path)
        for name, value in EVERYWHERE.items():
            assert headers.get_all(name) == [value], (method, path, name)
        assert "Set-Cookie" not in headers and "Strict-Transport-Security" not in headers
        assert token not in body and "<script" not in body
        if method == "HEAD" or status == 204:
            assert body == ""
    assert web.get("/healthz")[2] == "ok\n"
    assert web.get("/style.css")[1]["Content-Type"] == "text/css; charset=utf-8"


def test_looking_changes_nothing(web):
    token = new_token()
    web.desk.add(token, copies=[fakedesk.copy(can=["stop", "ask", "password"])])
    before = snapshot(web)
    for i in range(20):
        for path in ("/t/" + token, "/t/%s?action=stop" % token, "/t/%s?r=stopped&text=x" % token):
            assert web.request(("GET", "HEAD")[i % 2], path)[0] == 200
    # A body on GET is no form.
    assert web.request("GET", "/t/" + token, form(action="stop"), Content_Type=FORM)[0] == 200
    assert snapshot(web) == before
    assert set(verbs(web)) == {"look"}


def test_stop(web):
    token = new_token()
    mail = web.desk.add(token)
    status, headers, body = web.get("/t/" + token)
    assert status == 200 and "止める</button>" in body and "まだ送信していません" in body
    status, headers, body = web.post("/t/%s?lang=en" % token, form(action="stop"))
    assert status == 303 and body == "" and headers["Location"] == "/t/%s?r=stopped&lang=en" % token
    assert mail["copies"][0]["state"] == "stopped"
    for _ in range(2):
        status, _, body = web.get(headers["Location"])
        assert status == 200 and "<h1>Stopped</h1>" in body and "It will not reach them" in body and "<form" not in body
    assert verbs(web).count("stop") == 1


def test_a_stop_that_comes_too_late(web):
    token, partly = new_token(), new_token()
    gone = fakedesk.copy(state="sent", ended_us=int(time.time() * 1e6), can=[], open=[])
    web.desk.add(token, copies=[gone])
    status, headers, _ = web.post("/t/" + token, form(action="stop"))
    assert headers["Location"].endswith("?r=late")
    body = web.get(headers["Location"])[2]
    assert "間に合いませんでした" in body and "相手に直接ご連絡ください" in body and "<form" not in body
    web.desk.add(partly, copies=[gone, fakedesk.copy(recipients=["sato@example.net"])])
    body = web.get("/t/" + partly + "?lang=en")[2]
    assert "Part of it is not sent yet" in body and ">Stop the rest</button>" in body
    assert "suzuki@example.com" in body and "sato@example.net" in body
    # An address that somebody made up does not make it so.
    assert "Stopped." not in web.get("/t/" + partly + "?r=stopped&lang=en")[2]


def test_a_colleague_gives_a_reason(web):
    token = new_token()
    mail = web.desk.add(token, "colleague", person="mori@ours.example")
    body = web.get("/t/%s?lang=en" % token)[2]
    assert "You can stop what goes outside" in body and 'name="text"' in body and "tanaka@ours.example" in body
    assert web.post("/t/" + token, form(action="stop", text="  間違い\r\nです  "))[0] == 303
    assert mail["copies"][0]["why"] == "間違い  です"
    assert "by mori@ours.example" in web.get("/t/%s?lang=en" % token)[2]


def held(**fields):
    return fakedesk.copy(**{**dict(direction="inbound", sender="yamada@example.com", owner=None, **{"from": "yamada@example.com"},
                                   recipients=["hanako@ours.example"], waits=["password"], open=["password"],
                                   expires_us=int((time.time() + 14 * 86400) * 1e6), findings=["attach.encrypted.zip: 請求書.zip"],
                                   can=["password", "ask"]), **fields})


def test_password(web):
    token = new_token()
    web.desk.add(token, "password", copies=[held()])
    web.desk.password = "a+b &=%止"
    body = web.get("/t/" + token)[2]
    assert 'type="password"' in body and 'autocomplete="off"' in body and "請求書.zip" in body and "yamada@example.com" in body
    status, _, body = web.post("/t/" + token, form(action="password", text="wrong"))
    assert status == 200 and "パスワードが違います" in body and 'type="password"' in body and "wrong" not in body
    assert web.post("/t/" + token, form(action="password", text=""))[0] == 400
    status, _, body = web.post("/t/" + token, form(action="password", text=web.desk.password))
    assert status == 200 and "パスワードが合いました" in body and 'type="password"' not in body
    assert [q["text"] for q in web.desk.asked if q["verb"] == "password"] == ["wrong", web.desk.password]
    other = new_token()
    web.desk.add(other, "password", copies=[held()])
    for result, says in (("asked", "管理者に伝えました"), ("refused", "パスワードで開けません"), ("too-late", "お届けしている"),
                         ("ended", "何も変わりません"), ("not-open", "何も変わりません")):
        web.desk._password = lambda about, text, result=result: result
        status, _, body = web.post("/t/" + other, form(action="password", text="x"))
        assert status == 200 and says in body and "請求書.zip" in body
    del web.desk._password
    web.desk.wrong = 3
    assert "しばらく受け付けません" in web.post("/t/" + other, form(action="password", text="x"))[2]
    assert web.desk.password not in web.log() and token not in web.log()


def test_ask_for_release(web):
    token = new_token()
    web.desk.add(token, "ask", copies=[held(can=["ask"])])
    status, headers, _ = web.post("/t/%s?lang=en" % token, form(action="ask", text="please"))
    assert status == 303
    assert "The administrators were told" in web.get(headers["Location"])[2]
    assert [(q["verb"], q.get("text")) for q in web.desk.asked] == [("ask", "please"), ("look", None)]


@pytest.mark.parametrize("headers, status", [
    ({}, 303), ({"Origin": "null", "Sec_Fetch_Site": "same-origin"}, 303), ({"Origin": "OWN"}, 303),
    ({"Origin": "https://evil.example"}, 403), ({"Sec_Fetch_Site": "cross-site"}, 403),
    ({"Origin": "OWN", "Sec_Fetch_Site": "same-site"}, 403), ({"Origin": "OWN", "Sec_Fetch_Site": "cross-site"}, 403),
    ({"Content_Type": "text/plain"}, 403), ({"Content_Type": None}, 403), ({"Content_Type": "application/json"}, 403),
    ({"Content_Type": "multipart/form-data; boundary=x"}, 403), ({"Content_Type": FORM + ";charset=UTF-8"}, 303)])
def test_forms_of_others_are_refused(web, headers, status):
    token = new_token()
    web.desk.add(token)
    before = snapshot(web)
    headers = {k: web.base() if v == "OWN" else v for k, v in headers.items()}
    got, _, body = web.post("/t/" + token, form(action="stop"), **headers)
    assert got == status
    if status == 403:
        assert snapshot(web) == before and web.desk.asked == [] and "<form" not in body


def test_malformed_forms(web):
    token = new_token()
    web.desk.add(token)
    before = snapshot(web)
    for body, status in (("", 400), ("action=", 400), ("action=look", 400), ("action=release", 400), ("action=stop&action=stop", 400),
                         ("action=stop%00", 400), ("action=%", 400), ("action=stop&text=%ff", 400), ("text=x", 400),
                         (form(action="stop", text="x" * 3000), 413), ("action=stop&text=" + "x" * 70000, 413),
                         ("&".join("f%d=1" % i for i in range(30)) + "&action=stop", 400)):
        got, headers, page = web.post("/t/" + token, body)
        assert got == status, body[:40]
        assert "<form" not in page
    assert snapshot(web) == before and web.desk.asked == []


def test_too_large_is_not_read(web):
    """A body of a gigabyte is refused by what its head says."""
    with socket.create_connection(("127.0.0.1", web.port), 10) as s:
        s.sendall(b"POST /t/%s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 1000000000\r\n\r\n"
                  % (new_token().encode(), FORM.encode()))
        assert s.recv(100).startswith(b"HTTP/1.1 413 ")


def test_tokens_that_are_none_look_alike(web):
    """Unknown, ended, of another form, too long: one page, byte for byte."""
    ended, pages = new_token(), set()
    web.desk.add(ended)
    web.desk.tokens.pop(ended)
    for token in (ended, new_token(), "x", "", ended.upper(), ended + "0", "%00", "../healthz", "a" * 1000, EVIL.replace(" ", "")):
        for ask in (lambda p: web.get(p), lambda p: web.post(p, form(action="stop"))):
            status, headers, body = ask("/t/" + urllib.parse.quote(token, safe="%"))
            del headers["Date"]
            pages.add((status, tuple(sorted(headers.items())), body))
    assert len(pages) == 1 and pages.pop()[0] == 404


def test_many_unknown_tokens(own_folder):
    """Who tries many is not looked up any more; others, and who is right from elsewhere, are."""
    with WebServer(own_folder) as web:
        token = new_token()
        web.desk.add(token)
        tried = [web.get("/t/" + new_token(), X_Forwarded_For="192.0.2.1, 203.0.113.9")[0] for _ in range(90)]
        assert tried[:60] == [404] * 60 and tried[-1] == 429
        looked = len(web.desk.asked)
        status, headers, _ = web.get("/t/" + token, X_Forwarded_For="203.0.113.9")
        assert status == 429 and int(headers["Retry-After"]) > 0 and len(web.desk.asked) == looked
        assert web.get("/t/" + token, X_Forwarded_For="203.0.113.10")[0] == 200
        assert web.get("/t/" + token)[0] == 200
        assert web.get("/healthz", X_Forwarded_For="203.0.113.9")[0] == 200


def test_nothing_foreign_is_markup(web):
    token = new_token()
    web.desk.add(token, copies=[held(subject=EVIL + "\u202e\u0007", sender=EVIL, **{"from": EVIL}, recipients=[EVIL] * 3,
                                     findings=["attach.encrypted.zip: " + EVIL, EVIL, EVIL + ": x"], why=EVIL, ended_by=EVIL, trouble=EVIL)])
    for one in ("waiting", "stopped", "returned"):
        web.desk.tokens[token]["copies"][0].update(state=one, ended_us=1)
        for path in ("/t/%s", "/t/%s?lang=en&r=%%3Cscript%%3E", "/t/%s?%%22%%3E%%3Cscript%%3E"):
            body = web.get(path % token, Accept_Language="<script>", X_Forwarded_For="<script>")[2]
            assert "<script" not in body and "<img" not in body and "\u202e" not in body and "\u0007" not in body
            assert body.count("&lt;script&gt;") >= 7
            assert set(re.findall(r"<(\w+)", body)) <= set("html head meta title link body header p nav a main h1 h2 dl dt dd bdi br "
                                                            "form input label button section ul li textarea".split())


@pytest.mark.parametrize("path, accept, person, want", [
    ("", None, None, "ja"), ("", "en-US,en;q=0.9", None, "en"), ("", "ja;q=0.1,en;q=0.2", None, "en"), ("", "fr", None, "ja"),
    ("", "en", "ja", "ja"), ("", "ja", "en", "en"), ("?lang=en", "ja", "ja", "en"), ("?lang=ja", "en", "en", "ja"), ("?lang=xx", "en", None, "en")])
def test_language(web, path, accept, person, want):
    token = new_token()
    web.desk.add(token, language=person)
    _, headers, body = web.get("/t/" + token + path, Accept_Language=accept)
    assert headers["Content-Language"] == want and '<html lang="%s">' % want in body
    assert ("Not sent yet" in body) == (want == "en") and ("まだ送信していません" in body) == (want == "ja")


def test_times_are_the_sites(web):
    token = new_token()
    due = int(time.time()) + 600
    web.desk.add(token, copies=[fakedesk.copy(due_us=due * 10**6)])
    tokyo = time.gmtime(due + 9 * 3600)
    assert "%d:%02d (in 9 minutes)" % (tokyo.tm_hour, tokyo.tm_min) in web.get("/t/%s?lang=en" % token)[2]


def test_the_clerk_is_away(own_folder):
    with WebServer(own_folder, desk=False) as web:
        for status, headers, body in (web.get("/t/%s?lang=en" % new_token()),
                                      web.post("/t/%s?lang=en" % new_token(), form(action="stop"))):
            assert status == 503 and int(headers["Retry-After"]) > 0 and "cannot answer now" in body and 'href="?lang=en"' in body
        assert web.get("/healthz")[0] == 200
        assert "the clerk does not answer" in web.log()


def test_answers_of_a_broken_clerk(web):
    token = new_token()
    web.desk.add(token)
    for answer in ({}, {"result": "ok"}, {"result": "failed", "text": EVIL, "copies": [], "events": []}, {"result": "ok", "copies": 3}, [], 7):
        web.desk.answer = lambda question, answer=answer: answer
        status, _, body = web.get("/t/" + token)
        assert status in (404, 503) and "script" not in body
    web.desk.answer = lambda question: {"result": "refused", "text": EVIL, "copies": [], "events": []}
    status, _, body = web.get("/t/" + token)
    assert status == 403 and "script" not in body


def test_a_slow_clerk_delays_no_other_page(web):
    token, answers = new_token(), []
    web.desk.add(token)
    web.desk.stall.clear()
    slow = [threading.Thread(target=lambda: answers.append(web.get("/t/" + token)[0])) for _ in range(40)]
    for thread in slow:
        thread.start()
    end = time.time() + 10
    while len(web.desk.asked) < 16 and time.time() < end:
        time.sleep(.01)
    assert len(web.desk.asked) == 16
    assert web.get("/healthz")[0] == 200 and web.get("/style.css")[0] == 200 and web.get("/t/x")[0] == 404
    assert answers == []
    web.desk.stall.set()
    for thread in slow:
        thread.join()
    assert answers == [200] * 40


def test_too_many_questions_at_once(web):
    """What cannot be asked in sensible time is said at once."""
    token, answers = new_token(), []
    web.desk.add(token)
    web.desk.stall.clear()
    threads = [threading.Thread(target=lambda: answers.append(web.get("/t/" + token)[0])) for _ in range(150)]
    for thread in threads:
        thread.start()
    end = time.time() + 20
    while len(answers) < 22 and time.time() < end:
        time.sleep(.01)
    assert answers == [503] * 22
    web.desk.stall.set()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 128 + [503] * 22


def test_stopping_while_the_clerk_is_asked(own_folder):
    """Who waits gets an answer, or an end, but the program ends whole."""
    answers = []

    def ask(web, token):
        try:
            answers.append(web.get("/t/" + token)[0])
        except (OSError, http.client.HTTPException):
            answers.append(None)

    with WebServer(own_folder) as web:
        token = new_token()
        web.desk.add(token)
        web.desk.stall.clear()
        threads = [threading.Thread(target=ask, args=(web, token)) for _ in range(30)]
        for thread in threads:
            thread.start()
        while len(web.desk.asked) < 16:
            time.sleep(.01)
        web.process.terminate()
        time.sleep(.2)
        web.desk.stall.set()
        for thread in threads:
            thread.join()
    assert len(answers) == 30 and set(answers) <= {200, 503, None}


def test_clients_that_drip(web):
    """Half a request each, hundreds of them: others are served; a browser that leaves is no trouble."""
    token = new_token()
    web.desk.add(token)
    slow = [socket.create_connection(("127.0.0.1", web.port), 10) for _ in range(300)]
    for i, s in enumerate(slow):
        s.sendall((b"GET /t/" if i % 2 else b"POST /t/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\naction=" % token.encode())[:-1])
    assert web.get("/t/" + token)[0] == 200
    for s in slow:
        s.close()
    assert web.get("/t/" + token)[0] == 200
    assert "stop" not in verbs(web)


def test_requests_that_are_no_http(web):
    for garbage in (b"\0" * 1000, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50, b"GET / HTTP/9.9\r\n\r\n",
                    b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 40000 + b"\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", b"A" * 5000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", web.port), 10) as s:
            s.settimeout(.5)
            try:
                s.sendall(garbage)
                s.shutdown(socket.SHUT_WR)
                answer = s.recv(65536)
            except (OSError, TimeoutError):  # cut off, or still hoped for
                answer = b""
            assert b"<script" not in answer
    assert web.get("/healthz")[0] == 200


def test_a_chunked_form(web):
    token = new_token()
    mail = web.desk.add(token)
    connection = web.connect()
    connection.request("POST", "/t/" + token, iter([b"action", b"=st", b"op"]), {"Content-Type": FORM}, encode_chunked=True)
    assert connection.getresponse().status == 303 and mail["copies"][0]["state"] == "stopped"


def test_memory_stays(web):
    token = new_token()
    web.desk.add(token)

    def load(n):
        connection = web.connect()
        for i in range(n):
            connection.request("GET", "/t/" + (token if i % 3 else new_token()))
            answer = connection.getresponse()
            assert answer.status == (200 if i % 3 else 404)
            answer.read()
        return web.memory()

    before = load(1000)
    assert load(2000) - before < 4096
    assert len(web.desk.asked) == 3000  # one question a page


def test_behind_a_path(own_folder):
    """The proxy may leave its path or take it away; pages name it."""
    with WebServer(own_folder, url="https://mail.example.com/sekisho/") as web:
        token = new_token()
        web.desk.add(token)
        for path in ("/t/" + token, "/sekisho/t/" + token):
            assert 'href="/sekisho/style.css"' in web.get(path)[2]
        assert web.get("/sekisho/style.css")[0] == 200
        status, headers, _ = web.post("/t/" + token, form(action="stop"), Origin="https://mail.example.com")
        assert status == 303 and headers["Location"] == "/sekisho/t/%s?r=stopped" % token


@pytest.fixture
def certificate(own_folder):
    cert, key = own_folder / "cert.pem", own_folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=mail.example.com", "-addext", "subjectAltName=DNS:mail.example.com,IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    key.chmod(0o600)
    return str(cert), str(key)


def test_tls(own_folder, certificate):
    with WebServer(own_folder, certificate) as web:
        token = new_token()
        web.desk.add(token)
        status, headers, _ = web.get("/t/" + token)
        assert status == 200 and headers["Strict-Transport-Security"] == "max-age=31536000"
        assert web.post("/t/" + token, form(action="stop"), Origin=web.base())[0] == 303
        # Nobody stands before us now: everybody speaks for himself.
        tried = [web.get("/t/" + new_token(), X_Forwarded_For="203.0.113.%d" % i)[0] for i in range(70)]
        assert 429 in tried
        # Connections of one address are counted, and given back.
        many = [socket.create_connection(("127.0.0.1", web.port), 5) for _ in range(70)]
        with pytest.raises(OSError):
            web.get("/healthz")
        for s in many:
            s.close()
        end = time.time() + 10
        while True:
            try:
                assert web.get("/healthz")[0] == 200
                break
            except OSError:
                assert time.time() < end
                time.sleep(.1)
        old = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % web.port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                             input=b"", capture_output=True, timeout=20)
        assert b"Cipher is (NONE)" in old.stdout


def test_is_not_root_while_it_serves(own_folder, certificate):
    """The key is root's alone; afterwards there are no rights, and no network but the socket that was opened."""
    own_folder.chmod(0o755)
    with WebServer(own_folder, certificate, user="nobody") as web:
        token = new_token()
        web.desk.add(token)
        assert web.get("/t/" + token)[0] == 200
        with open("/proc/%d/status" % web.process.pid) as f:
            status = dict(line.rstrip().split(":\t", 1) for line in f if ":\t" in line)
        assert set(status["Uid"].split()) == {str(pwd.getpwnam("nobody").pw_uid)}
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0 and status["NoNewPrivs"] == "1"
        networks = [os.readlink("/proc/%s/ns/net" % pid) for pid in ("self", web.process.pid)]
        assert networks[0] != networks[1] or not may_make_networks()


def may_make_networks():
    return subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0


@pytest.mark.parametrize("web_section, says", [
    ("listen =", "listen is empty"), ("listen = localhost:80", "numeric address"), ("listen = 127.0.0.1:99999", "numeric address"),
    ("url = mail.example.com", "[web] url"), ("certificate = /nonexistent\nkey = /nonexistent", "/nonexistent"),
    ("certificate = CERT", "set both"), ("certificate = CERT\nkey = OPEN", "anybody may read"), ("certificate = CERT\nkey = CERT", "belong"),
    ("certificate = CONF\nkey = KEY", "no PEM")])
def test_refuses_to_start(own_folder, certificate, web_section, says):
    config, cert_copy, open_key = own_folder / "web.conf", own_folder / "copy.pem", own_folder / "open.pem"
    for target, source, mode in ((cert_copy, certificate[0], 0o600), (open_key, certificate[1], 0o644)):
        target.write_text(open(source).read())
        target.chmod(mode)
    for word, path in (("CERT", cert_copy), ("OPEN", open_key), ("CONF", config), ("KEY", certificate[1])):
        web_section = web_section.replace(word, str(path))
    if "listen" not in web_section:
        web_section = "listen = 127.0.0.1:0\n" + web_section
    config.write_text("[web]\n%s\n" % web_section)
    config.chmod(0o600)
    done = subprocess.run([stack.program("sekisho-web"), "-c", str(config)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and says in done.stderr, done.stderr


class RealDesk:
    """The clerk and the pages as `sekisho serve` runs them, with mail that is held."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.stack = stack.Stack(folder, "any when attach.any then deliver\n", web__listen="127.0.0.1:%d" % self.port,
                                 clerk__desk=str(folder / "desk"), clerk__operator=str(folder / "operator"),
                                 hold__release_key=str(folder / "release.key"), hold__release="unix:" + str(folder / "nobody"))
        self.stack.command("key", "init", "-c", self.stack.config)

    def hold(self, *recipients, seconds=600):
        """The id of a held message."""
        (self.folder / "mail").write_text("From: hanako@ours.example\nSubject: x\n\nx\n")
        return subprocess.run([os.path.join(stack.BUILD, "tests", "hold-put"), "-s", "hanako@ours.example", "-t", str(seconds),
                               self.stack.config, str(self.folder / "mail"), *recipients],
                              check=True, capture_output=True, text=True).stdout.strip()

    def give_token(self, message, purpose, person, days=1):
        token = new_token()
        with contextlib.closing(sqlite3.connect(self.folder / "store" / "keep.db", timeout=10)) as db, db:
            db.execute("INSERT INTO held_token VALUES (?, ?, ?, ?, ?, ?)", (hashlib.sha256(token.encode()).digest(), message, purpose,
                                                                          message, person, int((time.time() + days * 86400) * 1e6)))
        return token

    def states(self, message):
        with contextlib.closing(sqlite3.connect(self.folder / "store" / "keep.db", timeout=10)) as db:
            return [row[0] for row in db.execute("SELECT state FROM held_copy WHERE message = ?", (message,))]

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Content-Type": FORM} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def test_with_the_real_clerk(own_folder):
    real = RealDesk(own_folder)
    with real.stack:
        real.stack.wait_for_log("info: ready", count=4)
        real.stack.wait_for(lambda: "sekisho-web" in real.stack.children() and re.search(r"sekisho-web\[\d+\]: info: ready", real.stack.log()),
                            15, "no pages")
        message = real.hold("taro@theirs.example", "jiro@example.net")
        token = real.give_token(message, "stop", "hanako@ours.example")
        old = real.give_token(message, "stop", "hanako@ours.example", days=-1)
        for _ in range(10):
            for method in ("GET", "HEAD"):
                status, _, body = real.request(method, "/t/%s?lang=en" % token)
                assert status == 200 and (method == "HEAD" or "taro@theirs.example" in body and ">Stop</button>" in body)
        assert set(real.states(message)) == {"waiting"}
        missing = [real.request("GET", "/t/" + t) for t in (old, new_token())]
        assert [m[0] for m in missing] == [404, 404] and missing[0][2] == missing[1][2]
        status, headers, _ = real.request("POST", "/t/%s?lang=en" % token, form(action="stop"))
        assert status == 303 and set(real.states(message)) == {"stopped"}
        assert "Stopped. It will not reach them." in real.request("GET", headers["Location"])[2]
        status, headers, _ = real.request("POST", "/t/%s?lang=en" % token, form(action="stop"))
        assert status == 303 and headers["Location"].endswith("r=ended&lang=en")
    assert token not in real.stack.log() and "Sanitizer" not in real.stack.log()
