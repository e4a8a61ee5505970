/* no_main.c: a shared object that is no program. */
int app_nothing(void);

int app_nothing(void)
{
    return 0;
}
