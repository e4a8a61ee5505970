#!/usr/bin/python3
"""The stack's sources compile without a warning under option sets that users really have: bare
minimum, each protocol left out, debug messages on, padding, one interface, every hook."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = ["-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Wshadow",
         "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Werror"]
MODULES = ["ETHARP", "NETIF", "PBUF", "ICMP", "IGMP", "INET", "IP", "IP_REASS", "RAW", "MEM",
           "MEMP", "SYS", "TIMERS", "UDP", "ACD", "TCP", "TCP_INPUT", "TCP_FR", "TCP_RTO",
           "TCP_CWND", "TCP_WND", "TCP_OUTPUT", "TCP_RST", "TCP_QLEN"]
ROOMS = ["core", "wire", "link", "ipv4", "ip", "udp", "tcp", "raw"]
# name: (port, options that override the port's). Independent options share a build: each costs the
# compilation of every file.
BUILDS = {
    "minimum, TCP left on": (None, ["NO_SYS 1", "LWIP_TCP 1", "MEMP_NUM_TCP_PCB 5"]),
    "no ARP": (None, ["NO_SYS 1", "LWIP_ARP 0"]),
    "Ethernet without ARP": (None, ["NO_SYS 1", "LWIP_ARP 0", "LWIP_ETHERNET 1",
                                    "MEM_ALIGNMENT 4", "LWIP_PBUF_REF_T u16_t"]),
    "no TCP": ("unit", ["LWIP_TCP 0"]),
    "TCP, bare": ("unit", ["LWIP_TCP_SACK_OUT 0", "LWIP_WND_SCALE 0", "TCP_QUEUE_OOSEQ 0",
                           "TCP_LISTEN_BACKLOG 0", "LWIP_TCP_KEEPALIVE 0", "LWIP_TCP_CUBIC 0",
                           "LWIP_TCP_PCB_NUM_EXT_ARGS 0", "TCP_OVERSIZE 0",
                           "TCP_CALCULATE_EFF_SEND_MSS 0", "TCP_HASH_SIZE 1",
                           "TCP_TRIM_ACKED 0", "TCP_CHALLENGE_ACK_LIMIT 0", "TCP_ISN_HASH 0",
                           "TCP_TIMESTAMP_OFFSET 0"]),
    "TCP, small": ("unit", ["LWIP_TCP_SACK_OUT 0", "LWIP_WND_SCALE 0", "LWIP_TCP_CUBIC 0",
                            "TCP_LIMITED_TRANSMIT 0", "TCP_RESTART_IDLE 0", "LWIP_TCP_URGENT 0",
                            "LWIP_TCP_USER_TIMEOUT 0", "LWIP_TCP_ICMP_ERRORS 0", "TCP_HASH_SIZE 0",
                            "TCP_ISN_SIPHASH 0", "LWIP_TCP_MIRRORS 0", "TCP_OOSEQ_OVERLAP 0",
                            "TCP_TIME_WAIT_REUSE 0", "TCP_CWND_SMOOTH 0",
                            "LWIP_CHECKSUM_ON_COPY 0", "LWIP_STATS 0"]),
    "TCP, events": ("unit", ["LWIP_EVENT_API 1", "LWIP_CALLBACK_API 0"]),
    "TCP, no early data": ("unit", ["TCP_QUEUE_OOSEQ 0", "LWIP_TCP_SACK_OUT 0"]),
    "TCP, early data in less code, mirrored": ("unit", ["TCP_OOSEQ_OVERLAP 0",
                                                        "LWIP_TCP_SACK_OUT 0"]),
    "TCP, no window scale": ("unit", ["LWIP_WND_SCALE 0", "TCP_WND 0xffff"]),
    "TCP, no backlog": ("unit", ["TCP_LISTEN_BACKLOG 0", "LWIP_TCP_TIMESTAMPS 0"]),
    "no transports": ("unit", ["LWIP_TCP 0", "LWIP_UDP 0", "LWIP_UDPLITE 0", "LWIP_RAW 0",
                               "SYS_LIGHTWEIGHT_PROT 1"]),
    "no ICMP": ("unit", ["LWIP_ICMP 0", "LWIP_IP_DEAD_GATEWAY 0", "IP_FORWARD 0",
                         "IP_OPTIONS_ALLOWED 0"]),
    "no IGMP": ("unit", ["LWIP_IGMP 0", "LWIP_UDP_IP_OPTIONS 1", "LWIP_MULTICAST_TX_OPTIONS 0",
                         "IP_SOF_BROADCAST 0", "IP_SOF_BROADCAST_RECV 0", "SO_REUSE 0",
                         "LWIP_UDPLITE 0"]),
    "no fragments": ("unit", ["LWIP_IP_REDIRECTS 0", "IP_FRAG 0", "IP_REASSEMBLY 0",
                              "LWIP_NETIF_LOOPBACK 0", "LWIP_HAVE_LOOPIF 0"]),
    "one interface": ("unit", ["LWIP_SINGLE_NETIF 1", "LWIP_HAVE_LOOPIF 0",
                               "LWIP_NETIF_TX_SINGLE_PBUF 1", "ETHARP_SUPPORT_VLAN 0"]),
    "no call-backs": ("unit", ["LWIP_NETIF_STATUS_CALLBACK 0", "LWIP_NETIF_LINK_CALLBACK 0",
                               "LWIP_NETIF_EXT_STATUS_CALLBACK 0",
                               "LWIP_NETIF_REMOVE_CALLBACK 0", "LWIP_NETIF_HWADDRHINT 0",
                               "LWIP_NUM_NETIF_CLIENT_DATA 0", "LWIP_NETIF_HOSTNAME 0",
                               "LWIP_CHECKSUM_CTRL_PER_NETIF 0", "LWIP_CHECKSUM_ON_COPY 0"]),
    "no statistics": ("unit", ["LWIP_STATS 0", "LWIP_ACD 0"]),
    "small statistics": ("unit", ["LWIP_STATS_LARGE 0", "MIB2_STATS 0", "LWIP_STATS_DISPLAY 0",
                                  "ETHARP_SUPPORT_STATIC_ENTRIES 0", "ARP_QUEUEING 0"]),
    "checksums in hardware": ("unit", ["LWIP_CHECKSUM_CTRL_PER_NETIF 0", "CHECKSUM_GEN_IP 0",
                                       "CHECKSUM_GEN_UDP 0", "CHECKSUM_GEN_ICMP 0",
                                       "CHECKSUM_GEN_TCP 0", "CHECKSUM_CHECK_TCP 0",
                                       "CHECKSUM_CHECK_IP 0", "CHECKSUM_CHECK_UDP 0",
                                       "CHECKSUM_CHECK_ICMP 0", "LWIP_TIMERS 0"]),
    "padding": ("unit", ["ETH_PAD_SIZE 2", "LWIP_VLAN_PCP 1", "PBUF_POOL_BUFSIZE 9216",
                         "MEM_SIZE (1024 * 1024)", "LWIP_TIMERS_CUSTOM 1"]),
    "no asserts": ("unit", ["LWIP_NOASSERT 1", "LWIP_HOOK_FILENAME \"hooks.h\""]),
    "debug": ("unit", ["LWIP_DEBUG 1", *(f"{m}_DEBUG LWIP_DBG_ON" for m in MODULES)]),
    "debug, many": ("sim", ["LWIP_DEBUG 1", *(f"{m}_DEBUG LWIP_DBG_ON" for m in MODULES),
                            "MEM_OVERFLOW_CHECK 2", "MEMP_OVERFLOW_CHECK 2"]),
    "small, UDP": ("small", ["LWIP_TCP 0", "IP_FRAG 0", "IP_REASSEMBLY 0"]),
    "small, large heap": ("small", ["MEM_SIZE (128 * 1024)", "LWIP_RAM_HEAP_POINTER 0x40000000"]),
    "small, TCP": ("small", ["LWIP_UDP 0", "LWIP_ACD 1", "ARP_TABLE_SIZE 100", "LWIP_TESTMODE 1",
                             "LWIP_ALLOC_FAULTS 1", "LWIP_DROP_REASONS 1"]),
    "not so small": ("unit", ["LWIP_CHECKSUM_SMALL 1", "LWIP_ETHERNET_SNAP 0",
                              "LWIP_IP_OPTIONS_CHECK 0", "LWIP_ICMP_ERRORS_IN 0",
                              "LWIP_SPREAD_HEADERS 0", "LWIP_ETHERNET_SOURCE_CHECK 0",
                              "LWIP_IP_LINK_LOCAL 0",
                              "LWIP_IP_FRAG_OPTIONS 0", "LWIP_MODULES_MORE 0",
                              "LWIP_DROP_REASONS 0", "MEMP_FREE_CHECK 0", "MEMP_STATS 0",
                              "MEMP_SANITY_CHECK 0", "MEM_FREE_LIST 0", "MEM_STATS 0",
                              "MEM_SANITY_CHECK 0", "ARP_QUEUEING 0",
                              "ARP_TABLE_SIZE 33"]),
    "many, small": ("sim", ["LWIP_CHECKSUM_SMALL 1", "LWIP_ETHERNET_SNAP 0",
                            "LWIP_IP_OPTIONS_CHECK 0", "LWIP_ICMP_ERRORS_IN 0",
                            "LWIP_SPREAD_HEADERS 0", "LWIP_ETHERNET_SOURCE_CHECK 0",
                            "LWIP_IP_LINK_LOCAL 0",
                            "LWIP_IP_FRAG_OPTIONS 0", "LWIP_MODULES_MORE 0",
                            "LWIP_ALLOC_FAULTS 0", "LWIP_TCP_PMTUD 0"]),
    "many, bare": ("sim", ["LWIP_STATS 0", "LWIP_IGMP 0", "LWIP_RAW 0", "LWIP_ACD 0",
                           "LWIP_VLAN_PCP 0"]),
}
HOOKS = """
#ifndef HOOKS_H
#define HOOKS_H
#include "lwip/ip4_addr.h"
#include "lwip/ip_addr.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
struct netif;
struct eth_hdr;
struct eth_vlan_hdr;
struct eth_addr;
struct tcp_pcb;
struct tcp_hdr;
int user_ip4_input(struct pbuf *p, struct netif *inp);
struct netif *user_ip4_route(const ip4_addr_t *src, const ip4_addr_t *dest);
int user_canforward(struct pbuf *p, u32_t dest);
const ip4_addr_t *user_gateway(struct netif *netif, const ip4_addr_t *dest);
int user_vlan_check(struct netif *netif, struct eth_hdr *eth, struct eth_vlan_hdr *vlan);
s32_t user_vlan_set(struct netif *netif, struct pbuf *p, const struct eth_addr *src,
                    const struct eth_addr *dst, u16_t type);
