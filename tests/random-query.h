/* random-query.h: random queries and records for property tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vantage-live.h>

/* Over few fields and few values of all kinds, so that queries and records
 * meet often. What they are made of is kept beside them, for a test that
 * judges them in its own way. */

/* What a random query is made of, before the library has seen it. */
typedef struct
{
  const char *field;
  VlOp op;
  GVariant *value; /* nullable */
} Term;

typedef struct
{
  GPtrArray *terms;
  char *search; /* nullable */
  const char *orders[4];
  gboolean descending[4];
  guint n_orders;
  guint limit;
} Spec;

/* A record and what it was made of. */
typedef struct
{
  GVariant *dictionary;
  char *id; /* nullable */
  gboolean number_id;
  VlRecord *record;
} Row;

guint random_below (GRand *rand, guint n);

Spec *spec_new_random (GRand *rand);
void spec_free (Spec *spec);
VlQuery *spec_make_query (const Spec *spec);

/* The same query put in other words. */
Spec *spec_rephrase (GRand *rand, const Spec *spec);

/* One thing changed, which may turn out to make no difference. */
Spec *spec_change_one_thing (GRand *rand, const Spec *spec);

/* A table without columns but an id column `key` of int64. */
VlSchema *row_schema (void);

/* Some rows have an id that is a number: these are made for row_schema(). */
void row_init (GRand *rand, Row *row, VlSchema *schema);
void row_clear (Row *row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Spec, spec_free)
