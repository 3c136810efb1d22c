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

/**
 * The open channels of a network: held weakly, so that one dropped without close is found out.
 *
 * <p>Entries form intrusive lists, a few of them so that threads that open and close do not meet.
 * {@link Housekeeping} works through them in the background while there are any. Thread-safe.
 */
public final class ChannelRegistry implements AutoCloseable {
  private static final int LISTS = 16;

  /** About 67 ms: years fit into the padding of an entry. */
  private static final int TICK_SHIFT = 26;

  /** How many dropped channels an opening thread closes where no other thread can be had. */
  private static final int DROPPED_PER_OPEN = 2;

  /**
   * One open channel's place in the registry, and what the channel holds outside of itself: a
   * subclass refers to nothing that leads to the channel.
   */
  public abstract static class Entry extends WeakReference<Channel> {
    /** Null until the entry is added. */
    private ChannelList list;

    private volatile boolean closedWhenDropped;

    // Guarded by the list's monitor.

    Entry previous;
    Entry next;

    /** When it was added, in units of {@link #TICK_SHIFT}. */
    private int openedTick;

    /** Makes an entry that {@link ChannelRegistry#add} puts in its place. */
    protected Entry(Channel channel, ChannelRegistry registry) {
      super(channel, registry.dropped.queue());
      if (channel instanceof ClosedWhenDropped) { // else no store, which is a fence
        closedWhenDropped = true;
      }
    }

    /** Whether a dropped one is closed; otherwise it stays what it is to its peer. */
    protected final boolean isClosedWhenDropped() {
      return closedWhenDropped;
    }

    /** Whether channels are in flight to this one that it does not hold yet. */
    protected boolean hasChannelsToHold() {
      Endpoint endpoint = endpoint();
      return endpoint != null && endpoint.hasChannelsToHold();
    }

    /** Lets the channel hold the channels in flight to it; see {@link HeldChannels}. */
    protected void holdChannels(HeldChannels holder) {
      endpoint().holdChannels(holder);
    }

    /**
     * Frees what a channel that was dropped without close held, as far as nobody else has a part in
     * it. Called in the background, again and again until all is freed.
     *
     * @return whether all is freed
     */
    public boolean freeDropped() throws IOException {
      closeAbandoned();
      return true;
    }

    /** Does what the channel's close would have done, or what is left of it; nothing if all was. */
    public abstract void closeAbandoned() throws IOException;

    /** Where the channel takes its name; null if it takes none. */
    public Namespace names() {
      return null;
    }

    /** The channel's end of a stream; null if it has none. */
    public abstract Endpoint endpoint();

    /** How long ago it was added, to about as much as the housekeeping looks around. */
    public final long ageNanos() {
      return Math.max(0, (long) (now() - openedTick) << TICK_SHIFT);
    }

    /** Takes the entry out: the channel was closed. Only the first call returns true. */
    public final boolean remove() {
      return list != null && list.remove(this);
    }

    final long bytesRead() {
      Endpoint endpoint = endpoint();
      return endpoint == null ? 0 : endpoint.totalRead();
    }
  }

  /** Refers to a channel in flight: once that cannot be received any more, it is closed. */
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
  private final MonitorNotifier notifier;
  private final Housekeeping housekeeping;

  /** Null for nothing. */
  private volatile Runnable alsoRun;

  /** The time of the housekeeping's last look, so that an add need not ask for it. */
  private volatile int tick = now();

  private volatile boolean closed;

  /** Null unless it is asked for. */
  private volatile Openings openings;

  /**
   * Makes an empty registry.
   *
   * @param memory the ring memory of the channels
   * @param idleMillis how long a ring has to be idle to give its memory back
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
    entry.openedTick = housekeeping.isRunning() ? tick : now();
    list.add(entry);
    if (closed) {
      entry.remove();
      throw new IllegalStateException("the network is closed");
    }
    if (!housekeeping.isRunning() && !housekeeping.start()) {
      dropped.free(DROPPED_PER_OPEN);
    }
  }

  /** Takes note of who opens channels, from now on; or no more, and forgets what was noted. */
  public synchronized void recordOpenings(boolean on) {
    if (!on) {
      openings = null;
    } else if (openings == null) {
      openings = new Openings();
    }
  }

  /** Who opened the channels, as far as that was recorded, by identity. */
  public Map<Channel, Opening> openings() {
    Openings noted = openings;
    return noted == null ? Map.of() : noted.byChannel();
  }

  /** Who opened the channel of an entry; null if that was not recorded. */
  public Opening openingOf(Entry entry) {
    Openings noted = openings;
    return noted == null ? null : noted.of(entry);
  }

  /** The open channels that nobody has dropped. */
  public List<Channel> openChannels() {
    return entries().stream().map(Entry::get).filter(Objects::nonNull).toList();
  }

  /** What an open channel holds whose end of a stream this is; null if there is none. */
  public Entry entryOf(Endpoint endpoint) {
    return entries().stream()
        .filter(entry -> entry.endpoint() == endpoint)
        .findFirst()
        .orElse(null);
  }

  /** A new reference to a channel for the time that it is in flight, which its receiver clears. */
  public WeakReference<Channel> inFlight(Channel channel, Entry entry) {
    return new InFlight(channel, entry, this);
  }

  /** The entry of a channel that was dropped, of whatever reference to it that tells. */
  static Entry dropped(Reference<? extends Channel> found) {
    if (found instanceof InFlight inFlight) {
      inFlight.entry.closedWhenDropped = true;
      return inFlight.entry;
    }
    return (Entry) found;
  }

  /** How many channels are open. */
  public int size() {
    int sum = 0;
    for (ChannelList list : lists) {
      sum += list.size();
    }
    return sum;
  }

  /** The bytes that channels have read from their rings, open ones and closed ones; only grows. */
  public long bytesRead() {
    long sum = 0;
    for (ChannelList list : lists) {
      sum += list.bytesRead();
    }
    return sum;
  }

  /** What wakes threads that wait on monitors. */
  public MonitorNotifier notifier() {
    return notifier;
  }

  /** Has the housekeeping run something too, each time that it looks around; once, at the start. */
  public void alsoRun(Runnable task) {
    alsoRun = task;
  }

  /** The housekeeping looks around, once a second at least. */
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

  /** All entries at this moment, or about it. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>(size());
    for (ChannelList list : lists) {
      list.copyTo(all);
    }
    return all;
  }

  /** What closes the rights that were in flight to a channel of this network. */
  public RightsCloser rights() {
    return rights;
  }

  /** Whether the network was closed. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Closes all channels and ends the housekeeping. Needs no other thread, and whatever a channel's
   * close throws, all others are closed.
   *
   * @throws IOException the first failure, the others as suppressed; an unchecked one is thrown as
   *     it is
   */
  @Override
  public void close() throws IOException {
    closed = true;
    CloseFailures failures = new CloseFailures();
    for (ChannelList list : lists) {
      for (Entry entry = list.first(); entry != null; entry = list.first()) {
        closeEntry(entry, failures);
        list.remove(entry); // one whose close failed is not tried again
      }
    }
    rights.closeStranded();
    housekeeping.stop();
    try {
      look(); // for who observes the network: a last time
    } catch (Throwable e) {
      failures.add(e);
    }
    failures.rethrow();
  }

  private static void closeEntry(Entry entry, CloseFailures failures) {
    try {
      Channel channel = entry.get();
      if (channel != null) {
        channel.close();
      }
    } catch (Throwable e) {
      failures.add(e);
    }
    try {
      entry.closeAbandoned(); // also what a close left that was ended by an error
    } catch (Throwable e) {
      failures.add(e);
    }
  }
}
