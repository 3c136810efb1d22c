package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.copy.RepeatedBuffers;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.ring.BufferChecks;
import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import io.nioring.internal.time.Deadline;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.ReceivedMessage;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;

/**
 * A stream socket over rings, without a facade: the common implementation of {@code SocketChannel},
 * the ends of a pipe and {@code java.net.Socket}.
 *
 * <p>There is one read and one write. Each takes its side's turn (the endpoint's lock), checks the
 * state once, copies, unlocks, and then wakes the peer: whenever the ring's index moved, even if
 * the operation failed half-way. Reads and writes of anything other than one buffer pass in what
 * differs. Thread-safe: one read and one write may go on at the same time.
 */
public final class StreamSocket extends SocketState {
  /** Makes a socket and adds it to the registry; see {@link SocketState}. */
  private StreamSocket(
      NetworkResources network,
      AddressFamily family,
      Endpoint endpoint,
      Channel facade,
      Undecided undecided,
      OptionValues options) {
    super(network, family, endpoint, facade, undecided, options);
  }

  /**
   * Opens an unconnected socket.
   *
   * @param facade the object that the program will hold; referenced weakly
   * @param undecided the state to carry over to the kernel; null if the network does not reach it
   * @throws IllegalStateException if the network was closed
   */
  public static StreamSocket open(
      NetworkResources network, AddressFamily family, Channel facade, Undecided undecided) {
    Endpoint endpoint = new Endpoint(network.identity());
    StreamSocket socket = new StreamSocket(network, family, endpoint, facade, undecided, null);
    network.registry().add(socket);
    return socket;
  }

  /**
   * Makes the socket of a connected end.
   *
   * @param facade the object that the program will hold; referenced weakly
   * @param options those that it has from the beginning; null for the defaults
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  public static StreamSocket connected(
      NetworkResources network,
      AddressFamily family,
      Endpoint endpoint,
      Channel facade,
      OptionValues options) {
    try {
      StreamSocket socket = new StreamSocket(network, family, endpoint, facade, null, options);
      network.registry().add(socket);
      return socket;
    } catch (RuntimeException | Error e) {
      network.registry().rights().close(endpoint, Closing.RESET);
      throw e;
    }
  }

  // -- reading

  @Override
  public int read(Facade facade, ByteBuffer dst) throws IOException {
    return read(facade, dst, null, 0, 0, null, 0);
  }

  @Override
  public long read(Facade facade, ByteBuffer[] dsts, int offset, int length) throws IOException {
    return read(facade, null, dsts, offset, offset + length, Scatter.instance(), 0);
  }

  @Override
  public int read(Facade facade, byte[] bytes, int offset, int length, int timeoutMillis)
      throws IOException {
    ByteBuffer dst = ByteBuffer.wrap(bytes, offset, length);
    return read(facade, dst, null, 0, 0, null, timeoutMillis);
  }

  /** Reads into a target provided by the user. */
  public int read(Facade facade, ByteTarget dst) throws IOException {
    return read(facade, new Receive(dst, MessageOptions.PLAIN));
  }

  /** Receives bytes and their ancillary data, see {@link io.nioring.socket.RingSocket}. */
  public ReceivedMessage receive(Facade facade, ByteTarget dst, MessageOptions how)
      throws IOException {
    Receive form = new Receive(dst, how);
    read(facade, form);
    return form.received();
  }

  private int read(Facade facade, Incoming form) throws IOException {
    return read(facade, null, null, 0, 0, form, 0);
  }

