package io.nioring.internal.async;

import io.nioring.internal.core.Facade;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.SocketAddress;
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
import java.nio.channels.WritePendingException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An asynchronous socket channel whose bytes go through rings: a facade of a {@link StreamSocket}
 * whose operations never wait for a thread.
 *
 * <p>What it checks, in which order, and what it throws follows the platform's channels.
 * Thread-safe: one read and one write may be pending at the same time.
 */
final class RingAsynchronousSocketChannel extends AsynchronousSocketChannel implements Facade {
  private final RingChannelGroup group;
  private final NetworkResources network;
  private final StreamSocket socket;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Side reading;

  /** Writing, or connecting before that. */
  private final Side writing;

  /** Opens an unconnected channel. */
  private RingAsynchronousSocketChannel(
      RingChannelGroup group, NetworkResources network, AddressFamily family, Timeouts timeouts) {
    super(group.provider());
    this.group = group;
    this.network = network;
    this.reading = new Side(group, Readiness.IN, timeouts, ReadPendingException::new);
    this.writing = new Side(group, Readiness.OUT, timeouts, WritePendingException::new);
    this.socket = StreamSocket.open(network, family, this, null);
    waitForPeer();
  }

  private RingAsynchronousSocketChannel(
      RingChannelGroup group,
      NetworkResources network,
      AddressFamily family,
      Timeouts timeouts,
      Endpoint connected) {
    super(group.provider());
    this.group = group;
    this.network = network;
    this.reading = new Side(group, Readiness.IN, timeouts, ReadPendingException::new);
    this.writing = new Side(group, Readiness.OUT, timeouts, WritePendingException::new);
    this.socket = StreamSocket.connected(network, family, connected, this);
    waitForPeer();
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
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  static RingAsynchronousSocketChannel accepted(
      RingChannelGroup group,
      NetworkResources network,
      AddressFamily family,
      Timeouts timeouts,
      Endpoint endpoint) {
    return new RingAsynchronousSocketChannel(group, network, family, timeouts, endpoint);
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

  /** Closes a channel that nobody has got. */
  void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      return; // a ring's close throws nothing, and another failure is told
    }
  }

  // -- reading

  @Override
  public <A> void read(
      ByteBuffer dst,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    Completion<Integer> completion = Completion.of(handler, attachment);
    ensureWritable(dst);
    beginRead(new Read(completion, dst), dst.hasRemaining(), timeout, unit);
  }

  @Override
  public Future<Integer> read(ByteBuffer dst) {
    ensureWritable(dst);
    Completion<Integer> completion = Completion.ofFuture();
    beginRead(new Read(completion, dst), dst.hasRemaining(), 0, TimeUnit.SECONDS);
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
    Completion<Long> completion = Completion.of(handler, attachment);
    Objects.checkFromIndexSize(offset, length, dsts.length);
    ByteBuffer[] own = copyOf(dsts, offset, length);
    for (ByteBuffer dst : own) {
      ensureWritable(dst);
    }
    beginRead(new ScatteringRead(completion, own), hasRemaining(own), timeout, unit);
  }

  /** The buffers of an operation: the array is the program's again at once. */
  private static ByteBuffer[] copyOf(ByteBuffer[] all, int offset, int length) {
    ByteBuffer[] own = new ByteBuffer[length];
    System.arraycopy(all, offset, own, 0, length);
    return own;
  }

