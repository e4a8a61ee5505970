/* harness/firmware/gdb_socket.h: the TCP connection to gdb, on this machine's loopback only. One
 * gdb at a time: once it is here nobody else is let in.
 *
 * Of the process, not of the world. While it waits for gdb, it also watches for the end of the run:
 * the controller that goes away, SIGINT and SIGTERM. These end the wait and are left for whoever
 * handles them. */
#ifndef HARNESS_FIRMWARE_GDB_SOCKET_H
#define HARNESS_FIRMWARE_GDB_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gdb_socket;

enum gdb_read {
    GDB_READ_BYTES,
    GDB_READ_NOTHING, /* there is none now */
    GDB_READ_GONE,    /* gdb has closed the connection, or died */
    GDB_READ_END      /* the run is to end */
};

/* Listens on a port of 127.0.0.1, 0: any that is free. controller: the socket whose end is that of
 * the run; -1: none. NULL: why (room bytes) says what is wrong. */
struct gdb_socket *gdb_socket_open(uint16_t port, int controller, char *why, size_t room);
void gdb_socket_close(struct gdb_socket *s); /* NULL is allowed */
uint16_t gdb_socket_port(const struct gdb_socket *s);
bool gdb_socket_connected(const struct gdb_socket *s);

/* Bytes from gdb, at most room, *count of them. wait: until there are some, or until gdb has come;
 * else nothing blocks. */
enum gdb_read gdb_socket_read(struct gdb_socket *s, void *bytes, size_t room, bool wait,
                              size_t *count);
/* false: gdb is gone, or the run is to end. */
bool gdb_socket_write(struct gdb_socket *s, const void *bytes, size_t count);

#endif
