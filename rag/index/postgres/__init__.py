"""An index in PostgreSQL with pgvector, for several servers and more than one machine.

A library is a schema of a database. What a Snapshot holds is rows that say since which version they hold and up to
which: a reader looks at those of the version it opened, whatever is written meanwhile, and publishing moves one row.
Documents and vectors are rows; terms lie in segments, each an inverted index of up to 65,536 passages that is never
changed, so that changing one document writes one more small segment. The database finds what is nearest and keeps all;
scores by terms are added up by who asks, from the posting lists of the question's terms alone, with the arithmetic of a
folder's index: both rank alike.
"""

from rag.index.postgres.building import build_database
from rag.index.postgres.crew import Crew
from rag.index.postgres.shards import open_database
from rag.index.postgres.snapshot import PostgresSnapshot, current_attachment, current_versions

__all__ = ["Crew", "PostgresSnapshot", "build_database", "current_attachment", "current_versions", "open_database"]
