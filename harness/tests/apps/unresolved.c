/* unresolved.c: a program that needs what nobody has. */
#include "lockwire/app.h"

void no_such_function(void);

void app_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    no_such_function();
}
