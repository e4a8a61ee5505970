/* harness/runner/cli.c: the command line. help.c has the texts. */
#include "harness/runner/cli.h"

#include "harness/host/closest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_DEFAULT 64u
#define CHECK_ALWAYS 1u

#ifdef LOCKWIRE_CHECKING
static const uint32_t check_default = CHECK_ALWAYS;
#else
static const uint32_t check_default = CHECK_DEFAULT;
#endif

static const char *const known[] = {"--control", "--record", "--replay", "--capture", "--trace",
                                    "--seed", "--paced", "--batch", "--check", "--memory",
                                    "--bench", "--frames", "--json", "--help", "--version", NULL};

static const char *known_option(const void *ctx, size_t i)
{
    (void)ctx;
    return known[i];
}

struct words {
    int argc, at;
    char **argv;
    bool failed;
};

static bool complain(struct words *w, const char *what, const char *which)
{
    fprintf(stderr, "lockwire-sim: %s%s%s (--help explains)\n", which, which[0] ? ": " : "", what);
    w->failed = true;
    return false;
}

static const char *value(struct words *w)
{
    if (w->at + 1 < w->argc)
        return w->argv[++w->at];
    complain(w, "a value is missing behind it", w->argv[w->at]);
    return "";
}

/* true when the next word is there and no option. */
static bool has_value(const struct words *w)
{
    return w->at + 1 < w->argc && strncmp(w->argv[w->at + 1], "--", 2) != 0;
}

static uint64_t number(struct words *w, uint64_t min, uint64_t max)
{
    const char *option = w->argv[w->at], *text = value(w);
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (!w->failed && (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < min ||
                       n > max)) {
        fprintf(stderr, "lockwire-sim: %s: \"%s\" has to be a number from %llu to %llu (--help "
                "explains)\n", option, text, (unsigned long long)min, (unsigned long long)max);
        w->failed = true;
    }
    return n;
}

/* "2", "1/10": virtual per wall time. */
static struct ratio pace(struct words *w)
{
    struct ratio r = {1, 1};
    if (!has_value(w))
        return r;
    const char *text = value(w);
    char *end;
    unsigned long long n = strtoull(text, &end, 10), d = 1;
    bool good = text[0] >= '0' && text[0] <= '9';
    if (good && *end == '/') {
        const char *below = end + 1;
        d = strtoull(below, &end, 10);
        good = below[0] >= '0' && below[0] <= '9';
    }
    if (!good || *end != '\0' || n == 0 || d == 0 || n > 1000000 || d > 1000000)
        complain(w, "the ratio of virtual to wall time has to be N or N/D, up to a million",
                 "--paced");
    else
        r = (struct ratio){n, d};
    return r;
}

/* "64", "512K", "16M", "2G" */
static size_t memory(struct words *w)
{
    const char *text = value(w);
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift != 0)
        end++;
    if (text[0] < '1' || text[0] > '9' || *end != '\0' || n > (1ull << 36) >> shift)
        complain(w, "the limit has to be a number of bytes like 512K, 64M or 2G, at most 64G",
                 "--memory");
    return (size_t)n << shift;
}

static bool unknown(struct words *w, const char *word)
{
    char near[120], text[200];
    if (closest_names(word, known_option, NULL, near, sizeof near) > 0)
        snprintf(text, sizeof text, "there is no such option (did you mean %s?)", near);
    else
        snprintf(text, sizeof text, "there is no such option");
    return complain(w, text, word);
}

static bool is(const char *word, const char *option)
{
    return strcmp(word, option) == 0;
}

static bool parse_word(struct cli *c, struct words *w)
{
    const char *word = w->argv[w->at];
    if (is(word, "--control"))
        c->control_fd = (int)number(w, 0, 1 << 20);
    else if (is(word, "--record"))
        c->record = value(w);
    else if (is(word, "--replay"))
        c->replay = value(w);
    else if (is(word, "--capture"))
        c->capture = value(w);
    else if (is(word, "--trace"))
        c->trace = value(w);
    else if (is(word, "--seed"))
        c->seed = number(w, 0, UINT64_MAX);
    else if (is(word, "--paced")) {
        c->paced = true;
        c->pace = pace(w);
    } else if (is(word, "--batch"))
        c->batch = number(w, 1, UINT32_MAX);
    else if (is(word, "--check"))
        c->check = has_value(w) ? (uint32_t)number(w, 0, UINT32_MAX) : CHECK_ALWAYS;
    else if (is(word, "--memory"))
        c->memory_bytes = memory(w);
    else if (is(word, "--bench"))
        c->bench = has_value(w) ? value(w) : "all";
    else if (is(word, "--frames"))
        c->frames = number(w, 1, UINT64_C(1000000000000));
    else if (is(word, "--json"))
        c->json = true;
    else if (is(word, "--help"))
        c->job = JOB_HELP;
    else if (is(word, "--version"))
        c->job = JOB_VERSION;
    else
        return unknown(w, word);
    return !w->failed;
}

static bool choose_job(struct cli *c, struct words *w)
{
    int jobs = (c->control_fd >= 0) + (c->replay != NULL) + (c->bench != NULL);
    if (c->job == JOB_HELP || c->job == JOB_VERSION)
        return true;
    if (jobs != 1)
        return complain(w, "one of --control FD, --replay FILE and --bench is needed", "");
    c->job = c->replay != NULL ? JOB_REPLAY : c->bench != NULL ? JOB_BENCH : JOB_CONTROL;
    if (c->job != JOB_CONTROL && (c->record != NULL || c->paced))
        return complain(w, "--record and --paced belong to --control", "");
    if (c->job != JOB_REPLAY && (c->capture != NULL || c->trace != NULL))
        return complain(w, "--capture and --trace belong to --replay (a controller names its files "
                        "itself)", "");
    if (c->job != JOB_BENCH && (c->json || c->frames != 0))
        return complain(w, "--json and --frames belong to --bench", "");
    return true;
}

bool cli_parse(struct cli *c, int argc, char **argv)
{
    *c = (struct cli){.job = JOB_CONTROL, .control_fd = -1, .check = check_default,
                      .memory_bytes = CLI_MEMORY_DEFAULT, .pace = {1, 1}};
    struct words w = {.argc = argc, .argv = argv};
    for (w.at = 1; w.at < argc; w.at++)
        if (!parse_word(c, &w))
            return false;
    return choose_job(c, &w);
}
