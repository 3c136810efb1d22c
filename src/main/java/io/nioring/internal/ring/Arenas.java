package io.nioring.internal.ring;

/**
 * The ring memory of one kind: a few arenas, a few spare blocks in front of them, and the waiters
 * for memory. One instance of each kind serves all networks of the JVM, so that none hoards what
 * another needs.
 *
 * <p>A thread takes from its own arena, and from the others when the system has no more. Blocks
 * return to their arena, whichever thread releases them. Thread-safe.
 */
final class Arenas {
  static final Arenas HEAP = new Arenas(new HeapSource());
  static final Arenas DIRECT = new Arenas(new DirectSource(), HEAP);

  /** The smallest chunk: where memory is short, less is not worth its bookkeeping. */
  private static final int SMALLEST_CHUNK_BYTES = 64 * 1024;

  private final ChunkSource source;

  /** The source of the smallest first blocks while all else is in use; null if there is none. */
  private final Arenas fallback;

  private final Arena[] arenas = new Arena[Math.max(2, Runtime.getRuntime().availableProcessors())];
  private final SpareBlocks smallSpares = new SpareBlocks();
  private final SpareBlocks spares = new SpareBlocks();
  private final MemoryWaiters waiters = new MemoryWaiters(this);

  /**
   * When the last search began that found no memory although we held none; 0 if the last one found
   * some.
   */
  private volatile long hopelessSearch;

  Arenas(ChunkSource source) {
    this(source, null);
  }

  private Arenas(ChunkSource source, Arenas fallback) {
    this.source = source;
    this.fallback = fallback;
    for (int i = 0; i < arenas.length; i++) {
      arenas[i] = new Arena();
    }
  }

  /**
   * Takes a block.
   *
   * @param wantedBytes the size, a power of two
   * @param leastBytes the smallest acceptable size, a power of two not above the other
   * @param first whether it is the first block of a ring
   * @return a block of a size between the two; null if no memory is available now
   */
  Block take(int wantedBytes, int leastBytes, boolean first) {
    Block block = takeSpare(wantedBytes);
    if (block != null) {
      return block;
    }
    block = takeOf(wantedBytes, first);
    for (int size = wantedBytes / 2; block == null && size >= leastBytes; size /= 2) {
      block = takeOf(size, first);
    }
    if (block == null) {
      block = takeWhatWasSpare(leastBytes, first);
    }
    return block == null && first ? takeFromFallback(leastBytes) : block;
  }

  /**
   * A block from the reserve. The memory in use may be held by connections whose readers first wait
   * for this one: without a block all would wait for one another. Null if none of the memory is
   * ours, in which case waiting does not help.
   */
  private Block takeFromFallback(int sizeBytes) {
    return fallback == null || holdsNothing() ? null : fallback.take(sizeBytes, sizeBytes, true);
  }

  /** The last attempt: cached memory is released first. */
  private Block takeWhatWasSpare(int sizeBytes, boolean first) {
    smallSpares.release();
    spares.release();
    return takeOf(sizeBytes, first);
  }

  private Block takeSpare(int sizeBytes) {
    SpareBlocks ofSize = sparesOf(sizeBytes);
    return ofSize == null ? null : ofSize.take();
  }

  private SpareBlocks sparesOf(int sizeBytes) {
    return switch (sizeBytes) {
      case MemoryPool.SMALLEST_BLOCK_BYTES -> smallSpares;
      case MemoryPool.SMALL_BLOCK_BYTES -> spares;
      default -> null;
    };
  }

  private Block takeOf(int sizeBytes, boolean ofRingWithoutAny) {
    // The reserve is only for the smallest blocks: larger ones would use it up for a few rings,
    // and the others, among them those whose readers wait, would get none until these are
    // read.
    boolean first = ofRingWithoutAny && sizeBytes == MemoryPool.SMALLEST_BLOCK_BYTES;
    Arena own = arenas[(int) (Thread.currentThread().getId() % arenas.length)];
    Block block = own.take(sizeBytes, first);
    if (block == null) {
      block = takeOfNewChunk(own, sizeBytes, first);
    }
    for (int i = 0; block == null && i < arenas.length; i++) {
      block = arenas[i].take(sizeBytes, first);
    }
    return block;
  }

  /** A new chunk has the usual size, or the smallest possible one, or comes from the reserve. */
  private Block takeOfNewChunk(Arena own, int sizeBytes, boolean first) {
    int least = Math.max(sizeBytes, SMALLEST_CHUNK_BYTES);
    int usual = Math.max(sizeBytes, source.chunkBytes());
    ChunkMemory memory = source.allocate(usual, false);
    if (memory == null && usual > least) {
      memory = source.allocate(least, false);
    }
    boolean reserve = memory == null && first;
    if (reserve) {
      memory = source.allocate(least, true);
    }
    return memory == null ? null : own.add(memory, sizeBytes, reserve);
  }

  /** Keeps a block for the next request, or returns it to its arena. */
  void giveBack(Block block) {
    SpareBlocks ofSize = sparesOf(block.sizeBytes());
    if (ofSize == null || isFromFallback(block) || waiters.isWaited() || !ofSize.keep(block)) {
      block.release();
    }
    waiters.released();
  }

  private boolean isFromFallback(Block block) {
    return fallback != null && !block.bytes().isDirect();
  }

  /** Releases the memory that is kept for the next requests. */
  void releaseSpares() {
    smallSpares.release();
    spares.release();
    for (Arena arena : arenas) {
      arena.releaseFree();
    }
  }

  /** As {@link ChunkSource#prepare}. */
  void prepare() {
    source.prepare();
  }

  // -- when there is no memory

  MemoryWaiters waiters() {
    return waiters;
  }

  /** Whether a {@link #take} may find a block. */
  boolean mayHave(int sizeBytes, boolean first) {
    for (Arena arena : arenas) {
      if (arena.has(sizeBytes, first)) {
        return true;
      }
    }
    return source.mayAllocate(SMALLEST_CHUNK_BYTES, first);
  }

  /**
   * Gives the system time to find unreferenced memory.
   *
   * @return whether it has none, and we hold none that could be released
   */
  boolean searchSlowly() {
    long start = System.nanoTime() | 1;
    source.search();
    boolean hopeless = isWithoutAny();
    hopelessSearch = hopeless ? start : 0;
    return hopeless;
  }

  private boolean isWithoutAny() {
    return holdsNothing() && !source.mayAllocate(SMALLEST_CHUNK_BYTES, true);
  }

  private boolean holdsNothing() {
    for (Arena arena : arenas) {
      if (!arena.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether waiting for memory is pointless: none of it is ours, and the system has none. An older
   * search does not tell: what the program dropped since then may be collected.
   *
   * @param sinceNanos when the caller first found no memory
   */
  boolean isHopeless(long sinceNanos) {
    long search = hopelessSearch;
    return search != 0 && search - sinceNanos >= 0 && isWithoutAny();
  }

  /** The limit of the memory, for a message. */
  String limit() {
    return source.limit();
  }
}
