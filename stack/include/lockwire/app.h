/* lockwire/app.h: what a program that runs on a simulated host looks like.
 *
 * A program is a shared object built against stack/include and loaded onto a host by
 * net.app(host, "program.so", args). Each host gets a private copy, with its own variables; they
 * belong to the host's world and are part of its snapshots. It uses the RAW API, netif and
 * sys_timeout() as firmware would: app_main() sets things up (pcbs, call-backs, timeouts) and
 * returns; the rest happens in call-backs. It may not block, and what it keeps in the C library
 * (malloc, open files) is outside the world: use mem_malloc() and pbufs.
 *
 *     cc -shared -fPIC -I.../stack/include -I.../stack/ports/sim -o echo.so echo.c        */
#ifndef LOCKWIRE_APP_H
#define LOCKWIRE_APP_H

#ifdef __cplusplus
extern "C" {
#endif

/* Written by the program: called once, on the host. argv[0] is the program's name, argv[argc] NULL;
 * the strings live as long as the host. */
void app_main(int argc, char **argv);

/* Written by the program if it likes: called once before its host is closed. What it gives back
 * here (pbufs, heap) does not count as lost. Everything else is freed with the host. */
void app_exit(void);

/* Text of the program for whoever watches: each complete line goes into the trace and to the
 * controller (App.output, App.expect). At most 1023 bytes a line; longer ones are cut into
 * several. `where` is any address within the program: a host may run several. */
void app_print(const void *where, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char app_where_ __attribute__((unused)) = 'a';
#define app_printf(...) app_print(&app_where_, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif
