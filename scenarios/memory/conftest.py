"""What these scenarios share: rounds in which the n-th allocation of a host's stack fails, and a
judge for every frame that the host sends meanwhile."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether

from lockwire import CommandError, StackError

ERR_MEM = -1
# Longer than anything that waits: reassembly, pending ARP entries, reports.
SETTLE = "130s"


def check_whole(data):
    """The frame is as Scapy would build it: every length and checksum right, nothing half-built. A
    fragment's inner checksum is over all of them, so only its header is looked at."""
    built = Ether(data)
    assert ARP in built or IP in built, built.summary()
    if IP in built:
        assert built[IP].ttl > 0 and built[IP].src != "0.0.0.0"
        layers = [IP] if built[IP].flags.MF or built[IP].frag else [IP, UDP, ICMP, IGMP]
        for layer in layers:
            # what an ICMP error quotes has layers of other classes (IPerror)
            for field in ("len", "chksum"):
                if layer in built and field in built[layer].fields:
                    delattr(built[layer], field)
    assert bytes(built) == data, Ether(data).show(dump=True)


class Rounds:
    """`job()` says whether all of it came about; in a round with failures it need not. `ports` are
    where the host may be heard."""

    def __init__(self, net):
        self.net = net
        self._judged = set()

    def heard(self, port, timeout="20ms"):
        """The frames that arrive at the port within that time, each of them judged."""
        frames = []
        self.net.run(for_=timeout)
        while port.pending:
            arrival = port.recv_bytes(timeout=0)
            if arrival.data not in self._judged:
                check_whole(arrival.data)
                self._judged.add(arrival.data)
            frames.append(arrival.data)
        return frames

    def _done(self, job):
        """Whether all came about. What the host refuses, it refuses for want of memory."""
        try:
            return bool(job())
        except StackError as why:
            assert why.err == ERR_MEM, why
        except CommandError as why:
            assert why.kind == "stack", why
            assert f"err_t {ERR_MEM}" in str(why) or "no room" in str(why), why
        return False

    def _settle(self, ports):
        self.net.run(for_=SETTLE)
        for port in ports:
            self.heard(port, "1ms")
        self.net.check()

    def run(self, host, job, *ports, count=1):
        """The job in every round; after each the host holds what it held before, and the job
        succeeds. Returns how many rounds there were."""
        held = host.allocs()["held"]
        rounds = 0
        for failure in host.each_alloc_failure(count):
            rounds += 1
            done = self._done(job)
            assert done or failure.failed, f"round {failure.nth} failed without a reason"
            failure.over()
            self._settle(ports)
            assert host.allocs()["held"] == held, f"after round {failure.nth}"
            assert self._done(job), f"no recovery after round {failure.nth}"
            self._settle(ports)
            assert host.allocs()["held"] == held, f"after the recovery of round {failure.nth}"
        return rounds


@pytest.fixture(params=[1, 3, 1_000_000_000], ids=["one", "three", "all"])
def rounds(request, net):
    """rounds(host, job, *ports): see Rounds.run(). One allocation fails, or three in a row, or all
    from one on; how many rounds it takes until nothing fails hangs on the first alone."""
    made = Rounds(net)

    def run(host, job, *ports):
        return made.run(host, job, *ports, count=request.param)
    run.heard = made.heard
    return run
