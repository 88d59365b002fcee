/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-ole.h"

#include <glib.h>

#define SECTOR 512
#define FREE   0xFFFFFFFFu
#define END    0xFFFFFFFEu

/* A file of header, FAT (sector 0), directory (from sector 1 on), N_ENTRIES entries. */
static GByteArray *
make_file(unsigned n_entries)
{
    unsigned n_dir = (n_entries * 128 + SECTOR - 1) / SECTOR, n_fat = (n_dir + 127) / 128 + 1;
    GByteArray *file = g_byte_array_new();
    static const uint8_t magic[8] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
    uint32_t *fat;

    g_byte_array_set_size(file, SECTOR * (1 + n_fat + n_dir));
    memset(file->data, 0, file->len);
    memcpy(file->data, magic, 8);
    file->data[0x1E] = 9;
    file->data[0x20] = 6;
    *(uint32_t *)(void *)(file->data + 0x2C) = n_fat;
    *(uint32_t *)(void *)(file->data + 0x30) = n_fat;
    *(uint32_t *)(void *)(file->data + 0x38) = 4096;
    *(uint32_t *)(void *)(file->data + 0x44) = END;
    fat = (uint32_t *)(void *)(file->data + SECTOR);
    for (unsigned i = 0; i < 109; i++)
        *(uint32_t *)(void *)(file->data + 0x4C + i * 4) = i < n_fat ? i : FREE;
    for (unsigned i = 0; i < n_fat * 128; i++)
        fat[i] = i < n_fat ? FREE - 2 : i < n_fat + n_dir - 1 ? i + 1 : END;
    return file;
}

static uint8_t *
entry(GByteArray *file, unsigned i)
{
    unsigned n_fat = *(uint32_t *)(void *)(file->data + 0x2C);

    return file->data + SECTOR * (1 + n_fat) + i * 128;
}

static void
set_entry(GByteArray *file, unsigned i, char name, uint8_t kind, uint32_t left, uint32_t child)
{
    uint8_t *at = entry(file, i);

    at[0] = (uint8_t)name;
    at[64] = 4;
    at[66] = kind;
    *(uint32_t *)(void *)(at + 68) = left;
    *(uint32_t *)(void *)(at + 72) = FREE;
    *(uint32_t *)(void *)(at + 76) = child;
}

static SkAttachOle *
open_file(const GByteArray *file, SkBudget *budget, const char **ret_why)
{
    SkBudgetLimits limits = sk_budget_limits_default();

    sk_budget_init(budget, &limits);
    return sk_attach_ole_new(sk_bytes(file->data, file->len), budget, ret_why);
}

static void
test_tree(void)
{
    g_autoptr(GByteArray) file = make_file(8);
    g_autoptr(SkAttachOle) ole = NULL;
    const char *why = NULL;
    SkBudget budget;

    set_entry(file, 0, 'R', SK_ATTACH_OLE_ROOT, FREE, 2);
    set_entry(file, 1, 'a', SK_ATTACH_OLE_STREAM, FREE, FREE);
    set_entry(file, 2, 's', SK_ATTACH_OLE_STORAGE, 1, 3);
    set_entry(file, 3, 'b', SK_ATTACH_OLE_STREAM, FREE, FREE);
    set_entry(file, 4, 'o', SK_ATTACH_OLE_STREAM, FREE, FREE); /* nothing points to it */
    ole = open_file(file, &budget, &why);
    g_assert_nonnull(ole);
    g_assert_false(sk_attach_ole_is_cut(ole));
    g_assert_cmpuint(sk_attach_ole_count(ole), ==, 8);
    g_assert_cmpuint(sk_attach_ole_find(ole, 0, "A"), ==, 1);
    g_assert_cmpuint(sk_attach_ole_find(ole, 2, "b"), ==, 3);
    g_assert_cmpuint(sk_attach_ole_find(ole, 0, "b"), ==, SK_ATTACH_OLE_NONE);
    g_assert_cmpuint(sk_attach_ole_find(ole, SK_ATTACH_OLE_NONE, "b"), ==, 3);
    g_assert_cmpuint(sk_attach_ole_find(ole, 0, "o"), ==, 4);
}

