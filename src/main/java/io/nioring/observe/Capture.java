package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.observe.CaptureQueue.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A running capture of a network's connections: the traffic over its rings is written to a pcapng
 * file, as the packets that a network would have carried, for Wireshark and similar tools.
 *
 * <pre>{@code
 * try (Capture capture = Capture.start(network, Path.of("db.pcapng"))) {
 *   …
 * }
 * }</pre>
 *
 * <p>It covers the existing connections, from their next operation on, and all new ones, except for
 * pipes and socket pairs, which have no addresses and are captured {@linkplain
 * CaptureOptions#pipes() on request}; and all datagrams over rings. A packet with data is a write,
 * or a part of one; an acknowledgement is a read of the peer, and its window the room that is left.
 * Connections through the kernel are not captured: the kernel's tools can do that.
 *
 * <p>The capture does not block the program: events are copied into a bounded queue, which a daemon
 * thread writes to the file; what does not fit is dropped and counted. The file holds what the
 * program sends, so only its owner may read it.
 *
 * <p>It ends when it is closed, when the network is closed or the JVM exits, each of which
 * completes the file, or by itself when the file cannot be written, such as on a full disk. Its
 * figures can be read afterwards.
 *
 * <p>Thread-safe.
 */
public final class Capture implements Closeable {
  private static final Duration LONGEST_END = Duration.ofSeconds(10);
  private static final String NO_MEMORY = "there is no direct memory for a queue";
  private static final String THREAD_NAME = "nioring-capture";

  private final NetworkResources network;
  private final CaptureOptions options;
  private final SocketFilter filter;
  private final HostView view;
  private final CaptureQueue queue;
  private final CaptureWriter writer;
  private final String target;
  private final TcpPacket packets = new TcpPacket();
  private final AtomicLong nextKey = new AtomicLong(1);
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Observer observer = new Connections();

  /** What the thread does at last; made before it is needed, where memory may be short. */
  private final RepeatedTask leaving = new Leaving();

  private volatile Throwable failure;

  /** Whether all was done that ends it: who could not, for want of memory, leaves it to others. */
  private volatile boolean isTakenOff;

  private volatile Thread thread;

  /** Unregisters the action that ends the capture at the exit of the JVM. */
  private volatile Runnable atExit = () -> {};

  private Capture(RingNetwork network, String target, CaptureOptions options, Opening opening)
      throws IOException {
    this.network = NetworkInternals.of(network);
    this.options = options;
    this.filter = SocketFilter.parse(options.filter());
    this.view = HostView.of(network, options.host());
    this.target = target;
    ensureNetworkIsOpen(); // before a file is made
    this.queue = queue(options);
    this.writer = writer(opening);
  }

  private void ensureNetworkIsOpen() {
    if (network.registry().isClosed()) {
      throw new IllegalStateException("the network was closed");
    }
  }

  private static CaptureQueue queue(CaptureOptions options) throws IOException {
    try {
      return new CaptureQueue(options.queueBytes(), options.blocking());
    } catch (OutOfMemoryError e) {
      if (!String.valueOf(e.getMessage()).contains("direct buffer")) {
        throw e; // the heap is full
      }
      throw new IOException(
          NO_MEMORY + " of " + options.queueBytes() + " bytes: " + e.getMessage(), e);
    }
  }

  private CaptureWriter writer(Opening opening) throws IOException {
    long offset = epochNanos() - nanoTime();
    CaptureFiles files = opening.begin(nanoTime() + offset);
    boolean made = false;
    try {
      CaptureWriter ofFiles =
          new CaptureWriter(queue, files, this::nanoTime, offset, options.snapBytes());
      made = true;
      return ofFiles;
    } finally {
      if (!made) {
        try {
          files.close();
        } finally {
          files.discard();
        }
      }
    }
  }

  /** Begins the first file. */
  private interface Opening {
    CaptureFiles begin(long nowNanos) throws IOException;
  }

  /**
   * Starts a capture of every connection into one file.
   *
   * @param network whose connections are captured
   * @param file the file, which is overwritten; or a named pipe
   * @return the capture, which ends when it or the network is closed
   * @throws IOException if the file cannot be created, another running capture of this JVM writes
   *     it, or there is no memory for the queue
   * @throws IllegalStateException if the network was closed
   */
  public static Capture start(RingNetwork network, Path file) throws IOException {
    return start(network, file, CaptureOptions.defaults());
  }

  /**
   * Starts a capture.
   *
   * @param network whose connections are captured
   * @param file the file, which is overwritten; or a named pipe. If the capture has several files,
   *     each has a number before the extension
   * @param options the options
   * @return the capture, which ends when it or the network is closed
   * @throws IOException if the file cannot be created, another running capture of this JVM writes
   *     it, or there is no memory for the queue
   * @throws IllegalArgumentException if the filter cannot be parsed; the message names the word
   * @throws IllegalStateException if the network was closed
   */
  public static Capture start(RingNetwork network, Path file, CaptureOptions options)
      throws IOException {
    Objects.requireNonNull(file, "file");
    return start(
        network,
        options.rotates() ? CaptureFiles.numbered(file, 1) + " and further files" : file.toString(),
        options,
        now -> CaptureFiles.at(file, nameOf(network, options), network.toString(), options, now));
  }

  /**
   * Starts a capture into a stream, which is closed at its end.
   *
   * @param network whose connections are captured
   * @param out takes the file; what it does must not go over a captured connection
   * @param options the options
   * @return the capture, which ends when it or the network is closed
   * @throws IOException if the stream cannot be written, or there is no memory for the queue
   * @throws IllegalArgumentException if the filter cannot be parsed, or the capture has several
   *     files
   * @throws IllegalStateException if the network was closed
   */
  public static Capture start(RingNetwork network, OutputStream out, CaptureOptions options)
      throws IOException {
    Objects.requireNonNull(out, "out");
    return start(
        network,
        "a stream",
        options,
        now -> CaptureFiles.into(out, nameOf(network, options), network.toString(), options, now));
  }

  /**
   * Checks whether a network could be captured so.
   *
   * @throws IllegalArgumentException if the filter cannot be parsed, or the network has no hosts
   */
  static void check(RingNetwork network, CaptureOptions options) {
    SocketFilter.parse(options.filter());
    HostView.of(network, options.host());
  }

  private static Capture start(
      RingNetwork network, String target, CaptureOptions options, Opening opening)
      throws IOException {
    Capture capture = new Capture(network, target, options, opening);
    boolean begun = false;
    try {
      capture.begin();
      begun = true;
    } finally {
      if (!begun) {
        capture.abandon(); // nobody else could end it
      }
    }
    return capture;
  }

  private static String nameOf(RingNetwork network, CaptureOptions options) {
    return options.host().isEmpty()
        ? "nioring-" + Integer.toHexString(System.identityHashCode(network))
        : options.host();
  }

  private static long epochNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private void begin() {
    System.getLogger(Capture.class.getName())
        .log(
            System.Logger.Level.INFO,
            "capturing what goes over rings, with its payload, to " + target);
    atExit = BackgroundThreads.SYSTEM.atExit(THREAD_NAME + "-end", this::close);
    thread = BackgroundThreads.SYSTEM.start(THREAD_NAME, this::write);
    network.wire().addObserver(observer);
    ensureNetworkIsOpen(); // a close that the observer has missed
    for (ChannelRegistry.Entry entry : network.registry().entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        Endpoint client = end.isClient() ? end : end.peer();
        capture(client, client.peer(), false);
      }
    }
  }

  /** Ends a capture that could not be started, for example because there was no thread. */
  private void abandon() throws IOException {
    try {
      close();
    } finally {
      if (thread == null) {
        writer.closeFiles();
        forget();
      }
      writer.discardFile();
    }
  }

  private void write() {
    try {
      writer.run();
    } catch (CaptureFailedException e) {
      fail(e.getCause());
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      leaving.run();
    }
  }

  private final class Leaving extends RepeatedTask {
    @Override
    protected boolean step() {
      detach();
      forget();
      return true;
    }
  }

  /** Leaves the figures alone, which may be read for as long as somebody keeps the capture. */
  private void forget() {
    writer.forget();
    queue.forget();
  }

  private void fail(Throwable cause) {
    failure = cause;
    try {
      System.getLogger(Capture.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "the capture to " + target + " has ended by itself: " + cause);
    } catch (VirtualMachineError | LinkageError e) {
      return; // no memory for the text, as likely as for what failed
    }
  }

  /** Stops adding records to the queue. */
  private void detach() {
    try {
      ended.set(true);
      if (!isTakenOff) {
        takeOff();
        isTakenOff = true;
      }
    } finally {
      writer.end();
    }
  }

  private void takeOff() {
    try {
      network.wire().removeObserver(observer);
    } finally {
      try {
        writer.connections().forEach(connection -> connection.removeTaps(this));
      } finally {
        atExit.run();
      }
    }
  }

  /**
   * Ends the capture: what happened so far is written, and the file is completed. Waits for that
   * for at most ten seconds. Further calls have no effect, nor has this one once the network was
   * closed.
   */
  @Override
  public void close() {
    detach();
    Thread writing = thread;
    if (writing != null && writing != Thread.currentThread()) {
      awaitEnd(writing);
    }
  }

  private static void awaitEnd(Thread writing) {
    boolean interrupted = false;
    long end = System.nanoTime() + LONGEST_END.toNanos();
    for (long left = LONGEST_END.toMillis(); writing.isAlive() && left > 0; ) {
      try {
        writing.join(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = (end - System.nanoTime()) / 1_000_000;
    }
    if (writing.isAlive()) {
      writing.interrupt(); // a pipe that nobody reads keeps it
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return whether the capture is running: it has neither been closed nor failed} */
  public boolean isRunning() {
    return !ended.get();
  }

  /** {@return how many packets were written} */
  public long packets() {
    return writer.packets();
  }

  /** {@return how many bytes of packets were written, without the file's framing} */
  public long bytes() {
    return writer.bytes();
  }

  /** {@return how many packets found no room in the queue} */
  public long droppedPackets() {
    return queue.droppedPackets();
  }

  /** {@return how many bytes of payload were in these packets} */
  public long droppedBytes() {
    return queue.droppedBytes();
  }

  /** {@return why the capture ended by itself, if it did} */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public String toString() {
    return "Capture["
        + target
        + ", packets="
        + packets()
        + ", dropped="
        + droppedPackets()
        + (isRunning() ? "]" : ending());
  }

  private String ending() {
    Throwable cause = failure;
    return cause == null ? ", ended]" : ", failed: " + cause + "]";
  }

  /** The number of connections that are being captured. */
  int connections() {
    return writer.count();
  }

  // -- for taps

  CaptureQueue queue() {
    return queue;
  }

  int snapBytes() {
    return options.snapBytes();
  }

  long nanoTime() {
    return network.clock().nanoTime();
  }

  void directionIsOver(CapturedConnection connection) {
    if (connection.directionIsOver(queue.claimed())) {
      writer.isOver(connection);
    }
  }

  // -- connections

  private boolean isWanted(SocketAddress client, SocketAddress server) {
    return (options.pipes() || !AddressText.isPipe(client, server))
        && view.sees(client, server)
        && isChosen(client, server);
  }

  private boolean isChosen(SocketAddress one, SocketAddress other) {
    return filter.matches(one, other) || filter.matches(other, one);
  }

  private void capture(Endpoint client, Endpoint server, boolean isNew) {
    if (ended.get() || !isWanted(client.copyOfLocalAddress(), server.copyOfLocalAddress())) {
      return;
    }
    CapturedConnection connection = connection(client, server, isNew);
    CaptureTap toServer = tap(connection, true, client, server);
    writer.add(connection);
    if (!client.addTap(toServer)) {
      writer.remove(connection); // another thread was faster
      return;
    }
    if (isNew) {
      toServer.connected(client.connectionName());
    } else {
      toServer.met(client.connectionName());
    }
    if (client.isClosed()) { // which was reported before the capture began
      toServer.wasClosed();
    }
    if (client != server) {
      captureBack(connection, client, server);
    }
    if (ended.get()) { // and has perhaps not seen this one
      connection.removeTaps(this);
    }
  }

  private void captureBack(CapturedConnection connection, Endpoint client, Endpoint server) {
    CaptureTap toClient = tap(connection, false, server, client);
    server.addTap(toClient);
    if (server.isClosed()) {
      toClient.wasClosed();
    }
  }

  private CapturedConnection connection(Endpoint client, Endpoint server, boolean isNew) {
    CaptureAddresses addresses =
        CaptureAddresses.of(
            client.copyOfLocalAddress(),
            server.copyOfLocalAddress(),
            client.copyOfRemoteAddress(),
            client.number());
    TcpConversation conversation =
        conversation(
            addresses,
            client.receiveCapacityBytes(),
            server.receiveCapacityBytes(),
            client.number(),
            client == server);
    if (!isNew) {
      conversation.startAt(true, sent(client, server), client.totalRead());
      conversation.startAt(false, sent(server, client), server.totalRead());
    }
    return new CapturedConnection(nextKey.getAndIncrement(), client, conversation, addresses);
  }

  /**
   * Makes the conversation of a connection.
   *
   * @param clientCapacity the most bytes that may wait for the client
   * @param serverCapacity the most bytes that may wait for the server
   * @param number the connection's
   * @param toItself whether it is connected with itself
   */
  private TcpConversation conversation(
      CaptureAddresses addresses,
      int clientCapacity,
      int serverCapacity,
      long number,
      boolean toItself) {
    return new TcpConversation(
        packets,
        writer,
        options.snapBytes(),
        addresses.client(),
        addresses.server(),
        clientCapacity,
        serverCapacity,
        number,
        toItself);
  }

  /** How many bytes of a direction had passed before the capture began. */
  private long sent(Endpoint writing, Endpoint reading) {
    return view.seesArrivals(writing, reading)
        ? reading.totalRead() + reading.available()
        : writing.totalWritten();
  }

  private CaptureTap tap(
      CapturedConnection connection, boolean byClient, Endpoint writing, Endpoint reading) {
    CaptureAddresses addresses = connection.addresses();
    int segmentBytes =
        Math.min(queue.maxPayload(), TcpPacket.maxPayload(addresses.client(), addresses.server()));
    long read = reading.totalRead();
    if (view.seesArrivals(writing, reading)) {
      return new ArrivingTap(this, connection, byClient, segmentBytes, read);
    } else if (view.isOfHost()) {
      return new DepartingTap(this, connection, byClient, segmentBytes, read, writing);
    }
    return new CaptureTap(this, connection, byClient, segmentBytes, read);
  }

  private void captureRefused(SocketAddress client, SocketAddress server, String reason) {
    long key = nextKey.getAndIncrement();
    CaptureAddresses addresses = CaptureAddresses.of(client, server, server, key);
    int buffer = network.bufferBytes();
    TcpConversation conversation = conversation(addresses, buffer, buffer, key, false);
    CapturedConnection connection = new CapturedConnection(key, null, conversation, addresses);
    writer.add(connection);
    String remark = reason + " by thread " + Thread.currentThread().getName();
    byte[] text = Utf8.beginning(remark, queue.maxPayload());
    boolean taken =
        queue.offer(Kind.REFUSED, key << 1, nanoTime(), 0, 0, ByteBuffer.wrap(text), text.length);
    if (!taken) {
      writer.remove(connection);
    }
  }

  /** The running captures of a network. */
  static List<Capture> of(NetworkResources network) {
    return network.wire().observers().stream()
        .filter(Connections.class::isInstance)
        .map(each -> ((Connections) each).owner())
        .toList();
  }

  /** Receives new connections and datagrams. */
  private final class Connections implements Observer {
    Capture owner() {
      return Capture.this;
    }

    @Override
    public void fault(String fault, Endpoint client, long offset, long seed) {
      if (client != null && client.tapOf(Capture.this) instanceof CaptureTap ours) {
        ours.fault(fault);
      }
    }

    @Override
    public void datagramSent(InetSocketAddress from, InetSocketAddress to, byte[] payload) {
      if (!ended.get() && view.seesDeparture(from, to) && isChosen(from, to)) {
        CapturedDatagram.offer(queue, nanoTime(), from, to, payload, options.snapBytes());
      }
    }

    @Override
    public void datagramArriving(
        String host, InetSocketAddress from, InetSocketAddress to, byte[] payload) {
      if (!ended.get() && view.seesArrival(host, from, to) && isChosen(from, to)) {
        CapturedDatagram.offer(queue, nanoTime(), from, to, payload, options.snapBytes());
      }
    }

    @Override
    public void networkClosed() {
      close();
    }

    @Override
    public void connected(Endpoint client, Endpoint server) {
      capture(client, server, true);
    }

    @Override
    public void refused(SocketAddress client, SocketAddress server, IOException reason) {
      if (!ended.get() && isWanted(client, server)) {
        captureRefused(client, server, String.valueOf(reason.getMessage()));
      }
    }

    @Override
    public void accepted(Endpoint server, int backlog) {
      if (server.tapOf(Capture.this) instanceof CaptureTap ours) {
        ours.accepted(backlog);
      }
    }
  }
}
