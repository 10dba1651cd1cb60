// example.vala: a live table over the products of an SQLite file
//
// SPDX-License-Identifier: LGPL-2.1-or-later

async void read_products (Vl.LiveTable live, string when) throws Error {
    var page = yield live.list_async (new Vl.Query ().order_by ("price", true), null);
    print ("%s: %u products from the %s, %s first\n", when, page.get_n_records (),
           page.from_cache ? "cache" : "master", page.get_record_id (0));
}

async void run (string path) throws Error {
    var live = new Vl.LiveTable (new Vl.SqliteTable (path, "products"), "products", null);
    yield read_products (live, "first");
    yield read_products (live, "second");

    var fields = new Vl.RecordBuilder (null);
    fields.set_double ("price", 4.75);
    var stored = yield live.patch_async ("tea", fields.end (), null);
    print ("%s costs %.2f now\n", stored.get_string ("name"), stored.get_double ("price"));
    yield read_products (live, "third");
}

int main (string[] args) {
    Intl.setlocale ();
    var loop = new MainLoop ();
    int status = 0;
    run.begin (args.length > 1 ? args[1] : "demo-master.db", (source, result) => {
        try {
            run.end (result);
        } catch (Error error) {
            printerr ("%s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
