/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-splice-testing.h"

static const char *const outcomes[] = {"done", "sealed", "no-such-part", "unsafe", "full"};

/* What replaces a part: "[1: a.zip (4 B)]" in WANT, "{" instead of "[" for one shown as a file.
 * Line ends of the fields are those of WANT. */
static char *
expand(const char *want)
{
    const char *eol = strstr(want, "\r\n") != NULL ? "\r\n" : "\n";
    GString *out = g_string_new(NULL);

    for (const char *at = want; *at != '\0'; at++) {
        const char *end = *at == '[' ? strchr(at, ']') : *at == '{' ? strchr(at, '}') : NULL;
        g_autofree char *text = NULL, *base64 = NULL;

        if (end == NULL) {
            g_string_append_c(out, *at);
            continue;
        }
        text = g_strdup_printf("%.*s was here", (int)(end - at - 1), at + 1);
        base64 = g_base64_encode((const unsigned char *)text, strlen(text));
        g_string_append_printf(out,
                               "Content-Type: text/plain; charset=utf-8%s"
                               "Content-Transfer-Encoding: base64%s"
                               "Content-Disposition: %s; filename=\"removed.txt\"%s%s",
                               eol, eol, *at == '{' ? "attachment" : "inline", eol, eol);
        for (size_t i = 0; i < strlen(base64); i += 76)
            g_string_append_printf(out, "%s%.76s", i > 0 ? eol : "", base64 + i);
        at = end;
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *name;
    const char *parts; /* "2 3.1"; "": all attachments */
    const char *mail;
    const char *want; /* what becomes of it, or "! sealed" */
} Case;

static void
run(const Case *c)
{
    g_auto(GStrv) parts = g_strsplit(c->parts, " ", -1);
    g_autofree char *want = c->want[0] != '!' ? expand(c->want) : NULL, *got = NULL;
    SkBytes mail = sk_bytes(c->mail, strlen(c->mail));
    g_auto(SkBuffer) out = {0};
    SkSpliceOutcome outcome;

    g_test_message("%s", c->name);
    outcome = sk_test_splice(mail, (const char *const *)parts, &out);
    if (want == NULL) {
        g_assert_cmpstr(outcomes[outcome], ==, c->want + 2);
        return;
    }
    g_assert_cmpstr(outcomes[outcome], ==, "done");
    got = g_strndup((const char *)out.data, out.len);
    g_assert_cmpstr(got, ==, want);
    sk_test_splice_compare(mail, sk_buffer_bytes(&out));
}

#define RUN(cases)                                                                             \
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)                                           \
    run(&(cases)[i])

#define MIXED(b) "Subject: x\r\nContent-Type: multipart/mixed; boundary=" b "\r\n\r\n"
#define ZIP(name)                                                                              \
    "Content-Type: application/zip; name=\"" name "\"\r\n"                                     \
    "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n"

