/* harness/host/object.h: what the controller (or an app) has on a host: a UDP socket, a raw
 * socket, a ping, an app, a TCP connection or listener. Lives in the arena.
 *
 * An object has an id and an inbox of bounded length. Whatever puts something into the inbox
 * notifies the controller once; the mark is cleared when the notification is handed over. */
#ifndef HARNESS_HOST_OBJECT_H
#define HARNESS_HOST_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct object;

enum object_kind {
    OBJECT_UDP,
    OBJECT_RAW,
    OBJECT_PING,
    OBJECT_APP,
    OBJECT_CONNECTION,
    OBJECT_LISTENER
};

struct object_class {
    enum object_kind kind;
    const char *name; /* "UDP socket": for messages */
    uint32_t size;    /* of the whole object */
    /* Gives back what the object holds in the stack; its host has been entered. */
    void (*close)(struct object *o);
    /* Is there something to fetch? */
    bool (*ready)(const struct object *o);
};

/* The head of every object. */
struct object {
    const struct object_class *class;
    struct host *host;
    struct object *next; /* of the host's objects, latest first */
    uint32_t id;
    bool notifying; /* a notification waits for the controller */
};

/* A zeroed object of the class, with an id, on the host's list. NULL: no room. */
struct object *object_new(struct host *h, const struct object_class *class);
/* Closes and frees it. The host must not be entered. */
void object_free(struct object *o);
/* Something can be fetched. */
void object_notify(struct object *o);

#endif
