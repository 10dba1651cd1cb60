/* main.c: a list of clients on a phone, and on anything else
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clients-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (ClientsApplication) application = clients_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
