/* consumer.vala: a program of somebody who has installed the library
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

static int main () {
  var builder = new Vl.SchemaBuilder ("product");

  builder.add_column ("id", Vl.FieldType.STRING, false);
  builder.add_column ("name", Vl.FieldType.STRING, true);
  builder.set_id_column ("id");

  var live = new Vl.LiveTable (new Vl.MemoryTable (builder.end ()), "product", null);
  var tea = new Vl.Record ("tea", new Variant.parsed ("{'name': <'Tea'>}"));

  try {
    var stored = live.insert_sync (tea);

    assert (live.list_sync (null).get_n_records () == 1);
    print ("%s %s\n", Vl.VERSION_S, stored.get_string ("name"));
    live.insert_sync (tea);
  } catch (Vl.TableError.EXISTS error) {
    return 0;
  } catch (Error error) {
    printerr ("%s\n", error.message);
  }

  return 1;
}
