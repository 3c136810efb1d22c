package io.nioring.internal.async;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.core.Way;
import io.nioring.internal.hybrid.UndecidedSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.BufferChecks;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ReadPendingException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.WritePendingException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An asynchronous socket channel whose bytes go through rings, or through the kernel if its connect
 * was decided so: a facade of a {@link StreamSocket} whose operations never wait for a thread.
 *
 * <p>The checks, their order, and the exceptions are those of the platform's channels. In the
 * kernel it delegates to one of them, see {@link KernelAsynchronousSocket}. Thread-safe: one read
 * and one write may be pending at the same time.
 */
final class RingAsynchronousSocketChannel extends AsynchronousSocketChannel implements Facade {
  private final RingChannelGroup group;
  private final NetworkResources network;
  private final StreamSocket socket;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Side reading;

  /** Writing, or connecting before that. */
  private final Side writing;

  /** Whether the connect has a future; written before the socket connects. */
  private boolean connectsForFuture;

  /** Opens an unconnected channel. */
  private RingAsynchronousSocketChannel(
      RingChannelGroup group, NetworkResources network, AddressFamily family, Timeouts timeouts) {
    super(group.provider());
    this.group = group;
    this.network = network;
    this.reading = reading(group, timeouts);
    this.writing = writing(group, timeouts);
    this.socket =
        StreamSocket.open(
            network,
            family,
            this,
            UndecidedSocket.of(
                network,
                family,
                (unused, also) ->
                    KernelAsynchronousSocket.open(group.kernel(), network.counters())));
    waitForPeer();
  }

  private RingAsynchronousSocketChannel(
      RingChannelGroup group,
      NetworkResources network,
      AddressFamily family,
      Timeouts timeouts,
      Endpoint connected,
      OptionValues options) {
    super(group.provider());
    this.group = group;
    this.network = network;
    this.reading = reading(group, timeouts);
    this.writing = writing(group, timeouts);
    this.socket = StreamSocket.connected(network, family, connected, this, options);
    waitForPeer();
  }

  private static Side reading(RingChannelGroup group, Timeouts timeouts) {
    return new Side(
        group.threads(),
        Readiness.IN,
        timeouts,
        ReadPendingException::new,
        "Reading not allowed due to timeout or cancellation");
  }

  private static Side writing(RingChannelGroup group, Timeouts timeouts) {
    return new Side(
        group.threads(),
        Readiness.OUT,
        timeouts,
        WritePendingException::new,
        "Writing not allowed due to timeout or cancellation");
  }

  private void waitForPeer() {
    socket.poll().add(reading);
    socket.poll().add(writing);
  }

  /**
   * Opens an unconnected channel.
   *
   * @throws java.nio.channels.ShutdownChannelGroupException if the group takes no more
   */
  static RingAsynchronousSocketChannel open(
      RingChannelGroup group, NetworkResources network, AddressFamily family, Timeouts timeouts) {
    var opened = new RingAsynchronousSocketChannel(group, network, family, timeouts);
    boolean joined = false;
    try {
      opened.joinGroup();
      joined = true;
    } finally {
      if (!joined) {
        opened.closeQuietly();
      }
    }
    return opened;
  }

  /**
   * Makes the channel of an accepted connection, which {@link #joinGroup joins} its group next.
   *
   * @param options what it inherits of the listener's options; null for the defaults
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  static RingAsynchronousSocketChannel accepted(
      RingChannelGroup group,
      NetworkResources network,
      AddressFamily family,
      Timeouts timeouts,
      Endpoint endpoint,
      OptionValues options) {
    return new RingAsynchronousSocketChannel(group, network, family, timeouts, endpoint, options);
  }

  /**
   * Adds the channel to its group.
   *
   * @throws java.nio.channels.ShutdownChannelGroupException if the group takes no more
   */
  void joinGroup() {
    group.add(this);
    if (closed.get()) {
      group.remove(this); // the network was closed, and may have come before us
    }
  }

