package io.nioring.internal.network;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The open channels of a network: held weakly, so that one dropped without close is found out.
 *
 * <p>Entries form intrusive lists, a few of them so that threads that open and close do not meet.
 * One daemon thread, which runs while there are open channels, closes what the garbage collector
 * found and gives the memory of idle rings back. Thread-safe.
 */
public final class ChannelRegistry implements AutoCloseable {
  private static final int LISTS = 16;
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * One open channel's place in the registry, and what the channel holds outside of itself: a
   * subclass refers to nothing that leads to the channel.
   */
  public abstract static class Entry extends WeakReference<Channel> {
    private EntryList list;
    private Entry previous;
    private Entry next;

    /** Makes an entry that {@link ChannelRegistry#add} puts in its place. */
    protected Entry(Channel channel, ChannelRegistry registry) {
      super(channel, registry.collected);
    }

    /**
     * Frees what a channel that was dropped without close held, as far as nobody else has a part in
     * it. Called by the housekeeping thread, again and again until all is freed.
     *
     * @return whether all is freed
     */
    public boolean freeDropped() throws IOException {
      closeAbandoned();
      return true;
    }

    /** Does what the channel's close would have done; nothing if it was done. */
    public abstract void closeAbandoned() throws IOException;

    /** The channel's end of a stream; null if it has none. */
    public abstract Endpoint endpoint();

    /** Takes the entry out: the channel was closed. Only the first call returns true. */
    public final boolean remove() {
      return list.remove(this);
    }

    private long bytesRead() {
      Endpoint endpoint = endpoint();
      return endpoint == null ? 0 : endpoint.totalRead();
    }
  }

  private final ReferenceQueue<Channel> collected = new ReferenceQueue<>();
  private final EntryList[] lists = new EntryList[LISTS];
  private final MemoryPool memory;
  private final long idleMillis;
  private final String threadName;

  /** Dropped channels of which something is not freed yet; the housekeeping thread's. */
  private final List<Entry> dropped = new ArrayList<>();

  /** Guarded by this object's monitor. */
  private Thread keeper;

  private volatile boolean keeping;
  private volatile boolean closed;

  /** Null unless it is asked for. */
  private Openings openings;

  /**
   * Makes an empty registry.
   *
   * @param memory the ring memory of the channels
   * @param idleMillis how long a ring has to be idle to give its memory back
   * @param threadName the name of the housekeeping thread
   */
  public ChannelRegistry(MemoryPool memory, int idleMillis, String threadName) {
    this.memory = memory;
    this.idleMillis = idleMillis;
    this.threadName = threadName;
    for (int i = 0; i < LISTS; i++) {
      lists[i] = new EntryList();
    }
  }

  /**
   * Adds a channel that was opened.
   *
   * @throws IllegalStateException if the network was closed
   */
  public void add(Entry entry) {
    if (openings != null) {
      openings.add(entry);
    }
    EntryList list = lists[(int) Thread.currentThread().getId() & (LISTS - 1)];
    entry.list = list;
    list.add(entry);
    if (closed) {
      entry.remove();
      throw new IllegalStateException("the network is closed");
    }
    if (!keeping) {
      startKeeper();
    }
  }

  private synchronized void startKeeper() {
    if (keeper == null && !closed) {
      Thread thread = new Thread(this::keep, threadName);
      thread.setDaemon(true);
      thread.start(); // if there is no thread to be had, the next channel tries again
      keeper = thread;
      keeping = true;
    }
  }

  /** Takes note of who opens channels; asked for before the first is opened. */
  public void recordOpenings() {
    if (openings == null) {
      openings = new Openings();
    }
  }

  /** Who opened the channels, as far as that was recorded, by identity. */
  public Map<Channel, Opening> openings() {
    return openings == null ? Map.of() : openings.byChannel();
  }

  /** The open channels that nobody has dropped. */
  public List<Channel> openChannels() {
    List<Channel> all = new ArrayList<>();
    for (EntryList list : lists) {
      for (Entry entry : list.snapshot()) {
        Channel channel = entry.get();
        if (channel != null) {
          all.add(channel);
        }
      }
    }
    return all;
  }

  /** How many channels are open. */
  public int size() {
    int sum = 0;
    for (EntryList list : lists) {
      sum += list.size();
    }
    return sum;
  }

  /** The bytes that channels have read from their rings, open ones and closed ones; only grows. */
  public long bytesRead() {
    long sum = 0;
    for (EntryList list : lists) {
      sum += list.bytesRead();
    }
    return sum;
  }

