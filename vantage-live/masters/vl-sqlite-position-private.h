/* vl-sqlite-position-private.h: which state of a database file this is
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-sqlite-session-private.h"

G_BEGIN_DECLS

/* A name of the committed state of the file that no other state of it has had or
 * will have, the same in every program; NULL when there is none that is certain
 * now. It is that of the state that the read transaction sees, which is open,
 * unless *must_look is set: then only when a look after the end of the
 * transaction finds that nobody has committed. */
char *_vl_sqlite_position_read (VlSqliteSession *session, gboolean *must_look);

G_END_DECLS
