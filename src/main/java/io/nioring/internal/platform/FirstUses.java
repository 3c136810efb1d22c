package io.nioring.internal.platform;

/**
 * Initializes the classes of streams and selectors, and on request those of datagrams and of
 * asynchronous channels, before anybody needs them: one whose initializer fails, as for lack of
 * memory, can never be used again in the JVM. What comes on request does so for a program that runs
 * already, so it is seen first whether there is memory.
 */
public final class FirstUses {
  private static final String PACKAGE = "io.nioring.internal.";
  private static final int RESERVE_PIECES = 16;
  private static final int RESERVE_PIECE_BYTES = 1 << 15; // of a heap that is divided

  /** Those that have an initializer and are not initialized by another one of them. */
  private static final String[] STREAMS = {
    "network.AddressFamily",
    "network.Verdict",
    "address.IpAddresses",
    "time.Deadline",
    "poll.PollSet",
    "poll.SpinWait$Yielding",
    "ring.ByteRing",
    "ring.Segment",
    "stream.Closing",
    "stream.Endpoint",
    "stream.Direction",
    "stream.TcpProtocol",
    "stream.UnixProtocol",
    "names.ConnectRequest",
    "names.ConnectRequest$State",
    "core.OptionValues",
    "core.Binder",
    "core.SocketState",
    "core.SocketState$State",
    "core.StreamConnects$Outcome",
    "select.SelectedKeySet",
    "select.Sleeper",
    "select.ReadyQueue",
    "select.ReadyNode",
    "select.RingSelectionKey",
  };

  private static volatile boolean streams;
  private static volatile boolean datagrams;
  private static volatile boolean asynchronous;

  private FirstUses() {}

  /** Initializes them when a network is made. */
  public static void ofStreams() {
    if (!streams) {
      initialize(STREAMS);
      streams = true;
    }
  }

  /**
   * Initializes what comes with datagrams, before a channel or socket for them is opened.
   *
   * @throws OutOfMemoryError if there is no memory for them; this may be called again
   */
  public static void ofDatagrams() {
    if (!datagrams) {
      ensureHeap();
      initialize(
          "datagram.Datagram",
          "datagram.DatagramInbox",
          "datagram.DatagramPort",
          "adaptor.DatagramSocketAdaptor",
          "net.RingDatagramSocketImpl");
      datagrams = true;
    }
  }

  /**
   * Initializes what comes with asynchronous channels, before one or a group is opened.
   *
   * @throws OutOfMemoryError if there is no memory for them; this may be called again
   */
  public static void ofAsynchronousChannels() {
    if (!asynchronous) {
      ensureHeap();
      initialize(
          "platform.PlatformAsynchronousProvider",
          "async.Timeouts",
          "async.IdleQueue",
          "async.GroupTask",
          "async.Side",
          "async.Operation",
          "async.FutureWait");
      asynchronous = true;
    }
  }

  /** Takes a reserve, and gives it back: interpreted code, which leaves nothing out. */
  private static void ensureHeap() {
    byte[][] reserve = new byte[RESERVE_PIECES][];
    for (int i = 0; i < reserve.length; i++) {
      reserve[i] = new byte[RESERVE_PIECE_BYTES];
    }
  }

  private static void initialize(String... classes) {
    for (String each : classes) {
      initialize(PACKAGE + each);
    }
  }

  private static void initialize(String name) {
    try {
      Class.forName(name, true, FirstUses.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return; // where a tool has left it out, or has another name for it
    }
  }
}
