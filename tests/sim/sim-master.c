/* sim-master.c: a master that answers when it is told to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each call is kept. At one moment it has its effect, or sees what it will
 * tell; at a later one it is answered. Both moments are the scheduler's.
 */

#include "sim.h"

#define SIM_TYPE_MASTER (sim_master_get_type ())
G_DECLARE_FINAL_TYPE (SimMaster, sim_master, SIM, MASTER, GObject)

struct _SimMaster
{
  GObject parent_instance;

  Sim *sim;
  SimCore *core; /* whose it is; every core has its own, all of one identity */
  gboolean is_target;
};

static void table_iface_init (VlTableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SimMaster,
                               sim_master,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VL_TYPE_TABLE, table_iface_init))

VlSchema *
sim_schema_new (const SimConfig *config)
{
  g_autoptr (VlSchemaBuilder) builder = vl_schema_builder_new ("clients");
  VlCapabilities capabilities = VL_CAPABILITY_ORDER | VL_CAPABILITY_FILTER | VL_CAPABILITY_COUNT |
                                VL_CAPABILITY_INSERT | VL_CAPABILITY_REPLACE | VL_CAPABILITY_PATCH |
                                VL_CAPABILITY_DELETE | VL_CAPABILITY_SUBSCRIBE;

  if (config->has_window)
    capabilities |= VL_CAPABILITY_WINDOW;
  if (config->has_batch)
    capabilities |= VL_CAPABILITY_BATCH;
  if (config->has_delete_all)
    capabilities |= VL_CAPABILITY_DELETE_ALL;
  if (config->assigns_ids)
    capabilities |= VL_CAPABILITY_ASSIGN_ID;
  if (config->is_idempotent)
    capabilities |= VL_CAPABILITY_IDEMPOTENT;
  if (config->checks_base)
    capabilities |= VL_CAPABILITY_CHECK_BASE;

  vl_schema_builder_add_column (builder, "id", VL_FIELD_TYPE_STRING, FALSE);
  vl_schema_builder_add_column (builder, "g", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_add_column (builder, "n", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_add_column (builder, "w", VL_FIELD_TYPE_INT64, TRUE);
  vl_schema_builder_set_id_column (builder, "id");
  vl_schema_builder_set_capabilities (builder, capabilities);

  return vl_schema_builder_end (builder);
}

/* Its effect */

static const SimRow no_row;

static SimOutcome *
get_outcome (SimRequest *request, guint i)
{
  return &g_array_index (request->outcomes, SimOutcome, i);
}

static void
execute_write (Sim *sim, SimRequest *request, guint i)
{
  SimWrite *write = g_ptr_array_index (request->writes, i);
  guint leader;

  if (i >= request->n_changes && g_ptr_array_find (request->writes, write->leader, &leader))
    {
      sim_outcome_copy (get_outcome (request, i), get_outcome (request, leader));
      return;
    }

  sim_write_apply (sim, write, g_ptr_array_index (request->changes, i), get_outcome (request, i));
  /* What somebody else invalidates loses its mark, until this is heard of. */
  if (write->version > 0 && sim_clock_now () < request->deadline &&
      request->core->n_elsewhere == 0 && request->core->last_elsewhere < request->step)
    request->core->executed = MAX (request->core->executed, write->version);
  /* Those who gave it up may be gone when the answer comes. */
  if (sim_clock_now () >= request->deadline)
    sim_stream_tell_late (sim);
  if (sim_clock_now () >= request->deadline && sim->config.positions && sim->config.surgical == 0)
    sim_stream_note (sim, VL_LIVE_EVENT_KIND_CHANGED, write->slot, &no_row);
}

void
sim_master_execute (Sim *sim, SimRequest *request)
{
  if (request->executed)
    return;

  request->executed = TRUE;
  for (guint i = 0; request->writes != NULL && i < request->writes->len && !sim->failed; i++)
    execute_write (sim, request, i);
  request->version = sim_data_get_version (sim->data);
  sim_log (sim, "  master executes %s #%u: version %u", sim_request_kind_name (request->kind),
           request->number, request->version);
}

/* Its answer */

static void
answer_list (Sim *sim, SimRequest *request)
{
  guint slots[SIM_N_IDS];
  guint n_slots = sim_data_select (sim->data, request->version, &request->query, slots);
  guint first = (guint) MIN (request->offset, n_slots);
  guint n_rows = n_slots - first;
  g_autoptr (VlPage) page = NULL;

  if (!sim->config.has_window)
    {
      first = 0;
      n_rows = n_slots;
    }
  else if (request->limit > 0)
    {
      n_rows = MIN (n_rows, request->limit);
    }

  page = sim_rows_to_page (sim->schema, sim_data_peek (sim->data, request->version), slots + first,
                           n_rows, sim->config.has_total ? (gint64) n_slots : -1);
  vl_reply_return_page (request->reply, page);
}

static void
answer_find (Sim *sim, SimRequest *request)
{
  const SimRow *row = &sim_data_peek (sim->data, request->version)->rows[request->slot];
  g_autoptr (VlRecord) record = NULL;

  if (row->exists)
    record = sim_row_to_record (row, request->slot);
  vl_reply_return_record (request->reply, record);
}

static void
answer_count (Sim *sim, SimRequest *request)
{
  guint slots[SIM_N_IDS];

  vl_reply_return_count (request->reply,
                         sim_data_select (sim->data, request->version, &request->query, slots));
}

static void
answer_apply (Sim *sim, SimRequest *request)
{
  const SimOutcome *outcome = get_outcome (request, 0);
  g_autoptr (VlRecord) record = NULL;

  if (outcome->has_result)
    record = sim_row_to_record (&outcome->result, outcome->slot);
  if (outcome->failed && outcome->code == VL_ERROR_CONFLICT)
    vl_reply_fail_conflict (request->reply, record, outcome->message);
  else if (outcome->failed)
    vl_reply_fail_literal (request->reply, (VlError) outcome->code, outcome->message);
  else
    vl_reply_return_record (request->reply, record);
}

static void
answer_batch (Sim *sim, SimRequest *request)
{
  for (guint i = 0; i < request->n_changes; i++)
    {
      const SimOutcome *outcome = get_outcome (request, i);
      g_autoptr (VlRecord) record = NULL;

      if (outcome->has_result)
        record = sim_row_to_record (&outcome->result, outcome->slot);
      if (outcome->failed && outcome->code == VL_ERROR_CONFLICT)
        {
          vl_reply_fail_nth_conflict (request->reply, i, record, outcome->message);
        }
      else if (outcome->failed)
        {
          g_autoptr (GError)
            error = g_error_new_literal (VL_ERROR, outcome->code, outcome->message);

          vl_reply_fail_nth (request->reply, i, error);
        }
      else
        {
          vl_reply_return_nth (request->reply, i, record);
        }
    }
  vl_reply_finish (request->reply);
}

static void
send_answer (Sim *sim, SimRequest *request)
{
  switch (request->kind)
    {
    case SIM_DESCRIBE:
      vl_reply_return_schema (request->reply, sim->schema);
      break;
    case SIM_LIST:
      answer_list (sim, request);
      break;
    case SIM_FIND:
      answer_find (sim, request);
      break;
    case SIM_COUNT:
      answer_count (sim, request);
      break;
    case SIM_APPLY:
      answer_apply (sim, request);
      break;
    case SIM_BATCH:
      answer_batch (sim, request);
      break;
    case SIM_LOOKUP:
    case SIM_STORE:
    case SIM_REMOVE:
    case SIM_INVALIDATE:
    case SIM_CLEAR:
    case SIM_GET_LEASE:
    case SIM_OPEN:
    case SIM_CLOSE:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
is_read (const SimRequest *request)
{
  return request->kind == SIM_LIST || request->kind == SIM_FIND || request->kind == SIM_COUNT;
}

static void
request_over (Sim *sim, SimRequest *request, gboolean failed)
{
  request->answered = TRUE;
  if (is_read (request) && sim_clock_now () < request->deadline)
    sim_oracle_read_answered (sim, request);
  if (request->writes != NULL)
    sim_oracle_write_answered (sim, request);
  if (failed)
    {
      request->core->last_fault = sim->step;
      request->core->fault_pending = TRUE;
    }
  if (request->kind == SIM_DESCRIBE && sim_clock_now () < request->deadline)
    {
      request->core->is_undescribed[request->to_target] = failed;
      if (failed)
        request->core->last_undescribed = sim->step;
    }
}

static void
fail_writes (SimRequest *request, VlError code, const char *message)
{
  for (guint i = 0; request->writes != NULL && i < request->writes->len; i++)
    sim_outcome_fail (get_outcome (request, i), code, message);
}

/* Errors that a master may give; the first ones also after the write. Where
 * writes are sent again, nobody says that he was not reached when he was. */
static const VlError codes[] = {
  VL_ERROR_UNAVAILABLE, VL_ERROR_FAILED,      VL_ERROR_UNAVAILABLE, VL_ERROR_IN_DOUBT,
  VL_ERROR_REJECTED,    VL_ERROR_UNSUPPORTED, VL_ERROR_INVALID,     VL_ERROR_CONFLICT,
};

static VlError
choose_code (Sim *sim, SimRequest *request, gboolean after, guint32 how)
{
  VlError code = codes[(how >> 8) % (after ? 4 : G_N_ELEMENTS (codes))];

  if (is_read (request) && code == VL_ERROR_IN_DOUBT)
    return VL_ERROR_UNAVAILABLE;
  if (request->writes != NULL && sim_core_answers_for (sim, request->core))
    {
      /* What comes of a write mostly depends on the way to the master. */
      if (after && code == VL_ERROR_UNAVAILABLE)
        return VL_ERROR_IN_DOUBT;
      if (!after && (how >> 16) % 2 == 0)
        return VL_ERROR_UNAVAILABLE;
    }

  return code;
}

static void
fail_with (Sim *sim, SimRequest *request, VlError code)
{
  g_autofree char *message = g_strdup_printf ("fault #%u", request->number);

  sim_log (sim, "  master fails %s #%u: code %d%s", sim_request_kind_name (request->kind),
           request->number, (int) code, request->executed ? ", after its effect" : "");
  request->executed = TRUE;
  fail_writes (request, code, message);
  request_over (sim, request, TRUE);
  vl_reply_fail_literal (request->reply, code, message);
  g_ptr_array_remove (sim->master_requests, request);
}

void
sim_master_answer (Sim *sim, SimRequest *request)
{
  if (sim->is_away && !request->executed && !sim->is_quiet)
    {
      fail_with (sim, request, VL_ERROR_UNAVAILABLE);
      return;
    }

  sim_master_execute (sim, request);
  if (is_read (request))
    sim_stream_deliver_until (sim, request->version);
  sim_log (sim, "  master answers %s #%u", sim_request_kind_name (request->kind), request->number);
  request_over (sim, request, FALSE);
  send_answer (sim, request);
  g_ptr_array_remove (sim->master_requests, request);
}

void
sim_master_fail (Sim *sim, SimRequest *request, guint32 how)
{
  gboolean after = request->executed || how % 3 == 0;

  if (after)
    sim_master_execute (sim, request);
  fail_with (sim, request, choose_code (sim, request, after, how));
}

void
sim_master_drop (Sim *sim, SimRequest *request)
{
  sim_log (sim, "  master drops %s #%u", sim_request_kind_name (request->kind), request->number);
  request->executed = TRUE;
  fail_writes (request, VL_ERROR_FAILED, "dropped its reply");
  request_over (sim, request, TRUE);
  g_ptr_array_remove (sim->master_requests, request);
}

/* Somebody else changes the data; the stream will tell. */
void
sim_master_change (Sim *sim, guint32 how)
{
  SimVersion *version = sim_data_begin (sim->data, sim_clock_now ());
  guint slot = (how >> 2) % (SIM_N_NAMED + sim->n_given);
  SimRow *row = &version->rows[slot];
  gboolean existed = row->exists;

  if (existed && how % 4 == 0)
    *row = (SimRow){ 0 };
  else
    *row = (SimRow){ TRUE, (gint) (how >> 8) % 3, (gint) (how >> 12) % 10, ++sim->last_w };
  sim_log (sim, "  elsewhere %s %s: version %u", sim_id (slot), row->exists ? "is written" : "goes",
           sim_data_get_version (sim->data));
  sim_stream_note (sim,
                   !row->exists ? VL_LIVE_EVENT_KIND_DELETED
                   : existed    ? VL_LIVE_EVENT_KIND_UPDATED
                                : VL_LIVE_EVENT_KIND_INSERTED,
                   slot, row);
}

/* The calls */

/* Keeps a call, or answers it at once; `error` says that it did not want it. */
static gboolean
take (SimMaster *self, SimRequest *request, GError **error)
{
  Sim *sim = self->sim;

  if (sim->is_crashing)
    {
      g_set_error_literal (error, VL_ERROR, VL_ERROR_FAILED, "nobody is there");
      sim_request_free (request);
      return FALSE;
    }

  if (sim->in_get_item > 0)
    sim_fail (sim, "L1: a list asks the master inside get_item");
  sim_disk_work_early (sim);
  sim_check_home (sim, "the master");
  request->core = self->core;
  request->to_target = self->is_target;
  request->deadline = sim->config.timeout == 0
                        ? G_MAXINT64
                        : sim_clock_now () + (gint64) sim->config.timeout * 1000;
  g_ptr_array_add (sim->master_requests, request);
  if (is_read (request))
    sim_oracle_read_came (sim, request);
  if (request->writes != NULL)
    sim_oracle_write_came (sim, request);

  if (sim->failed || !sim_random_chance (&sim->random, sim->config.early))
    return TRUE;

  if (sim->config.faults && !sim->is_quiet && sim_random_chance (&sim->random, 10))
    {
      g_set_error (error, VL_ERROR, VL_ERROR_UNAVAILABLE, "fault #%u", request->number);
      sim_log (sim, "  master refuses #%u", request->number);
      fail_writes (request, VL_ERROR_UNAVAILABLE, (*error)->message);
      request_over (sim, request, TRUE);
      g_ptr_array_remove (sim->master_requests, request);
      return FALSE;
    }

  sim_master_answer (sim, request);
  return TRUE;
}

static gboolean
sim_master_describe (VlTable *table, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);

  sim_log (self->sim, "  describe #%u comes", self->sim->n_requests + 1);

  return take (self, sim_request_new (self->sim, SIM_DESCRIBE, reply), error);
}

static guint64
question (const SimQuery *query, guint64 offset, guint limit)
{
  return (guint64) (query->g + 1) | (guint64) query->order << 4 | offset << 8 |
         (guint64) limit << 20 | (guint64) query->ids << 32;
}

static gboolean
sim_master_list (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);
  SimRequest *request = sim_request_new (self->sim, SIM_LIST, reply);

  sim_query_read (&request->query, query);
  request->offset = vl_query_get_offset (query);
  request->limit = vl_query_get_limit (query);
  request->key = question (&request->query, request->offset, request->limit) << 2;
  sim_log (self->sim, "  list #%u of core %u comes: group %d, order %d, from %u, limit %u",
           request->number, self->core->number, request->query.g, (int) request->query.order,
           (guint) request->offset, request->limit);

  return take (self, request, error);
}

static gboolean
sim_master_find (VlTable *table, const char *id, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);
  SimRequest *request = sim_request_new (self->sim, SIM_FIND, reply);

  if (!sim_id_parse (id, &request->slot))
    sim_fail (self->sim, "find asks for “%s”, which nobody wants", id);
  request->key = (guint64) request->slot << 2 | 1;
  sim_log (self->sim, "  find #%u of core %u comes: %s", request->number, self->core->number, id);

  return take (self, request, error);
}

static gboolean
sim_master_count (VlTable *table, VlQuery *query, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);
  SimRequest *request = sim_request_new (self->sim, SIM_COUNT, reply);

  sim_query_read (&request->query, query);
  request->key = question (&request->query, 0, 0) << 2 | 2;
  sim_log (self->sim, "  count #%u of core %u comes: group %d", request->number, self->core->number,
           request->query.g);

  return take (self, request, error);
}

