/* vl-fault-table-private.h: the parts of a fault table
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vl-fault-network-private.h"
#include "vl-fault-table.h"

G_BEGIN_DECLS

struct _VlFaultTable
{
  GObject parent_instance;

  VlTable *target;         /* set by construction, never changed */
  VlFaultNetwork *network; /* likewise; shared with related tables */

  VlLock lock;
  VlLiveStream *stream; /* in front of the target's, once somebody asked; under the lock */
};

G_END_DECLS
