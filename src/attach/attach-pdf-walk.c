/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pdf.h"
#include "base/limit.h"

/* Direct objects in direct objects. Writers use about five. */
#define MAX_NESTING 40
/* Object numbers; Annex C.2 of ISO 32000-1 has it as Acrobat's limit. */
#define MAX_OBJECT 8388607u
#define MAX_KEYS   (16u * 1024 * 1024)
#define MAX_VISITS 4000000u
#define MAX_SCRIPT (1u << 20)

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    qpdf_data pdf;
    SkBuffer todo; /* Reference */
    SkBuffer seen; /* uint32_t of each object number: generation + 1 it was seen with */
    uint32_t visits;
    bool over;
} Walk;

typedef struct {
    int32_t number, generation;
} Reference;

static void visit(Walk *walk, qpdf_oh oh, unsigned nesting);

/* Queues the object unless it was; the other generation of a number counts as another. */
static void
refer(Walk *walk, qpdf_oh oh)
{
    Reference to = {qpdf_oh_get_object_id(walk->pdf, oh),
                    qpdf_oh_get_generation(walk->pdf, oh)};
    uint32_t mark = (uint32_t)to.generation + 1;
    size_t at;

    if (to.number <= 0 || to.number > (int32_t)MAX_OBJECT || to.generation < 0)
        return;
    at = (size_t)to.number * sizeof mark;
    while (walk->seen.len < at + sizeof mark) {
        static const uint8_t zeros[4096];

        if (!sk_buffer_append(&walk->seen, zeros, sizeof zeros))
            return;
    }
    if (memcmp(walk->seen.data + at, &mark, sizeof mark) == 0)
        return;
    memcpy(walk->seen.data + at, &mark, sizeof mark);
    if (!sk_buffer_append(&walk->todo, &to, sizeof to))
        walk->over = true;
}

static char *
get_text(Walk *walk, qpdf_oh dict, const char *key)
{
    qpdf_oh oh = qpdf_oh_get_key(walk->pdf, dict, key);
    char *text = NULL;

    if (qpdf_oh_is_string(walk->pdf, oh)) {
        const char *utf8 = qpdf_oh_get_utf8_value(walk->pdf, oh);

        text = g_utf8_make_valid(utf8, (gssize)strnlen(utf8, SK_LIMIT_NAME));
    }
    qpdf_oh_release(walk->pdf, oh);
    return text;
}

/* What follows the last folder of a file specification's name. */
static char *
get_file_name(Walk *walk, qpdf_oh spec)
{
    g_autofree char *name = get_text(walk, spec, "/UF");
    const char *slash;

    if (name == NULL)
        name = get_text(walk, spec, "/F");
    if (name == NULL)
        return NULL;
    slash = strpbrk(name, "/\\");
    while (slash != NULL && strpbrk(slash + 1, "/\\") != NULL)
        slash = strpbrk(slash + 1, "/\\");
    return g_strdup(slash != NULL ? slash + 1 : name);
}

static bool
is_program(SkBytes bytes, const char *name)
{
    SkAttachType type = sk_attach_type_of(bytes, name);

    return (type >= SK_ATTACH_PE && type <= SK_ATTACH_SCRIPT) || type == SK_ATTACH_SWF;
}

static void
hand_over(Walk *walk, qpdf_oh stream, const char *name)
{
    g_auto(SkBuffer) data = {0};

    if (!sk_budget_take_unpacked(sk_attach_budget(walk->scan)) ||
        !sk_attach_pdf_stream(walk->scan, walk->file, walk->pdf, stream, &data))
        return;
    if (is_program(sk_buffer_bytes(&data), name))
        sk_attach_state(walk->scan, walk->file, SK_FINDING_ATTACH_DANGER_PDF,
                        "carries a program");
    sk_attach_member(walk->scan, walk->file, name, sk_buffer_bytes(&data));
}

