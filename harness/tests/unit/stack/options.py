#!/usr/bin/python3
"""Options that cannot work are refused by stack/core/opt_check.c, by a message that names them."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

# what lwipopts.h says beside a minimal one: what the message must contain; None: it compiles
CASES = [
    ("", None),
    ("NO_SYS 0", "NO_SYS is 0"),
    ("-NO_SYS", "NO_SYS is 0 (lwIP's default)"),
    ("LWIP_TCP 1", None),
    ("LWIP_TCP 0", None),
    ("LWIP_TCP 0;TCP_MSS 0;TCP_WND 0;TCP_SND_QUEUELEN 0;MEMP_NUM_TCP_PCB 0;LWIP_ALTCP 1", None),
    ("LWIP_TCP 0;LWIP_EVENT_API 1", None),
    ("LWIP_ALTCP 1", "LWIP_ALTCP is 1"),
    ("LWIP_EVENT_API 1", None),
    ("LWIP_CALLBACK_API 0", "LWIP_CALLBACK_API is 0"),
    ("LWIP_EVENT_API 1;LWIP_CALLBACK_API 1", "LWIP_EVENT_API and LWIP_CALLBACK_API are both 1"),
    ("MEMP_NUM_TCP_PCB 0", "MEMP_NUM_TCP_PCB less than 1"),
    ("MEMP_NUM_TCP_PCB 0;MEMP_MEM_MALLOC 1", None),
    ("MEMP_NUM_TCP_PCB_LISTEN 0", None),
    ("LWIP_TCP_SACK_OUT 1", None),
    ("LWIP_TCP_SACK_OUT 1;TCP_QUEUE_OOSEQ 0", "LWIP_TCP_SACK_OUT is 1 and TCP_QUEUE_OOSEQ 0"),
    ("TCP_OOSEQ_OVERLAP 0", None),
    ("LWIP_TCP_SACK_OUT 1;TCP_OOSEQ_OVERLAP 0", "LWIP_TCP_SACK_OUT is 1 and TCP_OOSEQ_OVERLAP 0"),
    ("LWIP_TCP_SACK_OUT 1;LWIP_TCP_MAX_SACK_NUM 0", "LWIP_TCP_MAX_SACK_NUM is not from 1 to 4"),
    ("LWIP_TCP_SACK_OUT 1;LWIP_TCP_MAX_SACK_NUM 5", "LWIP_TCP_MAX_SACK_NUM is not from 1 to 4"),
    ("TCP_CC 1", None),
    ("TCP_CC 1;LWIP_TCP_CUBIC 0", "TCP_CC is 1 and LWIP_TCP_CUBIC 0"),
    ("TCP_CC 2", "option tcp_cc"),
    ("LWIP_TCP_RACK 1", "LWIP_TCP_RACK is 1 and LWIP_TCP_SACK_IN 0"),
    ("LWIP_TCP_RACK 1;LWIP_TCP_SACK_OUT 1", None),
    ("TCP_HASH_SIZE 1", None),
    ("TCP_HASH_SIZE 0", None),
    ("TCP_HASH_SIZE -1", "TCP_HASH_SIZE must be a power of two"),
    ("TCP_HASH_SIZE 24", "TCP_HASH_SIZE must be a power of two"),
    ("LWIP_TCP_ICMP_ERRORS 0", None),
    ("LWIP_TCP_ICMP_ERRORS 0;LWIP_TCP_PMTUD 1",
     "LWIP_TCP_PMTUD is 1 and LWIP_TCP_ICMP_ERRORS 0"),
    ("TCP_ISN_HASH 0", None),
    ("TCP_ISN_HASH 0;LWIP_MULTI_INSTANCE 1", "TCP_ISN_HASH is 0 and LWIP_MULTI_INSTANCE 1"),
    ("TCP_ISN_HASH 0;LWIP_TCP_TIMESTAMPS 1", "TCP_ISN_HASH is 0 and TCP_TIMESTAMP_OFFSET 1"),
    ("TCP_ISN_HASH 0;LWIP_TCP_TIMESTAMPS 1;TCP_TIMESTAMP_OFFSET 0", None),
    ("TCP_ISN_SIPHASH 0", None),
    ("TCP_ISN_SIPHASH 0;LWIP_MULTI_INSTANCE 1", "TCP_ISN_SIPHASH is 0 and LWIP_MULTI_INSTANCE 1"),
    ("TCP_ISN_SIPHASH 0;LWIP_TCP_TIMESTAMPS 1", "TCP_ISN_SIPHASH is 0 and TCP_TIMESTAMP_OFFSET 1"),
    ("TCP_ISN_SIPHASH 0;LWIP_TCP_TIMESTAMPS 1;TCP_TIMESTAMP_OFFSET 0", None),
    ("TCP_MSS 0;TCP_WND 2144;TCP_SND_BUF 1072;TCP_SND_QUEUELEN 8", "TCP_MSS is not from 1"),
    ("TCP_MSS 65496", "TCP_MSS is not from 1 to 65495"),
    ("TCP_WND 535", "TCP_WND is less than TCP_MSS"),
    ("TCP_WND 535;LWIP_DISABLE_TCP_SANITY_CHECKS 1", None),
    ("TCP_WND (u16_t)535", "TCP_WND is less than TCP_MSS"),
    ("TCP_WND 65535;PBUF_POOL_SIZE 200", None),
    ("TCP_WND 65536;PBUF_POOL_SIZE 200", "TCP_WND is more than 65535: define LWIP_WND_SCALE 1"),
    ("TCP_WND 131070;PBUF_POOL_SIZE 400;LWIP_WND_SCALE 1;TCP_RCV_SCALE 1", None),
    ("TCP_WND 131071;PBUF_POOL_SIZE 400;LWIP_WND_SCALE 1;TCP_RCV_SCALE 1",
     "TCP_WND is more than 65535 << TCP_RCV_SCALE"),
    ("LWIP_WND_SCALE 1;TCP_RCV_SCALE 14", "TCP_WND is less than 1 << TCP_RCV_SCALE"),
    ("LWIP_WND_SCALE 1;TCP_RCV_SCALE 15", "TCP_RCV_SCALE is not from 0 to 14"),
    ("TCP_SND_BUF 1071", "TCP_SND_BUF is less than 2 * TCP_MSS"),
    ("TCP_SND_BUF 65536;MEMP_NUM_TCP_SEG 500", "TCP_SND_BUF is more than 65535"),
    ("TCP_SND_BUF 65536;MEMP_NUM_TCP_SEG 500;LWIP_WND_SCALE 1", None),
    ("TCP_SND_BUF 65535;MEMP_NUM_TCP_SEG 500;TCP_SNDLOWAT 63391",
     "TCP_SNDLOWAT is not 4 * TCP_MSS below 65535"),
    ("TCP_SND_BUF 65535;MEMP_NUM_TCP_SEG 500;TCP_SNDLOWAT 63390", None),
    ("TCP_SND_QUEUELEN 1;MEMP_NUM_TCP_SEG 16", "TCP_SND_QUEUELEN is not from 2 to 65532"),
    ("TCP_SND_QUEUELEN 65533;MEMP_NUM_TCP_SEG 70000", "TCP_SND_QUEUELEN is not from 2 to 65532"),
    ("TCP_SND_QUEUELEN 6", None),
    ("TCP_SND_BUF 2144;TCP_SND_QUEUELEN 7", "TCP_SND_QUEUELEN is less than 2 *"),
    ("MEMP_NUM_TCP_SEG 7", "MEMP_NUM_TCP_SEG is less than TCP_SND_QUEUELEN"),
    ("MEMP_NUM_TCP_SEG 8", None),
    ("MEMP_NUM_TCP_SEG 7;MEMP_MEM_MALLOC 1", None),
    ("TCP_SNDLOWAT 1072", "TCP_SNDLOWAT is not less than TCP_SND_BUF"),
    ("TCP_SNDQUEUELOWAT 8", "TCP_SNDQUEUELOWAT is not less than TCP_SND_QUEUELEN"),
    ("TCP_LISTEN_BACKLOG 1;TCP_DEFAULT_LISTEN_BACKLOG 256", "TCP_DEFAULT_LISTEN_BACKLOG is not"),
    ("TCP_LISTEN_BACKLOG 1;TCP_DEFAULT_LISTEN_BACKLOG 255", None),
    ("PBUF_POOL_SIZE 4", None),
    ("PBUF_POOL_SIZE 3", "TCP_WND is more than the data that PBUF_POOL_SIZE buffers hold"),
    ("PBUF_POOL_SIZE 3;LWIP_TCP 0", None),
    ("PBUF_POOL_SIZE 0", None),
    ("LWIP_TCP_PCB_NUM_EXT_ARGS 251", "LWIP_TCP_PCB_NUM_EXT_ARGS is not from 0 to 250"),
    ("TCP_RTO_MIN_MS 60001", "TCP_RTO_MIN_MS is more than TCP_RTO_MAX_MS"),
    ("TCP_PMTU_MIN 67", "TCP_PMTU_MIN is not from 68 to 65535"),
    ("TCP_PMTU_MIN 68", None),
    ("TCP_DELACK_MS 500", "option tcp_delack_ms"),
    ("TCP_TTL 256", "option tcp_ttl"),
    ("LWIP_NETCONN 1", "LWIP_NETCONN is 1"),
    ("LWIP_SOCKET 1", "LWIP_SOCKET is 1"),
    ("LWIP_NETIF_API 1", "LWIP_NETIF_API is 1"),
    ("LWIP_IPV6 1", "LWIP_IPV6 is 1"),
    ("LWIP_IPV4 0", "LWIP_IPV4 is 0"),
    ("LWIP_DHCP 1", "LWIP_DHCP is 1"),
    ("LWIP_AUTOIP 1", "LWIP_AUTOIP is 1"),
    ("LWIP_DNS 1", "LWIP_DNS is 1"),
    ("PPP_SUPPORT 1", "PPP_SUPPORT"),
    ("LWIP_SNMP 1", "LWIP_SNMP is 1"),
    ("MEM_ALIGNMENT 3", "MEM_ALIGNMENT must be a power of two"),
    ("MEM_LIBC_MALLOC 1", None),
    ("MEM_LIBC_MALLOC 1;MEM_SIZE 0", None),
    ("MEM_SIZE 100", "MEM_SIZE is less than 256"),
    ("MEM_LIBC_MALLOC 1;MEM_USE_POOLS 1;MEMP_USE_CUSTOM_POOLS 1",
     "MEM_LIBC_MALLOC and MEM_USE_POOLS are both 1"),
    ("MEM_USE_POOLS 1", "MEM_USE_POOLS is 1 without MEMP_USE_CUSTOM_POOLS"),
    ("MEM_CUSTOM_ALLOCATOR 1", "define MEM_CUSTOM_MALLOC"),
    ("LWIP_MULTI_INSTANCE 1;MEM_LIBC_MALLOC 1", "LWIP_MULTI_INSTANCE 1 needs the instance's own"),
    ("LWIP_MULTI_INSTANCE 1;LWIP_TIMERS_CUSTOM 1", "LWIP_TIMERS_CUSTOM and LWIP_MULTI_INSTANCE"),
    ("MEMP_NUM_UDP_PCB 0", "MEMP_NUM_UDP_PCB less than 1"),
    ("MEMP_NUM_UDP_PCB 0;LWIP_UDP 0", None),
    ("MEMP_NUM_UDP_PCB 0;MEMP_MEM_MALLOC 1", None),
    ("LWIP_RAW 1;MEMP_NUM_RAW_PCB 0", "MEMP_NUM_RAW_PCB less than 1"),
    ("LWIP_IGMP 1;MEMP_NUM_IGMP_GROUP 1", "MEMP_NUM_IGMP_GROUP less than 2"),
    ("ARP_QUEUEING 1;MEMP_NUM_ARP_QUEUE 0", "MEMP_NUM_ARP_QUEUE less than 1"),
    ("MEMP_NUM_REASSDATA 0", "MEMP_NUM_REASSDATA less than 1"),
    ("IP_REASS_MAX_PBUFS 2", "IP_REASS_MAX_PBUFS is less than MEMP_NUM_REASSDATA"),
    ("MEMP_NUM_FRAG_PBUF 0", "MEMP_NUM_FRAG_PBUF less than 1"),
    ("MEMP_NUM_FRAG_PBUF 0;LWIP_NETIF_TX_SINGLE_PBUF 1", None),
    ("LWIP_ETHERNET 0", "LWIP_ETHERNET 0: ARP speaks Ethernet"),
    ("LWIP_ARP 0;LWIP_ACD 1", "LWIP_ACD is 1 and LWIP_ARP 0"),
    ("LWIP_UDP 0;LWIP_UDPLITE 1", "LWIP_UDPLITE is 1 and LWIP_UDP 0"),
    ("LWIP_IP_REDIRECTS 256", "LWIP_IP_REDIRECTS must be from 0 to 255"),
    ("MEMP_FREE_CHECK 0", "MEMP_FREE_CHECK is 0: MEMP_STATS"),
    ("MEMP_FREE_CHECK 0;MEMP_STATS 0", None),
    ("MEMP_FREE_CHECK 0;LWIP_STATS 0", None),
    ("MEMP_FREE_CHECK 0;LWIP_STATS 0;MEMP_SANITY_CHECK 1", "MEMP_FREE_CHECK is 0: MEMP_STATS"),
    ("MEMP_FREE_CHECK 0;MEMP_MEM_MALLOC 1", None),
    ("MEMP_FREE_CHECK 0;LWIP_STATS 0;LWIP_MULTI_INSTANCE 1", "only a single instance's pools"),
    ("MEM_FREE_LIST 0;LWIP_STATS 0", None),
    ("MEM_FREE_LIST 0", "MEM_FREE_LIST is 0: MEM_STATS"),
    ("MEM_FREE_LIST 0;LWIP_STATS 0;MEM_OVERFLOW_CHECK 1", "MEM_FREE_LIST is 0: MEM_STATS"),
    ("MEM_FREE_LIST 0;LWIP_STATS 0;LWIP_MULTI_INSTANCE 1", "only a single instance's heap"),
    ("LWIP_DROP_REASONS 0", None),
    ("LWIP_DROP_REASONS 0;LWIP_MULTI_INSTANCE 1", "LWIP_MULTI_INSTANCE is 1 and LWIP_DROP_REASONS"),
    ("LWIP_ICMP_ERRORS_IN 0;LWIP_TCP_PMTUD 1", "LWIP_TCP_PMTUD is 1 and LWIP_ICMP_ERRORS_IN 0"),
    ("LWIP_VLAN_PCP 1", "ETHARP_SUPPORT_VLAN 0"),
    ("LWIP_SINGLE_NETIF 1;LWIP_NETIF_LOOPBACK 1;LWIP_HAVE_LOOPIF 1", "LWIP_SINGLE_NETIF and"),
    ("LWIP_HAVE_LOOPIF 1;LWIP_NETIF_LOOPBACK 0", "LWIP_NETIF_LOOPBACK 0: nothing would come back"),
    ("UDP_LOCAL_PORT_RANGE_START 70", None),
    ("UDP_LOCAL_PORT_RANGE_START 0", "is no range of ports"),
    ("UDP_LOCAL_PORT_RANGE_END 1024", "is no range of ports"),
    ("PBUF_POOL_BUFSIZE 54", "PBUF_POOL_BUFSIZE has no room for data"),
    ("PBUF_POOL_BUFSIZE 63", "option pbuf_pool_bufsize"),
    ("PBUF_POOL_BUFSIZE 65535", "16-bit length"),
    ("PBUF_LINK_HLEN 12", "PBUF_LINK_HLEN is less than 14 + ETH_PAD_SIZE"),
    ("LWIP_PBUF_REF_T s16_t", "LWIP_PBUF_REF_T is a signed type"),
    ("IP_DEFAULT_TTL 0", "option ip_default_ttl"),
    ("UDP_TTL 256", "option udp_ttl"),
    ("RAW_TTL 0", "RAW_TTL is not from 1 to 255"),
    ("IP_REASS_MAXAGE 256", "option ip_reass_maxage"),
    ("ARP_TABLE_SIZE 0", "option arp_table_size"),
    ("LWIP_NUM_NETIF_CLIENT_DATA 251", "LWIP_NUM_NETIF_CLIENT_DATA is not from 0 to 250"),
]
BASE = {"NO_SYS": "1", "MEM_ALIGNMENT": "4"}


def lwipopts(case):
    options = dict(BASE)
    for entry in filter(None, case.split(";")):
        if entry.startswith("-"):
            del options[entry[1:]]
        else:
            name, value = entry.split(" ", 1)
            options[name] = value
    return "".join(f"#define {name} {value}\n" for name, value in options.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx")
    parser.add_argument("--root", required=True, type=Path)
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as tmp:
        port = Path(tmp)
        (port / "arch").mkdir()
        (port / "arch/cc.h").write_text("")
        for case, expected in CASES:
            (port / "lwipopts.h").write_text(lwipopts(case))
            run = subprocess.run(
                [args.cc, "-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{port}",
                 f"-I{args.root}/stack/include", f"-I{args.root}",
                 f"{args.root}/stack/core/opt_check.c"], capture_output=True, text=True)
            if expected is None:
                good = run.returncode == 0
            else:
                good = run.returncode != 0 and expected in run.stderr
            if not good:
                wrong += 1
                print(f"{case or 'the minimum'}: expected {expected or 'that it compiles'}, got:\n"
                      f"{run.stderr or 'that it compiles'}")
    print(f"options: {len(CASES)} tried, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
