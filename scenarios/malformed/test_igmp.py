"""IGMP messages that are cut, sent to the wrong address, from elsewhere, or of other versions."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
GW4 = "10.0.0.254"
ALL_SYSTEMS, GROUP, OTHER = "224.0.0.1", "239.1.2.3", "239.9.9.9"
ALERT = b"\x94\x04\x00\x00"
MACS = {ALL_SYSTEMS: "01:00:5e:00:00:01", GROUP: "01:00:5e:01:02:03", D4: D,
        "224.0.0.22": "01:00:5e:00:00:16"}


def summed(raw):
    """The message with its checksum in octets 2 and 3."""
    raw = raw[:2] + b"\0\0" + raw[4:]
    total = sum(int.from_bytes(raw[i:i + 2].ljust(2, b"\0"), "big")
                for i in range(0, len(raw), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return raw[:2] + (~total & 0xFFFF).to_bytes(2, "big") + raw[4:]


def message(type_, code=5, group="0.0.0.0", dst=ALL_SYSTEMS, tail=b"", **ip):
    """A message in its frame; code is in tenths of a second for a query."""
    octets = bytes([type_, code, 0, 0]) + bytes(int(o) for o in group.split("."))
    return Ether(src=T, dst=MACS[dst]) / IP(**{"src": T4, "dst": dst, "ttl": 1, "proto": 2,
                                               "options": ALERT, **ip}) \
        / Raw(summed(octets + tail))


def report(b):
    """What the host says when it is asked."""
    del b
    return [Ether(src=D, dst=MACS[GROUP]) / IP(src=D4, dst=GROUP, ttl=1, options=ALERT, proto=2)
            / IGMP(type=0x16, mrcode=0, gaddr=GROUP)]


def refused(reason, *counters):
    """Dropped, with these of IGMP's counters besides `drop`."""
    return dict(drops={reason: 1}, counters={f"igmp.{name}": 1 for name in ("drop", *counters)})


def sources(number):
    """What a version 3 query has behind its first eight octets, sources left out."""
    return b"\x02\x7d" + number.to_bytes(2, "big")


def chain(spoil):
    """A general query behind 60 octets of header: a buffer of 80 ends inside the message."""
    frame = bytearray(bytes(message(0x11, options=ALERT + b"\x01" * 36)))
    assert len(frame) == 14 + 60 + 8
    frame[-1] ^= spoil
    return bytes(frame)


ANSWERED = dict(replies=report, settle="1100ms")
REPORT_OF_ANOTHER = [message(0x11, 10), message(0x16, 0, GROUP, GROUP)]

