/* unit_main.c: main() of every Criterion executable.
 *
 * Criterion 2.4 exits 0 for an unknown flag and when no test ran; both are failures here (2). */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <string.h>

static size_t tests_ran;

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    tests_ran = stats->tests_passed + stats->tests_failed;
}

static bool only_asks(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h") || !strcmp(argv[i], "--list") ||
            !strcmp(argv[i], "-l") || !strcmp(argv[i], "--version") || !strcmp(argv[i], "-v"))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    bool asks = only_asks(argc, argv);
    struct criterion_test_set *tests = criterion_initialize();
    int status = 0;
    if (criterion_handle_args(argc, argv, true)) {
        status = criterion_run_all_tests(tests) ? 0 : 1;
        if (tests_ran == 0)
            status = 2;
    } else if (!asks) {
        status = 2;
    }
    criterion_finalize(tests);
    return status;
}
