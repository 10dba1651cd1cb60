/* vl-executor-private.h: worker threads, replaceable in tests
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One dedicated thread that runs jobs in the order they were pushed. The
 * thread starts with the first job. Dropping the last reference lets the jobs
 * that were pushed finish, then ends the thread; it may be dropped on any
 * thread, the worker itself included, and does not wait. */
typedef struct _VlExecutor VlExecutor;

typedef void (*VlJobFunc) (gpointer user_data);

VlExecutor *_vl_executor_new (const char *name);
VlExecutor *_vl_executor_ref (VlExecutor *self);
void _vl_executor_unref (VlExecutor *self);
void _vl_executor_push (VlExecutor *self, VlJobFunc func, gpointer user_data);

/* Lets a test run the jobs itself, whenever it likes, one after the other for
 * each executor: `push` is called instead of starting a thread. NULL restores
 * the threads. The executor only tells the queues apart; it may be dropped
 * before its jobs have run, unless `push` takes a reference. */
typedef void (*VlExecutorPushFunc) (VlExecutor *executor, VlJobFunc func, gpointer user_data);
void _vl_executor_set_push_func (VlExecutorPushFunc push);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VlExecutor, _vl_executor_unref)

G_END_DECLS
