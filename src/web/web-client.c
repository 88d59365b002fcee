/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-client.h"

#include <netinet/in.h>

#include <glib.h>
#include <string.h>

static SkWebClient
of_v4(const struct in_addr *address)
{
    SkWebClient client = {0};

    inet_ntop(AF_INET, address, client.text, sizeof client.text);
    inet_ntop(AF_INET, address, client.address, sizeof client.address);
    return client;
}

static SkWebClient
of_v6(const struct in6_addr *address)
{
    struct in6_addr network = *address;
    struct in_addr mapped;
    SkWebClient client = {0};

    if (IN6_IS_ADDR_V4MAPPED(address)) {
        memcpy(&mapped, address->s6_addr + 12, sizeof mapped);
        return of_v4(&mapped);
    }
    if (!IN6_IS_ADDR_LOOPBACK(address))
        memset(network.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &network, client.text, sizeof client.text);
    inet_ntop(AF_INET6, address, client.address, sizeof client.address);
    return client;
}

SkWebClient
sk_web_client(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address != NULL && address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return of_v4(&v4.sin_addr);
    }
    if (address != NULL && address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        return of_v6(&v6.sin6_addr);
    }
    return (SkWebClient){0};
}

bool
sk_web_client_forwarded(const char *field, SkWebClient *ret_client)
{
    const char *comma = field != NULL ? strrchr(field, ',') : NULL;
    g_autofree char *last = field != NULL ? g_strdup(comma != NULL ? comma + 1 : field) : NULL;
    struct in_addr v4;
    struct in6_addr v6;

    if (last == NULL)
        return false;
    g_strstrip(last);
    if (inet_pton(AF_INET, last, &v4) == 1) {
        *ret_client = of_v4(&v4);
        return true;
    }
    if (inet_pton(AF_INET6, last, &v6) != 1)
        return false;
    *ret_client = of_v6(&v6);
    return true;
}

bool
sk_web_client_is_loopback(const SkWebClient *client)
{
    return g_str_has_prefix(client->text, "127.") || strcmp(client->text, "::1") == 0;
}
