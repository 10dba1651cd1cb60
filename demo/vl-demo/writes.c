/* writes.c: writes that are in a journal
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "commands.h"
#include "fields.h"
#include "json-writer.h"
#include "reads.h"
#include "text-table.h"

/* What `writes` does with what it finds. */
typedef enum
{
  DO_LIST,
  DO_RETRY,
  DO_DISCARD,
} WritesAction;

static gboolean
parse_action (const DemoOptions *options, WritesAction *action, guint64 *number, GError **error)
{
  const char *name = options->n_arguments > 0 ? options->arguments[0] : "list";

  *number = 0;
  if (g_str_equal (name, "list"))
    *action = DO_LIST;
  else if (g_str_equal (name, "retry"))
    *action = DO_RETRY;
  else if (g_str_equal (name, "discard"))
    *action = DO_DISCARD;
  else
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "writes can list, retry and discard, not “%s”", name);
      return FALSE;
    }

  if (options->n_arguments < 2)
    return TRUE;
  if (*action != DO_LIST &&
      g_ascii_string_to_unsigned (options->arguments[1], 10, 1, G_MAXUINT32, number, NULL))
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%s” is no number of a write; writes lists them", options->arguments[1]);

  return FALSE;
}

/* --- Waiting --- */

static gboolean
is_on_its_way (VlWrite *write)
{
  VlWriteState state = vl_write_get_state (write);

  return state == VL_WRITE_STATE_RECORDING || state == VL_WRITE_STATE_QUEUED ||
         state == VL_WRITE_STATE_SENT;
}

/* Whether nothing more happens for now: all is done, or the master is away. */
static gboolean
is_quiet (DemoWiring *wiring, GPtrArray *writes)
{
  gboolean is_waiting = vl_live_table_get_state (wiring->live) == VL_LIVE_STATE_OFFLINE;
  gboolean is_busy = FALSE;

  for (guint i = 0; i < writes->len; i++)
    {
      is_waiting |= vl_write_get_state (writes->pdata[i]) == VL_WRITE_STATE_WAITING;
      is_busy |= is_on_its_way (writes->pdata[i]);
    }

  return is_waiting || !is_busy;
}

static GPtrArray *
take_writes (DemoWiring *wiring)
{
  GListModel *list = vl_live_table_get_writes (wiring->live);
  GPtrArray *writes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    g_ptr_array_add (writes, g_list_model_get_item (list, i));

  return writes;
}

static void
wait_until_quiet (DemoWiring *wiring, GPtrArray *writes)
{
  while (!is_quiet (wiring, writes))
    g_main_context_iteration (NULL, TRUE);
}

/* --- Printing --- */

static const char *
get_kind (VlChange *change)
{
  static const char *const kinds[] = { "add", "write", "patch", "delete", "delete all" };

  return kinds[vl_change_get_kind (change)];
}

static const char *
get_state (VlWrite *write)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (VL_TYPE_WRITE_STATE);

  return g_enum_get_value (states, (int) vl_write_get_state (write))->value_nick;
}

