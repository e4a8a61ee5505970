/* harness/control/ops_app.c: users' programs on hosts. */
#include "harness/app/app.h"
#include "harness/control/ops.h"
#include "harness/host/host.h"

/* What one reply carries at most; the rest waits for the next. */
#define OUTPUT_MAX (64u * 1024u)

void op_app(struct request *r)
{
    struct host *h = request_host(r);
    const char *path = request_text(r, "path");
    const json_t *list = json_object_get(r->in, "args");
    const char *args[APP_ARGS_MAX];
    size_t n = request_has(r, "args") ? json_array_size(list) : 0;
    if (request_has(r, "args") && (!json_is_array(list) || n > APP_ARGS_MAX))
        request_fail(r, "usage", "\"args\" has to be a list of at most %u texts", APP_ARGS_MAX);
    for (size_t i = 0; request_ok(r) && i < n; i++) {
        args[i] = json_string_value(json_array_get(list, i));
        if (args[i] == NULL)
            request_fail(r, "usage", "\"args\" has to be a list of texts");
    }
    if (!request_ok(r))
        return;
    char why[400];
    struct app *a = app_start(h, path, args, (int)n, why, sizeof why);
    if (a == NULL)
        request_fail(r, "usage", "%s", why);
    else
        reply_int(r, "object", a->object.id);
}

/* Bytes that are no UTF-8 would make the reply no JSON: they are shown as '?'. */
static json_t *line_json(const struct inbox_item *item)
{
    json_t *text = json_stringn((const char *)item->data, item->len);
    if (text != NULL)
        return text;
    char plain[APP_LINE_MAX];
    for (uint32_t i = 0; i < item->len; i++)
        plain[i] = item->data[i] >= 0x80 ? '?' : (char)item->data[i];
    return json_stringn(plain, item->len);
}

void op_app_output(struct request *r)
{
    struct app *a = (struct app *)request_object(r, &app_class);
    if (!request_ok(r))
        return;
    json_t *lines = json_array();
    uint32_t bytes = 0;
    while (a->lines.first != NULL && bytes < OUTPUT_MAX / 6) {
        struct inbox_item *item = inbox_take(&a->lines);
        bytes += item->len + 8;
        json_array_append_new(lines, line_json(item));
        inbox_item_free(item);
    }
    reply_json(r, "lines", lines);
    reply_bool(r, "more", a->lines.first != NULL);
}
