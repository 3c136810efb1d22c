package io.nioring.internal.network;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.HeldChannels;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The open channels of a network: held weakly, so that one dropped without close is detected.
 *
 * <p>Entries form several intrusive lists, so that threads that open and close channels rarely
 * contend. {@link Housekeeping} works through them in the background while there are any.
 * Thread-safe.
 */
public final class ChannelRegistry implements AutoCloseable {
  private static final int LISTS = 16;

  /** About 67 ms: years fit into the padding of an entry. */
  private static final int TICK_SHIFT = 26;

  private static final int COUNTED = 1;

  /** How many entries are looked at while a list cannot change. */
  private static final int STEP = 128;

  private static final int STEPS_IN_A_ROW = 4;

  /** How many dropped channels an opening thread closes when no other thread is available. */
  private static final int DROPPED_PER_OPEN = 2;

  /**
   * The registry's entry for one open channel, and the channel's external resources: a subclass
   * holds no reference that leads to the channel.
   */
  public abstract static class Entry extends WeakReference<Channel> {
    /** Null until the entry is added. */
    private ChannelList list;

    private volatile boolean closedWhenDropped;

    // Guarded by the list's monitor.

    Entry previous;
    Entry next;

    /**
     * When it was added, in units of {@link #TICK_SHIFT}; and in the lowest bit, for the list,
     * whether it was counted. One word: the heap of an idle connection is counted in bytes.
     */
    private int openedTick;

    /** Makes an entry for {@link ChannelRegistry#add}. */
    protected Entry(Channel channel, ChannelRegistry registry) {
      super(channel, registry.dropped.queue());
      if (channel instanceof ClosedWhenDropped) { // otherwise no store, which would be a fence
        closedWhenDropped = true;
      }
    }

    /** Whether a dropped channel is closed; otherwise it stays open to its peer. */
    protected final boolean isClosedWhenDropped() {
      return closedWhenDropped;
    }

    /** Whether channels are in flight to this one and not held by it yet. */
    protected boolean hasChannelsToHold() {
      Endpoint endpoint = endpoint();
      return endpoint != null && endpoint.hasChannelsToHold();
    }

    /** Lets the channel hold the channels in flight to it; see {@link HeldChannels}. */
    protected void holdChannels(HeldChannels holder) {
      endpoint().holdChannels(holder);
    }

    /**
     * Frees the resources of a channel that was dropped without close, except those shared with
     * others. Called in the background, repeatedly until all is freed.
     *
     * @return whether all is freed
     */
    public boolean freeDropped() throws IOException {
      closeAbandoned();
      return true;
    }

    /** Does what the channel's close would have done, or the part of it that is left. */
    public abstract void closeAbandoned() throws IOException;

    /** The namespace where the channel is bound; null if it has none. */
    public Namespace names() {
      return null;
    }

    /** The channel's end of a stream; null if it has none. */
    public abstract Endpoint endpoint();

    /** How long ago it was added, with the resolution of the housekeeping's checks. */
    public final long ageNanos() {
      int ticks = ((now() << 1) - (openedTick & ~COUNTED)) >> 1;
      return Math.max(0, (long) ticks << TICK_SHIFT);
    }

    /** With the list's monitor held. */
    final boolean isSummed() {
      return (openedTick & COUNTED) != 0;
    }

    /** With the list's monitor held. */
    final void setSummed(boolean counted) {
      openedTick = (openedTick & ~COUNTED) | (counted ? COUNTED : 0);
    }

    /** Removes the entry: the channel was closed. Only the first call returns true. */
    public final boolean remove() {
      return list != null && list.remove(this);
    }

    /** What the channel has read from its ring. */
    long bytesRead() {
      Endpoint endpoint = endpoint();
      return endpoint == null ? 0 : endpoint.totalRead();
    }
  }

  /** Refers to a channel in flight: once that can no longer be received, it is closed. */
  private static final class InFlight extends WeakReference<Channel> {
    private final Entry entry;

    InFlight(Channel channel, Entry entry, ChannelRegistry registry) {
      super(channel, registry.dropped.queue());
      this.entry = entry;
    }
  }

  private final ChannelList[] lists = new ChannelList[LISTS];
  private final DroppedChannels dropped = new DroppedChannels();
  private final RightsCloser rights;
  private final Retries retries = new Retries();
  private final MonitorNotifier notifier;
  private final Housekeeping housekeeping;

