#include "lwip/opt.h"
#if LWIP_TCP
#include "stack/tcp/rack.h"
bool tcp_rack_on(const struct tcp_pcb *pcb) { (void)pcb; return false; }
void tcp_rack_acked(struct tcp_pcb *pcb, const struct tcp_seg *seg) { (void)pcb; (void)seg; }
void tcp_rack_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news) { (void)pcb; (void)news; }
void tcp_rack_timer(struct tcp_pcb *pcb) { (void)pcb; }
void tcp_rack_sent(struct tcp_pcb *pcb) { (void)pcb; }
void tcp_error_input(const struct icmp_error *error, struct netif *inp) { (void)error; (void)inp; }
void tcp_pmtu_lower(struct tcp_pcb *pcb, u16_t mtu) { (void)pcb; (void)mtu; }
#endif
