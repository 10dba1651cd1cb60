/* main.c: a live table from the command line
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdio.h>

#include "commands.h"
#include "debug-log.h"
#include "faults.h"
#include "options.h"
#include "report.h"
#include "text-table.h"
#include "wiring.h"

static gboolean
run (const DemoOptions *options, DemoReport *report, GError **error)
{
  switch (options->command)
    {
    case DEMO_COMMAND_SEED:
      return demo_seed (options, report, error);
    case DEMO_COMMAND_LIST:
      return demo_list_command (options, report, error);
    case DEMO_COMMAND_GET:
      return demo_get_command (options, report, error);
    case DEMO_COMMAND_ADD:
      return demo_add_command (options, report, error);
    case DEMO_COMMAND_PATCH:
      return demo_patch_command (options, report, error);
    case DEMO_COMMAND_WRITE:
      return demo_replace_command (options, report, error);
    case DEMO_COMMAND_WRITES:
      return demo_writes_command (options, report, error);
    case DEMO_COMMAND_DELETE:
      return demo_delete_command (options, report, error);
    case DEMO_COMMAND_EVENT_THEN_LIST:
      return demo_event_command (options, report, error);
    case DEMO_COMMAND_INFO:
      return demo_wiring_info (options, report, error);
    case DEMO_COMMAND_WATCH:
      return demo_watch_command (options, report, error);
    case DEMO_COMMAND_STATS:
      return demo_stats_command (options, report, error);
    case DEMO_COMMAND_CLEAR:
      return demo_clear_command (options, report, error);
    case DEMO_COMMAND_TOUR:
    default:
      return demo_tour (options, report, error);
    }
}

static const char *
advise (const DemoOptions *options, const GError *error)
{
  const char *faults = demo_faults_advise (options, error);

  if (faults != NULL)
    return faults;
  if (g_error_matches (error, VL_ERROR, VL_ERROR_EXISTS))
    return "Change it with patch, or choose another id.";
  if (g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE))
    return "Another program may hold the file; try again when it is done.";
  if (g_error_matches (error, VL_ERROR, VL_ERROR_READ_ONLY))
    return "Give yourself the right to write to the file and its folder, or name another with "
           "--master.";
  if (g_error_matches (error, VL_ERROR, VL_ERROR_CORRUPT))
    return "Name another file with --master, or move this one away and seed anew.";

  return NULL;
}

static void
print_missing (const DemoOptions *options, const char *path)
{
  g_autofree char *quoted = demo_shell_word (path);

  if (options->command == DEMO_COMMAND_GET)
    return;

  if (options->command == DEMO_COMMAND_SEED || options->command == DEMO_COMMAND_TOUR)
    fprintf (stderr, "Make its folder first, or name another file with --master.\n");
  else if (!g_file_test (options->master, G_FILE_TEST_EXISTS))
    fprintf (stderr, "Make it with  %s seed --master %s,  or name another file with --master.\n",
             demo_program_name (), quoted);
  else if (options->command != DEMO_COMMAND_PATCH)
    fprintf (stderr, "Name the table with --table; sqlite3 %s .tables lists them.\n", quoted);
}

/* Errors name the file and what to do. */
static int
print_error (const DemoOptions *options, const GError *error)
{
  g_autofree char *path = NULL;
  g_autofree char *message = demo_text_clean (error->message);
  gboolean usage = error->domain == G_OPTION_ERROR;
  const char *advice = advise (options, error);

  if (usage)
    {
      fprintf (stderr, "vl-demo: %s\nTry  %s --help.\n", message, demo_program_name ());
      return DEMO_EXIT_USAGE;
    }

  if (error->domain == DEMO_ERROR)
    {
      fprintf (stderr, "vl-demo: %s\n", message);
      return DEMO_EXIT_FAILED;
    }

  path = g_filename_display_name (options->master);
  fprintf (stderr, "vl-demo: %s: %s\n", path, message);
  if (g_error_matches (error, VL_ERROR, VL_ERROR_NOT_FOUND))
    print_missing (options, options->master);
  else if (advice != NULL)
    fprintf (stderr, "%s\n", advice);

  return DEMO_EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  g_autoptr (DemoReport) report = NULL;
  g_autoptr (GError) error = NULL;
  DemoOptions options = { 0 };
  DemoParse parse;
  int status = DEMO_EXIT_OK;

  setlocale (LC_ALL, "");
  /* Lines stay in order with those on standard error. */
  setvbuf (stdout, NULL, _IOLBF, 0);
  /* Scripts read the numbers. */
  setlocale (LC_NUMERIC, "C");

  parse = demo_options_parse (&options, argc, argv, &error);
  if (parse == DEMO_PARSE_GO)
    {
      if (options.debug)
        demo_debug_log_start ();
      report = demo_report_new (&options);
      if (!run (&options, report, &error) || !demo_report_finish (report, &error))
        status = print_error (&options, error);
    }
  else if (parse == DEMO_PARSE_FAILED)
    status = print_error (&options, error);

  demo_options_clear (&options);

  return status;
}