  private static void ensureWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  private static boolean hasRemaining(ByteBuffer[] buffers) {
    for (ByteBuffer buffer : buffers) {
      if (buffer.hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private void beginRead(Transfer<?> read, boolean hasRoom, long timeout, TimeUnit unit) {
    if (endsAtOnce(read)) {
      return;
    }
    if (reading.isKilled()) {
      throw new IllegalStateException("Reading not allowed due to timeout or cancellation");
    }
    reading.ensureNonePending();
    if (!hasRoom && !socket.isInputShut()) {
      read.giveCount(0);
      read.deliverToCaller();
      return;
    }
    read.bindFuture(reading, this);
    reading.begin(read, timeout, unit);
  }

  /** Whether a transfer fails since the channel is closed; the program has been told then. */
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
    Completion<Integer> completion = Completion.of(handler, attachment);
    beginWrite(new Write(completion, src), src.hasRemaining(), timeout, unit);
  }

  @Override
  public Future<Integer> write(ByteBuffer src) {
    Completion<Integer> completion = Completion.ofFuture();
    beginWrite(new Write(completion, src), src.hasRemaining(), 0, TimeUnit.SECONDS);
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
    Completion<Long> completion = Completion.of(handler, attachment);
    Objects.checkFromIndexSize(offset, length, srcs.length);
    ByteBuffer[] own = copyOf(srcs, offset, length);
    beginWrite(new GatheringWrite(completion, own), hasRemaining(own), timeout, unit);
  }

  private void beginWrite(Transfer<?> write, boolean hasData, long timeout, TimeUnit unit) {
    if (endsAtOnce(write)) {
      return;
    }
    if (writing.isKilled()) {
      throw new IllegalStateException("Writing not allowed due to timeout or cancellation");
    }
    writing.ensureNonePending();
    if (socket.isOutputShut()) {
      write.fail(new ClosedChannelException());
      write.deliverToCaller();
      return;
    }
    if (!hasData) {
      write.giveCount(0);
      write.deliverToCaller();
      return;
    }
    write.bindFuture(writing, this);
    writing.begin(write, timeout, unit);
  }

  /** A read or a write of this channel. */
  private abstract class Transfer<V> extends Operation<V> {
    Transfer(Completion<V> completion) {
      super(RingAsynchronousSocketChannel.this.group, completion);
    }

    /** Notes how many bytes went. */
    abstract void giveCount(long count);

    /** Whether it has ended with so many bytes. */
    final boolean endsWith(long count) {
      if (count == 0) {
        return false;
      }
      giveCount(count);
      return true;
    }

    @Override
    Throwable failure(Throwable thrown) {
      if (!(thrown instanceof ClosedChannelException)) {
        return thrown;
      }
      return isOpen() ? new IOException("Broken pipe") : new AsynchronousCloseException();
    }
  }

  /** A read into one buffer. */
  private final class Read extends Transfer<Integer> {
    private final ByteBuffer dst;

    Read(Completion<Integer> completion, ByteBuffer dst) {
      super(completion);
      this.dst = dst;
    }

    @Override
    boolean attempt() throws IOException {
      return endsWith(socket.read(RingAsynchronousSocketChannel.this, dst));
    }

    @Override
    void giveCount(long count) {
      give((int) count);
    }
  }

  /** A read into several buffers. */
  private final class ScatteringRead extends Transfer<Long> {
    private final ByteBuffer[] dsts;

    ScatteringRead(Completion<Long> completion, ByteBuffer[] dsts) {
      super(completion);
      this.dsts = dsts;
    }

    @Override
    boolean attempt() throws IOException {
      return endsWith(socket.read(RingAsynchronousSocketChannel.this, dsts, 0, dsts.length));
    }

    @Override
    void giveCount(long count) {
      give(count);
    }
  }

  /** A write from one buffer. */
  private final class Write extends Transfer<Integer> {
    private final ByteBuffer src;

    Write(Completion<Integer> completion, ByteBuffer src) {
      super(completion);
      this.src = src;
    }

    @Override
    boolean attempt() throws IOException {
      return endsWith(socket.write(RingAsynchronousSocketChannel.this, src));
    }

    @Override
    void giveCount(long count) {
      give((int) count);
    }
  }

  /** A write from several buffers. */
  private final class GatheringWrite extends Transfer<Long> {
    private final ByteBuffer[] srcs;

    GatheringWrite(Completion<Long> completion, ByteBuffer[] srcs) {
      super(completion);
      this.srcs = srcs;
    }

    @Override
    boolean attempt() throws IOException {
      return endsWith(socket.write(RingAsynchronousSocketChannel.this, srcs, 0, srcs.length));
    }

    @Override
    void giveCount(long count) {
      give(count);
    }
  }

  // -- connecting

  @Override
  public <A> void connect(
      SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
    beginConnect(Completion.of(handler, attachment), remote);
  }

  @Override
  public Future<Void> connect(SocketAddress remote) {
    Completion<Void> completion = Completion.ofFuture();
    beginConnect(completion, remote);
    return completion.future();
  }

  private void beginConnect(Completion<Void> completion, SocketAddress remote) {
    if (!isOpen()) {
      Connect refused = new Connect(completion, null);
      refused.fail(new ClosedChannelException());
      refused.deliverToCaller();
      return;
    }
    Connect connect =
        new Connect(completion, socket.family().check(network.verdicts().resolved(remote)));
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
  }

  /** A connect of this channel. */
  private final class Connect extends Operation<Void> {
    private final SocketAddress remote;
    private boolean begun;

    /** Makes the operation; the address is null if it only tells that the channel is closed. */
    Connect(Completion<Void> completion, SocketAddress remote) {
      super(RingAsynchronousSocketChannel.this.group, completion);
      this.remote = remote;
    }

    @Override
    boolean attempt() throws IOException {
      RingAsynchronousSocketChannel channel = RingAsynchronousSocketChannel.this;
      if (!begun) {
        begun = true;
        if (socket.connect(channel, remote, Deadline.NONE)) {
          return true;
        }
      }
      return socket.finishConnect(channel);
    }

    @Override
    Throwable failure(Throwable thrown) {
      return thrown instanceof ClosedChannelException ? new AsynchronousCloseException() : thrown;
    }
  }

  // -- names

  @Override
  public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
    socket.bind(local == null ? null : socket.family().check(local));
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return socket.localAddress();
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    SocketAddress remote = socket.remoteAddress();
    return socket.isConnected() ? remote : null;
  }

  // -- options

  @Override
  public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value)
      throws IOException {
    ensureSupported(name);
    socket.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    ensureSupported(name);
    return socket.option(name);
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
    socket.shutdownInput();
    return this;
  }

  @Override
  public AsynchronousSocketChannel shutdownOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  @Override
  public boolean isOpen() {
    return !closed.get();
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
      reading.tryNow(); // pending operations find the socket closed
      writing.tryNow();
      group.remove(this); // last: with the last channel goes the executor
    }
  }

  // -- for the socket

  @Override
  public boolean isBlocking() {
    return false;
  }

  @Override
  public void beginWait() {
    // No operation waits.
  }

  @Override
  public void endWait(boolean completed) {
    // No operation waits.
  }

  @Override
  public String toString() {
    return socket.describe(getClass().getName());
  }
}
