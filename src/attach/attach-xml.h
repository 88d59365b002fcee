/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-xml - the elements of a small XML file, one call each
 *
 * Namespaces are dropped: the files it is for are known by their local names.
 *
 * Limits: SK_ATTACH_XML_MAX bytes; libxml2's own limits on depth and names (XML_PARSE_HUGE
 * off). Errors: false for XML that is not well-formed or too large. Security: no network, no
 * DTD; entities are not even kept, so that none can grow.
 */

#include "base/bytes.h"

#define SK_ATTACH_XML_MAX (8u * 1024 * 1024)

typedef struct {
    const char *name;  /* without namespace */
    const void *attrs; /* for sk_attach_xml_attr() */
    int n_attrs;
} SkAttachElement;

typedef void (*SkAttachOnElement)(const SkAttachElement *element, void *data);

bool sk_attach_xml_read(SkBytes xml, SkAttachOnElement on_element, void *data);

/* The value of attribute NAME, borrowed until the call returns; empty when it is missing. */
SkBytes sk_attach_xml_attr(const SkAttachElement *element, const char *name);