/* Entries that point at each other, at themselves and outside. */
static void
test_circles(void)
{
    g_autoptr(GByteArray) file = make_file(4);
    g_autoptr(SkAttachOle) ole = NULL;
    const char *why = NULL;
    SkBudget budget;

    set_entry(file, 0, 'R', SK_ATTACH_OLE_ROOT, 0, 1);
    set_entry(file, 1, 'a', SK_ATTACH_OLE_STORAGE, 2, 1);
    set_entry(file, 2, 'b', SK_ATTACH_OLE_STORAGE, 1, 0);
    set_entry(file, 3, 'c', SK_ATTACH_OLE_STORAGE, 77777, 77777);
    ole = open_file(file, &budget, &why);
    g_assert_nonnull(ole);
    g_assert_cmpuint(sk_attach_ole_find(ole, 0, "b"), ==, 2);
}

/* The chain on which recursion ends in a stack overflow; here it costs a budget. */
static void
test_long_chain(void)
{
    g_autoptr(GByteArray) file = make_file(15000);
    g_autoptr(GByteArray) longer = make_file(40000);
    g_autoptr(SkAttachOle) ole = NULL;
    const char *why = "";
    SkBudget budget;

    set_entry(file, 0, 'R', SK_ATTACH_OLE_ROOT, FREE, 1);
    for (unsigned i = 1; i < 15000; i++)
        set_entry(file, i, 'n', SK_ATTACH_OLE_STREAM, i + 1, FREE);
    ole = open_file(file, &budget, &why);
    g_assert_nonnull(ole);
    g_assert_cmpuint(sk_attach_ole_peek(ole, 14999)->parent, ==, 0);
    g_assert_null(open_file(longer, &budget, &why));
    g_assert_null(why);
    g_assert_cmpint(budget.spent, ==, SK_BUDGET_ENTRIES);
}

static void
test_broken(void)
{
    g_autoptr(GByteArray) file = make_file(4);
    g_autoptr(GByteArray) small = make_file(4);
    g_autoptr(GByteArray) circle = make_file(8);
    g_autoptr(SkAttachOle) ole = NULL;
    const char *why = NULL;
    SkBudget budget;

    g_byte_array_set_size(small, 300);
    g_assert_null(open_file(small, &budget, &why));
    g_assert_nonnull(why);
    g_assert_null(open_file(file, &budget, &why)); /* no root */
    g_assert_nonnull(why);
    set_entry(circle, 0, 'R', SK_ATTACH_OLE_ROOT, FREE, FREE);
    *(uint32_t *)(void *)(circle->data + SECTOR + 2 * 4) = 2; /* the directory's FAT entry */
    ole = open_file(circle, &budget, &why);
    g_assert_nonnull(ole);
    g_assert_true(sk_attach_ole_is_cut(ole));
}

/* Sizes that lie, in the plane of big sectors and in that of mini sectors. */
static void
test_read_lies(void)
{
    g_autoptr(GByteArray) file = make_file(4);
    g_autoptr(SkAttachOle) ole = NULL;
    g_auto(SkBuffer) scratch = {0};
    const char *why = NULL;
    SkBudget budget;
    SkBytes bytes;

    set_entry(file, 0, 'R', SK_ATTACH_OLE_ROOT, FREE, 1);
    set_entry(file, 1, 'a', SK_ATTACH_OLE_STREAM, FREE, FREE);
    *(uint64_t *)(void *)(entry(file, 1) + 120) = 0xFFFFFFF0;
    set_entry(file, 2, 'b', SK_ATTACH_OLE_STREAM, FREE, FREE);
    *(uint64_t *)(void *)(entry(file, 2) + 120) = 100;
    ole = open_file(file, &budget, &why);
    g_assert_nonnull(ole);
    g_assert_false(sk_attach_ole_read(ole, 1, UINT64_MAX, &scratch, &bytes));
    g_assert_true(sk_attach_ole_read(ole, 1, 16, &scratch, &bytes));
    g_assert_cmpuint(bytes.len, ==, 16);
    g_assert_false(sk_attach_ole_read(ole, 2, UINT64_MAX, &scratch, &bytes));
    g_assert_true(sk_attach_ole_read(ole, 3, UINT64_MAX, &scratch, &bytes));
    g_assert_cmpuint(bytes.len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ole/tree", test_tree);
    g_test_add_func("/ole/circles", test_circles);
    g_test_add_func("/ole/long-chain", test_long_chain);
    g_test_add_func("/ole/broken", test_broken);
    g_test_add_func("/ole/read-lies", test_read_lies);
    return g_test_run();
}
