/* SPDX-License-Identifier: Apache-2.0 */

/*
 * strip-tool - has an inspector change a message or try a password on it, for tests
 *
 *     strip-tool SOCKET strip MESSAGE RESULT [PART…]
 *     strip-tool SOCKET password MESSAGE PASSWORD
 *
 * Prints the outcome, then the findings, one a line: id, part, subject, detail.
 */

#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process/process-edit.h"

static const char *const outcomes[] = {"done",   "sealed",         "no-such-part",
                                       "failed", "wrong-password", "unsupported"};

static int
complain(GError *error)
{
    fprintf(stderr, "strip-tool: %s\n", error->message);
    return 2;
}

/* The file in a sealed memfd, as the clerk has it. */
static int
load(const char *path)
{
    g_autofree char *text = NULL;
    int fd = memfd_create("strip-tool", MFD_ALLOW_SEALING);
    size_t len;

    if (!g_file_get_contents(path, &text, &len, NULL) || write(fd, text, len) != (ssize_t)len ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return -1;
    return fd;
}

/* Says so if anybody could still change it. */
static bool
store(int fd, const char *path)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat info;
    void *map;

    if ((seals & F_SEAL_WRITE) == 0 || fstat(fd, &info) < 0)
        return false;
    map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    return map != MAP_FAILED && g_file_set_contents(path, map, info.st_size, NULL);
}

static void
print(SkEditOutcome outcome, const SkFindings *findings)
{
    printf("%s\n", outcomes[outcome]);
    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        printf("%s\t%s\t%s\t%s\n", sk_finding_id_name(one->id), one->part ? one->part : "",
               one->subject ? one->subject : "", one->detail ? one->detail : "");
    }
}

static int
strip(const char *socket, int fd, const char *path, char **parts)
{
    SkStripOrder order = {(const char *const *)parts,
                          "%NUMBER%: 「%NAME%」（%SIZE%）を取り除きました。\n"
                          "Removed: %NAME%\n",
                          "添付ファイルについて.txt"};
    g_autoptr(SkFindings) findings = NULL;
    g_autoptr(GError) error = NULL;
    SkEditOutcome outcome;
    int changed;

    if (!sk_process_strip(socket, fd, &order, &outcome, &changed, &findings, &error))
        return complain(error);
    print(outcome, findings);
    return outcome == SK_EDIT_DONE && !store(changed, path) ? 3 : 0;
}

static int
try_password(const char *socket, int fd, const char *password)
{
    g_autoptr(SkFindings) findings = NULL;
    g_autoptr(GError) error = NULL;
    SkEditOutcome outcome;

    if (!sk_process_try_password(socket, fd, password, &outcome, &findings, &error))
        return complain(error);
    print(outcome, findings);
    return 0;
}

int
main(int argc, char **argv)
{
    int fd = argc >= 5 ? load(argv[3]) : -1;

    if (fd < 0) {
        fprintf(stderr, "strip-tool: usage, or no such message\n");
        return 2;
    }
    return strcmp(argv[2], "strip") == 0 ? strip(argv[1], fd, argv[4], argv + 5)
                                         : try_password(argv[1], fd, argv[4]);
}
