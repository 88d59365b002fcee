/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-xml.h"

#include <glib.h>

#include <libxml/parser.h>

typedef struct {
    SkAttachOnElement on_element;
    void *data;
    xmlParserCtxtPtr ctxt;
} Reader;

/* Old OpenOffice names a DTD in its manifests, which is passed over; but none of these files
 * has a reason to define an entity. */
static void
on_entity(void *data,
          const xmlChar *name,
          int type,
          const xmlChar *public_id,
          const xmlChar *system_id,
          xmlChar *content)
{
    xmlStopParser(((Reader *)data)->ctxt);
}

static void
on_start(void *data,
         const xmlChar *name,
         const xmlChar *prefix,
         const xmlChar *uri,
         int n_namespaces,
         const xmlChar **namespaces,
         int n_attrs,
         int n_defaulted,
         const xmlChar **attrs)
{
    const Reader *reader = data;
    SkAttachElement element = {(const char *)name, attrs, n_attrs};

    reader->on_element(&element, reader->data);
}

/* libxml2 hands over five pointers an attribute: name, prefix, URI, value, end of value. */
SkBytes
sk_attach_xml_attr(const SkAttachElement *element, const char *name)
{
    const char *const *attrs = element->attrs;

    for (int i = 0; i < element->n_attrs; i++) {
        const char *const *one = attrs + (ptrdiff_t)i * 5;

        if (strcmp(one[0], name) == 0)
            return sk_bytes(one[3], (size_t)(one[4] - one[3]));
    }
    return sk_bytes("", 0);
}

static void
be_quiet(void *data, xmlErrorPtr error)
{
}

bool
sk_attach_xml_read(SkBytes xml, SkAttachOnElement on_element, void *data)
{
    Reader reader = {on_element, data};
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .entityDecl = on_entity,
                         .serror = be_quiet};
    bool ok;

    if (xml.len > SK_ATTACH_XML_MAX)
        return false;
    reader.ctxt = xmlCreatePushParserCtxt(&sax, &reader, NULL, 0, NULL);
    if (reader.ctxt == NULL)
        return false;
    (void)xmlCtxtUseOptions(reader.ctxt, XML_PARSE_NONET);
    (void)xmlParseChunk(reader.ctxt, (const char *)xml.data, (int)xml.len, 1);
    ok = reader.ctxt->wellFormed != 0 && reader.ctxt->disableSAX == 0;
    /* libxml2 makes a document of its own for entities, even for those it was told to drop. */
    xmlFreeDoc(reader.ctxt->myDoc);
    xmlFreeParserCtxt(reader.ctxt);
    return ok;
}
