/* counter.c: a program whose variables tell copies apart. */
#include "lockwire/app.h"

#include "lwip/timeouts.h"

static int started;
static int count;
static const char *name = "nobody";
static char padding[70000]; /* more than a page of .bss */

static void tick(void *arg)
{
    (void)arg;
    count++;
    padding[count * 100] = 1;
    app_printf("%s: %d\n", name, count);
    sys_timeout(1, tick, 0);
}

void app_main(int argc, char **argv)
{
    name = argv[1];
    started++;
    app_printf("%s of %d: %d\n", name, argc, started);
    sys_timeout(1, tick, 0);
}