static void
add_json (GPtrArray *writes, GString *json)
{
  demo_json_open (json, "journal", '[');
  for (guint i = 0; i < writes->len; i++)
    {
      VlWrite *write = writes->pdata[i];
      g_autoptr (GError) error = vl_write_dup_error (write);
      VlChange *change = vl_write_get_change (write);

      demo_json_open (json, NULL, '{');
      demo_json_add_int (json, "number", i + 1);
      demo_json_add_string (json, "kind", get_kind (change));
      demo_json_add_string (json, "id", vl_change_get_id (change));
      demo_json_add_string (json, "state", get_state (write));
      demo_json_add_int (json, "attempts", vl_write_get_attempts (write));
      demo_json_add_string (json, "error", error != NULL ? error->message : NULL);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

static void
add_row (DemoTextTable *table, guint number, VlWrite *write)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  g_autoptr (GError) error = vl_write_dup_error (write);
  VlChange *change = vl_write_get_change (write);
  const char *id = vl_change_get_id (change);

  demo_text_table_begin_row (table);
  demo_text_table_add (table, text, TRUE);
  demo_text_table_add (table, get_kind (change), FALSE);
  demo_text_table_add (table, id != NULL ? id : "", FALSE);
  demo_text_table_add (table, get_state (write), FALSE);
  demo_text_table_add (table, error != NULL ? error->message : "", FALSE);
}

static void
print_writes (GPtrArray *writes, DemoReport *report)
{
  g_autoptr (DemoTextTable) table = demo_text_table_new ();
  g_autofree char *text = NULL;

  if (demo_report_is_json (report))
    {
      add_json (writes, demo_report_get_json (report));
      return;
    }
  if (writes->len == 0)
    {
      demo_report_say (report, DEMO_STYLE_PLAIN, "%s", "The journal has no writes.");
      return;
    }

  for (guint i = 0; i < writes->len; i++)
    add_row (table, i + 1, writes->pdata[i]);
  text = demo_text_table_format (table, 0, "", "");
  g_strchomp (text);
  demo_report_say (report, DEMO_STYLE_PLAIN, "%s", text);
}

/* --- The command --- */

/* TRUE for one that had failed, or can still be withdrawn. */
static gboolean
act_upon (VlWrite *write, WritesAction action)
{
  if (action == DO_RETRY)
    return vl_write_retry (write);

  if (vl_write_get_state (write) != VL_WRITE_STATE_FAILED)
    return vl_write_cancel (write);
  vl_write_discard (write);

  return TRUE;
}

static gboolean
act (GPtrArray *writes, WritesAction action, guint64 number, DemoReport *report, GError **error)
{
  guint n_done = 0;

  if (action == DO_LIST)
    return TRUE;
  if (number > writes->len)
    {
      g_set_error (error, DEMO_ERROR, 0,
                   "There is no write %" G_GUINT64_FORMAT "; the journal has %u", number,
                   writes->len);
      return FALSE;
    }

  for (guint i = 0; i < writes->len; i++)
    n_done += (number == 0 || number == i + 1) && act_upon (writes->pdata[i], action);
  if (demo_report_is_json (report))
    demo_json_add_int (demo_report_get_json (report), action == DO_RETRY ? "retried" : "discarded",
                       n_done);
  demo_report_say (report, DEMO_STYLE_BOLD, "%s: %u.",
                   action == DO_RETRY ? "Sent again" : "Given up", n_done);

  return TRUE;
}

gboolean
demo_writes_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = NULL;
  g_autoptr (GPtrArray) writes = NULL;
  WritesAction action;
  guint64 number;

  if (!parse_action (options, &action, &number, error))
    return FALSE;
  if (options->journal == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "writes is about those in a journal: name it with --journal");
      return FALSE;
    }

  wiring = demo_wiring_open (options, error);
  if (wiring == NULL)
    return FALSE;

  demo_wiring_introduce (wiring, options, report);
  writes = take_writes (wiring);
  if (action != DO_DISCARD)
    wait_until_quiet (wiring, writes);
  if (!act (writes, action, number, report, error))
    return FALSE;
  if (action == DO_RETRY)
    wait_until_quiet (wiring, writes);
  if (action == DO_DISCARD)
    {
      g_ptr_array_unref (writes);
      writes = take_writes (wiring);
      wait_until_quiet (wiring, writes);
    }
  print_writes (writes, report);

  return demo_wiring_leave (wiring, error);
}

gboolean
demo_replace_command (const DemoOptions *options, DemoReport *report, GError **error)
{
  g_autoptr (DemoWiring) wiring = demo_wiring_open (options, error);
  g_autoptr (VlRecord) record = NULL;

  if (wiring == NULL)
    return FALSE;

  record = demo_fields_parse_record (wiring->schema, options->arguments, error);
  if (record == NULL)
    return FALSE;

  return demo_run_write (wiring, options, vl_change_new_replace (record), report, error);
}