ROWS = [
    dict(id="MF-IGMP-01", what="a message of seven octets",
         frames=[Ether(src=T, dst=MACS[ALL_SYSTEMS]) / IP(
             src=T4, dst=ALL_SYSTEMS, ttl=1, proto=2, options=ALERT) / Raw(b"\x11\x05" + bytes(5))],
         **refused("igmp_too_short", "lenerr")),
    dict(id="MF-IGMP-04/general", what="a version 3 query that promises 1000 sources",
         frames=[message(0x11, tail=sources(1000))], **ANSWERED,
         note="the host speaks version 2: it reads eight octets and answers"),
    dict(id="MF-IGMP-04/group", what="the same for the host's group",
         frames=[message(0x11, 5, GROUP, GROUP, tail=sources(1000))], **ANSWERED),
    dict(id="MF-IGMP-04/65535-sources", what="the same with as many as the field can say",
         frames=[message(0x11, tail=sources(65535))], **ANSWERED),
    dict(id="MF-IGMP-06", what="a version 3 query without a time, then one of version 2 in a hurry",
         frames=[message(0x11, 0, tail=sources(0)), message(0x11, 1)], **ANSWERED,
         note="answered once; no delay is zero"),
    dict(id="MF-IGMP-06/hurry-first", what="the same the other way round",
         frames=[message(0x11, 1), message(0x11, 0, tail=sources(0))], **ANSWERED),
    dict(id="MF-IGMP-07/unicast", what="a general query to the host alone",
         frames=[message(0x11, dst=D4)], **refused("igmp_bad_destination", "proterr")),
    dict(id="MF-IGMP-07/to-a-group", what="a general query to a group",
         frames=[message(0x11, dst=GROUP)], **refused("igmp_bad_destination", "proterr")),
    dict(id="MF-IGMP-07/no-group", what="a query for an address that is no group",
         frames=[message(0x11, 5, "10.0.0.5")], **refused("igmp_bad_destination", "proterr")),
    dict(id="MF-IGMP-07/unicast-for-the-group", what="a query for the group to the host alone",
         frames=[message(0x11, 5, GROUP, D4)], **refused("igmp_bad_destination", "proterr")),
    dict(id="MF-IGMP-08/ttl-64", what="a query with TTL 64 and without Router Alert",
         frames=[message(0x11, ttl=64, options=[])], **ANSWERED,
         note="its source is on the link: answered, as version 2 demands no more"),
    dict(id="MF-IGMP-08/off-link", what="a query from beyond the link",
         frames=[message(0x11, src="192.0.2.9")], **refused("igmp_off_link"), settle="1100ms"),
    dict(id="MF-IGMP-09/suppressed", what="another member answers first",
         frames=REPORT_OF_ANOTHER, settle="1100ms"),
    dict(id="MF-IGMP-09/idle", what="another member's report while nothing is to be sent",
         frames=REPORT_OF_ANOTHER[1:], settle="1100ms"),
    dict(id="MF-IGMP-09/mismatch", what="a report for another group, sent to the host's",
         frames=[message(0x11, 5), message(0x16, 0, OTHER, GROUP)],
         **refused("igmp_bad_destination", "proterr"), **ANSWERED),
    dict(id="MF-IGMP-09/to-all", what="a report for the host's group, sent to all systems",
         frames=[message(0x11, 5), message(0x16, 0, GROUP)],
         **refused("igmp_bad_destination", "proterr"), **ANSWERED),
    dict(id="MF-IGMP-10/v3-report", what="a version 3 report that promises 65535 records",
         frames=[message(0x22, 0, "0.0.255.255")], **refused("igmp_unknown_type", "proterr")),
    dict(id="MF-IGMP-10/v3-report-to-routers", what="the same to where it belongs",
         frames=[message(0x22, 0, "0.0.255.255", "224.0.0.22")],
         drops={"ip4_not_member": 1}, counters={"ip.drop": 1}),
    dict(id="MF-IGMP-10/type-99", what="an unknown type",
         frames=[message(0x99)], **refused("igmp_unknown_type", "proterr")),
    dict(id="MF-IGMP-12/sound", what="a query whose eight octets lie in two buffers",
         frames=[chain(0)], options={"pbuf_pool_bufsize": 80}, **ANSWERED,
         note="24 octets of header would need buffers of 40: the smallest are 80"),
    dict(id="MF-IGMP-12/wrong-in-the-second", what="the same, a wrong octet in the second one",
         frames=[chain(1)], options={"pbuf_pool_bufsize": 80},
         **refused("igmp_bad_checksum", "chkerr"), settle="1100ms"),
    # beyond the catalogue
    dict(id="wrong-checksum", what="a query with a wrong checksum",
         frames=[bytes(message(0x11))[:-1] + b"\1"], **refused("igmp_bad_checksum", "chkerr"),
         settle="1100ms"),
    dict(id="leave", what="another member leaves", frames=[message(0x17, 0, GROUP)],
         **refused("igmp_unknown_type", "proterr"), settle="1100ms",
         note="routers' business"),
]


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_message(busy, row):
    """Only a query from the link that was sent where queries go is answered."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("address", [pytest.param(ip, id=f"MF-IGMP-11/{ip}") for ip in
                                     ("239.5.6.7", GROUP, "224.0.0.1", "255.255.255.255")])
def test_address_of_many(make_busy, address):
    """A group's address is offered to the interface (as a lease might): refused, nothing changes;
    then a version 3 query for that group, with a source, meets no group it should not."""
    b = make_busy()
    b.d.interfaces[0].set(ip=f"{address}/24", gw=GW4)
    info = b.d.interfaces[0].info()
    assert (info["ip"], info["gw"]) == (D4, GW4)
    b.t.send(message(0x11, 5, address, tail=sources(1) + bytes([10, 0, 0, 7])))
    b.net.run(for_="1100ms")
    joined = address == GROUP
    seen = b.reaction(b.before)
    b.compare("answer", report(b) if joined else [])
    reason = {"255.255.255.255": "igmp_bad_destination"}.get(address, "igmp_not_member")
    assert seen["drops"] == ({} if joined else {reason: 1})
    b.exchange()
    assert b.memory() == b.empty
