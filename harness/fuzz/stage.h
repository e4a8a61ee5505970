/* harness/fuzz/stage.h: prepared worlds, and playing on them.
 *
 * A prepared world is a recording (control/recording.h) of a scenario that worlds.py ran: it is fed
 * to a session once, up to its `finish`, and a snapshot is taken. Before each input the snapshot is
 * restored. An input acts only by messages to the session, the same that a controller sends:
 * recording them behind the world's own makes a replay.
 *
 * Frames that hosts send to the controller's ports are judged (judge.h). A broken rule of the
 * stack, the world or an oracle is a finding. One stage per process. */
#ifndef HARNESS_FUZZ_STAGE_H
#define HARNESS_FUZZ_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_options;
struct world;

#define STAGE_WORLDS_MAX 16u

/* What the input is allowed to do. */
enum stage_manners {
    STAGE_FRAMES,  /* only frames and time: whatever ends the run is a finding */
    STAGE_COMMANDS /* anything: breaking the protocol or filling the memory just ends the input */
};

/* Opens the worlds DATA/worlds/<prefix>-*.lwr, in the order of their names; options->worlds instead
 * of the prefix if there is one. false: a message. */
bool stage_open(const struct fuzz_options *options, const char *prefix,
                enum stage_manners manners);
/* Restores world number `which` modulo their number. Ends with stage_end(). */
void stage_begin(unsigned which);
/* The same for the world in which nobody has said hello yet. */
void stage_begin_empty(void);
struct world *stage_world(void); /* NULL after `finish` */

/* The world is as the last message left it. false: the input is over (STAGE_COMMANDS only). */
bool stage_hear(const uint8_t *message, size_t len);
/* The same for a command ('C' and JSON) of few: `number`, below STAGE_COMMANDS_MOST, says which,
 * and it is read once only. Not with STAGE_COMMANDS. */
#define STAGE_COMMANDS_MOST 128u
void stage_command(unsigned number, const uint8_t *message, size_t len);
/* A frame from the controller's port number `which` modulo their number. */
bool stage_send(unsigned which, const uint8_t *frame, size_t len);
/* Lets virtual time pass. More than `events` events are a finding (STAGE_FRAMES) or end the
 * input. */
bool stage_run(uint64_t for_ns, uint64_t events);

/* What stage_hear() may ask for while an event waits for an answer: the next message, or NULL. */
typedef const uint8_t *stage_next_fn(size_t *len);
void stage_next_set(stage_next_fn *next);

/* Is told every frame that a host sends to one of the controller's ports while inputs run. */
typedef void stage_watch_fn(const uint8_t *frame, uint32_t len);
void stage_watch_set(stage_watch_fn *watch);

/* The input is over. Thorough: the world is ended as `finish` does: object checks, and nothing may
 * be left. Otherwise only when hosts hold more or fewer objects than at the beginning. What is
 * wrong is a finding. */
void stage_end(bool thorough);
/* The same without looking: where nearly every input changes what hosts hold, ending the world each
 * time would cost more than the input. */
void stage_leave(void);

#endif
