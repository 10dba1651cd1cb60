/* clients-main.h: a test of Clients, and a folder for what Clients keeps
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What main() of a program with one test returns; `func` is given the folder. */
int clients_main_run (int argc, char **argv, const char *path, GTestDataFunc func);

G_END_DECLS
