/* test-log.c: log lines
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/vl-log-private.h"

typedef struct
{
  GString *text;
  guint n_lines;
} Lines;

/* Each line as NAME=VALUE; pairs in the order they come. */
static void
on_line (const GLogField *fields, gsize n_fields, gpointer user_data)
{
  Lines *lines = user_data;

  lines->n_lines++;
  for (gsize i = 0; i < n_fields; i++)
    g_string_append_printf (lines->text, "%s=%s;", fields[i].key, (const char *) fields[i].value);
}

static void
test_silent (void)
{
  g_assert_false (_vl_log_enabled ());
  _vl_log_debug ("VL_OP", "list", NULL);
}

static void
test_fields (void)
{
  Lines lines = { g_string_new (NULL), 0 };

  _vl_log_set_listener (on_line, &lines);
  g_assert_true (_vl_log_enabled ());
  _vl_log_debug ("VL_OP", "list", "VL_ID", (char *) NULL, "VL_KEY", "client", NULL);
  _vl_log_set_listener (NULL, NULL);
  _vl_log_debug ("VL_OP", "find", NULL);

  g_assert_cmpuint (lines.n_lines, ==, 1);
  g_assert_cmpstr (lines.text->str, ==,
                   "PRIORITY=7;GLIB_DOMAIN=vantage-live;MESSAGE=op=list key=client;"
                   "VL_OP=list;VL_KEY=client;");
  g_string_free (lines.text, TRUE);
}

static void
test_debug_enabled (void)
{
  g_log_set_debug_enabled (TRUE);
  g_assert_true (_vl_log_enabled ());
  g_log_set_debug_enabled (FALSE);
  g_assert_false (_vl_log_enabled ());
}

static void
test_detail (void)
{
  Lines lines = { g_string_new (NULL), 0 };

  _vl_log_set_listener (on_line, &lines);
  _vl_log_detail ("VL_RECORD", "secret", NULL);
  _vl_log_set_listener (NULL, NULL);
  g_assert_cmpuint (lines.n_lines, ==, 0);
  g_string_free (lines.text, TRUE);
}

/* In a process of its own: the environment is read once. */
static void
test_environment_child (void)
{
  Lines lines = { g_string_new (NULL), 0 };

  g_assert_true (_vl_log_enabled ());
  _vl_log_set_listener (on_line, &lines);
  _vl_log_detail ("VL_RECORD", "secret", NULL);
  g_assert_cmpuint (lines.n_lines, ==, 1);
  g_string_free (lines.text, TRUE);
}

static void
test_environment (void)
{
  g_setenv ("G_MESSAGES_DEBUG", "other vantage-live", TRUE);
  g_setenv ("VL_LOG_DETAIL", "1", TRUE);
  g_test_trap_subprocess ("/log/environment/subprocess/child", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("VL_LOG_DETAIL");
  g_unsetenv ("G_MESSAGES_DEBUG");
  g_test_trap_assert_passed ();
}

static void
test_warning (void)
{
  g_test_expect_message ("vantage-live", G_LOG_LEVEL_WARNING, "answered 2 times");
  _vl_log_warning ("answered %d times", 2);
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  if (!g_strv_contains ((const char *const *) argv, "--GTestSubprocess"))
    {
      g_unsetenv ("VL_LOG_DETAIL");
      g_unsetenv ("G_MESSAGES_DEBUG");
    }
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/log/nobody-listens", test_silent);
  g_test_add_func ("/log/lines-carry-fields-and-a-message", test_fields);
  g_test_add_func ("/log/debug-enabled-at-run-time", test_debug_enabled);
  g_test_add_func ("/log/detail-needs-asking-for", test_detail);
  g_test_add_func ("/log/environment-names-the-domain", test_environment);
  g_test_add_func ("/log/environment/subprocess/child", test_environment_child);
  g_test_add_func ("/log/warnings-reach-glib", test_warning);

  return g_test_run ();
}
