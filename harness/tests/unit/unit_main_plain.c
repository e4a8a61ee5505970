/* unit_main_plain.c: runs UNIT tests one after the other without Criterion; the first failure
 * ends the run with status 1, no tests at all with status 2. */
#include "unit.h"

#include <stdlib.h>

static struct unit_test *first, **last = &first;
static const struct unit_test *running;

void unit_register(struct unit_test *t)
{
    *last = t;
    last = &t->next;
}

void unit_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s failed: %s\n", file, line, running->name, what);
    exit(1);
}

int main(void)
{
    unsigned n = 0;
    for (running = first; running != NULL; running = running->next, n++) {
        running->run();
        unit_passed(running->file, running->name);
    }
    fprintf(stderr, "%u passed, 0 failed\n", n);
    return n == 0 ? 2 : 0;
}
