/* vala-master.vala: a table written in Vala keeps the contract
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

using Vl;

[CCode (cname = "vl_test_schema", cheader_filename = "vl-test.h")]
extern Schema battery_schema ();
[CCode (cname = "vl_test_table", cheader_filename = "vl-test.h")]
extern uint battery_table (Table table) throws Error;

/* A table over a hash table. The optional vfuncs are left out. */
class ValaMaster : Object, Table {
  private Schema schema = battery_schema ();
  private HashTable<string, Record> records = new HashTable<string, Record> (str_hash, str_equal);

  public bool describe (Reply reply) throws Error {
    reply.return_schema (schema);
    return true;
  }

  public bool list (Query query, Reply reply) throws Error {
    var matching = pick (query);

    cut (matching, query).foreach ((record) => reply.add_record (record));
    reply.set_total (matching.length);
    reply.finish ();
    return true;
  }

  public bool find (string id, Reply reply) throws Error {
    reply.return_record (records.lookup (id));
    return true;
  }

  public bool count (Query query, Reply reply) throws Error {
    reply.return_count (pick (query).length);
    return true;
  }

  public bool apply (Change change, Reply reply) throws Error {
    if (change.get_kind () == ChangeKind.DELETE_ALL) {
      delete_matching (change.get_query ());
      reply.return_record (null);
    } else {
      reply.return_record (apply_one (change, change.get_id ()));
    }
    return true;
  }

  private GenericArray<Record> pick (Query query) {
    var picked = new GenericArray<Record> ();

    foreach (unowned Record record in records.get_values ()) {
      if (query.matches (record)) {
        picked.add (record);
      }
    }
    picked.sort_with_data ((a, b) => query.compare (a, b));
    return picked;
  }

  private GenericArray<Record> cut (GenericArray<Record> matching, Query query) {
    var window = new GenericArray<Record> ();
    uint64 first = query.get_offset ();
    uint limit = query.get_limit ();

    for (uint64 i = first; i < matching.length && (limit == 0 || i < first + limit); i++) {
      window.add (matching[(uint) i]);
    }
    return window;
  }

  private void delete_matching (Query? query) {
    if (query == null) {
      records.remove_all ();
      return;
    }
    cut (pick (query), query).foreach ((record) => records.remove (record.get_id ()));
  }

  private Record? apply_one (Change change, string id) throws Error {
    Record? old = records.lookup (id);

    switch (change.get_kind ()) {
    case ChangeKind.DELETE:
      records.remove (id);
      return old;
    case ChangeKind.PATCH:
      if (old == null) {
        throw new TableError.NOT_FOUND ("The table things has no record %s", id);
      }
      records.insert (id, old.merge (change.get_record ()));
      break;
    case ChangeKind.INSERT:
      if (old != null) {
        throw new TableError.EXISTS ("The table things has a record %s already", id);
      }
      records.insert (id, change.get_record ());
      break;
    default:
      records.insert (id, change.get_record ());
      break;
    }
    return records.lookup (id);
  }
}

int main () {
  print ("1..2\n");
  try {
    uint expected = battery_table (new MemoryTable (battery_schema ()));
    uint got = battery_table (new ValaMaster ());

    print ("ok 1 passes-the-battery\n# ValaMaster: %u checks\n", got);
    print ("%s 2 runs-every-check\n", got == expected ? "ok" : "not ok");
    return got == expected ? 0 : 1;
  } catch (Error e) {
    print ("not ok 1 passes-the-battery\n# %s\n", e.message);
    return 1;
  }
}
