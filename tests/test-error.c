/* test-error.c: the error domain
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vantage-live.h>

static void
test_domain (void)
{
  g_assert_cmpstr (g_quark_to_string (VL_ERROR), ==, "vl-error-quark");
}

static void
test_nicks (void)
{
  static const char *const nicks[] = {
    "not-found", "exists",    "conflict",  "unsupported", "invalid", "unavailable", "rejected",
    "in-doubt",  "timed-out", "read-only", "queue-full",  "closed",  "corrupt",     "failed",
  };
  g_autoptr (GEnumClass) class = g_type_class_ref (VL_TYPE_ERROR);

  g_assert_cmpuint (class->n_values, ==, G_N_ELEMENTS (nicks));
  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    g_assert_cmpstr (g_enum_get_value (class, (int) i)->value_nick, ==, nicks[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/error/domain", test_domain);
  g_test_add_func ("/error/nicks-are-interface", test_nicks);

  return g_test_run ();
}