  /** Held by who sums up the bytes of all channels. */
  private final ReentrantLock summing = new ReentrantLock();

  /** Null if there is none. */
  private volatile Runnable alsoRun;

  /** The time of the housekeeping's last check, so that an add need not read the clock. */
  private volatile int tick = now();

  private volatile boolean closed;

  /** Null unless requested. */
  private volatile Openings openings;

  /**
   * Makes an empty registry.
   *
   * @param memory the ring memory of the channels
   * @param idleMillis how long a ring has to be idle before its memory is released
   * @param threadName the name of the housekeeping thread
   */
  public ChannelRegistry(MemoryPool memory, int idleMillis, String threadName) {
    this(memory, idleMillis, threadName, BackgroundThreads.SYSTEM);
  }

  /** For tests: with other threads. */
  ChannelRegistry(MemoryPool memory, int idleMillis, String threadName, ThreadStarter threads) {
    for (int i = 0; i < LISTS; i++) {
      lists[i] = new ChannelList();
    }
    this.rights = new RightsCloser(threads);
    this.notifier = new MonitorNotifier(threads);
    this.housekeeping =
        new Housekeeping(
            this,
            dropped,
            new Rounds(lists, dropped, memory),
            rights,
            retries,
            memory,
            idleMillis,
            threadName,
            threads);
  }

  /**
   * Adds a channel that was opened.
   *
   * @throws IllegalStateException if the network was closed
   */
  public void add(Entry entry) {
    Openings noted = openings;
    if (noted != null) {
      noted.add(entry);
    }
    ChannelList list = lists[(int) Thread.currentThread().getId() & (LISTS - 1)];
    entry.list = list;
    entry.openedTick = (housekeeping.isRunning() ? tick : now()) << 1;
    list.add(entry);
    if (closed) {
      entry.remove();
      throw new IllegalStateException("the network is closed");
    }
    if (!housekeeping.isRunning()) {
      if (!housekeeping.start()) {
        dropped.free(DROPPED_PER_OPEN);
      }
      lookAtOnce();
    }
  }

  /**
   * Looks as the housekeeping is about to, and before the channel is used: Flight Recorder may have
   * started since the network was made, as where an agent has made it.
   */
  private void lookAtOnce() {
    try {
      look();
    } catch (Throwable e) {
      return; // usually there is no memory: the housekeeping looks again
    }
  }

  /** Starts to record where channels are opened; or stops, and discards the records. */
  public synchronized void recordOpenings(boolean on) {
    if (!on) {
      openings = null;
    } else if (openings == null) {
      openings = new Openings();
    }
  }

  /** Where the channels were opened, as far as recorded, by identity. */
  public Map<Channel, Opening> openings() {
    Openings noted = openings;
    return noted == null ? Map.of() : noted.byChannel();
  }

  /** Where the channel of an entry was opened; null if that was not recorded. */
  public Opening openingOf(Entry entry) {
    Openings noted = openings;
    return noted == null ? null : noted.of(entry);
  }

  /** The open channels that are still reachable. */
  public List<Channel> openChannels() {
    return entries().stream().map(Entry::get).filter(Objects::nonNull).toList();
  }

  /** A new reference to a channel while it is in flight; its receiver clears it. */
  public WeakReference<Channel> inFlight(Channel channel, Entry entry) {
    return new InFlight(channel, entry, this);
  }

  /** The entry of a dropped channel, for any reference to it that was enqueued. */
  static Entry dropped(Reference<? extends Channel> found) {
    if (found instanceof InFlight inFlight) {
      inFlight.entry.closedWhenDropped = true;
      return inFlight.entry;
    }
    return (Entry) found;
  }

  /** The number of open channels. */
  public int size() {
    int sum = 0;
    for (ChannelList list : lists) {
      sum += list.size();
    }
    return sum;
  }

  /** The bytes that channels have read from their rings, including closed channels; only grows. */
  public long bytesRead() {
    summing.lock();
    try {
      long sum = 0;
      for (ChannelList list : lists) {
        sum += bytesRead(list);
      }
      return sum;
    } finally {
      summing.unlock();
    }
  }

