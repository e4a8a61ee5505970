"""Our TCP and the Linux kernel's, in real time over a link of ours: bulk, loss, half-close, zero
window, many at once, curl and nc. [RFC9293 3] What is asserted is what arrives, and what tshark has
to say of it; how fast it is depends on the machine.

Our side's part is done by small machines (Sender, Receiver, Web) that the namespace calls every few
milliseconds, while time passes: no call of theirs waits. """

import hashlib
import random

import pytest

from lockwire.host import Host

pytestmark = [pytest.mark.live,
              pytest.mark.skipif(not hasattr(Host, "listen"), reason="needs TCP")]
OURS, KERNEL, PORT, SIGNAL = "10.7.0.1", "10.7.0.254", 5001, 5002
MB = 1_000_000
CHUNK = 65536
# A machine that is busy elsewhere makes either side believe in losses, and readers late: ours reads
# every few milliseconds, when a window may be full. The kernel's probes of it look like keepalives.
ANYTIME = ("tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
           "tcp.analysis.spurious_retransmission", "tcp.analysis.duplicate_ack",
           "tcp.analysis.out_of_order", "tcp.analysis.window_full", "tcp.analysis.window_update",
           "tcp.analysis.zero_window", "tcp.analysis.zero_window_probe",
           "tcp.analysis.zero_window_probe_ack", "tcp.analysis.keep_alive",
           "tcp.analysis.keep_alive_ack")
LOSSY = ANYTIME + ("tcp.analysis.lost_segment",)

# What the kernel's programs begin with. argv: our address, the port, then what each needs.
COMMON = """
import hashlib, random, selectors, socket, sys
OURS, PORT, REST = sys.argv[1], int(sys.argv[2]), [int(x) for x in sys.argv[3:]]
def data(n): return random.Random(n).randbytes(n)
def connect():
    return socket.create_connection((OURS, PORT), timeout=60)
def accept(room=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if room: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    s.bind(("", PORT)); s.listen(); s.settimeout(60)
    c, _ = s.accept(); c.settimeout(60)
    return c
def drain(c):
    h = hashlib.sha256()
    while got := c.recv(65536): h.update(got)
    print(h.hexdigest())
"""
SEND = "c.sendall(data(REST[0])); c.shutdown(socket.SHUT_WR); assert c.recv(1) == b''"
DRAIN = "drain(c); c.close()"


def data(n):
    """n octets that both sides can make."""
    return random.Random(n).randbytes(n)


def digest(octets):
    """What the kernel's programs print of them."""
    return hashlib.sha256(octets).hexdigest() + "\n"


