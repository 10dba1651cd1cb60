/* vl-block-room.c: memory of blocks that is used again
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pages are made on one thread and dropped on another, by tens of kilobytes
 * each: an allocator gives such memory back to the system, and has to fetch it
 * again, page fault by page fault, for the next ones. A few rooms are kept
 * instead, the last one first: it is still in the processor's cache.
 */

#include "vl-config.h"

#include "vl-block-private.h"

#include "../base/vl-lock-private.h"

/* Smaller ones are what allocators are good at, larger ones too much to keep. */
#define MIN_SIZE 4096
#define MAX_SIZE 65536

/* Sizes are rounded up, so that pages of one table fit into each other's. */
#define STEP 512

/* How much is kept at most. */
#define MAX_ROOMS 64
#define MAX_BYTES (1024 * 1024)

/* A room may be larger than what is wanted by this part of it. */
#define SLACK_PARTS 8

typedef struct
{
  gpointer memory;
  gsize size;
} Room;

/* A checker of memory has to see that a block is gone. */
#if defined(__SANITIZE_ADDRESS__)
# define KEEPS FALSE
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define KEEPS FALSE
# endif
#endif
#ifndef KEEPS
# define KEEPS TRUE
#endif

static VlLock rooms_lock; /* guards what follows */
static Room rooms[MAX_ROOMS];
static guint n_rooms;
static gsize n_bytes;

static gpointer
take_room (gsize wanted, gsize *size)
{
  gpointer memory = NULL;

  _vl_lock_acquire (&rooms_lock);
  for (guint i = n_rooms; i > 0 && memory == NULL; i--)
    {
      Room *room = &rooms[i - 1];

      if (room->size < wanted || room->size - wanted > wanted / SLACK_PARTS)
        continue;
      memory = room->memory;
      *size = room->size;
      n_bytes -= room->size;
      *room = rooms[--n_rooms];
    }
  _vl_lock_release (&rooms_lock);

  return memory;
}

gpointer
_vl_block_room_take (gsize length, guint *size)
{
  gsize wanted = length + (STEP - length % STEP) % STEP;
  gsize found = wanted;
  gpointer memory;

  *size = 0;
  if (!KEEPS || length < MIN_SIZE || length > MAX_SIZE)
    return g_malloc (length);

  memory = take_room (wanted, &found);
  *size = (guint) found;

  return memory != NULL ? memory : g_malloc (wanted);
}

void
_vl_block_room_give (gpointer memory, guint size)
{
  gboolean is_kept;

  if (size == 0)
    {
      g_free (memory);
      return;
    }

  _vl_lock_acquire (&rooms_lock);
  is_kept = n_rooms < MAX_ROOMS && n_bytes + size <= MAX_BYTES;
  if (is_kept)
    {
      rooms[n_rooms++] = (Room){ memory, size };
      n_bytes += size;
    }
  _vl_lock_release (&rooms_lock);

  if (!is_kept)
    g_free (memory);
}