static void
test_places(void)
{
    static const Case cases[] = {
        {"a part of a multipart; preamble, epilogue and blanks behind a boundary stay", "",
         MIXED("b") "pre\r\n--b\r\n\r\nhello \r\n--b \t\r\n" ZIP(
             "a.zip") "\r\n--b--  \r\nepi\r\n",
         MIXED("b") "pre\r\n--b\r\n\r\nhello \r\n--b \t\r\n[1: a.zip (4 B)]\r\n--b--  "
                    "\r\nepi\r\n"},
        {"named, and not the other one", "3",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n" ZIP("a.zip") "--b\r\n" ZIP(
             "b.zip") "--b--\r\n",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n" ZIP(
             "a.zip") "--b\r\n[1: b.zip (4 B)]\r\n--b--\r\n"},
        {"all attachments, and a part that is none", "* 1",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n" ZIP("a.zip") "--b--\r\n",
         MIXED("b") "--b\r\n[1: text/plain (5 B)]\r\n--b\r\n[2: a.zip (4 B)]\r\n--b--\r\n"},
        {"all of them are numbered", "",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n" ZIP("a.zip") "--b\r\n" ZIP(
             "b.zip") "--b--\r\n",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n[1: a.zip (4 B)]\r\n--b\r\n"
                    "[2: b.zip (4 B)]\r\n--b--\r\n"},
        {"the last part of a multipart that never ends", "",
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n" ZIP("a.zip"),
         MIXED("b") "--b\r\n\r\nhello\r\n--b\r\n[1: a.zip (4 B)]\r\n"},
        {"line ends of the message", "",
         "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
         "Content-Type: application/zip\n\nPK\n--b--\n",
         "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
         "[1: application/zip (2 B)]\n--b--\n"},
        {"a message that is the file: its other fields stay", "",
         "Received: from a\r\n\tby b\r\nContent-Type: application/zip;\r\n\tname=\"a.zip\"\r\n"
         "Subject:  x \r\nMime-Version: 1.0\r\ncontent-transfer-encoding: base64\r\n"
         "To: a@example.com\r\n\r\nUEsDBA==\r\n\r\n",
         "Received: from a\r\n\tby b\r\nSubject:  x \r\nMime-Version: 1.0\r\n"
         "To: a@example.com\r\n[1: a.zip (4 B)]\r\n"},
        {"one without MIME-Version", "",
         "Content-Type: application/zip\r\nSubject: x\r\n\r\nPK",
         "Subject: x\r\nMIME-Version: 1.0\r\n[1: application/zip (2 B)]\r\n"},
        {"one whose last field goes, and ends without a line end", "",
         "Subject: x\r\nContent-Type: application/zip",
         "Subject: x\r\nMIME-Version: 1.0\r\n[1: application/zip (0 B)]\r\n"},
        {"one that is a header only", "1", "Subject: x\r\nTo: a@example.com",
         "Subject: x\r\nTo: a@example.com\r\nMIME-Version: 1.0\r\n[1: text/plain (0 B)]\r\n"},
    };

    RUN(cases);
}

static void
test_nesting(void)
{
    static const Case cases[] = {
        {"inside alternative and related, as Apple Mail nests them", "",
         "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nhello\r\n--a\r\n"
         "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: "
         "text/html\r\n\r\n"
         "<p>\r\n--m\r\n" ZIP("a.zip") "--m\r\nContent-Type: text/html\r\n\r\n<br>\r\n--m--\r\n"
                                       "\r\n--a--\r\n",
         "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nhello\r\n--a\r\n"
         "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: "
         "text/html\r\n\r\n"
         "<p>\r\n--m\r\n[1: a.zip (4 B)]\r\n--m\r\nContent-Type: "
         "text/html\r\n\r\n<br>\r\n--m--\r\n"
         "\r\n--a--\r\n"},
        {"in the place of an alternative it is no text to be preferred", "",
         "Content-Type: multipart/alternative; "
         "boundary=a\r\n\r\n--a\r\n\r\nhello\r\n--a\r\n" ZIP("a.zip") "--a--\r\n",
         "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nhello\r\n--a\r\n"
         "{1: a.zip (4 B)}\r\n--a--\r\n"},
        {"in a forwarded message", "",
         MIXED(
             "b") "--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n"
                  "Content-Type: multipart/mixed; "
                  "boundary=c\r\n\r\n--c\r\n\r\ntext\r\n--c\r\n" ZIP(
                      "a.zip") "--c--\r\n--b--\r\n",
         MIXED(
             "b") "--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n"
                  "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ntext\r\n--c\r\n"
                  "[1: a.zip (4 B)]\r\n--c--\r\n--b--\r\n"},
        {"a forwarded message that is the file", "2",
         MIXED("b") "--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
                    "y\r\n" ZIP("a.zip") "--b--\r\n",
         MIXED(
             "b") "--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n"
                  "MIME-Version: 1.0\r\n[1: a.zip (4 B)]\r\n--b--\r\n"},
        {"a forwarded message in base64: all of it", "2.1",
         MIXED("b") "--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n"
                    "Q29udGVudC1UeXBlOiBhcHBsaWNhdGlvbi96aXAKClBLAwQ=\r\n--b--\r\n",
         MIXED("b") "--b\r\n\r\nfyi\r\n--b\r\n[1: application/zip (4 B)]\r\n--b--\r\n"},
        {"a uuencoded file: the text it stands in", "",
         MIXED(
             "b") "--b\r\n\r\nhi\r\nbegin 644 a.zip\r\n#4$L#\r\n`\r\nend\r\n--b\r\n\r\nyou\r\n"
                  "--b--\r\n",
         MIXED("b") "--b\r\n[1: a.zip (3 B)]\r\n--b\r\n\r\nyou\r\n--b--\r\n"},
        {"a name that holds others stands for the attachments there", "2",
         MIXED("b") "--b\r\n" ZIP(
             "a.zip") "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n"
                      "\r\n--c\r\n\r\ntext\r\n--c\r\n" ZIP("b.zip") "--c--\r\n--b--\r\n",
         MIXED("b") "--b\r\n" ZIP(
             "a.zip") "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n"
                      "\r\n--c\r\n\r\ntext\r\n--c\r\n[1: b.zip (4 B)]\r\n--c--\r\n--b--\r\n"},
    };

    RUN(cases);
}

