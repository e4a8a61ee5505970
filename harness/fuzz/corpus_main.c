/* harness/fuzz/corpus_main.c: the program lockwire-corpus: runs files through a target, without
 * libFuzzer, so that any compiler can (coverage by gcov, valgrind, a debugger).
 *
 *     lockwire-corpus TARGET DATA FILE-OR-DIRECTORY... */
#include "harness/fuzz/fuzz.h"
#include "harness/runner/cli.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fuzz_target *target;
static unsigned long done;

/* Inputs are given in blocks of their own size: ASan and valgrind see each byte too far. */
static bool run_file(const char *path)
{
    static uint8_t room[FUZZ_INPUT_MAX + 1];
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        perror(path);
        return false;
    }
    size_t len = fread(room, 1, sizeof room, f);
    fclose(f);
    if (len > FUZZ_INPUT_MAX)
        len = FUZZ_INPUT_MAX;
    uint8_t *bytes = malloc(len != 0 ? len : 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, room, len);
    target->input(bytes, len);
    free(bytes);
    done++;
    return true;
}

static int in_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool run(const char *path)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, in_order);
    if (n < 0)
        return run_file(path);
    bool good = true;
    for (int i = 0; i < n; i++) {
        char file[4096];
        int len = snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && len < (int)sizeof file)
            good = run_file(file) && good;
        free(names[i]);
    }
    free(names);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: lockwire-corpus TARGET DATA FILE-OR-DIRECTORY...\n");
        return EXIT_USAGE_ERROR;
    }
    struct fuzz_options options = {.data = argv[2]};
    target = fuzz_target_find(argv[1]);
    if (target == NULL || (target->open != NULL && !target->open(&options)))
        return EXIT_USAGE_ERROR;
    bool good = true;
    for (int i = 3; i < argc; i++)
        good = run(argv[i]) && good;
    printf("%s: %lu inputs\n", target->name, done);
    return good && done != 0 ? EXIT_OK : EXIT_USAGE_ERROR;
}
