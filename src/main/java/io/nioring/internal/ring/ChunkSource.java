package io.nioring.internal.ring;

/** The source of the memory of chunks, on or off the heap. Thread-safe. */
interface ChunkSource {
  /** The size of a chunk while memory is sufficient. */
  int chunkBytes();

  /**
   * Allocates memory, in a few milliseconds at most.
   *
   * @param sizeBytes how much
   * @param first whether it is for the first block of a ring, for which a reserve is kept
   * @return the memory; null if none is available now
   */
  ChunkMemory allocate(int sizeBytes, boolean first);

  /**
   * Whether {@link #allocate} may succeed.
   *
   * @param first as for {@link #allocate}
   */
  boolean mayAllocate(int sizeBytes, boolean first);

  /**
   * Starts slow initialization in the background, if memory was requested: the program has run for
   * a while.
   */
  void prepare();

  /**
   * Lets the system look for unreferenced memory, however long that takes. Memory that is found
   * stays with the system.
   */
  void search();

  /** The limit of the memory, and the setting that raises it, for a message. */
  String limit();
}
