/* fields.h: FIELD=VALUE and FIELD:desc, as the table's schema reads them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

#include "options.h"

/* Failures are of the domain G_OPTION_ERROR: the command line is wrong. */

/* A value of the column's type; "null" is null where it is not text. */
GVariant *demo_fields_parse_value (VlSchema *schema,
                                   const char *column,
                                   const char *text,
                                   GError **error);
/* The arguments after the id, as a record without one. */
VlRecord *demo_fields_parse_patch (VlSchema *schema, char **arguments, GError **error);
/* ID NAME PRICE, or ID FIELD=VALUE... */
VlRecord *demo_fields_parse_record (VlSchema *schema, char **arguments, GError **error);
/* --where, --order, --search, --page and --limit. */
VlQuery *demo_fields_make_query (const DemoOptions *options, VlSchema *schema, GError **error);