class Sender:
    """Sends octets over a connection and closes its half, as far as there is room at the moment."""

    def __init__(self, connection, octets, close=True):
        self.connection, self.octets, self.at, self.close = connection, octets, 0, close
        self.done = False

    def __call__(self):
        if self.at < len(self.octets):
            room = self.connection.room  # what is offered is recorded, whether it is taken or not
            if room < min(CHUNK // 4, len(self.octets) - self.at):
                return
            self.at += self.connection.send(self.octets[self.at:self.at + room])
            if self.at < len(self.octets):
                return
        if not self.done and self.close:
            self.connection.shutdown()
        self.done = True


class Receiver:
    """Takes what has arrived; `ended` when the other side has closed its half."""

    def __init__(self, connection):
        self.connection, self.octets, self.ended = connection, b"", False

    def __call__(self):
        parts = []
        while self.connection.pending:
            parts.append(self.connection.recv(CHUNK))
        self.octets += b"".join(parts)
        self.ended = self.connection.eof and not self.connection.pending


def together(*machines):
    """All of them, in turn."""
    def turn():
        for machine in machines:
            machine()
    return turn


@pytest.fixture
def meet(net, kernel, bridged, program):
    """meet(who, code, *arguments, **cable): the kernel runs `code` on its end `c` of a connection
    that `who` ("ours" or "kernel") opens; returns our end and the program."""
    def make(who, code, *arguments, room=0, **cable):
        a, _lan, _tap = bridged(**{"latency": "1ms", "rate": "1G", **cable})
        if who == "kernel":
            listener = a.listen(PORT)
            running = program(COMMON + f"c = connect()\n{code}", OURS, PORT, *arguments)
            return a, listener.accept(timeout="60s"), running
        running = program(COMMON + f"c = accept({room})\n{code}", OURS, PORT, *arguments)
        net.run(until=lambda: f":{PORT} " in kernel.do("ss", "-tlnH"), timeout="60s", step="20ms")
        return a, a.connect(KERNEL, PORT, timeout="60s"), running
    return make


def finish(kernel, net, running, *machines):
    """To the program's end; what it printed."""
    kernel.wait(net, running, each=together(*machines))
    assert (running.status, running.errors) == (0, "")
    for machine in machines:
        machine()
    return running.output.decode()


def close_after(net, connection):
    """Our end is closed too; the last ACKs have their time."""
    connection.close()
    net.run(for_="100ms")


@pytest.mark.parametrize("who", ["ours", "kernel"])
def test_bulk_to_the_kernel(net, kernel, meet, judge, who):
    _a, c, running = meet(who, DRAIN)
    assert finish(kernel, net, running, Sender(c, data(5 * MB))) == digest(data(5 * MB))
    close_after(net, c)
    judge(ANYTIME)


@pytest.mark.parametrize("who", ["ours", "kernel"])
def test_bulk_from_the_kernel(net, kernel, meet, judge, who):
    _a, c, running = meet(who, SEND, 2 * MB)
    ours = Receiver(c)
    closing = Sender(c, b"")  # the program waits for our half's end
    finish(kernel, net, running, ours, lambda: ours.ended and closing())
    assert ours.octets == data(2 * MB)
    close_after(net, c)
    judge(ANYTIME)


def test_bulk_both_ways_at_once(net, kernel, meet, judge):
    code = ("import threading\nt = threading.Thread(target=drain, args=(c,)); t.start()\n"
            "c.sendall(data(REST[0])); c.shutdown(socket.SHUT_WR); t.join()")
    _a, c, running = meet("kernel", code, 2 * MB)
    ours = Receiver(c)
    assert finish(kernel, net, running, ours, Sender(c, data(MB))) == digest(data(MB))
    net.run(until=lambda: ours() or ours.ended, timeout="60s", step="20ms")  # the kernel goes on
    assert ours.octets == data(2 * MB)
    close_after(net, c)
    judge(ANYTIME)


@pytest.mark.parametrize("way", ["to the kernel", "from the kernel"])
def test_bulk_over_a_link_that_loses_and_delays(net, kernel, meet, judge, way):
    """2 % loss each way, 20 ms of latency."""
    cable = {"latency": "20ms", "loss": "2%"}
    if way == "to the kernel":
        _a, c, running = meet("ours", DRAIN, **cable)
        assert finish(kernel, net, running, Sender(c, data(MB))) == digest(data(MB))
    else:
        _a, c, running = meet("kernel", SEND, MB, **cable)
        ours = Receiver(c)
        closing = Sender(c, b"")
        finish(kernel, net, running, ours, lambda: ours.ended and closing())
        assert ours.octets == data(MB)
    close_after(net, c)
    judge(LOSSY)


def test_kernel_closes_its_half_first(net, kernel, meet, judge):
    """[RFC9293 3.6] We still send after its FIN, and it still listens."""
    code = "c.sendall(data(REST[0])); c.shutdown(socket.SHUT_WR); drain(c)"
    _a, c, running = meet("kernel", code, 100_000)
    ours, answer = Receiver(c), Sender(c, data(300_000))
    assert finish(kernel, net, running, ours,
                  lambda: ours.ended and answer()) == digest(data(300_000))
    assert ours.octets == data(100_000)
    close_after(net, c)
    judge(ANYTIME)


def test_we_close_our_half_first(net, kernel, meet, judge):
    """[RFC9293 3.6] """
    code = "drain(c); c.sendall(data(REST[0])); c.close()"
    _a, c, running = meet("ours", code, 300_000)
    ours = Receiver(c)
    assert finish(kernel, net, running, ours, Sender(c, data(100_000))) == digest(data(100_000))
    net.run(until=lambda: ours() or ours.ended, timeout="60s", step="5ms")
    assert ours.octets == data(300_000)
    close_after(net, c)
    judge(ANYTIME)


def windows(frames, direction):
    """The windows of segments that are no SYN and no RST, unscaled."""
    found = []
    for f in frames:
        tcp = 14 + (f.data[14] & 15) * 4
        if f.direction == direction and f.data[12:14] == b"\x08\x00" and f.data[23] == 6 \
                and not f.data[tcp + 13] & 6:
            found.append(int.from_bytes(f.data[tcp + 14:tcp + 16], "big"))
    return found


def test_kernel_does_not_read_for_a_while(net, kernel, meet, captured, judge):
    """Its window shuts; we probe it, and go on when it has opened. [RFC9293 3.8.6.1] """
    code = ("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', REST[0]))\n"
            "u.settimeout(60); u.recv(1); drain(c)")
    a, c, running = meet("ours", code, SIGNAL, room=16384)
    sender = Sender(c, data(500_000))
    net.run(until=lambda: sender() or 0 in windows(captured("a"), "in"), timeout="60s",
            step="50ms")
    sender()
    net.run(for_="1500ms")  # time enough for probes
    assert not sender.done and not running.ended
    with a.udp() as signal:
        signal.send(b"!", KERNEL, SIGNAL)
    assert finish(kernel, net, running, sender) == digest(data(500_000))
    close_after(net, c)
    judge(ANYTIME)


def test_we_do_not_read_for_a_while(net, kernel, meet, captured, judge):
    """Our window shuts; the kernel's probes are answered; we tell when it opens. """
    _a, c, running = meet("kernel", SEND, MB)
    net.run(until=lambda: 0 in windows(captured("a"), "out"), timeout="60s", step="50ms")
    net.run(for_="1s")
    assert not running.ended
    ours = Receiver(c)
    closing = Sender(c, b"")
    finish(kernel, net, running, ours, lambda: ours.ended and closing())
    assert ours.octets == data(MB)
    close_after(net, c)
    judge(ANYTIME)


class Echo:
    """Sends back what comes, on every connection that a listener has."""

    def __init__(self, listener):
        self.listener, self.served, self.open = listener, 0, []

    def __call__(self):
        while self.listener.pending:
            c = self.listener.accept()
            self.open.append((c, Receiver(c), Sender(c, b"", close=False)))
            self.served += 1
        for entry in list(self.open):
            connection, receiver, sender = entry
            receiver()
            sender.octets, receiver.octets = sender.octets + receiver.octets, b""
            sender()
            if receiver.ended and sender.at == len(sender.octets):
                connection.close()
                self.open.remove(entry)


MANY = """
waiting = selectors.DefaultSelector()
for i in range(REST[0]):
    s = socket.socket(); s.setblocking(False)
    s.connect_ex((OURS, PORT))
    waiting.register(s, selectors.EVENT_WRITE, (i, bytearray()))
good = 0
while waiting.get_map():
    for key, events in waiting.select(60):
        s, (i, got) = key.fileobj, key.data
        if events & selectors.EVENT_WRITE:
            assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
            s.send(data(2000 + i)); s.shutdown(socket.SHUT_WR)
            waiting.modify(s, selectors.EVENT_READ, key.data)
        elif part := s.recv(65536):
            got += part
        else:
            good += got == data(2000 + i)
            waiting.unregister(s); s.close()
print(good)
"""


def test_a_hundred_connections_at_once(net, kernel, bridged, program, judge):
    a, _lan, _tap = bridged(latency="1ms", rate="1G")
    echo = Echo(a.listen(PORT, backlog=128))
    running = program(COMMON + MANY, OURS, PORT, 100)
    assert finish(kernel, net, running, echo) == "100\n"
    net.run(until=lambda: echo() or not echo.open, timeout="60s", step="5ms")
    assert echo.served == 100
    net.run(for_="100ms")
    judge(ANYTIME)


class Web:
    """A small HTTP/1.0 server: GET / and /big, POST sends the body back; one request each."""

    PAGES = {"/": b"hello from a small stack\n", "/big": data(300_000)}

    def __init__(self, listener):
        self.listener, self.open, self.log = listener, [], []

    def __call__(self):
        while self.listener.pending:
            c = self.listener.accept()
            self.open.append([c, Receiver(c), None])
        for entry in list(self.open):
            connection, receiver, answer = entry
            receiver()
            if answer is None and (octets := self.answer(receiver.octets)) is not None:
                answer = entry[2] = Sender(connection, octets)
            if answer is not None:
                answer()
            if receiver.ended:
                if answer is None or answer.done:
                    connection.close()
                    self.open.remove(entry)

    def answer(self, request):
        """What a whole request gets; None: it is not whole yet."""
        head, end, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        if not end or len(body) < int(fields.get("content-length", "0")):
            return None
        method, path, _version = lines[0].split(" ")
        self.log.append(f"{method} {path}")
        page = body if method == "POST" else self.PAGES.get(path)
        status = "200 OK" if page is not None else "404 Not Found"
        page = b"no such page\n" if page is None else page
        return (f"HTTP/1.0 {status}\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
                ).encode() + page


def test_curl_and_netcat_are_served(net, kernel, bridged, judge):
    a, _lan, _tap = bridged(latency="1ms", rate="1G")
    web = Web(a.listen(80))

    def curl(path, *more, body=b""):
        done = kernel.run(net, ["curl", "-sS", "--max-time", "60", "-H", "Expect:", *more,
                                f"http://{OURS}{path}"], body, each=web)
        assert (done.status, done.errors) == (0, "")
        return done.output
    assert curl("/") == Web.PAGES["/"]
    assert curl("/big") == Web.PAGES["/big"]
    assert curl("/form", "--data-binary", "@-", body=data(100_000)) == data(100_000)
    assert curl("/none", "-w", "%{http_code}") == b"no such page\n404"
    done = kernel.run(net, ["nc", "-n", "-N", OURS, "80"], b"GET / HTTP/1.0\r\n\r\n", each=web)
    assert done.status == 0 and done.output.endswith(b"\r\n\r\n" + Web.PAGES["/"])
    assert web.log == ["GET /", "GET /big", "POST /form", "GET /none", "GET /"]
    net.run(until=lambda: web() or not web.open, timeout="60s", step="5ms")
    net.run(for_="100ms")
    judge(ANYTIME)


def test_kernel_is_refused_where_nobody_listens(kernel, bridged, python, judge):
    """[RFC9293 3.10.7.1] """
    bridged()
    done = python("import socket, sys\ntry: socket.create_connection((sys.argv[1], 4711), 60)\n"
                  "except ConnectionRefusedError: print('refused')", OURS)
    assert (done.output, done.errors) == (b"refused\n", "")
    judge(ANYTIME)
