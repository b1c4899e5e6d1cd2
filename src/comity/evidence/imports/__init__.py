"""Bring in what a user holds: tidy tables, SIPRI, Kiel and IISS-like tables.

Every fault names its row and column; the first fault ends the import, and nothing is changed.
What is imported is kept outside the repository, one file a source.

Reference: docs/howto/bring-your-own-data.md.
"""

from comity.evidence.imports.formats import FORMATS, Imported, read_file
from comity.evidence.imports.keeping import folder_of, store, stored

__all__ = ["FORMATS", "Imported", "folder_of", "read_file", "store", "stored"]