  /**
   * The read. Deliberately a single method: with one more level of calls the JIT no longer inlines
   * the whole copy. It must stay below 325 bytes of bytecode, the limit up to which hot methods are
   * inlined.
   *
   * @param dst the buffer to read into; null if there are several, or the form has the target
   * @param dsts the buffers, if several; here and not in the form, which would cost an object per
   *     call
   * @param from the first of them
   * @param to the end of them
   * @param form what differs from a read into one buffer; null for such a read
   * @param timeoutMillis the longest time to wait, 0 for no limit; only for a read into one buffer
   * @return the number of bytes read, 0 if there are none now or none fit, -1 at the end
   */
  private int read(
      Facade facade,
      ByteBuffer dst,
      ByteBuffer[] dsts,
      int from,
      int to,
      Incoming form,
      int timeoutMillis)
      throws IOException {
    Deadline limit = lockRead(facade, form, timeoutMillis);
    long before = readSoFar(dst);
    Tap tap = endpoint.inputTap();
    int result = Tap.FAILED;
    try {
      boolean waits = beginRead(facade, form, tap);
      if (isAtEnd(form)) {
        result = -1;
      } else if (!hasRoom(dst, dsts, from, to, form)) {
        result = 0;
      } else {
        if (waits) {
          giveHeadStart(form);
        }
        int count = takeOrEnd(facade, dst, dsts, from, to, form);
        if (count == 0 && waits) {
          limit = limit == null ? readDeadline(form, timeoutMillis) : limit;
          count = awaitRead(facade, dst, dsts, from, to, form, limit);
        } else if (count < 0 && !isOpen()) {
          throw new AsynchronousCloseException(); // the end is our own: closed meanwhile
        }
        if (form != null) {
          form.taken(endpoint, count);
        }
        result = count;
      }
      return result;
    } finally {
      endRead(readSoFar(dst) != before, tap, result, timeoutMillis);
    }
  }

  /** A number that grows with what is read: a buffer's position is available, the ring's is not. */
  private long readSoFar(ByteBuffer dst) {
    return dst == null ? endpoint.totalRead() : dst.position();
  }

  /** Refuses a read, or returns whether it waits. */
  private boolean beginRead(Facade facade, Incoming form, Tap tap) throws IOException {
    if (tap != null) {
      tap.beginRead();
    }
    ensureConnected();
    return endsIfInterrupted(facade, form == null ? facade.isBlocking() : form.waits(facade));
  }

  /** Ends a blocking operation if its thread was interrupted before. */
  private static boolean endsIfInterrupted(Facade facade, boolean waits) throws IOException {
    if (waits && Thread.currentThread().isInterrupted()) {
      facade.beginInterrupted();
    }
    return waits;
  }

  /**
   * Releases the read turn, and wakes the peer if bytes were taken, even by a read that failed
   * half-way.
   */
  private void endRead(boolean moved, Tap tap, int result, int timeoutMillis) {
    try {
      if (tap != null) {
        endpoint.tellRead(tap, result, timeoutMillis);
      }
    } finally {
      endpoint.unlockRead();
      if (moved) {
        endpoint.wakePeerWriter();
      }
    }
  }

  /**
   * Takes the turn to read.
   *
   * @return the end of a time limit, to which the wait for the turn counts; null if it has not
   *     begun
   */
  private Deadline lockRead(Facade facade, Incoming form, int timeoutMillis)
      throws SocketTimeoutException {
    if (form != null && form.callsUser()) {
      endpoint.lockReadForCallbacks(network.clock(), facade.monitor());
    } else if (!endpoint.tryLockRead()) {
      return awaitTurnToRead(facade, timeoutMillis);
    }
    return null;
  }

  private Deadline awaitTurnToRead(Facade facade, int timeoutMillis) throws SocketTimeoutException {
    Deadline deadline = Deadline.ofMillis(network.clock(), timeoutMillis);
    if (!endpoint.lockRead(network.clock(), facade.monitor(), deadline)) {
      throw new SocketTimeoutException("Read timed out");
    }
    return timeoutMillis == 0 ? null : deadline;
  }

  /** Whether a read returns the end at once; this end's shutdown takes precedence over a reset. */
  private boolean isAtEnd(Incoming form) throws SocketException {
    if (form != null && !form.isRead()) {
      return false;
    }
    if (isInputShut()) {
      return true;
    }
    ensureNotReset();
    return false;
  }

  private static boolean hasRoom(
      ByteBuffer dst, ByteBuffer[] dsts, int from, int to, Incoming form) {
    if (form == null) {
      BufferChecks.ensureWritable(dst);
      return dst.hasRemaining();
    }
    form.check(dsts, from, to);
    return form.hasRoom(dsts, from, to);
  }

