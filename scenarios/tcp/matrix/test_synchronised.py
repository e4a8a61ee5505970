"""Every kind of segment in every state from SYN-RECEIVED on, at both edges of the receive window,
with acknowledgements at both edges of what was sent: the host does what the model in conftest.py
says, and goes on afterwards. [RFC9293 3.10.7.4]
[RFC5961 3.2] [RFC5961 4.2] [RFC5961 5.2] [RFC1337] """

import pytest

STATES = {
    "SYN_RCVD_PASSIVE": "RQ-9293-11", "SYN_RCVD_ACTIVE": "RQ-9293-MUST-11",
    "ESTABLISHED": "RQ-9293-04", "FIN_WAIT_1": "RQ-9293-12", "FIN_WAIT_2": "RQ-9293-18",
    "CLOSE_WAIT": "RQ-9293-13", "CLOSING": "RQ-9293-12", "LAST_ACK": "RQ-9293-12",
    "TIME_WAIT": "RQ-9293-12",
}
TEN = b"0123456789"
# name: flags, data, urgent pointer, the row that it shows
KINDS = {
    "syn": ("S", b"", 0, "RQ-5961-04"),
    "syn-data": ("S", TEN, 0, "RQ-9293-07"),
    "syn-ack": ("SA", b"", 0, "RQ-9293-07"),
    "ack": ("A", b"", 0, "RQ-9293-09"),
    "data": ("PA", TEN, 0, "RQ-9293-05"),
    "data-without-ack": ("P", TEN, 0, "RQ-9293-08"),
    "fin": ("FA", b"", 0, "RQ-9293-05"),
    "data-fin": ("FPA", TEN, 0, "RQ-9293-15"),
    "fin-without-ack": ("F", b"", 0, "RQ-9293-08"),
    "rst": ("R", b"", 0, "RQ-9293-06"),
    "rst-ack": ("RA", b"", 0, "RQ-9293-06"),
    "rst-data": ("R", TEN, 0, "RQ-9293-SHLD-2"),
    "no-flags": ("", b"", 0, "RQ-9293-08"),
    "urgent": ("UPA", TEN, 5, "RQ-9293-MUST-32"),
    "xmas": ("FPU", TEN, 5, "RQ-9293-08"),
}


@pytest.mark.parametrize("state", STATES, ids=[f"{name}:{row}" for name, row in STATES.items()])
@pytest.mark.parametrize("kind", KINDS.values(),
                         ids=[f"{kind[3]}/{name}" for name, kind in KINDS.items()])
def test_segment(talk, bring, segment, state, kind):
    matrix = bring(talk, state)
    flags, data, urg, _ = kind
    wrong = []
    for place, seq in matrix.seqs(len(data) or 1).items():
        for number, ack in matrix.acks().items():
            wrong += [f"{place}, {number}: {what}"
                      for what in matrix.wrongs(segment(flags, seq, ack, data, urg))]
    assert not wrong, "\n".join(wrong)