#define PNG "iVBORw0KGgo=" /* its signature */
#define RELATED(html, picture)                                                                 \
    "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: "                 \
    "text/html\r\n\r\n" html "\r\n--r\r\n" picture "\r\n--r--\r\n"
#define PICTURE(type, id, base64)                                                              \
    "Content-Type: " type "; name=x\r\nContent-ID: " id "\r\n"                                 \
    "Content-Transfer-Encoding: base64\r\n\r\n" base64

static void
test_belonging(void)
{
    static const Case cases[] = {
        {"a picture that the text shows stays", "",
         RELATED("<img src=\"cid:a@x\">", PICTURE("image/png", "<a@x>", PNG)),
         "! no-such-part"},
        {"whatever the spelling", "",
         RELATED("<td background='CID:a%40x'>", PICTURE("image/png", " <a@x> ", PNG)),
         "! no-such-part"},
        {"but goes if it is named", "2",
         RELATED("<img src=\"cid:a@x\">", PICTURE("image/png", "<a@x>", PNG)),
         RELATED("<img src=\"cid:a@x\">", "[1: x (8 B)]")},
        {"one that no text shows goes", "",
         RELATED("<img src=\"cid:b@x\">", PICTURE("image/png", "<a@x>", PNG)),
         RELATED("<img src=\"cid:b@x\">", "[1: x (8 B)]")},
        {"so does what is no picture", "",
         RELATED("<img src=\"cid:a@x\">", PICTURE("image/png", "<a@x>", "UEsDBA==")),
         RELATED("<img src=\"cid:a@x\">", "[1: x (4 B)]")},
        {"and what has scripts", "",
         RELATED("<img src=\"cid:a@x\">", PICTURE("image/svg+xml", "<a@x>", "PHN2Zy8+")),
         RELATED("<img src=\"cid:a@x\">", "[1: x (6 B)]")},
        {"an invitation stays", "",
         MIXED(
             "b") "--b\r\n\r\nhi\r\n--b\r\nContent-Type: text/calendar; name=invite.ics\r\n\r\n"
                  "BEGIN:VCALENDAR\r\n--b--\r\n",
         "! no-such-part"},
        {"not everything under its name", "",
         MIXED(
             "b") "--b\r\nContent-Type: text/calendar; name=invite.ics\r\n\r\nMZ\r\n--b--\r\n",
         MIXED("b") "--b\r\n[1: invite.ics (2 B)]\r\n--b--\r\n"},
        {"what reports say of a message is no attachment", "",
         "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n--b\r\n"
         "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--\r\n",
         "! no-such-part"},
    };

    RUN(cases);
}

#define SIGNED(inner)                                                                          \
    "Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\r\n" \
    "\r\n--s\r\n" inner "--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n" \
    "Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--s--\r\n"