  /**
   * Before a read that may wait: gives a head start to a peer that sends small amounts at a high
   * rate.
   */
  private void giveHeadStart(Incoming form) {
    if (network.spinning().maySpin() && (form == null || !form.peeks())) {
      for (int spins = endpoint.peersHeadStart(); spins > 0; spins--) {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Notes a reset that a read met if later reads are to fail too; this end's shutdown takes
   * precedence.
   */
  private int endedByReset(Facade facade, IOException reset, Incoming form) throws IOException {
    if (reset instanceof SocketException && facade.remembersReset()) {
      noteReset();
    }
    if (isInputShut() && (form == null || form.isRead())) {
      return -1;
    }
    throw reset;
  }

  private int awaitRead(
      Facade facade,
      ByteBuffer dst,
      ByteBuffer[] dsts,
      int from,
      int to,
      Incoming form,
      Deadline deadline)
      throws IOException {
    int count = 0;
    if (form == null) {
      BufferChecks.ensureAccessible(dst);
    }
    tellWaitsForBytes();
    facade.beginWait();
    try {
      while (count == 0 && isOpen()) {
        awaitBytes(facade, deadline, form);
        if (isOpen()) {
          count = takeOrEnd(facade, dst, dsts, from, to, form);
          if (count == 0) {
            endpoint.releaseInputIfIdle();
          }
        }
      }
    } finally {
      endWait(facade, count > 0, form != null && form.keepsResult());
    }
    return count;
  }

  private Deadline readDeadline(Incoming form, int timeoutMillis) {
    return form == null
        ? Deadline.ofMillis(network.clock(), timeoutMillis)
        : form.deadline(network.clock());
  }

  /** Sleeps until there may be bytes, or fails at the deadline. */
  private void awaitBytes(Facade facade, Deadline deadline, Incoming form) throws IOException {
    long left = deadline.remainingNanos();
    if (left <= 0) {
      throw new SocketTimeoutException(form == null ? "Read timed out" : "Receive timed out");
    }
    reading().await(facade, left);
  }

  private void tellWaitsForBytes() {
    Tap tap = endpoint.inputTap();
    if (tap != null) {
      tap.awaitBytes();
    }
  }

  private int takeOrEnd(
      Facade facade, ByteBuffer dst, ByteBuffer[] dsts, int from, int to, Incoming form)
      throws IOException {
    try {
      return form == null ? endpoint.read(dst) : form.take(endpoint, dsts, from, to);
    } catch (IOException e) {
      return endedByReset(facade, e, form);
    }
  }

  /** Ends a wait; where the result is kept, an interrupt that came too late does not discard it. */
  private static void endWait(Facade facade, boolean completed, boolean keepsResult)
      throws IOException {
    try {
      facade.endWait(completed);
    } catch (ClosedByInterruptException e) {
      if (!completed || !keepsResult) {
        throw e;
      }
    }
  }

  @Override
  public void openInput() {
    // Nothing to prepare.
  }

  @Override
  public int available() throws IOException {
    ensureConnected();
    return isInputShut() ? 0 : endpoint.available();
  }

  // -- writing

  @Override
  public int write(Facade facade, ByteBuffer src) throws IOException {
    return (int) write(facade, src, null, 0, 0, null);
  }

  @Override
  public long write(Facade facade, ByteBuffer[] srcs, int offset, int length) throws IOException {
    int end = offset + length;
    ByteBuffer[] each = RepeatedBuffers.separated(srcs, offset, end);
    return write(facade, null, each, offset, end, Gather.instance());
  }

  @Override
  public void writeUrgent(Facade facade, byte data) throws IOException {
    if (write(facade, new Urgent(data)) == 0) {
      throw new IOException("Socket buffer full");
    }
  }

  /** Writes from a source provided by the user. */
  public long write(Facade facade, ByteSource src) throws IOException {
    return Messages.write(this, facade, src);
  }

  /** Sends a message, see {@link io.nioring.socket.RingSocket}. */
  public long send(Facade facade, ByteSource src, AncillaryData data, MessageOptions how)
      throws IOException {
    return Messages.send(this, facade, src, data, how);
  }

  /** Writes a form that has its own bytes. */
  long write(Facade facade, Outgoing form) throws IOException {
    return write(facade, null, null, 0, 0, form);
  }

  /**
   * The write. Deliberately a single method, as the read.
   *
   * @param src the buffer to write from; null if there are several, or the form has the bytes
   * @param srcs the buffers, if several, as for the read
   * @param from the first of them
   * @param to the end of them
   * @param form what differs from a write from one buffer; null for such a write
   * @return the number of bytes taken; a blocking operation takes fewer than all only if the stream
   *     failed after some were taken, or the time was over: the next write reports it
   * @throws AsynchronousCloseException if the socket was closed meanwhile, whatever had been taken
   */
  private long write(
      Facade facade, ByteBuffer src, ByteBuffer[] srcs, int from, int to, Outgoing form)
      throws IOException {
    boolean begun = false;
    lockWrite(facade, form);
    long before = writtenSoFar(src);
    Tap tap = endpoint.outputTap();
    long result = Tap.FAILED;
    try {
      boolean waits = beginWrite(facade, form, tap);
      if (isOutputShut()) {
        throw refused(hasRemaining(src, srcs, from, to, form));
      }
      if (isEmpty(src, srcs, from, to, form)) {
        result = 0;
      } else {
        begun = true;
        long count = form == null ? endpoint.write(src) : form.put(endpoint, srcs, from, to, false);
        if (waits && hasRemaining(src, srcs, from, to, form)) {
          count = awaitWrite(facade, src, srcs, from, to, form, count);
        }
        result = count;
      }
      return result;
    } catch (IOException e) {
      throw writeFailure(e, begun);
    } finally {
      endWrite(begun ? form : null, writtenSoFar(src) != before, tap, result);
    }
  }

  /** As {@link #readSoFar}, for a write. */
  private long writtenSoFar(ByteBuffer src) {
    return src == null ? endpoint.totalWritten() : src.position();
  }

  /** As {@link #beginRead}, for a write. */
  private boolean beginWrite(Facade facade, Outgoing form, Tap tap) throws IOException {
    if (tap != null) {
      tap.beginWrite();
    }
    ensureConnected();
    return endsIfInterrupted(facade, form == null ? facade.isBlocking() : form.waits(facade));
  }

  /**
   * Releases the write turn, and wakes the peer if bytes were put, even by a write that failed
   * half-way: the failure of a mapped file that was truncated may come as late as here.
   */
  private void endWrite(Outgoing begun, boolean moved, Tap tap, long result) {
    try {
      if (begun != null) {
        begun.ended(endpoint);
      }
      if (tap != null) {
        endpoint.tellWrite(tap, result);
      }
    } finally {
      endpoint.unlockWrite(moved);
      if (moved) {
        endpoint.wakePeerReader();
        if (result > ByteRing.PART_BYTES) {
          endpoint.shrinkOutput();
        }
      }
    }
  }

  private void lockWrite(Facade facade, Outgoing form) {
    if (form == null || !form.callsUser()) {
      if (!endpoint.tryLockWrite()) {
        endpoint.lockWrite(network.clock(), facade.monitor());
      }
    } else {
      endpoint.lockWriteForCallbacks(network.clock(), facade.monitor());
    }
  }

  /**
   * Refuses a write after this end's output was shut down. The platform's channels leave that to
   * the kernel, which then reports a pending error of the connection.
   */
  private ClosedChannelException refused(boolean hasBytes) {
    ClosedChannelException refused = new ClosedChannelException();
    if (hasBytes) {
      refused.initCause(endpoint.refusedWrite());
    }
    return refused;
  }

  private static boolean isEmpty(
      ByteBuffer src, ByteBuffer[] srcs, int from, int to, Outgoing form) {
    if (form == null) {
      return !src.hasRemaining();
    }
    form.check(srcs, from, to);
    return !form.hasRemaining(srcs, from, to) && !form.isDoneEmpty();
  }

  /** A pipe broken by this end's shutdown or close during the write is an asynchronous close. */
  private IOException writeFailure(IOException failure, boolean begun) {
    return (isOutputShut() || (begun && !isOpen())) && !(failure instanceof ClosedChannelException)
        ? new AsynchronousCloseException()
        : failure;
  }

  private long awaitWrite(
      Facade facade,
      ByteBuffer src,
      ByteBuffer[] srcs,
      int from,
      int to,
      Outgoing form,
      long alreadyTaken)
      throws IOException {
    Deadline deadline = form == null ? Deadline.NONE : form.deadline(network.clock());
    long total = alreadyTaken;
    long count = alreadyTaken;
    facade.beginWait();
    try {
      while (count >= 0 && hasRemaining(src, srcs, from, to, form) && isOpen()) {
        if (count > 0) {
          endpoint.published();
        }
        awaitRoom(facade, deadline);
        if (isOpen()) {
          count = putAfterWait(facade, src, srcs, from, to, form, total > 0);
          total += Math.max(0, count);
        }
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      if (total == 0 || (form == null && !(e instanceof IOException))) {
        throw e;
      }
    } finally {
      boolean keepsResult = form != null && form.keepsResult();
      boolean completed =
          total > 0 && (keepsResult || isOpen() || !hasRemaining(src, srcs, from, to, form));
      endWait(facade, completed, keepsResult);
    }
    return total;
  }

  /** Sleeps until there may be room, or fails at the deadline. */
  private void awaitRoom(Facade facade, Deadline deadline) throws IOException {
    long left = deadline.remainingNanos();
    if (left <= 0) {
      throw new SocketTimeoutException("Send timed out");
    }
    endpoint.wakePeerReader(); // it needs none of our locks: no other thread would make room
    tellWaitsForRoom();
    writing().await(facade, left);
  }

  private void tellWaitsForRoom() {
    Tap tap = endpoint.outputTap();
    if (tap != null) {
      tap.awaitRoom();
    }
  }

  /** As {@link #put}, after a wait, which a reset may have ended. */
  private long putAfterWait(
      Facade facade,
      ByteBuffer src,
      ByteBuffer[] srcs,
      int from,
      int to,
      Outgoing form,
      boolean more)
      throws IOException {
    if (endpoint.isOutputShut() && facade.canBeReset()) {
      if (endpoint.isCloseUndecided()) {
        return 0; // the next wait ends at once: the peer is about to say whether it is a reset
      }
      if (endpoint.isEndedByReset(more)) {
        return -1;
      }
    }
    return put(src, srcs, from, to, form, more);
  }

  private long put(ByteBuffer src, ByteBuffer[] srcs, int from, int to, Outgoing form, boolean more)
      throws IOException {
    if (form != null) {
      return form.put(endpoint, srcs, from, to, more);
    }
    return more ? endpoint.writeMore(src) : endpoint.write(src);
  }

  private static boolean hasRemaining(
      ByteBuffer src, ByteBuffer[] srcs, int from, int to, Outgoing form) {
    return form == null ? src.hasRemaining() : form.hasRemaining(srcs, from, to);
  }

  // -- connecting

  /** {@inheritDoc} If it fails the facade is closed. */
  @Override
  public boolean connect(Facade facade, SocketAddress remote, Deadline deadline)
      throws IOException {
    try {
      boolean connected = StreamConnects.connect(this, facade, remote, deadline);
      if (!isOnRing()) {
        attachKeys(way());
      }
      return connected;
    } catch (IOException | UnsupportedOperationException e) { // the latter without a platform
      facade.close(); // a connect that failed closes the channel, as SocketChannel specifies
      throw e;
    }
  }

  @Override
  public boolean finishConnect(Facade facade) throws IOException {
    boolean connected;
    try {
      connected = StreamConnects.finish(this, facade);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      facade.close(); // as in connect
      throw e;
    }
    return isOnRing() ? connected : way().finishConnect(facade); // decided meanwhile
  }

  @Override
  public String toString() {
    return describe(getClass().getName());
  }
}
