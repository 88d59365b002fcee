/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-client - who a client counts as: an IPv4 address, or an IPv6 network of 64 bits
 *
 * One customer usually has a whole such network, and every address in it.
 *
 * Errors: none; what has no address counts as the same one.
 */

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdbool.h>

typedef struct {
    char text[INET6_ADDRSTRLEN];    /* who he counts as */
    char address[INET6_ADDRSTRLEN]; /* from where exactly */
} SkWebClient;

SkWebClient sk_web_client(const struct sockaddr *address);
/* The last address of an X-Forwarded-For field: the one that the proxy itself has seen. False:
 * there is none. */
bool sk_web_client_forwarded(const char *field, SkWebClient *ret_client);
bool sk_web_client_is_loopback(const SkWebClient *client);
