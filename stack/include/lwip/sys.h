/* lwip/sys.h: what the stack wants of an operating system. For now only NO_SYS 1: no threads, so
 * semaphores, mutexes and mailboxes are empty, and protection is what the port makes of it. */
#ifndef LWIP_HDR_SYS_H
#define LWIP_HDR_SYS_H

#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

#if NO_SYS

typedef u8_t sys_sem_t;
typedef u8_t sys_mutex_t;
typedef u8_t sys_mbox_t;

#define sys_sem_new(s, c) ERR_OK
#define sys_sem_signal(s)
#define sys_sem_wait(s)
#define sys_arch_sem_wait(s, t)
#define sys_sem_free(s)
#define sys_sem_valid(s) 0
#define sys_sem_valid_val(s) 0
#define sys_sem_set_invalid(s)
#define sys_sem_set_invalid_val(s)
#define sys_mutex_new(mu) ERR_OK
#define sys_mutex_lock(mu)
#define sys_mutex_unlock(mu)
#define sys_mutex_free(mu)
#define sys_mutex_valid(mu) 0
#define sys_mutex_set_invalid(mu)
#define sys_mbox_new(m, s) ERR_OK
#define sys_mbox_fetch(m, d)
#define sys_mbox_tryfetch(m, d)
#define sys_mbox_post(m, d)
#define sys_mbox_trypost(m, d)
#define sys_mbox_free(m)
#define sys_mbox_valid(m)
#define sys_mbox_valid_val(m)
#define sys_mbox_set_invalid(m)
#define sys_mbox_set_invalid_val(m)
#define sys_thread_new(n, t, a, s, p)
#define sys_msleep(t)

#else
#error "NO_SYS 0: the blocking APIs and their OS layer are not in this stack yet; set NO_SYS to 1"
#endif

void sys_init(void);
#ifndef sys_jiffies
u32_t sys_jiffies(void);
#endif
/* Milliseconds since any fixed moment; wraps after 2^32. Supplied by the port; in multi-instance
 * builds it is the current instance's sampled clock. */
#ifndef sys_now
u32_t sys_now(void);
#endif

/* Short critical sections. With SYS_LIGHTWEIGHT_PROT 1 the port supplies the type sys_prot_t (in
 * arch/cc.h) and sys_arch_protect()/sys_arch_unprotect(), for example by masking interrupts. */
#if SYS_LIGHTWEIGHT_PROT
sys_prot_t sys_arch_protect(void);
void sys_arch_unprotect(sys_prot_t pval);
#define SYS_ARCH_DECL_PROTECT(lev) sys_prot_t lev
#define SYS_ARCH_PROTECT(lev) lev = sys_arch_protect()
#define SYS_ARCH_UNPROTECT(lev) sys_arch_unprotect(lev)
#else
#define SYS_ARCH_DECL_PROTECT(lev)
#define SYS_ARCH_PROTECT(lev)
#define SYS_ARCH_UNPROTECT(lev)
#endif

#define SYS_ARCH_INC(var, val) \
    do { SYS_ARCH_DECL_PROTECT(old_level); SYS_ARCH_PROTECT(old_level); var += val; \
         SYS_ARCH_UNPROTECT(old_level); } while (0)
#define SYS_ARCH_DEC(var, val) \
    do { SYS_ARCH_DECL_PROTECT(old_level); SYS_ARCH_PROTECT(old_level); var -= val; \
         SYS_ARCH_UNPROTECT(old_level); } while (0)
#define SYS_ARCH_GET(var, ret) \
    do { SYS_ARCH_DECL_PROTECT(old_level); SYS_ARCH_PROTECT(old_level); ret = var; \
         SYS_ARCH_UNPROTECT(old_level); } while (0)
#define SYS_ARCH_SET(var, val) \
    do { SYS_ARCH_DECL_PROTECT(old_level); SYS_ARCH_PROTECT(old_level); var = val; \
         SYS_ARCH_UNPROTECT(old_level); } while (0)
#define SYS_ARCH_LOCKED(code) \
    do { SYS_ARCH_DECL_PROTECT(old_level); SYS_ARCH_PROTECT(old_level); code; \
         SYS_ARCH_UNPROTECT(old_level); } while (0)

#ifdef __cplusplus
}
#endif

#endif
