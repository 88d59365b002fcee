/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-roles - schemas, roles and rights on a server, made by the owner of the database
 *
 * Each program has a role of its own that may do what its SkTables say and nothing else; the
 * tables belong to the owner, who is none of them. Without effect when everything is there;
 * several may do it at once.
 *
 * Errors: those of port/db.h. DENIED when the owner may not make a schema or role: the text has
 * the SQL for the server's administrator.
 */

#include "port/tables.h"

/* The name of the schema, for the connection. */
const char *sk_store_schema_name(SkDatabase which);

bool sk_store_make_schema(SkDb *db, SkDatabase which, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes missing roles; then they have the rights that TABLES say, and no others. */
bool sk_store_grant(SkDb *db, SkDatabase which, const SkTables *const *tables, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether there are tables that this role may see; CONFIG if not. */
bool sk_store_check_made(SkDb *db, SkDatabase which, GError **error) G_GNUC_WARN_UNUSED_RESULT;
