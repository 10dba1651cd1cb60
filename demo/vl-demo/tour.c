/* tour.c: all of it, step by step
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "commands.h"

gboolean
demo_tour (const DemoOptions *options, DemoReport *report, GError **error)
{
  return TRUE;
}