err_t user_unknown(struct pbuf *p, struct netif *netif);
void user_available(memp_t type);
u32_t user_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
               u16_t remote_port);
err_t user_lets_in(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len,
                   u8_t *opt2, struct pbuf *p);
u8_t user_options_length(const struct tcp_pcb *pcb, u8_t ours);
u32_t *user_options_add(struct pbuf *p, struct tcp_hdr *hdr, const struct tcp_pcb *pcb, u32_t *at);
#define LWIP_HOOK_IP4_INPUT user_ip4_input
#define LWIP_HOOK_IP4_ROUTE_SRC user_ip4_route
#define LWIP_HOOK_IP4_CANFORWARD user_canforward
#define LWIP_HOOK_ETHARP_GET_GW user_gateway
#define LWIP_HOOK_VLAN_CHECK user_vlan_check
#define LWIP_HOOK_VLAN_SET user_vlan_set
#define LWIP_HOOK_UNKNOWN_ETH_PROTOCOL user_unknown
#define LWIP_HOOK_MEMP_AVAILABLE user_available
#define LWIP_HOOK_TCP_ISN user_isn
#define LWIP_HOOK_TCP_INPACKET_PCB user_lets_in
#define LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH user_options_length
#define LWIP_HOOK_TCP_OUT_ADD_TCPOPTS user_options_add
#endif
"""
# What the port owes with SYS_LIGHTWEIGHT_PROT 1.
PROTECTION = "typedef int sys_prot_t;\n"


def lwipopts(root, port, options):
    text = "#ifndef BUILD_LWIPOPTS_H\n#define BUILD_LWIPOPTS_H\n"
    if port is not None:
        text += f'#include "{root}/stack/ports/{port}/lwipopts.h"\n'
    for option in options:
        name = option.split(" ", 1)[0]
        text += f"#undef {name}\n#define {option}\n"
    return text + "#endif\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx")
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--only", help="names that contain this")
    args = parser.parse_args()
    sources = [str(p) for room in ROOMS for p in sorted((args.root / "stack" / room).glob("*.c"))]
    wrong, tried = 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        dir = Path(tmp)
        (dir / "arch").mkdir()
        (dir / "hooks.h").write_text(HOOKS)
        for name, (port, options) in BUILDS.items():
            if args.only and args.only not in name:
                continue
            (dir / "lwipopts.h").write_text(lwipopts(args.root, port, options))
            base = "" if port is None else f'#include "{args.root}/stack/ports/{port}/arch/cc.h"\n'
            (dir / "arch/cc.h").write_text(base + PROTECTION)
            extra = [f"-I{args.root}/stack/ports/{port}"] if port else []
            run = subprocess.run([args.cc, *FLAGS, f"-I{dir}", *extra,
                                  f"-I{args.root}/stack/include", f"-I{args.root}", *sources],
                                 capture_output=True, text=True)
            tried += 1
            if run.returncode != 0:
                wrong += 1
                print(f"{name}:\n{run.stderr[:6000]}")
    print(f"builds: {tried} of {len(sources)} files, {wrong} wrong")
    sys.exit(1 if wrong or not tried else 0)


if __name__ == "__main__":
    main()