  /** A monitor is not fair: who takes it again and again lets those have it that wait. */
  private static void giveWay(int steps) {
    if (steps % STEPS_IN_A_ROW == 0) {
      LockSupport.parkNanos(1);
    }
  }

  private static long bytesRead(ChannelList list) {
    ChannelList.Walk walk = new ChannelList.Walk();
    list.beginSum(walk);
    try {
      for (int steps = 1; list.add(walk, STEP); steps++) {
        giveWay(steps);
      }
    } finally {
      list.endSum(walk);
    }
    return list.sum();
  }

  /** The notifier of threads that wait on monitors. */
  public MonitorNotifier notifier() {
    return notifier;
  }

  /**
   * Has a task tried again later, since there was no thread or no memory for it. Needs no memory
   * itself.
   */
  public void retryLater(Retries.Task task) {
    retries.add(task);
    housekeeping.start();
  }

  /**
   * Whether the housekeeping serves the open channels, and with them the tasks of {@link
   * #retryLater}.
   *
   * @return false if no thread is available for it
   */
  public boolean isServed() {
    return housekeeping.isRunning() || housekeeping.start();
  }

  /** Adds a task that the housekeeping runs at each check; called once, at the start. */
  public void alsoRun(Runnable task) {
    alsoRun = task;
  }

  /** Called by the housekeeping at least once a second. */
  void look() {
    tick = now();
    Runnable also = alsoRun;
    if (also != null) {
      also.run();
    }
  }

  private static int now() {
    return (int) (System.nanoTime() >> TICK_SHIFT);
  }

  /** All entries at about this moment. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>(size());
    forEach(all::add);
    return all;
  }

  /** Shows all entries at about this moment, while others may open and close channels. */
  public void forEach(Consumer<Entry> shown) {
    ChannelList.Walk walk = new ChannelList.Walk();
    Entry[] some = new Entry[STEP];
    for (ChannelList list : lists) {
      list.begin(walk);
      try {
        int steps = 1;
        for (int count = list.take(walk, some); count > 0; count = list.take(walk, some)) {
          for (int i = 0; i < count; i++) {
            shown.accept(some[i]);
          }
          giveWay(steps++);
        }
      } finally {
        list.end(walk);
      }
    }
  }

  /** The closer of the rights that were in flight to channels of this network. */
  public RightsCloser rights() {
    return rights;
  }

  /** Whether the network was closed. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Closes all channels and ends the housekeeping. Needs no other thread; if the close of a channel
   * throws, all others are closed nevertheless.
   *
   * @throws IOException the first failure, with the others suppressed; an unchecked one is thrown
   *     unchanged
   */
  @Override
  public void close() throws IOException {
    closed = true;
    CloseFailures failures = failuresOrNull();
    for (ChannelList list : lists) {
      for (Entry entry = list.first(); entry != null; entry = list.first()) {
        closeEntry(entry, failures);
        list.remove(entry); // one whose close failed is not closed again
      }
    }
    rights.closeStranded();
    retries.run();
    housekeeping.stop();
    try {
      look(); // for who observes the network: a last time
    } catch (Throwable e) {
      add(e, failures);
    }
    if (failures != null) {
      failures.rethrow();
    }
  }

  /** Null without memory for it: the channels are closed all the same. */
  private static CloseFailures failuresOrNull() {
    try {
      return new CloseFailures();
    } catch (VirtualMachineError | LinkageError e) {
      return null;
    }
  }

  private static void add(Throwable failure, CloseFailures failures) {
    if (failures != null) {
      failures.add(failure);
    }
  }

  /**
   * Closes what there is of one namespace, as {@link #close} does: also a channel that is still
   * being made, and what is left of one that was dropped.
   *
   * @param failures receives what closing throws
   */
  public void closeAll(Namespace names, CloseFailures failures) {
    for (Entry each : entries()) {
      if (each.names() == names) {
        closeEntry(each, failures);
      }
    }
  }

  private static void closeEntry(Entry entry, CloseFailures failures) {
    try {
      Channel channel = entry.get();
      if (channel != null) {
        channel.close();
      }
    } catch (Throwable e) {
      add(e, failures);
    }
    try {
      entry.closeAbandoned(); // also what a close left that failed with an error
    } catch (Throwable e) {
      add(e, failures);
    }
  }
}
