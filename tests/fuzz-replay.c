/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz-replay - feeds stored inputs to a fuzz target without libFuzzer
 *
 * Arguments are files or folders. Each input lies in memory of its exact size, so that the
 * sanitizers see any read past its end. No input at all is a failure: a seed folder that got
 * lost must not look like a passed test.
 */

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned
replay_file(const char *path)
{
    g_autofree char *text = NULL;
    g_autofree uint8_t *exact = NULL;
    gsize len = 0;

    if (!g_file_get_contents(path, &text, &len, NULL))
        return 0;
    exact = g_memdup2(text, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    return 1;
}

static unsigned
replay(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    unsigned n = 0;

    if (dir == NULL)
        return replay_file(path);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        n += replay(child);
    }
    return n;
}

int
main(int argc, char **argv)
{
    unsigned n = 0;

    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    printf("%u inputs replayed\n", n);
    return n > 0 ? 0 : 1;
}
