/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-log.h"

#include "base/log.h"
#include "ledger/passage-testing.h"

#define ID "01j8zk3fa7s4wq9m2xet"

/* Each case writes its line in a process of its own, whose standard error is looked at. */
static void
expect(void (*write)(void), const char *pattern)
{
    if (g_test_subprocess()) {
        sk_log_open("gate", false);
        write();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr(pattern);
}

static void
write_plain(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain(ID, 1);

    sk_gate_log_passage(passage, NULL);
}

static void
test_plain(void)
{
    expect(write_plain, "gate[*]: info: passage id=" ID " queue=4ZkS9b2Dzqz3x origin=inbound "
                        "client=192.0.2.25 sender=anna@example.net from=Anna@Example.net "
                        "to=ben@example.com size=4711 fate=deliver ms=3.1\n");
}

static void
write_full(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_full(ID, 1);

    sk_gate_log_passage(passage, "the reason");
}

static void
test_full(void)
{
    expect(write_full,
           "gate[*]: warning: passage * login=anna * to=ben@example.com,carl@example.org * "
           "fate=reject findings=attach.encrypted.zip,attach.any,missend.red "
           "rules=0123456789ab,ba9876543210 smtp=\"550 5.7.1 no\" "
           "released=01j8zk3fa7s4wq9m2xet-1 trouble=\"the reason\" *\n");
}

static void
write_held(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain(ID, 1);

    passage->held = g_strdup(ID);
    passage->copies = 2;
    sk_gate_log_passage(passage, NULL);
}

static void
write_repeated(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain(ID, 1);

    passage->held = g_strdup("01j8zk3fa7s4wq9m2xe0");
    sk_gate_log_passage(passage, NULL);
}

static void
test_held(void)
{
    expect(write_held, "gate[*]: info: passage id=" ID " * fate=held copies=2 ms=3.1\n");
}

static void
test_repeated(void)
{
    expect(write_repeated, "gate[*]: info: passage id=" ID
                           " * fate=held repeats=01j8zk3fa7s4wq9m2xe0 ms=3.1\n");
}

static void
write_many(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain(ID, 1);

    for (int i = 0; i < 20; i++)
        sk_test_passage_add_recipient(passage, "x@ours.example", SK_DIRECTION_INBOUND);
    sk_gate_log_passage(passage, NULL);
}

static void
test_many_are_counted(void)
{
    expect(write_many, "*,x@ours.example,+11 size=*\n");
}

/* Foreign text must not make a second line, nor look like a field of ours. */
static void
write_hostile(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain(ID, 1);

    sk_test_passage_add_recipient(passage, "a\nb: fate=deliver\x1b[2J\xff",
                                  SK_DIRECTION_INBOUND);
    sk_gate_log_passage(passage, NULL);
}

static void
test_hostile(void)
{
    expect(write_hostile, "gate[*]: info: passage * to=\"ben@example.com,a\\x0ab: "
                          "fate=deliver\\x1b[2J\\xff\" size=*\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/log/plain", test_plain);
    g_test_add_func("/gate/log/full", test_full);
    g_test_add_func("/gate/log/held", test_held);
    g_test_add_func("/gate/log/repeated", test_repeated);
    g_test_add_func("/gate/log/many-are-counted", test_many_are_counted);
    g_test_add_func("/gate/log/hostile", test_hostile);
    return g_test_run();
}
