package io.nioring;

/**
 * Initializes the classes of streams and selectors before anybody needs them: one whose initializer
 * fails, as for lack of memory, can never be used again in the JVM.
 */
final class FirstUses {
  private static final String PACKAGE = "io.nioring.internal.";

  /** Those that have an initializer and are not initialized by another one of them. */
  private static final String[] CLASSES = {
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

  private static volatile boolean done;

  private FirstUses() {}

  /** Initializes them, if that was not done. */
  static void initialize() {
    if (!done) {
      for (String each : CLASSES) {
        initialize(PACKAGE + each);
      }
      done = true;
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
