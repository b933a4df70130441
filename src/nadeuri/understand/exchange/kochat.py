"""kochat: CSV of question and one BIES tag per word; the file name is the intent (read only).

Set: https://github.com/hyunwoongko/kochat (Apache-2.0).
"""

from __future__ import annotations

import csv
from pathlib import Path

from nadeuri.data.rejects import MALFORMED_ROW
from nadeuri.understand.exchange.imported import Imported, Place, lines_of


def read(files: list[Path]) -> Imported:
    """Read ``question,label`` files; an id is ``<file>-<line>``.

    Raises:
        DataError: a file is not UTF-8.
    """
    imported = Imported()
    for file in files:
        rows = csv.reader(lines_of(file))
        next(rows, None)  # the header
        for row in rows:
            place = Place(file, rows.line_num)
            if len(row) == 2:
                words, tags = row[0].split(), row[1].split()
                name = f"{file.stem}-{place.row}"
                imported.add_tagged(place, words, tags, "bies", id=name, intent=file.stem)
            elif row:
                imported.reject(place, MALFORMED_ROW, ",".join(row))
    return imported