  /** Closes a channel that was not handed out, or that has ended in the kernel. */
  void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      return; // a ring's close throws nothing, and another failure is reported
    }
  }

  /** The platform's channel if the connect was decided to go through the kernel; else null. */
  private AsynchronousSocketChannel inKernel() {
    return socket.isOnRing() ? null : ((KernelAsynchronousSocket) socket.way()).channel();
  }

  private <T> Future<T> followed(Future<T> begun) {
    return ((KernelAsynchronousSocket) socket.way()).followed(begun, this);
  }

  // -- reading

  @Override
  public <A> void read(
      ByteBuffer dst,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      kernel.read(dst, timeout, unit, attachment, handler);
      return;
    }
    Completion<Integer> completion = Completion.of(handler, attachment);
    BufferChecks.ensureWritable(dst);
    beginRead(new Transfer<>(completion, true, dst), timeout, unit);
  }

  @Override
  public Future<Integer> read(ByteBuffer dst) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      return followed(kernel.read(dst));
    }
    BufferChecks.ensureWritable(dst);
    Completion<Integer> completion = Completion.ofFuture();
    beginRead(new Transfer<>(completion, true, dst), 0, TimeUnit.SECONDS);
    return completion.future();
  }

  @Override
  public <A> void read(
      ByteBuffer[] dsts,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      kernel.read(dsts, offset, length, timeout, unit, attachment, handler);
      return;
    }
    Completion<Long> completion = Completion.of(handler, attachment);
    Objects.checkFromIndexSize(offset, length, dsts.length);
    ByteBuffer[] own = copyOf(dsts, offset, length);
    for (ByteBuffer dst : own) {
      BufferChecks.ensureWritable(dst);
    }
    beginRead(new Transfer<>(completion, true, own), timeout, unit);
  }

  /** The buffers of an operation: a copy, since the program may change the array. */
  private static ByteBuffer[] copyOf(ByteBuffer[] all, int offset, int length) {
    ByteBuffer[] own = new ByteBuffer[length];
    System.arraycopy(all, offset, own, 0, length);
    return own;
  }

  private void beginRead(Transfer<?> read, long timeout, TimeUnit unit) {
    if (endsAtOnce(read)) {
      return;
    }
    reading.ensureMayBegin();
    if (!read.hasRemaining() && !socket.isInputShut()) {
      read.giveCount(0);
      read.deliverToCaller();
      return;
    }
    read.bindFuture(reading, this);
    reading.begin(read, timeout, unit);
  }

  /**
   * Whether a transfer fails since the channel is closed; this has been reported to the program
   * then.
   */
  private boolean endsAtOnce(Transfer<?> transfer) {
    if (!isOpen()) {
      transfer.fail(new ClosedChannelException());
      transfer.deliverToCaller();
      return true;
    }
    if (!socket.isConnected()) {
      if (!isOpen()) {
        return endsAtOnce(transfer);
      }
      throw new NotYetConnectedException();
    }
    return false;
  }

  // -- writing

  @Override
  public <A> void write(
      ByteBuffer src,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      kernel.write(src, timeout, unit, attachment, handler);
      return;
    }
    Completion<Integer> completion = Completion.of(handler, attachment);
    Objects.requireNonNull(src, "'src' is null");
    beginWrite(new Transfer<>(completion, false, src), timeout, unit);
  }

  @Override
  public Future<Integer> write(ByteBuffer src) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      return followed(kernel.write(src));
    }
    Objects.requireNonNull(src, "'src' is null");
    Completion<Integer> completion = Completion.ofFuture();
    beginWrite(new Transfer<>(completion, false, src), 0, TimeUnit.SECONDS);
    return completion.future();
  }

  @Override
  public <A> void write(
      ByteBuffer[] srcs,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      kernel.write(srcs, offset, length, timeout, unit, attachment, handler);
      return;
    }
    Completion<Long> completion = Completion.of(handler, attachment);
    Objects.checkFromIndexSize(offset, length, srcs.length);
    beginWrite(new Transfer<>(completion, false, copyOf(srcs, offset, length)), timeout, unit);
  }

  private void beginWrite(Transfer<?> write, long timeout, TimeUnit unit) {
    if (endsAtOnce(write)) {
      return;
    }
    writing.ensureMayBegin();
    if (socket.isOutputShut()) {
      write.fail(new ClosedChannelException());
      write.deliverToCaller();
      return;
    }
    if (!write.hasRemaining()) {
      write.giveCount(0);
      write.deliverToCaller();
      return;
    }
    write.bindFuture(writing, this);
    writing.begin(write, timeout, unit);
  }

  /**
   * A read or a write of this channel.
   *
   * @param <V> Integer with one buffer, Long with several
   */
  private final class Transfer<V> extends Operation<V> {
    private final boolean reads;

    /** The buffer; null if there are several. */
    private final ByteBuffer one;

    private final ByteBuffer[] many;

    Transfer(Completion<V> completion, boolean reads, ByteBuffer buffer) {
      super(RingAsynchronousSocketChannel.this.group.threads(), completion);
      this.reads = reads;
      this.one = buffer;
      this.many = null;
    }

    Transfer(Completion<V> completion, boolean reads, ByteBuffer[] buffers) {
      super(RingAsynchronousSocketChannel.this.group.threads(), completion);
      this.reads = reads;
      this.one = null;
      this.many = buffers;
    }

    boolean hasRemaining() {
      if (one != null) {
        return one.hasRemaining();
      }
      for (ByteBuffer buffer : many) {
        if (buffer == null
            || buffer.hasRemaining()) { // the attempt fails with null, which its waiter receives
          return true;
        }
      }
      return false;
    }

    @Override
    boolean attempt() throws IOException {
      long count = one != null ? moveOne() : moveMany();
      if (count == 0) {
        ensureAccessible();
        return false;
      }
      giveCount(count);
      return true;
    }

    private void ensureAccessible() {
      if (one != null) {
        BufferChecks.ensureAccessible(one);
        return;
      }
      for (ByteBuffer each : many) {
        BufferChecks.ensureAccessible(each);
      }
    }

    private int moveOne() throws IOException {
      RingAsynchronousSocketChannel channel = RingAsynchronousSocketChannel.this;
      return reads ? socket.read(channel, one) : socket.write(channel, one);
    }

    private long moveMany() throws IOException {
      RingAsynchronousSocketChannel channel = RingAsynchronousSocketChannel.this;
      return reads
          ? socket.read(channel, many, 0, many.length)
          : socket.write(channel, many, 0, many.length);
    }

    /** Sets how many bytes were transferred. */
    @SuppressWarnings("unchecked") // see the class
    void giveCount(long count) {
      give((V) (one != null ? (Number) (int) count : (Number) count));
    }

    @Override
    Throwable failure(Throwable thrown) {
      if (thrown instanceof SocketException) {
        return new IOException(thrown.getMessage(), thrown); // as the platform's calls it
      } else if (thrown instanceof RuntimeException && isForFuture()) {
        return new IOException(thrown); // as the platform's futures have it
      } else if (!(thrown instanceof ClosedChannelException)) {
        return thrown;
      }
      return isOpen() ? new IOException("Broken pipe") : new AsynchronousCloseException();
    }
  }

  // -- connecting

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the handler gets the result
  public <A> void connect(
      SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
    AsynchronousSocketChannel kernel = inKernel();
    if (kernel != null) {
      kernel.connect(remote, attachment, handler); // which refuses
    } else {
      beginConnect(Completion.of(handler, attachment), remote);
    }
  }

  @Override
  public Future<Void> connect(SocketAddress remote) {
    AsynchronousSocketChannel kernel = inKernel();
    return kernel == null ? beginConnect(Completion.ofFuture(), remote) : kernel.connect(remote);
  }

  private Future<Void> beginConnect(Completion<Void> completion, SocketAddress remote) {
    if (!isOpen()) {
      Connect refused = new Connect(completion, null);
      refused.fail(new ClosedChannelException());
      refused.deliverToCaller();
      return completion.future();
    }
    Connect connect =
        new Connect(completion, AddressFamily.INET.check(network.verdicts().resolved(remote)));
    if (socket.isConnected()) {
      throw new AlreadyConnectedException();
    }
    if (socket.isConnectionPending()) {
      throw new ConnectionPendingException();
    }
    connect.bindFuture(writing, this);
    try {
      writing.begin(connect, 0, TimeUnit.SECONDS);
    } catch (WritePendingException e) { // of another thread, which has begun to connect
      throw new ConnectionPendingException();
    }
    return connect.inKernel == null ? completion.future() : connect.inKernel;
  }

  /** A connect of this channel. */
  private final class Connect extends Operation<Void> {
    private final SocketAddress remote;
    private boolean begun;

    /**
     * The kernel's connect to wait for instead, if undecided; written by the thread that starts it.
     */
    private Future<Void> inKernel;

    /** Makes the operation; the address is null if it only reports that the channel is closed. */
    Connect(Completion<Void> completion, SocketAddress remote) {
      super(RingAsynchronousSocketChannel.this.group.threads(), completion);
      this.remote = remote;
    }

    @Override
    boolean attempt() throws IOException {
      RingAsynchronousSocketChannel channel = RingAsynchronousSocketChannel.this;
      if (!begun) {
        begun = true;
        connectsForFuture = isForFuture();
        if (beginsConnected() || inKernel != null) {
          return true;
        }
      }
      return socket.finishConnect(channel);
    }

    private boolean beginsConnected() throws IOException {
      RingAsynchronousSocketChannel channel = RingAsynchronousSocketChannel.this;
      boolean connected;
      KernelGroup.Hold hold = network.mayReachKernel() ? group.kernel().hold() : null;
      try {
        connected = socket.connect(channel, available(), Deadline.NONE);
      } finally {
        if (hold != null) {
          hold.end();
        }
      }
      if (socket.way() instanceof KernelAsynchronousSocket kernel) {
        group.moveToKernel(channel);
        inKernel = kernel.pending(channel);
      }
      return connected;
    }

    private SocketAddress available() throws SocketException {
      try {
        return socket.family().checkAvailable(remote);
      } catch (SocketException e) {
        closeQuietly(); // as any connect that fails
        throw e;
      }
    }

    @Override
    Throwable failure(Throwable thrown) {
      return thrown instanceof ClosedChannelException ? new AsynchronousCloseException() : thrown;
    }
  }

  /** Whether the connect in progress has a future. */
  boolean connectsForFuture() {
    return connectsForFuture;
  }

  /** Called when the connect has ended in the kernel, on any thread. */
  void kernelConnectEnded() {
    writing.tryNow();
  }

  // -- names

  @Override
  public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
    try {
      socket.bind(local);
    } catch (UnsupportedAddressTypeException e) {
      socket.family().checkAvailable(local); // else of another kind
      throw e;
    }
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return socket.way().localAddress();
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    Way way = socket.way();
    SocketAddress remote = way.remoteAddress();
    return way.isConnected() ? remote : null;
  }

  // -- options

  @Override
  public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    ensureSupported(name);
    if (isOpen() && socket.isOnRing() && socket.isOutputShut()) {
      throw new IOException("Connection has been shutdown for writing"); // as the platform's
    }
    socket.way().setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    ensureSupported(name);
    return socket.way().option(name);
  }

  private void ensureSupported(SocketOption<?> name) {
    socket.options().ensureSupported(name);
    if (isOfSocketChannelsAlone(name)) {
      throw new UnsupportedOperationException("'" + name + "' not supported");
    }
  }

  private static boolean isOfSocketChannelsAlone(SocketOption<?> name) {
    return name == StandardSocketOptions.SO_LINGER || name == StandardSocketOptions.IP_TOS;
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    Set<SocketOption<?>> supported = new HashSet<>(socket.options().supported());
    supported.removeIf(RingAsynchronousSocketChannel::isOfSocketChannelsAlone);
    return Set.copyOf(supported);
  }

  // -- half-close and close

  @Override
  public AsynchronousSocketChannel shutdownInput() throws IOException {
    socket.way().shutdownInput();
    return this;
  }

  @Override
  public AsynchronousSocketChannel shutdownOutput() throws IOException {
    socket.way().shutdownOutput();
    return this;
  }

  @Override
  public boolean isOpen() {
    if (closed.get()) {
      return false;
    }
    AsynchronousSocketChannel kernel = socket == null ? null : inKernel();
    return kernel == null || kernel.isOpen(); // it closes itself if its connect fails
  }

  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (socket == null) {
      return; // the network closes while this is made, and closes the socket itself
    }
    try {
      socket.close();
    } finally {
      endPending();
    }
  }

  /** Lets pending operations find the socket closed, and the group forget this. */
  private void endPending() {
    try {
      reading.tryNow();
    } finally {
      try {
        writing.tryNow();
      } finally {
        group.remove(this); // last: with the last channel goes the executor
      }
    }
  }

  // -- for the socket

  @Override
  public boolean isBlocking() {
    return false;
  }

  @Override
  public void beginWait() {
    // No operation blocks.
  }

  @Override
  public void endWait(boolean completed) {
    // No operation blocks.
  }

  @Override
  public boolean remembersReset() {
    return false;
  }

  @Override
  public String toString() {
    return socket.describe(getClass().getName());
  }
}
