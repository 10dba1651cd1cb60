/* faults.c: what is wrong with the simulated network
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "faults.h"

#include "json-writer.h"

gboolean
demo_faults_are_wanted (const DemoOptions *options)
{
  return options->offline || options->error_rate > 0;
}

void
demo_faults_set (VlFaultTable *network, const DemoOptions *options)
{
  vl_fault_table_set_seed (network, options->seed);
  vl_fault_table_set_error_rate (network, options->error_rate);
  vl_fault_table_set_offline (network, options->offline);
}

char *
demo_faults_describe (VlFaultTable *network)
{
  double rate = vl_fault_table_get_error_rate (network);

  if (vl_fault_table_get_offline (network))
    return g_strdup (", which is down");
  if (rate > 0)
    return g_strdup_printf (", which loses %g %% of them, seed %" G_GUINT64_FORMAT, rate * 100,
                            vl_fault_table_get_seed (network));

  return g_strdup ("");
}

void
demo_faults_add_json (VlFaultTable *network, GString *json)
{
  demo_json_add_double (json, "error_rate",
                        network != NULL ? vl_fault_table_get_error_rate (network) : 0);
  demo_json_add_boolean (json, "offline", network != NULL && vl_fault_table_get_offline (network));
}

const char *
demo_faults_advise (const DemoOptions *options, const GError *error)
{
  if (!g_error_matches (error, VL_ERROR, VL_ERROR_UNAVAILABLE))
    return NULL;
  if (options->offline)
    return "It was asked to be, by --offline: only what is cached can be read.";
  if (options->error_rate > 0)
    return "It was asked to be like that, by --error-rate; another --seed may be luckier.";

  return NULL;
}