/* The same file stands under several keys, for readers of several ages; mostly one object. */
static void
on_embedded(Walk *walk, qpdf_oh spec)
{
    static const char *const keys[] = {"/UF", "/F", "/Unix", "/Mac", "/DOS"};
    qpdf_oh files = qpdf_oh_get_key(walk->pdf, spec, "/EF");
    g_autofree char *name = get_file_name(walk, spec);
    int last = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        qpdf_oh stream = qpdf_oh_get_key_if_dict(walk->pdf, files, keys[i]);
        int number = qpdf_oh_get_object_id(walk->pdf, stream);

        if (qpdf_oh_is_stream(walk->pdf, stream) && number != last) {
            hand_over(walk, stream, name);
            last = number;
        }
        qpdf_oh_release(walk->pdf, stream);
    }
    qpdf_oh_release(walk->pdf, files);
}

/* A cover page whose document is the attachment (7.6.7): what matters is encrypted. */
static void
on_wrapper(Walk *walk, qpdf_oh spec)
{
    qpdf_oh payload = qpdf_oh_get_key(walk->pdf, spec, "/EP");
    qpdf_oh kind = qpdf_oh_get_key_if_dict(walk->pdf, payload, "/Subtype");

    if (qpdf_oh_is_name_and_equals(walk->pdf, kind, "/MicrosoftIRMServices"))
        sk_attach_state_encrypted(walk->scan, walk->file, SK_FINDING_ATTACH_ENCRYPTED_RIGHTS,
                                  SK_ENCRYPTED_ALL, NULL, "Microsoft rights management");
    else if (qpdf_oh_is_name(walk->pdf, kind))
        sk_attach_state_encrypted(walk->scan, walk->file, SK_FINDING_ATTACH_ENCRYPTED_PDF,
                                  SK_ENCRYPTED_ALL, NULL, "cover of an encrypted document");
    qpdf_oh_release(walk->pdf, kind);
    qpdf_oh_release(walk->pdf, payload);
}

/* Scripts are usual in forms. What counts is the one call that opens an attached file. */
static void
look_script(Walk *walk, SkBytes script)
{
    if (sk_bytes_find(script, "exportDataObject", 16, 0) != SK_BYTES_NONE &&
        sk_bytes_find(script, "nLaunch", 7, 0) != SK_BYTES_NONE)
        sk_attach_state(walk->scan, walk->file, SK_FINDING_ATTACH_DANGER_PDF,
                        "a script that opens an attached file");
}

static void
on_script(Walk *walk, qpdf_oh action)
{
    qpdf_oh script = qpdf_oh_get_key(walk->pdf, action, "/JS");
    g_auto(SkBuffer) data = {0};

    if (qpdf_oh_is_string(walk->pdf, script)) {
        const char *text = qpdf_oh_get_utf8_value(walk->pdf, script);

        look_script(walk, sk_bytes(text, strnlen(text, MAX_SCRIPT)));
    } else if (qpdf_oh_is_stream(walk->pdf, script) &&
               sk_attach_pdf_stream(walk->scan, walk->file, walk->pdf, script, &data)) {
        look_script(walk, sk_buffer_bytes(&data));
    }
    qpdf_oh_release(walk->pdf, script);
}

static void
look_dictionary(Walk *walk, qpdf_oh dict)
{
    qpdf_oh action = qpdf_oh_get_key(walk->pdf, dict, "/S");

    if (qpdf_oh_is_name_and_equals(walk->pdf, action, "/Launch"))
        sk_attach_state(walk->scan, walk->file, SK_FINDING_ATTACH_DANGER_PDF,
                        "starts a program (Launch)");
    qpdf_oh_release(walk->pdf, action);
    if (qpdf_oh_has_key(walk->pdf, dict, "/JS"))
        on_script(walk, dict);
    if (qpdf_oh_has_key(walk->pdf, dict, "/EF"))
        on_embedded(walk, dict);
    if (qpdf_oh_has_key(walk->pdf, dict, "/EP"))
        on_wrapper(walk, dict);
}

