package io.nioring.internal.ring;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.SpareDescriptors;
import io.nioring.internal.time.Clock;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Chunks outside the Java heap, of Netty's memory, which is freed at once and not by the garbage
 * collector.
 *
 * <p>Netty needs several hundred milliseconds of processor time to start, including the
 * initialization of Flight Recorder and the management beans. A program that has just started has
 * better uses for it: Netty starts in the background once more than a small amount is requested, or
 * the program has run for a while. Until it is available, and permanently in a run time where it
 * cannot start ({@code java.logging} was left out), chunks are the JDK's own buffers, small ones
 * first.
 *
 * <p>The JDK searches for memory for up to 1.6 seconds before it fails. So the memory left below
 * the limit is checked before the JDK is asked, by one thread at a time.
 */
final class DirectSource implements ChunkSource {
  /** Starts Netty. */
  private static final class NettyStart implements Supplier<NettyMemory> {
    @Override
    public NettyMemory get() {
      return new NettyMemory();
    }
  }

  private static final int SMALLEST_CHUNK_BYTES = 64 * 1024;
  private static final int LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;
  private static final int CHUNK_BYTES_BEFORE_NETTY = 256 * 1024;

  /** How much may be allocated before Netty is started. */
  private static final int BYTES_WITHOUT_NETTY = 1024 * 1024;

  /** How long a program that uses memory is considered to be starting. */
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The most that is allocated while Netty starts; larger requests wait for it. */
  private static final int BYTES_BEFORE_NETTY = 4 * 1024 * 1024;

  /** How many chunks have to fit into the limit, unless they have the largest size anyway. */
  private static final int CHUNKS_IN_LIMIT = 64;

  /**
   * The memory left to others, and the same again for first blocks, as a fraction of the limit, and
   * its maximum.
   */
  private static final int RESERVE_SHARE = 8;

  private static final long MOST_RESERVE_BYTES = 64L * 1024 * 1024;

  /** How much of the reserve is ours for first blocks while others hold the rest, as a fraction. */
  private static final int OWN_SHARE = 8;

  /** How often, and after how long each time, it is looked whether the collector freed some. */
  private static final int MOST_LOOKS = 20;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Supplier<NettyMemory> maker;
  private final LongSupplier nanoTime;
  private final AtomicLong taken = new AtomicLong();

  /** When memory was first requested; 0 before. */
  private volatile long firstAt;

  private volatile NettyMemory netty;

  /** Determined before Netty is started. */
  private volatile DirectMemoryLimit limit;

  /** Whether Netty will never be available. */
  private volatile boolean missing;

  /** Whether the JDK once had no memory: then it is not asked again without knowing the limit. */
  private volatile boolean failed;

  /** Guarded by this object's monitor. */
  private boolean started;

  private final Object oneAtATime = new Object();

  DirectSource() {
    this(new NettyStart(), Clock.SYSTEM);
  }

  /**
   * Makes one that has not started.
   *
   * @param maker starts Netty; an exception or a {@link LinkageError} means never
   * @param nanoTime the time
   */
  DirectSource(Supplier<NettyMemory> maker, LongSupplier nanoTime) {
    this.maker = maker;
    this.nanoTime = nanoTime;
  }

  @Override
  public int chunkBytes() {
    DirectMemoryLimit known = limit;
    if (known == null) {
      return CHUNK_BYTES_BEFORE_NETTY;
    }
    long share = Long.highestOneBit(known.limitBytes() / CHUNKS_IN_LIMIT);
    int largest = netty == null && !missing ? CHUNK_BYTES_BEFORE_NETTY : LARGEST_CHUNK_BYTES;
    return (int) Math.max(SMALLEST_CHUNK_BYTES, Math.min(largest, share));
  }

  @Override
  public ChunkMemory allocate(int sizeBytes, boolean first) {
    NettyMemory present = netty;
    if (present == null && !missing) {
      if (firstAt == 0) {
        firstAt = nanoTime.getAsLong() | 1;
      }
      present = getFor(taken.get() + sizeBytes);
    }
    synchronized (oneAtATime) { // or two could pass the check, and the JDK search for the second
      return admits(sizeBytes, first) ? allocate(present, sizeBytes) : null;
    }
  }

  @Override
  public boolean mayAllocate(int sizeBytes, boolean first) {
    return admits(sizeBytes, first);
  }

