/* vl-query-private.h: the parts of a query
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-cell-private.h"
#include "vl-query.h"

G_BEGIN_DECLS

/* How the ops are written in a key, by their numbers. */
#define _VL_N_OPS ((guint) VL_OP_NOT_NULL + 1)
extern const char _vl_op_names[_VL_N_OPS][3];

/* One condition, immutable, shared by the queries derived from one another.
 * Values are normal: see _vl_condition_new(). */
typedef struct
{
  gatomicrefcount ref_count;
  char *field; /* UTF-8 */
  gsize field_length;
  VlOp op;              /* perhaps none of the enumeration: then not well-formed */
  gboolean well_formed; /* else it matches nothing and vl_query_check() says so */
  gboolean is_list;     /* in and not-in of an array */
  GVariant *value;      /* NULL: none; av for a list */
  VlCell *cells;        /* one for a value, any number for a list, ascending */
  guint n_cells;
  GPtrArray *items; /* what the cells of a list point into, else NULL */
} VlQueryCondition;

typedef struct
{
  char *field; /* a GRefString, UTF-8 */
  gboolean descending;
} VlOrder;

/* The canonical key, and what it is inside of a path, where '%' and '/' mean
 * something else: the same text in nearly all queries. Never changes. */
typedef struct
{
  gsize path_length;
  const char *path; /* `text`, or behind it */
  char text[];
} VlQueryKey;

/* Everything but the window, so that the queries for all pages of a list share
 * one of these and its key. */
typedef struct
{
  gatomicrefcount ref_count;
  VlQueryCondition **conditions; /* strictly ascending by _vl_condition_compare() */
  guint n_conditions;
  char *search; /* a GRefString: words with one space between them, or NULL */
  VlOrder *orders;
  guint n_orders;
  VlQueryKey *key; /* made when first asked for; atomic */
} VlQueryParts;

struct _VlQuery
{
  GObject parent_instance;

  VlQueryParts *parts;
  guint64 offset;
  guint limit;
};

/* Normal values: null and nothing are no value; numbers are int64 or double
 * (one NaN, no -0.0), unsigned ones above G_MAXINT64 stay as they are; all
 * text is a string; the list of in and not-in is sorted, without duplicates,
 * nulls and NaN, which never meet anything. */
VlQueryCondition *_vl_condition_new (const char *field, VlOp op, GVariant *value);
VlQueryCondition *_vl_condition_ref (VlQueryCondition *self);
void _vl_condition_unref (VlQueryCondition *self);

/* 0 only for the same field, op and value, types included. */
int _vl_condition_compare (const VlQueryCondition *a, const VlQueryCondition *b);

/* Any text made UTF-8, any white space between words made one space; NULL when
 * there are no words. A GRefString. */
char *_vl_query_normalize_search (const char *text);

/* New parts with a reference count of 1, to be filled before they are shared. */
VlQueryParts *_vl_query_parts_new (guint n_conditions, guint n_orders);
void _vl_query_parts_unref (VlQueryParts *self);
VlQuery *_vl_query_new_take_parts (VlQueryParts *parts);

/* The key of some parts; the caller frees it. */
VlQueryKey *_vl_query_make_key (const VlQueryParts *parts);

const VlQueryKey *_vl_query_parts_publish_key (VlQueryParts *self);

/* The key of a query, which has it from then on. */
static inline const VlQueryKey *
_vl_query_get_key (VlQuery *self)
{
  const VlQueryKey *key = g_atomic_pointer_get (&self->parts->key);

  return G_LIKELY (key != NULL) ? key : _vl_query_parts_publish_key (self->parts);
}

/* The comparison of contains and search: literal, ASCII letters of either case
 * equal. An empty word occurs everywhere. */
gboolean _vl_text_contains (const char *text,
                            gsize text_length,
                            const char *word,
                            gsize word_length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlQueryCondition, _vl_condition_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlQueryParts, _vl_query_parts_unref)

G_END_DECLS