/* The keys are gathered first: qpdf iterates over one dictionary at a time. */
static void
visit_dictionary(Walk *walk, qpdf_oh dict, unsigned nesting)
{
    g_auto(SkBuffer) keys = {0};

    look_dictionary(walk, dict);
    sk_buffer_init(&keys, MAX_KEYS);
    qpdf_oh_begin_dict_key_iter(walk->pdf, dict);
    while (qpdf_oh_dict_more_keys(walk->pdf)) {
        const char *key = qpdf_oh_dict_next_key(walk->pdf);

        (void)sk_buffer_append(&keys, key, strlen(key) + 1);
    }
    walk->over = walk->over || keys.full;
    for (size_t at = 0; at < keys.len;) {
        const char *key = (const char *)keys.data + at;
        qpdf_oh value = qpdf_oh_get_key(walk->pdf, dict, key);

        at += strlen(key) + 1;
        visit(walk, value, nesting + 1);
        qpdf_oh_release(walk->pdf, value);
    }
}

static void
visit_array(Walk *walk, qpdf_oh array, unsigned nesting)
{
    int n = qpdf_oh_get_array_n_items(walk->pdf, array);

    for (int i = 0; i < n && !walk->over; i++) {
        qpdf_oh item = qpdf_oh_get_array_item(walk->pdf, array, i);

        visit(walk, item, nesting + 1);
        qpdf_oh_release(walk->pdf, item);
    }
}

static void
visit_content(Walk *walk, qpdf_oh oh, unsigned nesting)
{
    qpdf_oh dict;

    switch (qpdf_oh_get_type_code(walk->pdf, oh)) {
    case ot_array:
        visit_array(walk, oh, nesting);
        return;
    case ot_dictionary:
        visit_dictionary(walk, oh, nesting);
        return;
    case ot_stream:
        dict = qpdf_oh_get_dict(walk->pdf, oh);
        visit_dictionary(walk, dict, nesting);
        qpdf_oh_release(walk->pdf, dict);
        return;
    default:
        return;
    }
}

static void
visit(Walk *walk, qpdf_oh oh, unsigned nesting)
{
    if (nesting > MAX_NESTING || ++walk->visits > MAX_VISITS ||
        sk_attach_is_over(walk->scan, walk->file))
        walk->over = true;
    if (walk->over)
        return;
    if (qpdf_oh_is_indirect(walk->pdf, oh))
        refer(walk, oh);
    else
        visit_content(walk, oh, nesting);
}

static void
visit_all(Walk *walk)
{
    qpdf_oh trailer = qpdf_get_trailer(walk->pdf);

    visit(walk, trailer, 0);
    qpdf_oh_release(walk->pdf, trailer);
    for (size_t at = 0; at < walk->todo.len && !walk->over; at += sizeof(Reference)) {
        Reference to;
        qpdf_oh oh;

        memcpy(&to, walk->todo.data + at, sizeof to);
        oh = qpdf_get_object_by_id(walk->pdf, to.number, to.generation);
        visit_content(walk, oh, 0);
        qpdf_oh_release(walk->pdf, oh);
    }
}

void
sk_attach_pdf_walk(SkAttachScan *scan, SkAttachFile *file, qpdf_data pdf)
{
    Walk walk = {.scan = scan, .file = file, .pdf = pdf};

    sk_buffer_init(&walk.todo, MAX_VISITS * sizeof(Reference));
    sk_buffer_init(&walk.seen, (MAX_OBJECT + 2048) * sizeof(uint32_t));
    visit_all(&walk);
    if (!sk_attach_is_over(scan, file) && (walk.over || qpdf_has_error(pdf)))
        sk_attach_broken(scan, file, "PDF: not every object could be read");
    sk_buffer_clear(&walk.todo);
    sk_buffer_clear(&walk.seen);
}
