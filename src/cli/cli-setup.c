/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-setup.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli-postconf.h"
#include "cli/cli.h"
#include "verdict/direction.h"

typedef struct {
    const SkSettings *settings;
    char *queue; /* Postfix's queue_directory, which its chrooted programs have as their root */
} Setup;

static const char *
endpoint_of(const Setup *setup, SkOrigin origin)
{
    return sk_settings_peek_text(setup->settings, "gate", sk_origin_name(origin));
}

static void
print_main(const Setup *setup)
{
    g_autofree char *inbound =
        sk_cli_postfix_milter(endpoint_of(setup, SK_ORIGIN_INBOUND), setup->queue);
    g_autofree char *outbound =
        sk_cli_postfix_milter(endpoint_of(setup, SK_ORIGIN_OUTBOUND), setup->queue);

    puts("# ---- main.cf ----\n"
         "# Mail from outside. Scanners that are milters too stand before ours: Postfix asks "
         "nobody\n"
         "# behind a milter that has taken a message over.");
    printf("smtpd_milters = %s\n", inbound);
    puts("# What programs of this host send by sendmail(1).");
    printf("non_smtpd_milters = %s\n", outbound);
    puts("# Nobody answers: the sender tries again. Never \"accept\": that is mail nobody "
         "looked at.\n"
         "milter_default_action = tempfail\n"
         "milter_protocol = 6\n"
         "# Ids that are not used twice, so that log lines of a held mail can be told apart.\n"
         "enable_long_queue_ids = yes");
}

static void
print_submission(const Setup *setup)
{
    g_autofree char *outbound =
        sk_cli_postfix_milter(endpoint_of(setup, SK_ORIGIN_OUTBOUND), setup->queue);

    puts("\n# ---- master.cf ----\n"
         "# Your submission services stay as they are, but for one line each. No milter that "
         "signs\n"
         "# (DKIM) stands here: what is signed before it is changed has a broken signature.");
    printf("submission inet n - y - - smtpd\n"
           "  -o smtpd_tls_security_level=encrypt\n"
           "  -o smtpd_sasl_auth_enable=yes\n"
           "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
           "  -o smtpd_milters=%s\n",
           outbound);
}

/* Services of our own: reached from this host only, with nothing between them and the queue
 * that could change or refuse what was accepted before. */
static void
print_listener(const char *service, const char *name, const char *milter)
{
    printf("%s inet n - y - - smtpd\n"
           "  -o syslog_name=postfix/%s\n"
           "  -o smtpd_milters=%s\n"
           "  -o local_header_rewrite_clients=\n"
           "  -o mynetworks=127.0.0.0/8,[::1]/128\n"
           "  -o smtpd_client_restrictions=permit_mynetworks,reject\n"
           "  -o smtpd_relay_restrictions=permit_mynetworks,reject\n"
           "  -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"
           "  -o smtpd_helo_restrictions=\n"
           "  -o smtpd_sender_restrictions=\n"
           "  -o smtpd_data_restrictions=\n"
           "  -o smtpd_end_of_data_restrictions=\n"
           "  -o smtpd_helo_required=no\n"
           "  -o smtpd_tls_security_level=none\n"
           "  -o smtpd_sasl_auth_enable=no\n"
           "  -o smtpd_discard_ehlo_keywords=\n"
           "  -o smtpd_client_connection_count_limit=0\n"
           "  -o smtpd_client_connection_rate_limit=0\n"
           "  -o smtpd_recipient_limit=10000\n"
           "  -o receive_override_options=no_header_body_checks\n",
           service, name, milter);
}

static void
print_release(const Setup *setup)
{
    const char *release = sk_settings_peek_text(setup->settings, "hold", "release");
    g_autofree char *milter =
        sk_cli_postfix_milter(endpoint_of(setup, SK_ORIGIN_RELEASE), setup->queue);

    puts("\n# Where held mail comes back when it may leave ([hold] release): from this host "
         "only. A\n"
         "# milter that signs stands here, behind ours.");
    if (g_str_has_prefix(release, "inet:"))
        print_listener(release + strlen("inet:"), "sekisho-release", milter);
    else
        printf("# [hold] release is %s: give that smtpd smtpd_milters=%s\n", release, milter);
}

static void
print_forward(const Setup *setup)
{
    g_autofree char *milter =
        sk_cli_postfix_milter(endpoint_of(setup, SK_ORIGIN_FORWARD), setup->queue);

    puts("\n# What mailbox rules send on. In Dovecot: submission_host = 127.0.0.1:10027");
    print_listener("127.0.0.1:10027", "sekisho-forward", milter);
}

static int
print_postfix(const char *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSettings) settings = sk_cli_read_settings(config, &error);
    g_autofree char *queue = NULL;
    Setup setup;

    if (settings == NULL)
        return sk_cli_fail_error(error);
    queue = sk_cli_postconf("queue_directory");
    setup = (Setup){settings, queue != NULL ? queue : (char *)"/var/spool/postfix"};
    puts("# For Postfix, of sekisho's configuration; then `postfix reload` and `sekisho config "
         "check`.");
    print_main(&setup);
    print_submission(&setup);
    print_release(&setup);
    if (*endpoint_of(&setup, SK_ORIGIN_FORWARD) != '\0')
        print_forward(&setup);
    return SK_EXIT_CLEAN;
}

static int
postfix(int argc, char **argv)
{
    g_autofree char *config = NULL;
    gboolean print = FALSE;
    const GOptionEntry entries[] = {
        {"print", 0, 0, G_OPTION_ARG_NONE, &print, "Show the lines for main.cf and master.cf",
         NULL},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {NULL},
    };

    if (!sk_cli_options(
            &argc, &argv, entries, "setup postfix [OPTION…]",
            "Shows what Postfix has to be told: who asks the gate about which mail, "
            "and the listener for\nheld mail that leaves. Changes nothing itself."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("setup postfix takes no \"%s\"", argv[1]);
    if (!print)
        return sk_cli_fail("setup postfix changes nothing by itself: --print shows the lines");
    return print_postfix(config);
}

int
sk_cli_setup(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"postfix", postfix, ""},
        {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "setup", argc, argv);
}
