/* capture.c: the file behind a capture.
 *
 * Two halves: struct capture is in the arena and says how much the world has written; struct file
 * is the process's, with the descriptor and how much the file holds. After a restore the first is
 * behind the second, and the file is cut. */
#include "vnet/capture.h"

#include "sim/arena.h"
#include "vnet/pcapng.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES_MAX 8u
#define NO_FILE UINT32_MAX
#define PAGE 4096u /* where writes of a killed process end; larger pages are multiples */

struct interface {
    struct interface *next;
    char *name, *description;
};

struct capture {
    struct sim *sim;
    uint32_t file;    /* index of files; NO_FILE: records nothing */
    uint32_t ticket;  /* files[file].ticket if it is still this capture's */
    uint64_t written; /* bytes that belong to this world's history */
    uint32_t count;   /* interfaces */
    struct interface *interfaces, **interfaces_end;
    char *comment;
};

struct file {
    int fd; /* valid while ticket != 0 */
    uint32_t ticket;
    uint64_t size;
    char error[160]; /* empty: all is well */
};

static struct file files[FILES_MAX];
static uint32_t tickets;
static uint8_t block[PCAPNG_BLOCK_MAX + PAGE];

/* NULL: this process has no file for it */
static struct file *file_of(const struct capture *c)
{
    if (c == NULL || c->file == NO_FILE)
        return NULL;
    struct file *f = &files[c->file];
    return f->ticket != 0 && f->ticket == c->ticket ? f : NULL;
}

static void fail(struct file *f, const char *what, int error)
{
    snprintf(f->error, sizeof f->error, "%s: %s", what, strerror(error));
}

/* Back to `size`; what cannot be cut (a pipe) is left alone. */
static void cut(struct file *f, uint64_t size)
{
    if (ftruncate(f->fd, (off_t)size) != 0)
        return;
    if (lseek(f->fd, (off_t)size, SEEK_SET) < 0)
        fail(f, "capture: cannot seek", errno);
    f->size = size;
}

void capture_sync(struct capture *c)
{
    struct file *f = file_of(c);
    if (f == NULL || f->error[0] != '\0')
        return;
    if (f->size > c->written)
        cut(f, c->written);
    /* A pipe that cannot be cut, or a snapshot of a future that has been cut off: go on behind
     * what there is. */
    c->written = f->size;
}

bool capture_recording(const struct capture *c)
{
    const struct file *f = file_of(c);
    return f != NULL && f->error[0] == '\0';
}

/* How much padding keeps a block of `len` bytes at `offset` within one page, and leaves no rest of
 * a page too small to be padded in its turn. */
static size_t padding_before(uint64_t offset, size_t len)
{
    size_t left = PAGE - (size_t)(offset % PAGE);
    if (len > PAGE || left == PAGE || left < PCAPNG_PADDING_MIN)
        return 0;
    bool fits = len == left || len + PCAPNG_PADDING_MIN <= left;
    return fits ? 0 : left;
}

/* One write() for the whole block, unless the system takes it in parts. What went wrong half-way
 * is cut off again, so that the file ends with a whole block. */
static void put_block(struct capture *c, size_t len)
{
    capture_sync(c);
    if (!capture_recording(c))
        return;
    struct file *f = file_of(c);
    assert(len > 0);
    size_t padding = padding_before(c->written, len);
    if (padding > 0) {
        memmove(block + padding, block, len);
        len += pcapng_padding(block, padding, padding);
    }
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(f->fd, block + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fail(f, "capture ended early", n < 0 ? errno : ENOSPC);
            cut(f, c->written);
            return;
        }
        done += (size_t)n;
    }
    c->written += len;
    f->size = c->written;
}

static char *copy_text(const char *text)
{
    size_t size = text == NULL ? 1 : strlen(text) + 1;
    char *copy = arena_alloc(size);
    return copy == NULL ? NULL : memcpy(copy, text == NULL ? "" : text, size);
}

static void free_text(char *text)
{
    if (text != NULL)
        arena_free(text, strlen(text) + 1);
}

/* false: errno */
static bool open_file(struct capture *c, const char *path)
{
    uint32_t i = 0;
    while (i < FILES_MAX && files[i].ticket != 0)
        i++;
    if (i == FILES_MAX) {
        errno = EMFILE;
        return false;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    files[i] = (struct file){.fd = fd, .ticket = ++tickets};
    c->file = i;
    c->ticket = files[i].ticket;
    c->written = 0;
    put_block(c, pcapng_section(block, PCAPNG_BLOCK_MAX, "lockwire", c->comment));
    return true;
}

static void free_capture(struct capture *c)
{
    for (struct interface *i = c->interfaces; i != NULL;) {
        struct interface *next = i->next;
        free_text(i->name);
        free_text(i->description);
        arena_free(i, sizeof *i);
        i = next;
    }
    free_text(c->comment);
    arena_free(c, sizeof *c);
}

struct capture *capture_open(struct sim *sim, const char *path, const char *comment)
{
    struct capture *c = arena_calloc(sizeof *c);
    if (c == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    c->sim = sim;
    c->file = NO_FILE;
    c->interfaces_end = &c->interfaces;
    c->comment = copy_text(comment);
    if (c->comment == NULL || (path != NULL && !open_file(c, path))) {
        int error = c->comment == NULL ? ENOMEM : errno;
        free_capture(c);
        errno = error;
        return NULL;
    }
    return c;
}

static void close_file(struct capture *c)
{
    struct file *f = file_of(c);
    if (f == NULL)
        return;
    capture_sync(c);
    close(f->fd);
    memset(f, 0, sizeof *f);
}

void capture_close(struct capture *c)
{
    if (c == NULL)
        return;
    close_file(c);
    free_capture(c);
}

bool capture_reopen(struct capture *c, const char *path)
{
    close_file(c);
    if (!open_file(c, path))
        return false;
    for (const struct interface *i = c->interfaces; i != NULL; i = i->next)
        put_block(c, pcapng_interface(block, PCAPNG_BLOCK_MAX, i->name, i->description));
    return true;
}

uint32_t capture_interface(struct capture *c, const char *name, const char *description)
{
    /* Remembered for capture_reopen(); without memory for that the number is still right. */
    struct interface *i = arena_calloc(sizeof *i);
    if (i != NULL) {
        i->name = copy_text(name);
        i->description = copy_text(description);
        *c->interfaces_end = i;
        c->interfaces_end = &i->next;
    }
    if (capture_recording(c))
        put_block(c, pcapng_interface(block, PCAPNG_BLOCK_MAX, name, description));
    return c->count++;
}

void capture_frame(struct capture *c, uint32_t interface, uint64_t t_ns, enum capture_direction d,
                   const uint8_t *bytes, uint32_t len, const char *comment)
{
    if (!capture_recording(c))
        return;
    assert(interface < c->count);
    put_block(c, pcapng_packet(block, PCAPNG_BLOCK_MAX, interface, t_ns, (uint32_t)d, bytes, len,
                               comment));
}

const char *capture_error(const struct capture *c)
{
    const struct file *f = file_of(c);
    return f != NULL && f->error[0] != '\0' ? f->error : NULL;
}
