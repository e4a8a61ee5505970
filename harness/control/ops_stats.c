/* harness/control/ops_stats.c: what an instance has counted, as JSON. */
#include "harness/control/ops.h"
#include "harness/host/host.h"

#include "lwip/memp.h"
#include "lwip/stats.h"
#include "stack/core/instance.h"

static void put(json_t *to, const char *name, uint64_t value)
{
    json_object_set_new(to, name, json_integer((json_int_t)value));
}

static json_t *proto_json(const struct stats_proto *p)
{
    json_t *o = json_object();
    put(o, "xmit", p->xmit);
    put(o, "recv", p->recv);
    put(o, "fw", p->fw);
    put(o, "drop", p->drop);
    put(o, "chkerr", p->chkerr);
    put(o, "lenerr", p->lenerr);
    put(o, "memerr", p->memerr);
    put(o, "rterr", p->rterr);
    put(o, "proterr", p->proterr);
    put(o, "opterr", p->opterr);
    put(o, "err", p->err);
    put(o, "cachehit", p->cachehit);
    return o;
}

static json_t *igmp_json(const struct stats_igmp *p)
{
    json_t *o = json_object();
    put(o, "xmit", p->xmit);
    put(o, "recv", p->recv);
    put(o, "drop", p->drop);
    put(o, "chkerr", p->chkerr);
    put(o, "lenerr", p->lenerr);
    put(o, "memerr", p->memerr);
    put(o, "proterr", p->proterr);
    put(o, "rx_v1", p->rx_v1);
    put(o, "rx_group", p->rx_group);
    put(o, "rx_general", p->rx_general);
    put(o, "rx_report", p->rx_report);
    put(o, "tx_join", p->tx_join);
    put(o, "tx_leave", p->tx_leave);
    put(o, "tx_report", p->tx_report);
    return o;
}

static json_t *lwip_json(const struct stats_ *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "link", proto_json(&s->link));
    json_object_set_new(o, "etharp", proto_json(&s->etharp));
    json_object_set_new(o, "ip_frag", proto_json(&s->ip_frag));
    json_object_set_new(o, "ip", proto_json(&s->ip));
    json_object_set_new(o, "icmp", proto_json(&s->icmp));
    json_object_set_new(o, "igmp", igmp_json(&s->igmp));
    json_object_set_new(o, "udp", proto_json(&s->udp));
    json_object_set_new(o, "tcp", proto_json(&s->tcp));
    return o;
}

static json_t *mib2_json(const struct stats_mib2 *m)
{
    json_t *o = json_object();
    put(o, "ipinhdrerrors", m->ipinhdrerrors);
    put(o, "ipinaddrerrors", m->ipinaddrerrors);
    put(o, "ipinunknownprotos", m->ipinunknownprotos);
    put(o, "ipindiscards", m->ipindiscards);
    put(o, "ipindelivers", m->ipindelivers);
    put(o, "ipoutrequests", m->ipoutrequests);
    put(o, "ipoutdiscards", m->ipoutdiscards);
    put(o, "ipoutnoroutes", m->ipoutnoroutes);
    put(o, "ipreasmoks", m->ipreasmoks);
    put(o, "ipreasmfails", m->ipreasmfails);
    put(o, "ipfragoks", m->ipfragoks);
    put(o, "ipfragfails", m->ipfragfails);
    put(o, "ipfragcreates", m->ipfragcreates);
    put(o, "ipreasmreqds", m->ipreasmreqds);
    put(o, "ipforwdatagrams", m->ipforwdatagrams);
    put(o, "ipinreceives", m->ipinreceives);
    put(o, "udpindatagrams", m->udpindatagrams);
    put(o, "udpnoports", m->udpnoports);
    put(o, "udpinerrors", m->udpinerrors);
    put(o, "udpoutdatagrams", m->udpoutdatagrams);
    put(o, "icmpinmsgs", m->icmpinmsgs);
    put(o, "icmpinerrors", m->icmpinerrors);
    put(o, "icmpindestunreachs", m->icmpindestunreachs);
    put(o, "icmpintimeexcds", m->icmpintimeexcds);
    put(o, "icmpinparmprobs", m->icmpinparmprobs);
    put(o, "icmpinsrcquenchs", m->icmpinsrcquenchs);
    put(o, "icmpinredirects", m->icmpinredirects);
    put(o, "icmpinechos", m->icmpinechos);
    put(o, "icmpinechoreps", m->icmpinechoreps);
    put(o, "icmpintimestamps", m->icmpintimestamps);
    put(o, "icmpintimestampreps", m->icmpintimestampreps);
    put(o, "icmpinaddrmasks", m->icmpinaddrmasks);
    put(o, "icmpinaddrmaskreps", m->icmpinaddrmaskreps);
    put(o, "icmpoutmsgs", m->icmpoutmsgs);
    put(o, "icmpouterrors", m->icmpouterrors);
    put(o, "icmpoutdestunreachs", m->icmpoutdestunreachs);
    put(o, "icmpouttimeexcds", m->icmpouttimeexcds);
    put(o, "icmpoutechos", m->icmpoutechos);
    put(o, "icmpoutechoreps", m->icmpoutechoreps);
    return o;
}

static json_t *mem_json(const struct stats_mem *m)
{
    json_t *o = json_object();
    put(o, "avail", m->avail);
    put(o, "used", m->used);
    put(o, "max", m->max);
    put(o, "err", m->err);
    put(o, "illegal", m->illegal);
    return o;
}

static json_t *drops_json(const struct stack *s)
{
    json_t *o = json_object();
    for (unsigned reason = 0; reason < stack_drop_reasons(); reason++)
        if (stack_drop_count(s, reason) > 0)
            put(o, stack_drop_name(reason), stack_drop_count(s, reason));
    return o;
}

void op_stats(struct request *r)
{
    struct host *h = request_host(r);
    if (!request_ok(r))
        return;
    host_enter(h);
    const struct stats_ *s = &h->stack->stats;
    json_t *memp = json_object();
    for (int i = 0; i < MEMP_MAX; i++)
        json_object_set_new(memp, memp_pools[i]->desc, mem_json(s->memp[i]));
    reply_json(r, "lwip", lwip_json(s));
    reply_json(r, "mib2", mib2_json(&s->mib2));
    reply_json(r, "drops", drops_json(h->stack));
    reply_json(r, "memp", memp);
    reply_json(r, "mem", mem_json(&s->mem));
    host_leave(h);
}
