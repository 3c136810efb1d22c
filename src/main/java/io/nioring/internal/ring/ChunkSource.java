package io.nioring.internal.ring;

/** Where the memory of chunks comes from: the heap, or outside of it. Thread-safe. */
interface ChunkSource {
  /** The size that a chunk has while there is enough. */
  int chunkBytes();

  /**
   * Takes memory from the system, in a few milliseconds at most.
   *
   * @param sizeBytes how much
   * @param first whether it is for the first block of a ring, for which a reserve is kept
   * @return the memory; null if there is none to be had now
   */
  ChunkMemory allocate(int sizeBytes, boolean first);

  /**
   * Whether {@link #allocate} may give something.
   *
   * @param first as there
   */
  boolean mayAllocate(int sizeBytes, boolean first);

  /**
   * Lets what takes long to start do so in the background, if memory was wanted: the program has
   * run for a while.
   */
  void prepare();

  /**
   * Lets the system look for memory that nobody refers to any more, however long that takes. What
   * is found stays with the system.
   */
  void search();

  /** What bounds the memory, and the setting that raises the bound, for a message. */
  String limit();
}
