/* unit_evidence.c: what a unit test has shown of the catalogues, for SHOWS() in unit.h.
 *
 * The rows of the running test are kept until it has passed, then written as `row<TAB>test`, each
 * line by one write() with O_APPEND: Criterion's tests are processes of their own and share the
 * file with each other. Rules of an id as in harness/python/lockwire/evidence.py. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS_MAX 64 /* of one test */
#define ROW_LEN 32

static char rows[ROWS_MAX][ROW_LEN];
static size_t rows_len;

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Goes past one or more of these characters and a hyphen. */
static bool part(const char **s, const char *of)
{
    size_t n = strspn(*s, of);
    bool found = n > 0 && (*s)[n] == '-';
    if (found)
        *s += n + 1;
    return found;
}

/* M[FB]-[A-Z][A-Z0-9]*-[0-9]+ or RQ-[0-9]+(-[A-Z]+)?-[0-9]+ */
bool unit_row_is_valid(const char *row)
{
    bool rule = !strncmp(row, "RQ-", 3);
    if (!rule && strncmp(row, "MF-", 3) != 0 && strncmp(row, "MB-", 3) != 0)
        return false;
    const char *s = row + 3;
    if (strspn(s, CAPITALS) == 0 ? !rule || !part(&s, DIGITS) : rule || !part(&s, CAPITALS DIGITS))
        return false;
    if (rule)
        part(&s, CAPITALS);
    size_t n = strspn(s, DIGITS);
    return n > 0 && s[n] == '\0' && strlen(row) < ROW_LEN;
}

void unit_shows(const char *row)
{
    for (size_t i = 0; i < rows_len; i++)
        if (!strcmp(rows[i], row))
            return;
    if (rows_len == ROWS_MAX) {
        fprintf(stderr, "unit_evidence.c: more than %d rows in one test\n", ROWS_MAX);
        abort();
    }
    strcpy(rows[rows_len++], row);
}

/* Called at the end of a test that passed. `test` is suite/name. */
void unit_passed(const char *file, const char *test)
{
    const char *path = getenv("LOCKWIRE_EVIDENCE");
    size_t len = rows_len;
    rows_len = 0;
    while (!strncmp(file, "../", 3)) /* as the build directory sees it */
        file += 3;
    if (len == 0 || path == NULL || *path == '\0')
        return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    for (size_t i = 0; fd >= 0 && i < len; i++) {
        char line[256];
        int n = snprintf(line, sizeof line, "%s\t%s::%s\n", rows[i], file, test);
        if (n >= (int)sizeof line || write(fd, line, (size_t)n) != n) {
            close(fd);
            fd = -1;
        }
    }
    if (fd < 0) {
        fprintf(stderr, "unit_evidence.c: cannot write to %s\n", path);
        abort();
    }
    close(fd);
}