static gboolean
sim_master_apply (VlTable *table, VlChange *change, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);
  SimRequest *request = sim_request_new (self->sim, SIM_APPLY, reply);

  request->changes = g_ptr_array_new_with_free_func (g_object_unref);
  request->writes = g_ptr_array_new ();
  request->outcomes = g_array_new (FALSE, TRUE, sizeof (SimOutcome));
  g_array_set_clear_func (request->outcomes, sim_outcome_clear);
  g_ptr_array_add (request->changes, g_object_ref (change));
  sim_log (self->sim, "  apply #%u of core %u comes", request->number, self->core->number);

  return take (self, request, error);
}

static gboolean
sim_master_apply_batch (VlTable *table, GListModel *changes, VlReply *reply, GError **error)
{
  SimMaster *self = SIM_MASTER (table);
  SimRequest *request = sim_request_new (self->sim, SIM_BATCH, reply);

  if (!self->sim->config.has_batch)
    sim_fail (self->sim, "a master without batches was sent one");
  request->changes = g_ptr_array_new_with_free_func (g_object_unref);
  request->writes = g_ptr_array_new ();
  request->outcomes = g_array_new (FALSE, TRUE, sizeof (SimOutcome));
  g_array_set_clear_func (request->outcomes, sim_outcome_clear);
  for (guint i = 0; i < g_list_model_get_n_items (changes); i++)
    g_ptr_array_add (request->changes, g_list_model_get_item (changes, i));
  sim_log (self->sim, "  apply_batch #%u of core %u comes: %u changes", request->number,
           self->core->number, request->changes->len);
  self->sim->counts[SIM_COUNT_BATCHES]++;

  return take (self, request, error);
}

static VlLiveStream *
sim_master_get_stream (VlTable *table)
{
  SimMaster *self = SIM_MASTER (table);

  return g_object_ref (self->sim->stream);
}

static char *
sim_master_get_identity (VlTable *table)
{
  return g_strdup ("sim:clients");
}

static void
table_iface_init (VlTableInterface *iface)
{
  iface->describe = sim_master_describe;
  iface->list = sim_master_list;
  iface->find = sim_master_find;
  iface->count = sim_master_count;
  iface->apply = sim_master_apply;
  iface->apply_batch = sim_master_apply_batch;
  iface->get_stream = sim_master_get_stream;
  iface->get_identity = sim_master_get_identity;
}

static void
sim_master_class_init (SimMasterClass *klass)
{
}

static void
sim_master_init (SimMaster *self)
{
}

VlTable *
sim_master_new (Sim *sim, SimCore *core, gboolean is_target)
{
  SimMaster *self = g_object_new (SIM_TYPE_MASTER, NULL);

  self->sim = sim;
  self->core = core;
  self->is_target = is_target;
  sim_watch (sim, self);

  return VL_TABLE (self);
}