  // -- housekeeping

  private void keep() {
    long emptySince = System.nanoTime();
    while (true) {
      Reference<? extends Channel> reference = collected.poll();
      if (reference == null) {
        dropped.removeIf(ChannelRegistry::freed); // also for those whose peers were just dropped
        reference = nextCollected();
      }
      if (reference != null) {
        Entry entry = (Entry) reference;
        if (!freed(entry)) {
          dropped.add(entry);
        }
        continue;
      }
      boolean empty = size() == 0;
      if (!empty) {
        releaseIdleMemory();
        emptySince = System.nanoTime();
      }
      if (closed || (empty && System.nanoTime() - emptySince > LINGER_NANOS)) {
        if (retire()) {
          memory.releaseSpares();
          return;
        }
      }
    }
  }

  private Reference<? extends Channel> nextCollected() {
    try {
      return collected.remove(idleMillis);
    } catch (InterruptedException e) {
      return null; // only close interrupts, and the loop looks for it
    }
  }

  private static boolean freed(Entry entry) {
    try {
      return entry.freeDropped();
    } catch (IOException e) {
      System.getLogger(ChannelRegistry.class.getName())
          .log(System.Logger.Level.WARNING, "cannot close a channel that was dropped", e);
    }
    return true;
  }

  private void releaseIdleMemory() {
    memory.lookAfterWaiters();
    if (memory.bytesInUse() == 0) {
      memory.releaseSpares();
      return;
    }
    for (EntryList list : lists) {
      for (Entry entry : list.snapshot()) {
        Endpoint endpoint = entry.endpoint();
        if (endpoint != null) {
          endpoint.releaseIdleOutput();
        }
      }
    }
  }

  /** Lets the thread end unless a channel came meanwhile. */
  private synchronized boolean retire() {
    keeping = false; // before the look: an add that misses it starts the next thread
    if (size() > 0 && !closed) {
      keeping = true;
      return false;
    }
    keeper = null;
    return true;
  }

  /**
   * Closes all channels and ends the housekeeping.
   *
   * @throws IOException the first failure, the others as suppressed
   */
  @Override
  public void close() throws IOException {
    closed = true;
    IOException failure = null;
    for (EntryList list : lists) {
      for (Entry entry : list.snapshot()) {
        try {
          closeEntry(entry);
        } catch (IOException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
    }
    synchronized (this) {
      if (keeper != null) {
        keeper.interrupt();
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void closeEntry(Entry entry) throws IOException {
    Channel channel = entry.get();
    if (channel != null) {
      channel.close();
    } else {
      entry.closeAbandoned();
    }
  }

  /** What a list writes; the padding comes after it in a subclass, which keeps it there. */
  abstract static class EntryListFields {
    Entry first;
    int size;

    /** What the entries that were removed had read. */
    long bytesReadByRemoved;
  }

  /**
   * A doubly linked list of entries under its own monitor, padded so that threads that use
   * different lists do not take turns with a cache line.
   */
  @SuppressWarnings("UnusedVariable") // the padding
  static final class EntryList extends EntryListFields {
    private long p0;
    private long p1;
    private long p2;
    private long p3;
    private long p4;
    private long p5;
    private long p6;
    private long p7;
    private long p8;
    private long p9;
    private long p10;
    private long p11;
    private long p12;
    private long p13;

    synchronized void add(Entry entry) {
      entry.next = first;
      if (first != null) {
        first.previous = entry;
      }
      first = entry;
      size++;
    }

    synchronized boolean remove(Entry entry) {
      if (entry.previous == null && first != entry) {
        return false;
      }
      if (entry.previous == null) {
        first = entry.next;
      } else {
        entry.previous.next = entry.next;
      }
      if (entry.next != null) {
        entry.next.previous = entry.previous;
      }
      entry.previous = null;
      entry.next = null;
      size--;
      bytesReadByRemoved += entry.bytesRead(); // in the same step: no look finds it in neither
      return true;
    }

    synchronized long bytesRead() {
      long sum = bytesReadByRemoved;
      for (Entry entry = first; entry != null; entry = entry.next) {
        sum += entry.bytesRead();
      }
      return sum;
    }

    synchronized int size() {
      return size;
    }

    synchronized List<Entry> snapshot() {
      List<Entry> all = new ArrayList<>(size);
      for (Entry entry = first; entry != null; entry = entry.next) {
        all.add(entry);
      }
      return all;
    }
  }
}
