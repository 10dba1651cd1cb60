/* vala-program.vala: what a Vala program does with the library
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

using Vl;

/* Next to `using Vl;` this has to stay GLib's. */
static Error? caught = null;

class ValaBlockingTable : BlockingTable {
  private Schema schema;

  public ValaBlockingTable () {
    var builder = new SchemaBuilder ("numbers");

    builder.add_column ("id", FieldType.STRING, false);
    builder.set_id_column ("id");
    builder.set_capabilities (Capabilities.COUNT);
    schema = builder.end ();
  }

  public override bool describe_blocking (Reply reply) throws Error {
    reply.return_schema (schema);
    return true;
  }

  public override bool count_blocking (Query query, Reply reply) throws Error {
    reply.return_count (42);
    return true;
  }

  public override bool find_blocking (string id, Reply reply) throws Error {
    throw new TableError.UNAVAILABLE ("Not now, %s", id);
  }
}

class ValaStream : LiveStream {
  public override void start () {
    report_live_at ("1");
    report_position ("2");
  }
}

static async void use_a_table (Table table) throws Error {
  var fields = new VariantDict ();
  fields.insert ("stock", "x", (int64) 5);
  var record = new Record ("a", fields.end ());

  yield table.insert_async (record);
  var found = yield table.find_async ("a");
  assert (found.get_int64 ("stock") == 5);
  assert ((yield table.find_async ("nobody")) == null);

  var query = new Query ().where ("stock", Op.GT, new Variant.int64 (3)).order_by ("stock", true);
  var page = yield table.list_async (query);
  assert (page.get_n_records () == 1);
  assert (page.get_item (0) is Record);

  try {
    yield table.insert_async (record);
    assert_not_reached ();
  } catch (TableError.EXISTS e) {
    caught = e;
  }
}

static Schema make_schema () {
  var builder = new SchemaBuilder ("things");

  builder.add_column ("id", FieldType.STRING, false);
  builder.add_column ("stock", FieldType.INT64, true);
  builder.set_id_column ("id");
  return builder.end ();
}

static void test_calls () {
  var loop = new MainLoop ();
  Error? failure = null;

  use_a_table.begin (new MemoryTable (make_schema ()), (source, result) => {
    try {
      use_a_table.end (result);
    } catch (Error e) {
      failure = e;
    }
    loop.quit ();
  });
  loop.run ();
  assert (failure == null);
  assert (caught is TableError.EXISTS);
}

static void test_blocking_table () {
  Table table = new ValaBlockingTable ();

  try {
    assert (table.count_sync (null) == 42);
    assert (table.get_identity () == null);
    assert (table.get_stream () == null);
  } catch (Error e) {
    error (e.message);
  }
  try {
    table.find_sync ("you");
    assert_not_reached ();
  } catch (Error e) {
    assert (e is TableError.UNAVAILABLE);
    assert (e.message.contains ("you"));
  }
}

static void test_stream () {
  var stream = new ValaStream ();
  var loop = new MainLoop ();
  string? id = null;

  stream.event.connect ((event) => {
    id = event.get_ids ()[0];
    loop.quit ();
  });
  stream.push (new LiveEvent.deleted ("a"));
  loop.run ();
  assert (id == "a");
  assert (stream.state == LiveStreamState.STOPPED);
}

static int main (string[] args) {
  Test.init (ref args);

  Test.add_func ("/vala/calls", test_calls);
  Test.add_func ("/vala/blocking-table", test_blocking_table);
  Test.add_func ("/vala/stream", test_stream);

  return Test.run ();
}
