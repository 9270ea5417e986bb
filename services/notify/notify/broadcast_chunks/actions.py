"""How broadcasts keep their chunks."""

from mtnet_chassis.data.database import Tx

from notify.broadcast_chunks.store import ChunkStore

__all__ = ["ChunkStore", "chunks_in"]


def chunks_in(tx: Tx) -> ChunkStore:
    """The chunks, in the caller's transaction."""
    return ChunkStore(tx)