  private boolean admits(int sizeBytes, boolean first) {
    DirectMemoryLimit known = limit;
    if (known == null) {
      return true;
    }
    long reserve = reserve(known);
    long own = taken.get();
    long used = Math.max(own, known.usedBytes());
    return used + sizeBytes <= known.limitBytes() - (first ? reserve : 2 * reserve)
        || (first && own < reserve / OWN_SHARE && used + sizeBytes <= known.limitBytes());
  }

  /** Whether there would be enough if others held none, or had none that is not collected yet. */
  private boolean isHeldByOthers() {
    DirectMemoryLimit known = limit;
    return !admits(SMALLEST_CHUNK_BYTES, false)
        && taken.get() + SMALLEST_CHUNK_BYTES <= known.limitBytes() - 2 * reserve(known);
  }

  private static long reserve(DirectMemoryLimit known) {
    return Math.min(MOST_RESERVE_BYTES, known.limitBytes() / RESERVE_SHARE);
  }

  /**
   * Allocates and frees as much as is left to others when only we are short: if that is not
   * available, the JDK makes the garbage collector free the memory that others have dropped. If it
   * is, although others keep us short, nobody has asked the collector yet.
   */
  @Override
  public void search() {
    NettyMemory present = await();
    if (limit == null) {
      return; // memory for that comes first
    }
    ChunkMemory found = allocate(present, (int) (reserve(limit) / 2));
    if (found != null) {
      found.free();
      if (isHeldByOthers()) {
        collect();
      }
    }
  }

  /** What the collector finds is freed by another thread afterwards. */
  private void collect() {
    System.gc();
    for (int i = 0; i < MOST_LOOKS && isHeldByOthers(); i++) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  /** Counts a chunk that was freed. */
  private final class Freed implements Runnable {
    private final int sizeBytes;

    Freed(int sizeBytes) {
      this.sizeBytes = sizeBytes;
    }

    @Override
    public void run() {
      taken.addAndGet(-sizeBytes);
    }
  }

  private ChunkMemory allocate(NettyMemory present, int sizeBytes) {
    Runnable freed = new Freed(sizeBytes);
    taken.addAndGet(sizeBytes);
    try {
      return present == null
          ? new ChunkMemory(ByteBuffer.allocateDirect(sizeBytes), null, freed)
          : present.allocate(sizeBytes, freed);
    } catch (VirtualMachineError | LinkageError e) {
      freed.run();
      failed = true;
      return null;
    }
  }

  @Override
  public String limit() {
    DirectMemoryLimit known = limit;
    String bytes = known == null ? "" : " of " + known.limitBytes() + " bytes";
    return "the limit" + bytes + " of direct memory (-XX:MaxDirectMemorySize)";
  }

  // -- Netty's start

  /** Netty's memory if it is available now, null otherwise. */
  NettyMemory get() {
    return netty;
  }

  /**
   * Netty's memory if it is available or a request of this size has to wait for it; Netty is
   * started for a large one.
   */
  private NettyMemory getFor(long bytes) {
    if (failed || bytes > BYTES_BEFORE_NETTY) {
      return await();
    }
    if (bytes > BYTES_WITHOUT_NETTY) {
      start();
    }
    return netty;
  }

  @Override
  public void prepare() {
    long since = firstAt;
    if (since != 0 && netty == null && !missing && nanoTime.getAsLong() - since > FIRST_NANOS) {
      start();
    }
  }

  private synchronized void start() {
    if (!started) {
      started = true;
      try {
        BackgroundThreads.SYSTEM.start("nioring-memory", this::startNetty);
      } catch (VirtualMachineError | LinkageError e) {
        started = false; // no thread available now: the next block tries again
      }
    }
  }

  /** The next block tries again if it fails. */
  private void startNetty() {
    try {
      await();
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      // A caller that needs memory tries it too, and sees the failure.
    } finally {
      synchronized (this) {
        started = netty != null || missing;
      }
    }
  }

  /** Netty's memory, waiting until it is available; null if Netty cannot start now, or never. */
  NettyMemory await() {
    try {
      if (limit == null) {
        limit = new DirectMemoryLimit();
      }
      // Classes whose initialization fails for lack of descriptors are lost for good, even the
      // JDK's.
      if (netty == null
          && !missing
          && admits(SMALLEST_CHUNK_BYTES, true)
          && SpareDescriptors.exist()) {
        NettyMemory made = maker.get();
        synchronized (this) {
          netty = netty == null ? made : netty;
        }
      }
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      // A module of the JDK that Netty requires is missing, or our class loader was closed.
      missing = !(e instanceof VirtualMachineError);
    }
    return netty;
  }
}