static void
test_refusals(void)
{
    static const Case cases[] = {
        {"nothing to be replaced", "", "Subject: x\r\n\r\nhello\r\n", "! no-such-part"},
        {"no such part", "2", "Subject: x\r\n\r\nhello\r\n", "! no-such-part"},
        {"one of two is none", "1 7", MIXED("b") "--b\r\n" ZIP("a.zip") "--b--\r\n",
         "! no-such-part"},
        {"a path of any text", "1..", MIXED("b") "--b\r\n" ZIP("a.zip") "--b--\r\n",
         "! no-such-part"},
        {"signed without attachments: the signature is none", "", SIGNED("\r\nhi\r\n"),
         "! no-such-part"},
        {"an attachment that is signed", "", SIGNED(ZIP("a.zip")), "! sealed"},
        {"a program under the name of the signature", "",
         "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nhi\r\n--s\r\n"
         "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMZ\r\n--s--\r\n",
         "! sealed"},
        {"what stands beside what is signed is replaced", "",
         MIXED("b") "--b\r\n" SIGNED("\r\nhi\r\n") "--b\r\n" ZIP("a.zip") "--b--\r\n",
         MIXED("b") "--b\r\n" SIGNED("\r\nhi\r\n") "--b\r\n[1: a.zip (4 B)]\r\n--b--\r\n"},
        {"S/MIME in one part", "",
         "Content-Type: application/pkcs7-mime; name=smime.p7m; smime-type=enveloped-data\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n",
         "! sealed"},
        {"PGP/MIME", "2",
         "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\""
         "\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n"
         "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP "
         "MESSAGE-----\r\n--e--\r\n",
         "! sealed"},
        {"two readings of what stays", "",
         "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n\r\n"
         "--b\r\n" ZIP("a.zip") "--b--\r\n",
         "! unsafe"},
        {"two readings of what goes", "2",
         MIXED(
             "b") "--b\r\n\r\nhi\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n"
                  "Content-Type: application/zip; name=a.exe\r\n\r\nPK\r\n--b--\r\n",
         MIXED("b") "--b\r\n\r\nhi\r\n--b\r\n[1: a.txt (2 B)]\r\n--b--\r\n"},
    };

    RUN(cases);
}

static void
test_hostile_names(void)
{
    static const Case cases[] = {
        {"a name cannot leave its line, nor turn text around", "",
         MIXED("b") "--b\r\nContent-Type: application/zip\r\n"
                    "Content-Disposition: attachment; "
                    "filename*=utf-8''a%0D%0Ab%E2%80%AE%25NUMBER%25.zip\r\n"
                    "\r\nPK\r\n--b--\r\n",
         MIXED("b") "--b\r\n[1: ab\\u{202e}%NUMBER%.zip (2 B)]\r\n--b--\r\n"},
    };

    RUN(cases);
}

static void
test_too_many(void)
{
    const char *all[] = {NULL};
    GString *mail = g_string_new(MIXED("b"));
    g_auto(SkBuffer) out = {0};

    for (unsigned i = 0; i < 1900; i++)
        g_string_append_printf(mail, "--b\r\nContent-Type: a/b; name=\"%0512u\"\r\n\r\nx\r\n",
                               i);
    g_string_append(mail, "--b--\r\n");
    g_assert_cmpint(sk_test_splice(sk_bytes(mail->str, mail->len), all, &out), ==,
                    SK_SPLICE_FULL);
    g_string_free(mail, TRUE);
}

/* Every message of the corpus, as it is cut by "all". */
static void
test_corpus(void)
{
    g_autofree char *folder = g_build_filename(SK_TEST_CORPUS, "mail", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *all[] = {NULL}, *name;
    unsigned done = 0, count = 0;

    for (; (name = g_dir_read_name(dir)) != NULL; count++) {
        g_autofree char *path = g_build_filename(folder, name, "message.eml", NULL);
        g_autofree char *text = NULL;
        g_auto(SkBuffer) out = {0};
        size_t len;

        g_test_message("%s", name);
        g_assert_true(g_file_get_contents(path, &text, &len, NULL));
        if (sk_test_splice(sk_bytes(text, len), all, &out) != SK_SPLICE_DONE)
            continue;
        sk_test_splice_compare(sk_bytes(text, len), sk_buffer_bytes(&out));
        done++;
    }
    g_test_message("%u of %u", done, count);
    g_assert_cmpuint(done, >, 10);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-splice/places", test_places);
    g_test_add_func("/mail-splice/nesting", test_nesting);
    g_test_add_func("/mail-splice/belonging", test_belonging);
    g_test_add_func("/mail-splice/refusals", test_refusals);
    g_test_add_func("/mail-splice/hostile-names", test_hostile_names);
    g_test_add_func("/mail-splice/too-many", test_too_many);
    g_test_add_func("/mail-splice/corpus", test_corpus);
    return g_test_run();
}
