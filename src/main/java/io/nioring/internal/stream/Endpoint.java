package io.nioring.internal.stream;

import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.address.IpAddresses;
import io.nioring.internal.platform.PosixIdentity;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One end of a stream: the counterpart of what the kernel keeps behind a socket's file descriptor.
 *
 * <p>Made unconnected by a channel, or by the listener's side of a connect; {@link Wire#connect}
 * joins two of them permanently. The facade calls it; a peer only calls {@link #poll()}. Bytes with
 * ancillary data go through {@link MessageTransfer}.
 *
 * <h2>Locks</h2>
 *
 * The read lock admits one thread to {@link #read}, the write lock one to {@link #write}. The order
 * is read lock, then write lock. They are taken through {@link #lockRead} and {@link #unlockRead}
 * (and the same for write), since the thread that releases a lock of a closed endpoint must leave
 * the ring on behalf of the thread that closed it: the closing thread never waits for a lock. Nor
 * does a thread that shuts a direction while a write is in progress: the thread that releases the
 * write lock then publishes the reader's end of file.
 *
 * <p>No thread is woken under a lock: {@link #read} and {@link #write} publish, the caller unlocks,
 * which is a full fence, then {@link #wakePeerWriter} or {@link #wakePeerReader} is called. The one
 * fence serves the waiters of the lock, a thread that shuts or closes, and the peer's waiters. Only
 * a large write wakes the reader before it ends: the reader needs none of its locks.
 *
 * <h2>Close</h2>
 *
 * The first {@link #close} wins. It marks both directions, wakes both ends, and leaves each side's
 * ring at once if no operation is in progress there; otherwise the operation leaves it when it
 * unlocks.
 *
 * <p>The endpoint is its own set of waiters, since the heap of an idle connection is counted in
 * bytes; its monitor is the state lock of its socket.
 */
public final class Endpoint extends PollSet implements ByteRing.Progress {
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;

  /** A write has found, or changed, how the connection ends, for which waiters are to be woken. */
  private static final int CHANGED = 1;

  /** What the write in progress has still to put is taken, and discarded. */
  private static final int DISCARDS = 1 << 1;

  private static final VarHandle CLOSED;
  private static final VarHandle IN;
  private static final VarHandle OUT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CLOSED = lookup.findVarHandle(Endpoint.class, "closed", boolean.class);
      IN = lookup.findVarHandle(Endpoint.class, "in", Direction.class);
      OUT = lookup.findVarHandle(Endpoint.class, "out", Direction.class);
      // The first call takes memory, which the first close of a program may not find.
      CLOSED.compareAndSet(new Endpoint(), false, true);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final IoLock readLock = new IoLock();
  private final IoLock writeLock = new IoLock();

  /** The identity of this end as its peer sees it; null for the process's. */
  private final PeerCredentials identity;

  private volatile boolean closed;
  private volatile boolean urgentInline;

  /** Whether a waiting reader should release the memory of the empty incoming ring. */
  private volatile boolean inputIdle;

  private volatile boolean credentialsPassed;

  /** The other end; {@code null} until connected. Written before the directions. */
  private Endpoint peer;

  private volatile Direction in;
  private volatile Direction out;

  /** As it was given; {@link #localAddress()} makes it this end's own. */
  private SocketAddress localAddress;

  /** As it was given; {@link #remoteAddress()} makes it this end's own. */
  private SocketAddress remoteAddress;

  /** Which of the addresses are this end's own: {@link #LOCAL} and {@link #REMOTE}. */
  private byte ownAddresses;

  /** Guarded by the read lock. */
  private boolean readerLeft;

  /** Guarded by the write lock. */
  private boolean writerLeft;

  /** {@link #CHANGED} and {@link #DISCARDS}; guarded by the write lock. */
  private byte foundByWrite;

  /** Makes an unconnected end with the identity of the process. */
  public Endpoint() {
    this(null);
  }

  /**
   * Makes an unconnected end.
   *
   * @param identity its identity as the peer sees it; null for the process's
   */
  public Endpoint(PeerCredentials identity) {
    this.identity = identity;
  }

  /** Joins this end to another; the directions are published last. */
  void connect(
      Endpoint other,
      SocketAddress local,
      SocketAddress remote,
      Direction incoming,
      Direction outgoing) {
    peer = other;
    localAddress = local;
    remoteAddress = remote;
    IN.setRelease(this, incoming);
    outgoing.writtenFor(this);
    outgoing.protocol(); // its class is there when an end is closed for lack of memory
    OUT.setRelease(this, outgoing);
    VarHandle.fullFence(); // the directions before the closed flag: close uses the opposite order
    if (closed) {
      closeDirections(Closing.ORDERLY); // nothing is in flight yet
    }
    if (credentialsPassed) {
      incoming.separateCredentials(true);
    }
  }

  /** The direction that this end reads from; null before connect. */
  Direction incoming() {
    return in;
  }

  /** The direction that this end writes to; null before connect. */
  Direction outgoing() {
    return out;
  }

  /** The address of this end. */
  public SocketAddress localAddress() {
    if ((ownAddresses & LOCAL) == 0 && isConnected()) {
      localAddress = own(localAddress); // several threads may store an equal one
      ownAddresses |= LOCAL;
    }
    return localAddress;
  }

  /**
   * A copy of a shared address, made when a program asks for it: an IP address keeps the name that
   * is looked up, and shows it from then on, but not at the other end, the listener, or a later
   * connection.
   */
  private static SocketAddress own(SocketAddress shared) {
    SocketAddress full = ClientAddress.full(shared);
    boolean copied = full == shared && full instanceof InetSocketAddress;
    return copied ? IpAddresses.withoutName((InetSocketAddress) full) : full;
  }

  /** The address of the other end; {@code null} before connect. */
  public SocketAddress remoteAddress() {
    if ((ownAddresses & REMOTE) == 0 && isConnected() && !isClient()) {
      remoteAddress = own(remoteAddress); // as above; a client's is what the program gave
      ownAddresses |= REMOTE;
    }
    return remoteAddress;
  }

  /**
   * As {@link #localAddress()}, but a copy that has to be made is not kept: who looks at all
   * connections does not make each of them larger.
   */
  public SocketAddress copyOfLocalAddress() {
    return (ownAddresses & LOCAL) == 0 && isConnected() ? own(localAddress) : localAddress;
  }

  /** As {@link #remoteAddress()}, likewise. */
  public SocketAddress copyOfRemoteAddress() {
    boolean isShared = (ownAddresses & REMOTE) == 0 && isConnected() && !isClient();
    return isShared ? own(remoteAddress) : remoteAddress;
  }

  /** Whether it has an IP address. */
  public boolean isInet() {
    SocketAddress local = localAddress;
    return local instanceof InetSocketAddress || local instanceof ClientAddress;
  }

  /** Whether it has an address of IPv6. */
  public boolean isInet6() {
    return ClientAddress.isInet6(localAddress);
  }

  /** The waiters for this end. */
  public PollSet poll() {
    return this;
  }

  /** Whether the two ends are joined. */
  public boolean isConnected() {
    return out != null;
  }

  /** The other end; null before connect. */
  public Endpoint peer() {
    return peer;
  }

  /** Whether this end has connected rather than been accepted; only for a connected end. */
  public boolean isClient() {
    return out.isFromClient();
  }

  // -- taps

  /** The tap on this end's output; null if there is none, or if unconnected. */
  public Tap outputTap() {
    Direction direction = out;
    return direction == null ? null : direction.tap();
  }

  /** The tap on this end's input; null if there is none, or if unconnected. */
  public Tap inputTap() {
    Direction direction = in;
    return direction == null ? null : direction.tap();
  }

  /**
   * Adds a tap to the output of this end, which is connected: at any time, without blocking anyone.
   * An observer of a connection adds one to the client's end first and, if that was the first of
   * its owner, one to the server's end.
   *
   * @return whether it was added; false if its owner has one there
   */
  public boolean addTap(Tap tap) {
    return out.addTap(tap);
  }

  /** Removes an owner's tap from this end's output; it may still be inside a call. */
  public void removeTap(Object owner) {
    Direction direction = out;
    if (direction != null) {
      direction.removeTap(owner);
    }
  }

  /** The tap of an owner on this end's output; null if there is none. */
  public Tap tapOf(Object owner) {
    Direction direction = out;
    return direction == null ? null : direction.tapOf(owner);
  }

  /** Notifies a tap of the incoming direction that a read has ended; with the read lock held. */
  public void tellRead(Tap tap, int result, int timeoutMillis) {
    Direction direction = in;
    VarHandle.fullFence(); // our head before the tap reads the writer's state
    tap.endRead(
        direction.totalRead(), result, direction.available(), direction.free(), timeoutMillis);
  }

  /** Notifies a tap of the outgoing direction that a write has ended; with the write lock held. */
  public void tellWrite(Tap tap, long result) {
    Direction direction = out;
    VarHandle.fullFence(); // our tail before the tap reads the reader's state
    tap.endWrite(direction.totalWritten(), result, direction.free());
  }

  // -- locks

  /** Takes the read lock, which is not reentrant. */
  public void lockRead() {
    readLock.lock();
  }

  /** Takes the read lock if it is free. */
  public boolean tryLockRead() {
    return readLock.tryLock();
  }

  /** Takes the read lock, whose holder may wait by a clock. */
  public void lockRead(Clock clock) {
    readLock.lock(clock, null);
  }

  /**
   * As above, until a deadline, for a caller that may be inside a monitor.
   *
   * @param monitor the one that the holder of the lock waits on; null for none
   * @return whether the lock is taken
   */
  public boolean lockRead(Clock clock, Object monitor, Deadline deadline) {
    return readLock.lock(clock, monitor, deadline);
  }

  /**
   * Takes the read lock for an operation that calls user code.
   *
   * @param monitor as for {@link #lockRead(Clock, Object, Deadline)}
   * @throws IllegalStateException if the thread is inside such an operation
   */
  public void lockReadForCallbacks(Clock clock, Object monitor) {
    readLock.lockForCallbacks(clock, monitor);
  }

  /**
   * Releases the read lock, and the incoming ring too if the endpoint was closed meanwhile. Rights
   * that were read and not handed out are closed, and a drained ring shrinks.
   */
  public void unlockRead() {
    Direction incoming = in;
    List<Right> left = null;
    if (incoming != null) {
      left = incoming.rightsLeft();
      if (incoming.mayShrink()) {
        shrinkInput();
      }
    }
    readLock.unlock();
    if (closed) {
      leaveReader();
    }
    if (left != null) {
      Rights.close(left);
    }
  }

  /** Takes the write lock, which is not reentrant. */
  public void lockWrite() {
    writeLock.lock();
  }

  /** Takes the write lock if it is free. */
  public boolean tryLockWrite() {
    return writeLock.tryLock();
  }

  /** Takes the write lock, whose holder may wait by a clock. */
  public void lockWrite(Clock clock) {
    writeLock.lock(clock, null);
  }

  /**
   * As above, for a caller that may be inside a monitor.
   *
   * @param monitor the one that the holder of the lock waits on; null for none
   */
  public void lockWrite(Clock clock, Object monitor) {
    writeLock.lock(clock, monitor);
  }

  /**
   * Takes the write lock for an operation that calls user code.
   *
   * @param monitor as for {@link #lockWrite(Clock, Object)}
   * @throws IllegalStateException if the thread is inside such an operation
   */
  public void lockWriteForCallbacks(Clock clock, Object monitor) {
    writeLock.lockForCallbacks(clock, monitor);
  }

  /** As {@link #unlockWrite(boolean)}, for a caller that has written nothing. */
  public void unlockWrite() {
    unlockWrite(false);
  }

  /**
   * Releases the write lock, and does what a shutdown or a close, of this end or the peer's, had to
   * leave to the write in progress: the end of the outgoing direction, for which the peer is woken,
   * and leaving its ring.
   *
   * @param moved whether bytes were put that the peer may have left unread when it closed: either
   *     it saw them then, or we see now that it is gone
   */
  public void unlockWrite(boolean moved) {
    writeLock.unlock(); // a full fence: our tail before the read of the reader's state
    Direction direction = out;
    if (direction != null && direction.needsLook()) {
      lookAfterWrite(direction, moved);
    }
  }

  private void lookAfterWrite(Direction direction, boolean moved) {
    if (moved) {
      direction.tellPublished();
    }
    if (direction.isShut()) {
      boolean reset = moved && resetByUnread(direction);
      if (endOutput() || reset) {
        wakeBoth();
      }
    }
  }

  // -- bytes

  /**
   * Writes what there is room for, under the write lock. Afterwards the caller calls {@link
   * #unlockWrite(boolean)} and then {@link #wakePeerReader}; or {@link #published} before it does
   * anything else with the lock held.
   *
   * @param src the bytes, at least one
   * @return the number of bytes taken, 0 if the ring is full
   * @throws IOException "Broken pipe" if no more bytes are taken, or "Connection reset by peer"
   */
  public int write(ByteBuffer src) throws IOException {
    Direction direction = out;
    if (direction.isShut()) {
      int count = writeToShut(src, false);
      if (count < 0) {
        throw direction.protocol().failure(in);
      }
      return count;
    }
    return direction.write(src, this);
  }

  /** Wakes the reader while a large write goes on; how the connection ends is seen at its end. */
  @Override
  public void partPublished() {
    VarHandle.fullFence(); // our tail before the announcement of a reader that sleeps
    peer.wake(Readiness.IN | Readiness.MORE_FOLLOWS);
  }

  /**
   * Called under the write lock for a write that is refused since this end has shut its output:
   * with TCP that reports a pending error.
   *
   * @return the kernel's exception for it
   */
  public IOException refusedWrite() {
    return out.protocol().failure(in);
  }

  /**
   * Whether a write has to check how the connection ends before it goes on, under the write lock.
   */
  public boolean isOutputShut() {
    return out.isShut();
  }

  /**
   * Whether a write that has waited for room has to wait on, for a peer that is inside its close.
   */
  public boolean isCloseUndecided() {
    return out.protocol().isUndecided(in, out);
  }

  /**
   * Ends a write that has waited for room if a reset has ended its wait.
   *
   * @param more whether it has put bytes before, and returns their number
   * @return false if it goes on
   * @throws IOException "Connection reset by peer", if it has put nothing
   */
  public boolean isEndedByReset(boolean more) throws IOException {
    boolean ended = out.protocol().endsByReset(in, out, more);
    if (ended && !more) {
      throw in.writeResetException();
    }
    return ended;
  }

  /**
   * Takes a pending reset, for a caller that reports it in place of a read or a write.
   *
   * @return whether there was one
   */
  public boolean takeReset() {
    return in.takeReset();
  }

  /**
   * Writes more after a {@link #write} that took some bytes, whose number the operation returns if
   * the stream fails now.
   *
   * @return as {@link #write}; -1 if the next write will fail
   */
  public int writeMore(ByteBuffer src) {
    published();
    Direction direction = out;
    if (direction.isShut()) {
      return writeToShut(src, true);
    }
    try {
      return direction.write(src, this);
    } catch (IOException e) {
      return -1; // there is no memory: the next write reports it
    }
  }

  private int writeToShut(ByteBuffer src, boolean more) {
    int count = admittedToShut(src.remaining(), more);
    src.position(src.position() + Math.max(0, count));
    return count;
  }

  /**
   * Orders our tail before the waiters and the reader's state, for a caller that continues under
   * the write lock after it has put bytes: a reader that is about to sleep sees our bytes or we see
   * it (PollSet), and a closing peer sees our bytes as unread or we see that it is gone.
   *
   * @return whether the peer is gone, and left bytes of ours unread
   */
  public boolean published() {
    VarHandle.fullFence();
    Direction direction = out;
    if (!direction.needsLook()) {
      return false;
    }
    direction.tellPublished();
    boolean reset = resetByUnread(direction);
    if (reset) {
      foundByWrite = CHANGED | DISCARDS;
    }
    return reset;
  }

  /** Resets this end if the peer is gone and left bytes unread, as its close does. */
  private boolean resetByUnread(Direction direction) {
    if (direction.isReaderGone() && direction.available() > 0) {
      in.abort();
      return true;
    }
    return false;
  }

  /**
   * Decides about bytes for a direction that is shut, under the write lock.
   *
   * @param more whether the operation has taken bytes before; if those are discarded, so are these
   * @return how many are taken, and discarded; -1 if writing fails
   */
  int admittedToShut(int count, boolean more) {
    Direction direction = out;
    if (more && (foundByWrite & DISCARDS) != 0) {
      return count;
    }
    if (direction.isSwallowing()) {
      return direction.swallow(count);
    }
    if (!direction.protocol().admitsToShut(in, direction)) {
      foundByWrite = CHANGED; // the peer may have been found closing
      return -1;
    }
    foundByWrite = CHANGED | DISCARDS;
    return count;
  }

  /**
   * Writes one byte of urgent data if the peer receives it in band; otherwise it is dropped.
   *
   * @return 0 if the ring is full, 1 otherwise
   * @throws IOException as {@link #write}
   */
  public int writeUrgent(byte data) throws IOException {
    if (peer.urgentInline) {
      return write(ByteBuffer.wrap(new byte[] {data}));
    }
    // Programs use a dropped byte to test whether the peer still exists.
    if (out.isShut() || out.isReaderClosed()) {
      return write(ByteBuffer.allocate(1));
    }
    return 1;
  }

  /** Sets whether this end receives urgent data in band (SO_OOBINLINE). */
  public void takeUrgentInline(boolean on) {
    urgentInline = on;
  }

  /** Whether this end receives urgent data in band. */
  public boolean takesUrgentInline() {
    return urgentInline;
  }

  /**
   * How long a head start the peer should get before this end reads again, as a number of calls of
   * {@link Thread#onSpinWait}, for a thread that may wait; see {@link ByteRing#headStart}.
   */
  public int peersHeadStart() {
    Direction outgoing = out; // as in readiness
    return outgoing == null ? 0 : in.headStart(outgoing.totalWritten());
  }

  /**
   * Reads the available bytes, under the read lock. Afterwards the caller calls {@link #unlockRead}
   * and then {@link #wakePeerWriter}.
   *
   * @param dst where the bytes go, with room for at least one
   * @return the number of bytes read, 0 if there are none yet, -1 at the end
   * @throws IOException once, at the end of a reset connection's data; see {@link
   *     Direction#resetException}
   */
  public int read(ByteBuffer dst) throws IOException {
    return in.read(dst);
  }

  /**
   * Reads more after a {@link #read} that returned some bytes, without checking how the stream
   * ends.
   *
   * @return how many bytes were read, 0 if there are no more now
   */
  public int readMore(ByteBuffer dst) {
    return in.readRing(dst, false);
  }

  // -- credentials

  /** The identity of this end as its peer sees it. */
  public PeerCredentials credentials() {
    return identity == null ? PosixIdentity.ofProcess().credentials() : identity;
  }

  /** The peer's identity; only for a connected end. */
  public PeerCredentials peerCredentials() {
    return peer.credentials();
  }

  /** Sets whether receives return the sender's credentials (SO_PASSCRED). */
  public void passCredentials(boolean on) {
    credentialsPassed = on;
    Direction incoming = in; // a connect that missed the flag is seen here
    if (incoming != null) {
      incoming.separateCredentials(on);
    }
  }

  /** Whether receives return the sender's credentials. */
  public boolean passesCredentials() {
    return credentialsPassed;
  }

  // -- waking and sizes

  /** Wakes a peer that waits for bytes, after a write and the fence that follows it. */
  public void wakePeerReader() {
    peer.wake(Readiness.IN);
  }

  /** Wakes a peer that waits for room, after a read and its unlock, if there is enough room. */
  public void wakePeerWriter() {
    Endpoint other = peer;
    if (other.isOutWanted() && in.writable()) {
      other.wake(Readiness.OUT);
    }
  }

  /** How many bytes can be read at once; 0 if unconnected. */
  public int available() {
    Direction direction = in;
    return direction == null ? 0 : direction.available();
  }

  /** The connection's number, which both ends share; 0 before it is made. */
  public long number() {
    Direction direction = out;
    return direction == null ? 0 : direction.number();
  }

  /** Which connect of a simulation the connection came from, as text; null if of none. */
  public String simulatedConnect() {
    Direction direction = out;
    return direction == null ? null : direction.simulatedConnect();
  }

  /** An option of this end was set; it may not be connected. */
  public void optionSet() {
    Direction direction = in;
    if (direction != null) {
      direction.readerOptionSet();
    }
  }

  /** What the connection is called: in a simulation as faults count it, else by its number. */
  public String connectionName() {
    String simulated = simulatedConnect();
    return simulated == null ? Long.toString(number()) : simulated;
  }

  /** How many bytes the outgoing ring can hold. */
  public int sendCapacityBytes() {
    return out.capacityBytes();
  }

  /** How many bytes the incoming ring can hold. */
  public int receiveCapacityBytes() {
    return in.capacityBytes();
  }

  /** How many bytes have been read from the incoming ring. */
  public long totalRead() {
    Direction direction = in;
    return direction == null ? 0 : direction.totalRead();
  }

  /** How many bytes have been written to the outgoing ring. */
  public long totalWritten() {
    Direction direction = out;
    return direction == null ? 0 : direction.totalWritten();
  }

  /** How many written bytes the peer has not read yet. */
  public int unsent() {
    Direction direction = out;
    return direction == null ? 0 : direction.available();
  }

  /** How much memory the outgoing ring holds; a hint. */
  public long sendMemoryBytes() {
    Direction direction = out;
    return direction == null ? 0 : direction.memoryBytes();
  }

  /** The simulated faults that apply to the connection, as text; empty if there are none. */
  public String faults() {
    Direction direction = out;
    return direction == null ? "" : direction.faults();
  }

  /**
   * Whether this end learns at once what its peer has read: not while a simulated link drops the
   * acknowledgements.
   */
  public boolean hearsReads() {
    Direction direction = out;
    return direction == null || direction.hearsReads();
  }

  /** Whether this end, which is connected, has announced that it sends no more. */
  public boolean isOutputFinished() {
    return out.isFinished();
  }

  /** Whether the peer has announced that it sends no more; only for a connected end. */
  public boolean isInputFinished() {
    return in.isFinished();
  }

  /** Whether this end, which is connected, was reset by its peer. */
  public boolean isAborted() {
    return in.isAborted();
  }

  // -- readiness

  /**
   * The bits of {@link Readiness} that hold now.
   *
   * @param wanted the bits of interest: {@code IN} and {@code OUT} are determined only if wanted,
   *     since that reads cache lines that the peer writes
   */
  public int readiness(int wanted) {
    Direction outgoing = out; // written after the incoming one: a thread that sees it sees both
    if (outgoing == null) {
      return Readiness.OUT | Readiness.HUP;
    }
    Direction incoming = in;
    int bits = 0;
    if ((wanted & Readiness.OUT) != 0 && outgoing.writable()) {
      bits |= Readiness.OUT;
    }
    if ((wanted & Readiness.IN) != 0 && incoming.available() > 0) {
      bits |= Readiness.IN;
    }
    return incoming.hasEnded() ? bits | outgoing.protocol().endBits(incoming, outgoing) : bits;
  }

  // -- the end

  /** Resets both ends, which are connected, on behalf of a third party, like {@code ss -K}. */
  public void resetBoth() {
    in.abortForThirdParty();
    out.abortForThirdParty();
    endOutput();
    peer.endOutput();
    wakeBoth();
  }

  /**
   * Shuts down the input: this end reads the queued bytes, then the end. The peer's writes fail for
   * Unix sockets; TCP continues to take them.
   */
  public void shutdownInput() {
    StreamProtocol protocol = out.protocol();
    protocol.shutInput(in, out);
    Tap told = in.tap();
    if (told != null) {
      told.inputShut();
    }
    if (protocol.inputEndsWithShut()) {
      peer.endOutput();
    }
    wakeBoth();
  }

  /** Shuts down the output: the peer reads the queued bytes, then the end. */
  public void shutdownOutput() {
    out.protocol().shutOutput(in, out);
    endOutput();
    wakeBoth();
  }

  /**
   * Closes this end; only the first call has an effect.
   *
   * @param reset whether the peer's reads are to fail even if nothing was left unread
   * @return the rights that were in flight to this end; the caller closes them, without a lock
   */
  public List<Right> close(boolean reset) {
    return close(reset ? Closing.RESET : Closing.ORDERLY);
  }

  /** As above, in a way that is reported. */
  public List<Right> close(Closing how) {
    leave(how);
    return discardRights();
  }

  /**
   * The rights in flight to this end, which is {@linkplain #leave gone}; null if there never were
   * any.
   */
  public RightsInFlight rightsInFlight() {
    Direction incoming = in;
    return incoming == null ? null : incoming.rightsInFlight();
  }

  private List<Right> discardRights() {
    Direction incoming = in;
    return incoming == null ? List.of() : incoming.discardRights();
  }

  /**
   * Closes this end, but for the {@linkplain #rightsInFlight rights in flight} to it, which are the
   * caller's; only the first call has an effect.
   */
  public void leave(Closing how) {
    if (!CLOSED.compareAndSet(this, false, true)) {
      return;
    }
    if (out != null) {
      closeDirections(how);
    } else {
      wakeBoth();
    }
  }

  /**
   * Marks both directions, and leaves the rings in the same step if no operation is in progress:
   * each further step costs a cache line that the peer is reading.
   */
  private void closeDirections(Closing how) {
    Direction incoming = in;
    Direction outgoing = out;
    boolean nobodyReads = readLock.tryLock();
    boolean nobodyWrites = writeLock.tryLock();
    boolean leavesIn = nobodyReads && !readerLeft;
    boolean leavesOut = nobodyWrites && !writerLeft;
    if (leavesIn) {
      readerLeft = true;
    }
    if (leavesOut) {
      writerLeft = true;
    }
    boolean peerGone = false;
    try {
      try { // each part, even if the previous one failed
        peerGone = outgoing.protocol().close(incoming, outgoing, how, leavesIn, leavesOut);
        Tap told = out.tap();
        if (told != null) {
          tellClosed(told, how, nobodyWrites);
        }
      } finally {
        unlockAfterClose(outgoing, nobodyReads, nobodyWrites, leavesOut);
      }
      if (incoming.hasMemory()) {
        peer.endOutput(); // bytes that will never be read are not kept until the peer closes
      }
    } finally {
      wakeWith(peerGone ? null : peer); // its waiters were woken by its own close
    }
  }

  private void unlockAfterClose(
      Direction outgoing, boolean nobodyReads, boolean nobodyWrites, boolean leftOut) {
    try {
      endWriting(outgoing, nobodyWrites, leftOut);
    } finally {
      if (nobodyReads) {
        readLock.unlock();
      } else {
        leaveReader();
      }
    }
  }

  private void endWriting(Direction outgoing, boolean nobodyWrites, boolean left) {
    if (!nobodyWrites) {
      endOutput();
      return;
    }
    try {
      if (!left && !outgoing.isSwallowing()) {
        outgoing.end(); // left when its channel was dropped, and not ended: the peer saw no end
      }
    } finally {
      writeLock.unlock();
    }
  }

  private void tellAbandoned(Tap told) {
    try {
      told.abandoned(this);
    } catch (VirtualMachineError | LinkageError e) {
      // as in tellClosed
    }
  }

  private void tellClosed(Tap told, Closing how, boolean nobodyWrites) {
    try {
      if (nobodyWrites) {
        out.tellFinished();
      }
      told.closed(this, how);
    } catch (VirtualMachineError | LinkageError e) {
      // The report is lost, and the close goes on: it holds locks.
    }
  }

  /**
   * Leaves the connection to the peer, for a channel that was dropped without close: to the peer it
   * stays open and silent. Bytes that arrive for this end are counted against the direction's
   * capacity and not kept; bytes that this end has sent can still be read by the peer.
   *
   * @return the rights that were in flight to this end; the caller closes them, without a lock
   */
  public List<Right> abandon() {
    leaveSilently();
    return discardRights();
  }

  /** As above, but for the {@linkplain #rightsInFlight rights}, which are the caller's. */
  public void leaveSilently() {
    Direction incoming = in;
    incoming.abandon();
    Tap told = out.tap();
    if (told != null) {
      tellAbandoned(told);
    }
    readLock.lock(); // and unlock, a fence: a send sees that the reader is gone, or we its rights
    try {
      if (!readerLeft) {
        readerLeft = true;
        incoming.leaveReader();
      }
    } finally {
      readLock.unlock();
    }
    writeLock.lock();
    try {
      if (!writerLeft) {
        writerLeft = true;
        out.leaveWriter();
      }
    } finally {
      writeLock.unlock();
    }
    peer.endOutput();
  }

  /** Whether {@link #abandon} was called. */
  public boolean isAbandoned() {
    return in.isAbandoned();
  }

  /** Whether the other side is gone: the peer has closed, or was abandoned too. */
  public boolean isPeerAway() {
    return out.isReaderClosed();
  }

  /** Whether this end was closed. */
  public boolean isClosed() {
    return closed;
  }

  private void wakeBoth() {
    wakeWith(peer);
  }

  /** Wakes the waiters of this end, and of another one unless that is null. */
  private void wakeWith(Endpoint other) {
    VarHandle.fullFence(); // the change before the waiters, see PollSet
    wake(Readiness.ALL);
    if (other != null) {
      other.wake(Readiness.ALL);
    }
  }

  /** Leaves the incoming ring unless an operation is in progress, which then does it. */
  private void leaveReader() {
    if (out != null && readLock.tryLock()) {
      try {
        if (!readerLeft) {
          readerLeft = true;
          in.leaveReader();
        }
      } finally {
        readLock.unlock();
      }
    }
  }

  /**
   * Ends the outgoing direction, which was shut, and leaves its ring if this end was closed or the
   * ring will not be read any more; unless a write is in progress, which then does it when it
   * unlocks.
   *
   * <p>Bytes that a write publishes after the shutdown must come before the end, or a reader that
   * stops there would never see them. Under the lock no write is in progress, and the next one
   * finds the direction shut. No end is lost: the bit (or the closed flag) is set before the
   * attempt to take the lock, and the lock's holder checks it after releasing the lock.
   *
   * @return whether there is a new end for which a waiter must be woken
   */
  private boolean endOutput() {
    boolean ended = false;
    boolean leaving;
    do {
      if (!writeLock.tryLock()) {
        break;
      }
      try {
        leaving = leavesOutput();
        out.tellFinished();
        ended |= (!out.isSwallowing() && out.end()) || foundByWrite != 0;
        foundByWrite = 0;
        if (leaving && !writerLeft) {
          writerLeft = true;
          out.leaveWriter();
        }
      } finally {
        writeLock.unlock();
      }
    } while (leavesOutput() != leaving); // a close that met our lock has left it to us
    return ended;
  }

  private boolean leavesOutput() {
    return closed || out.isReaderAway();
  }

  // -- rights in flight

  /**
   * Whether channels are in flight to this end that its channel could hold and does not hold yet.
   */
  public boolean hasChannelsToHold() {
    Direction incoming = in;
    return incoming != null && incoming.hasChannelsToHold();
  }

  /**
   * Lets the channel of this end hold the channels in flight to it, which the connection then no
   * longer keeps reachable; see {@link HeldChannels}.
   */
  public void holdChannels(HeldChannels holder) {
    in.holdChannels(holder);
  }

  /**
   * Makes the connection keep the channels in flight reachable again; the channel that held them is
   * reachable.
   */
  public void stopHolding() {
    in.stopHolding();
  }

  // -- idle memory

  /**
   * Releases most of the memory of an empty incoming ring unless a write is in progress; with the
   * read lock held.
   */
  private void shrinkInput() {
    if (peer.writeLock.tryLock()) {
      try {
        in.shrinkIfEmpty();
      } catch (VirtualMachineError | LinkageError e) {
        // It is as large as before: the read has its bytes, and its lock is released next.
      } finally {
        peer.unlockWrite();
      }
    }
  }

  /**
   * Has the memory of a large write given back that was read before the write had ended: the reader
   * leaves that to a write in progress. Called without a lock, after the write.
   */
  public void shrinkOutput() {
    Direction direction = out;
    if (direction != null && direction.isLargeAndEmpty() && peer.readLock.tryLock()) {
      peer.unlockRead(); // does it
    }
  }

  /**
   * Releases the outgoing ring's memory if it was empty and unused since the last call and no
   * operation is in progress; most of it if it was used. If the peer is waiting for bytes, it is
   * asked to do it. Called periodically by one housekeeping thread.
   */
  public void releaseIdleOutput() {
    Direction direction = out;
    if (direction == null) {
      return;
    }
    boolean idle = direction.idleSinceLastLook();
    if ((!idle && !direction.isLargeAndEmpty()) || !writeLock.tryLock()) {
      return;
    }
    boolean free;
    try {
      free = peer.readLock.tryLock();
      if (free) {
        try {
          if (idle) {
            direction.releaseIfEmpty();
          } else {
            direction.shrinkIfEmpty();
          }
        } finally {
          peer.unlockRead();
        }
      }
    } finally {
      unlockWrite();
    }
    if (!free) {
      peer.askToReleaseInput();
    }
  }

  private void askToReleaseInput() {
    inputIdle = true;
    nudgeReader();
  }

  /**
   * Releases the incoming ring's memory if that was requested, the ring is still empty and no write
   * is in progress: for a thread that waits for bytes, with the read lock held, each time it finds
   * none.
   */
  public void releaseInputIfIdle() {
    if (inputIdle) {
      inputIdle = false;
      if (peer.writeLock.tryLock()) {
        try {
          in.releaseIfEmpty();
        } finally {
          peer.unlockWrite();
        }
      }
    }
  }
}
