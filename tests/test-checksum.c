/* test-checksum.c: the checksum
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/vl-checksum-private.h"

#include <string.h>

#define LENGTH 300

static void
fill (guint8 *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    data[i] = (guint8) (i * 7 + i / 13);
}

static void
test_single_byte (void)
{
  guint8 data[LENGTH];

  fill (data, sizeof data);
  /* 293 and 296: with and without a tail. */
  for (gsize length = 293; length <= 296; length += 3)
    {
      guint64 sum = _vl_checksum (data, length, 1);

      for (gsize i = 0; i < length; i++)
        for (guint change = 1; change < 256; change++)
          {
            data[i] ^= (guint8) change;
            g_assert_cmphex (_vl_checksum (data, length, 1), !=, sum);
            data[i] ^= (guint8) change;
          }
      g_assert_cmphex (_vl_checksum (data, length, 1), ==, sum);
    }
}

static void
test_truncation (void)
{
  guint8 data[LENGTH];
  guint8 zeros[LENGTH] = { 0 };

  fill (data, sizeof data);
  for (gsize length = 0; length < LENGTH; length++)
    {
      g_assert_cmphex (_vl_checksum (data, length, 1), !=, _vl_checksum (data, LENGTH, 1));
      g_assert_cmphex (_vl_checksum (zeros, length, 1), !=, _vl_checksum (zeros, LENGTH, 1));
    }
}

/* Wherever they stand among those that are looked at together. */
static void
test_swapped_anywhere (void)
{
  guint64 words[40];
  guint64 swapped[40];

  for (guint64 step = 1; step < G_MAXUINT64 / 64; step *= 3)
    {
      guint64 sum;

      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        words[i] = i * step;
      sum = _vl_checksum (words, sizeof words, 0);
      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        for (guint j = i + 1; j < G_N_ELEMENTS (words); j++)
          {
            memcpy (swapped, words, sizeof words);
            swapped[i] = words[j];
            swapped[j] = words[i];
            g_assert_cmphex (_vl_checksum (swapped, sizeof swapped, 0), !=, sum);
          }
    }
}

static void
test_swapped_words (void)
{
  guint64 words[4] = { 1, 2, 3, 4 };
  guint64 swapped[4] = { 1, 3, 2, 4 };

  g_assert_cmphex (_vl_checksum (words, sizeof words, 0), !=,
                   _vl_checksum (swapped, sizeof swapped, 0));
}

static void
test_seed (void)
{
  g_assert_cmphex (_vl_checksum ("abc", 3, 1), !=, _vl_checksum ("abc", 3, 2));
  g_assert_cmphex (_vl_checksum ("", 0, 1), !=, _vl_checksum ("", 0, 2));
}

static void
test_unaligned (void)
{
  guint8 data[LENGTH + 8];
  guint8 moved[LENGTH + 8];

  fill (data, LENGTH);
  for (gsize offset = 0; offset < 8; offset++)
    {
      fill (moved + offset, LENGTH);
      g_assert_cmphex (_vl_checksum (moved + offset, LENGTH, 3), ==,
                       _vl_checksum (data, LENGTH, 3));
    }
}

/* Blocks on disk carry it: another value would make every one of them a miss. */
static void
test_stable (void)
{
  if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
    {
      g_test_skip ("the value differs with the byte order");
      return;
    }
  g_assert_cmphex (_vl_checksum ("vantage-live", 12, 0), ==,
                   G_GUINT64_CONSTANT (0x4807364cefc36c80));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/checksum/every-single-byte-change-shows", test_single_byte);
  g_test_add_func ("/checksum/every-truncation-shows", test_truncation);
  g_test_add_func ("/checksum/swapped-words-show", test_swapped_words);
  g_test_add_func ("/checksum/words-swapped-anywhere-show", test_swapped_anywhere);
  g_test_add_func ("/checksum/seed-counts", test_seed);
  g_test_add_func ("/checksum/alignment-does-not-matter", test_unaligned);
  g_test_add_func ("/checksum/never-changes-between-versions", test_stable);

  return g_test_run ();
}
