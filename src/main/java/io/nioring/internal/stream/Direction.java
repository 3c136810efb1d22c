package io.nioring.internal.stream;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One direction of a connected pair: the bytes in transit, and the bits that record how it ends.
 *
 * <p>A direction that is shut takes no more bytes in the normal way; its {@link StreamProtocol}
 * decides about bytes written nevertheless. It is done once no thread is inside a write any more,
 * which could still publish bytes. End of file is that bit <em>and</em> a ring found empty after
 * the bit was seen; the other order would lose the last bytes.
 *
 * <p>Not final: a {@link Wire} that acts between the ends makes its own kind of direction. The
 * methods that such a subclass may override are protected: what a writer may put ({@link #write},
 * {@link #send}, {@link #writable}), what the reader sees of it ({@link #visible}, {@link
 * #available}, {@link #isDone}, {@link #isReset}) and takes ({@link #take}, {@link #receive}), and
 * when an end is shut or closed ({@link #shut}, {@link #stop}, {@link #abort}, {@link #end}, {@link
 * #closeReader}, {@link #closeWriter}). Such a direction itself wakes the threads that it has kept
 * waiting. It can be told of what was {@link #published}.
 *
 * <p>The ring's memory belongs to both ends: the last one to leave releases it, since the other may
 * be copying.
 */
public class Direction implements Runnable {
  /** No more bytes will come: it is shut, and no write is in progress. */
  private static final int DONE = 1;

  /** The reading end has closed: bytes written now are never read. */
  private static final int READER_GONE = 1 << 1;

  /** The reader's next read at the end of the data fails with "Connection reset", once. */
  private static final int RESET = 1 << 2;

  /** The writing end will not use the ring any more. */
  private static final int WRITER_LEFT = 1 << 3;

  /** The reading end will not use the ring any more. */
  private static final int READER_LEFT = 1 << 4;

  /** No more bytes are taken in the normal way: a writer has to check why. */
  private static final int SHUT = 1 << 5;

  /** The reader separates bytes of different credentials (SO_PASSCRED). */
  private static final int CREDENTIALS_SEPARATE = 1 << 6;

  /** The writing end has shut its output, or closed: TCP's FIN. */
  private static final int FINISHED = 1 << 7;

  /** The reading end was reset: TCP's RST. */
  private static final int ABORTED = 1 << 8;

  /** The reading end's next write fails with "Broken pipe", and until then it has an error. */
  private static final int BROKEN = 1 << 9;

  /** The reading end has shut its input, and its peer continues to send. */
  private static final int INPUT_SHUT = 1 << 10;

  /** The reading end's channel was dropped: written bytes are counted, and not kept. */
  private static final int ABANDONED = 1 << 11;

  /** It follows {@link TcpProtocol}. A bit, since the heap of an idle connection is counted. */
  private static final int TCP = 1 << 12;

  /** The writing end has connected, and the reading end was accepted. */
  private static final int FROM_CLIENT = 1 << 13;

  /** {@link #published} is called behind each write. */
  private static final int WATCHED = 1 << 14;

  /**
   * No handle, whose first call of each shape in a class takes memory: the first end or reset of a
   * program may be the one of a connection that is closed because there is none.
   */
  private static final AtomicIntegerFieldUpdater<Direction> STATE =
      AtomicIntegerFieldUpdater.newUpdater(Direction.class, "state");

  private static final VarHandle TAP;

  static {
    try {
      TAP = MethodHandles.lookup().findVarHandle(Direction.class, "tap", Tap.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemoryPool pool;
  private final int capacityBytes;
  private final long number;
  private volatile int state;

  /** Made by the writer with its first byte. */
  private volatile ByteRing ring;

  /** Made by the writer with the first message that carries something. */
  private volatile AncillaryQueue ancillary;

  /** The waiters of the writing end; written before this direction is published. */
  private PollSet writer;

  /**
   * The tap of this direction; null if there is none, which then costs a plain load. The field fits
   * into the padding of the object.
   */
  private Tap tap;

  /**
   * Makes an empty one.
   *
   * @param pool the source of its memory
   * @param capacityBytes the most bytes in transit
   * @param number the connection's number
   */
  protected Direction(MemoryPool pool, int capacityBytes, long number) {
    this.pool = pool;
    this.capacityBytes = capacityBytes;
    this.number = number;
  }

  /** Sets the waiters for room. */
  final void writtenFor(PollSet waiting) {
    writer = waiting;
  }

  /** Wakes a writer that waits for room: there is memory again. */
  @Override
  public final void run() {
    VarHandle.fullFence(); // the ring's change before the waiters, see PollSet
    writer.wake(Readiness.OUT);
  }

  /** The most bytes in transit. */
  protected final int capacityBytes() {
    return capacityBytes;
  }

  /** Makes it follow TCP; called before it is used. */
  void followTcp() {
    STATE.lazySet(this, state | TCP); // unpublished, and so without a fence
  }

  /** Marks it as the direction of the connecting end; called before it is used. */
  void fromClient() {
    STATE.lazySet(this, state | FROM_CLIENT); // the same
  }

  /** Whether the writing end is the one that has connected. */
  boolean isFromClient() {
    return (state & FROM_CLIENT) != 0;
  }

  // -- taps

  /** The tap of this direction; null if there is none. */
  protected final Tap tap() {
    return tap == null ? null : (Tap) TAP.getAcquire(this); // pairs with the swap in addTap
  }

  /** A tap is about to be put on it, which is to be told of each byte from then on. */
  protected void isTapped() {}

  /** Adds a tap unless its owner has one here. */
  final boolean addTap(Tap added) {
    isTapped();
    Tap present;
    do {
      present = (Tap) TAP.getAcquire(this);
      if (Taps.of(present, added.owner()) != null) {
        return false;
      }
    } while (!TAP.compareAndSet(this, present, Taps.with(present, added)));
    return true;
  }

  /** Removes an owner's tap, if there is one. */
  final void removeTap(Object owner) {
    Tap present;
    do {
      present = (Tap) TAP.getAcquire(this);
    } while (present != null && !TAP.compareAndSet(this, present, Taps.without(present, owner)));
  }

  /** An owner's tap; null if there is none. */
  final Tap tapOf(Object owner) {
    return Taps.of((Tap) TAP.getAcquire(this), owner);
  }

  /** Reports that no byte will follow, if that is so; the caller excludes writes. */
  void tellFinished() {
    Tap told = tap();
    if (told != null && isFinished()) {
      try {
        told.finished(totalWritten());
      } catch (VirtualMachineError | LinkageError e) {
        // The report is lost, and the end goes on: its caller wakes who waits for it.
      }
    }
  }

  /** The protocol of the connection. */
  StreamProtocol protocol() {
    return (state & TCP) != 0 ? TcpProtocol.INSTANCE : UnixProtocol.INSTANCE;
  }

  /** The simulated faults that apply to it, as text; empty if there are none. */
  protected String faults() {
    return "";
  }

  /** Which connect of a simulation its connection came from, as text; null if of none. */
  protected String simulatedConnect() {
    return null;
  }

  /** Whether the writing end learns at once what was read. */
  protected boolean hearsReads() {
    return true;
  }

  /** The connection's number, which both directions have. */
  protected final long number() {
    return number;
  }

  /**
   * Writes what there is room for; the caller holds the writing end's write lock, and has found it
   * not {@linkplain #isShut shut}.
   *
   * @param progress told while a large write goes on whose parts the reader can see
   * @return the bytes taken, 0 if the ring is full
   * @throws IOException if there is no memory for it, and none can be expected
   */
  protected int write(ByteBuffer src, ByteRing.Progress progress) throws IOException {
    ByteRing present = ringToWrite();
    Tap told = tap();
    int count =
        told == null || !told.wantsBytes()
            ? present.write(src, progress)
            : present.write(ByteSource.of(src), told::sending);
    if (count == 0) {
      ensureNotHopeless(present);
    }
    return count;
  }

  private void ensureNotHopeless(ByteRing present) throws IOException {
    if (present.isWithoutMemory()) {
      pool.ensureNotHopeless(present.withoutMemorySince());
    }
  }

  /**
   * Sends what there is room for of a message; as {@link #write}. Its ancillary data goes first,
   * together with the first byte or not at all.
   */
  protected int send(OutgoingMessage message) throws IOException {
    if (!message.hasRemaining()) {
      return 0;
    }
    ByteRing present = ringToWrite();
    if (message.entry() == null && !message.isPlain() && !prepares(present, message)) {
      return 0;
    }
    long tail = present.totalWritten();
    try {
      int count = present.write(message.bytes(), staging(message));
      if (count == 0) {
        ensureNotHopeless(present);
      }
      return count;
    } finally {
      if (present.totalWritten() != tail) { // even if the source failed half-way
        message.sent();
      }
    }
  }

  /** Makes what a message carries, unless there is no room for it. */
  private boolean prepares(ByteRing present, OutgoingMessage message) throws IOException {
    AncillaryQueue messages = queueToSend();
    if (present.free() == 0 || !messages.hasRoom(message.rights(), present.size(), capacityBytes)) {
      return false;
    }
    message.prepared(messages.prepare(message.rights(), message.credentials()));
    return true;
  }

  private ByteRing.Staging staging(OutgoingMessage message) {
    Tap told = tap();
    AncillaryQueue.Entry entry = message.entry();
    if (entry != null && !entry.isQueued()) {
      return new FirstBytes(message, told);
    }
    return told == null || !told.wantsBytes() ? null : told::sending;
  }

  /** Queues what a message carries right before its first bytes are published. */
  private final class FirstBytes implements ByteRing.Staging {
    private final AncillaryQueue.Entry entry;
    private final long length;

    /** Null if there is none. */
    private final Tap told;

    /** How many rights the tap has still to be told of. */
    private int rights;

    FirstBytes(OutgoingMessage message, Tap told) {
      this.entry = message.entry();
      this.length = message.bytes().remaining();
      this.told = told;
      this.rights = message.rights().size();
    }

    @Override
    public void staged(long index, ByteBuffer bytes) {
      if (told == null) {
        return;
      }
      if (rights > 0) {
        told.sendingRights(rights);
        rights = 0;
      }
      if (told.wantsBytes()) {
        told.sending(index, bytes);
      }
    }

    @Override
    public void publishing(long index) {
      ancillary.add(entry, index, length);
    }
  }

  /** Ends a message with the part that was sent; the caller holds the writing end's write lock. */
  void endSend(OutgoingMessage message) {
    if (message.entry() != null) {
      message.entry().endAt(ring.totalWritten());
    }
  }

  /**
   * Counts bytes for a reader that was dropped, as long as there would be room, and discards them;
   * the caller holds the writing end's write lock.
   *
   * @return the number counted
   */
  int swallow(int count) {
    return ringToWrite().swallow(count);
  }

  private AncillaryQueue queueToSend() {
    AncillaryQueue present = ancillary;
    if (present == null) {
      present = new AncillaryQueue(pool.rightsInFlight());
      ancillary = present;
    }
    return present;
  }

  private ByteRing ringToWrite() {
    ByteRing present = ring;
    if (present == null) {
      present = new ByteRing(pool, capacityBytes, this);
      ring = present;
    }
    return present;
  }

  /** As {@link ByteRing#headStart}. */
  int headStart(long answered) {
    ByteRing present = ring;
    return present == null ? 0 : present.headStart(answered);
  }

  /**
   * Reads the available bytes; the caller holds the reading end's read lock.
   *
   * @return the number of bytes read, 0 if there are none yet, -1 at the end
   * @throws IOException once, if the connection was reset: see {@link #resetException}
   */
  int read(ByteBuffer dst) throws IOException {
    int count = readRing(dst, true);
    if (count > 0 || !hasEnded()) {
      return count;
    }
    count = readRing(dst, true); // the last bytes may have come between the first check and the bit
    return count > 0 ? count : endOrReset();
  }

  /**
   * Reads the available bytes up to the next boundary; returns 0 at the end too.
   *
   * @param first whether this starts a receive; otherwise it continues one, with another buffer
   */
  protected int readRing(ByteBuffer dst, boolean first) {
    ByteRing present = ring;
    if (present == null) {
      return 0;
    }
    int count = visible(present, dst.remaining());
    AncillaryQueue messages = ancillary; // after the tail was seen: see AncillaryQueue
    return messages == null || count == 0
        ? take(present, dst, count)
        : readToBoundary(present, messages, dst, count, first);
  }

  /**
   * How many bytes the reader may take now of those in the ring; 0 keeps it waiting.
   *
   * @param present the ring
   * @param wanted the most that the reader has room for
   */
  protected int visible(ByteRing present, int wanted) {
    return present.readable(wanted);
  }

  /**
   * Takes bytes out for a read.
   *
   * @param present the ring
   * @param count how many, not above what is {@link #visible}
   * @return the number
   */
  protected int take(ByteRing present, ByteBuffer dst, int count) {
    return present.read(dst, count);
  }

  private int readToBoundary(
      ByteRing present, AncillaryQueue messages, ByteBuffer dst, int count, boolean first) {
    int admitted = messages.admit(present.totalRead(), count, first, isCredentialsSeparate());
    take(present, dst, admitted);
    messages.take();
    messages.passed(present.totalRead());
    return admitted;
  }

  /**
   * Receives the available bytes, as {@link #read} does, into a target of another kind.
   *
   * @param peek whether the bytes stay
   */
  protected int receive(ByteTarget dst, boolean peek) throws IOException {
    int count = receiveFromRing(dst, peek);
    if (count > 0 || !hasEnded()) {
      return count;
    }
    count = receiveFromRing(dst, peek); // as in read
    return count > 0 ? count : endOrReset();
  }

  private int receiveFromRing(ByteTarget dst, boolean peek) {
    ByteRing present = ring;
    if (present == null) {
      return 0;
    }
    int count = visible(present, (int) Math.min(dst.remaining(), capacityBytes));
    if (count == 0) {
      return 0;
    }
    AncillaryQueue messages = ancillary; // as in readRing
    if (messages != null) {
      count = messages.admit(present.totalRead(), count, true, isCredentialsSeparate());
    }
    present.peek(dst, count);
    if (!peek) {
      present.skip(count);
      if (messages != null) {
        messages.take();
        messages.passed(present.totalRead());
      }
    }
    return count;
  }

  private int endOrReset() throws IOException {
    if (takeReset()) {
      throw resetException();
    }
    return -1;
  }

  /**
   * The exception of a read that met the end of a reset connection: a {@code SocketException} if
   * later reads are to fail too, where the facade wants that.
   */
  protected IOException resetException() {
    return new SocketException("Connection reset");
  }

  /** The exception of a write that met a reset which was not reported yet. */
  protected IOException writeResetException() {
    return new IOException("Connection reset by peer");
  }

  /**
   * Takes the reading end's pending error, for the caller to report.
   *
   * @return whether it was a reset
   */
  boolean takeReset() {
    int error = RESET | BROKEN;
    return (state & error) != 0 && (replace(0, ~error) & RESET) != 0;
  }

  // -- ancillary data

  /** Sets whether bytes of different credentials are separated from now on. */
  void separateCredentials(boolean on) {
    if (on) {
      add(CREDENTIALS_SEPARATE);
    } else {
      replace(0, ~CREDENTIALS_SEPARATE);
    }
  }

  private boolean isCredentialsSeparate() {
    return (state & CREDENTIALS_SEPARATE) != 0;
  }

  /** Whether anything other than plain bytes was ever sent. */
  boolean hasAncillary() {
    return ancillary != null;
  }

  /** The rights that came with the bytes received last; under the reading end's read lock. */
  List<Right> rightsReceived() {
    AncillaryQueue messages = ancillary;
    return messages == null ? List.of() : messages.rightsReceived();
  }

  /** The first of these were handed out; the remaining ones are left to {@link #rightsLeft}. */
  void handedOut(int count) {
    AncillaryQueue messages = ancillary;
    if (messages != null) {
      messages.handedOut(count);
    }
  }

  /** The credentials of the bytes received last; null for the sending end's own. */
  PeerCredentials credentialsReceived() {
    AncillaryQueue messages = ancillary;
    return messages == null ? null : messages.receivedCredentials();
  }

  /**
   * The rights of bytes that were peeked: descriptors are duplicated, and the originals stay in
   * flight.
   *
   * @throws IOException if descriptors cannot be duplicated
   */
  List<Right> show(int room) throws IOException {
    AncillaryQueue messages = ancillary;
    if (messages == null) {
      return List.of();
    }
    try {
      return messages.peekRights(room);
    } finally {
      if (isReaderGone()) { // a close may have looked for rights while we held them
        messages.leave(messages.discard());
      }
    }
  }

  /** How many rights the peeked message has. */
  int rightsMet() {
    AncillaryQueue messages = ancillary;
    return messages == null ? 0 : messages.rightsMet();
  }

  /** Rights that were read and not handed out, once; null if there are none. */
  List<Right> rightsLeft() {
    AncillaryQueue messages = ancillary;
    return messages == null ? null : messages.receivedRights();
  }

  /** Takes the rights in flight: the reader is gone. The caller closes them, without a lock. */
  List<Right> discardRights() {
    AncillaryQueue messages = ancillary;
    return messages == null ? List.of() : messages.discard();
  }

  /** What {@link #discardRights} takes; null if there never was any. */
  RightsInFlight rightsInFlight() {
    AncillaryQueue messages = ancillary;
    return messages == null ? null : messages.inFlight();
  }

  /** As {@link AncillaryQueue#hasChannelsToHold}. */
  final boolean hasChannelsToHold() {
    AncillaryQueue messages = ancillary;
    return messages != null && messages.hasChannelsToHold();
  }

  /** As {@link AncillaryQueue#holdChannels}. */
  final void holdChannels(HeldChannels holder) {
    AncillaryQueue messages = ancillary;
    if (messages != null) {
      messages.holdChannels(holder);
    }
  }

  /** As {@link AncillaryQueue#stopHolding}. */
  final void stopHolding() {
    AncillaryQueue messages = ancillary;
    if (messages != null) {
      messages.stopHolding();
    }
  }

  /** The number of unread bytes. */
  protected int available() {
    ByteRing present = ring;
    return present == null ? 0 : present.size();
  }

  /**
   * Whether a waiting writer should go on: a quarter is free, or it has to check why it is shut.
   */
  protected boolean writable() {
    ByteRing present = ring;
    return present == null || hasRoom(present) || (isShut() && !isSwallowing());
  }

  private boolean hasRoom(ByteRing present) {
    AncillaryQueue messages = ancillary;
    return present.hasRoomFor((capacityBytes + 3) >> 2)
        && (messages == null || !messages.isStillFull(present.size(), capacityBytes));
  }

  /** Whether a writer has to ask the protocol about its bytes. */
  protected boolean isShut() {
    return (state & SHUT) != 0;
  }

  /** Whether a write that has put bytes has more to do: it is shut, or somebody is to be told. */
  final boolean needsLook() {
    return (state & (SHUT | WATCHED)) != 0;
  }

  /** Tells the subclass that bytes may have been put, if it wants to know. */
  final void tellPublished() {
    if ((state & WATCHED) != 0) {
      published();
    }
  }

  /**
   * Sets whether {@link #published} is called behind each write, which is a full fence: a write
   * that does not see it has published its bytes before, as {@link Endpoint#unlockWrite(boolean)}
   * and {@link Endpoint#published} look behind a fence too.
   */
  protected final void watchWrites(boolean on) {
    if (on) {
      add(WATCHED);
    } else {
      replace(0, ~WATCHED);
    }
    VarHandle.fullFence(); // implied on most processors, where the JIT merges them
  }

  /**
   * Bytes may have been put by the writing end, and its waiters were not told yet: called without
   * its write lock, or with it if the write goes on.
   */
  protected void published() {}

  /** Whether the end of the stream follows the available bytes. */
  protected boolean isDone() {
    return (state & DONE) != 0;
  }

  /** Whether a reader that finds nothing is at the end. */
  boolean hasEnded() {
    return isDone() || isInputShut();
  }

  /** Whether the reading end has an error that has not been reported yet. */
  protected boolean isReset() {
    return (state & (RESET | BROKEN)) != 0;
  }

  /** Whether the reading end has closed. */
  protected boolean isReaderGone() {
    return (state & READER_GONE) != 0;
  }

  /** Whether the reading end will never read again: it has closed, or its channel was dropped. */
  boolean isReaderAway() {
    return (state & (READER_GONE | ABANDONED)) != 0;
  }

  /** As {@link #isReaderAway}, even if the writing end cannot know it yet. */
  protected boolean isReaderClosed() {
    return isReaderAway();
  }

  /** Whether the writing end has shut its output, or closed. */
  protected final boolean isFinished() {
    return (state & FINISHED) != 0;
  }

  /** Whether the reading end was reset. */
  protected final boolean isAborted() {
    return (state & ABORTED) != 0;
  }

  /** Whether the reading end has shut its input while its peer goes on. */
  protected final boolean isInputShut() {
    return (state & INPUT_SHUT) != 0;
  }

  /** Whether the reading end's channel was dropped. */
  boolean isAbandoned() {
    return (state & ABANDONED) != 0;
  }

  /** Whether a write is for a reader that was dropped. */
  boolean isSwallowing() {
    return (state & (ABANDONED | FINISHED | READER_GONE)) == ABANDONED;
  }

  /** How many more bytes there is room for; a hint. */
  int free() {
    return capacityBytes - available();
  }

  /** How much ring memory it holds; a hint. */
  long memoryBytes() {
    ByteRing present = ring;
    return present == null ? 0 : present.memoryBytes();
  }

  /** Whether it holds ring memory; a hint. */
  boolean hasMemory() {
    ByteRing present = ring;
    return present != null && present.hasMemory();
  }

  /** How many bytes have been read so far. */
  protected final long totalRead() {
    ByteRing present = ring;
    return present == null ? 0 : present.totalRead();
  }

  /** How many bytes have been written so far. */
  protected final long totalWritten() {
    ByteRing present = ring;
    return present == null ? 0 : present.totalWritten();
  }

  /**
   * Takes no more bytes, from either end. {@link #end} must follow, once no write is in progress.
   */
  protected void shut() {
    add(SHUT | FINISHED);
  }

  /** Records that the writing end is about to shut it. */
  protected final void finish() {
    add(FINISHED);
  }

  /** Makes the writer ask the protocol about its bytes. */
  protected void stop() {
    add(SHUT);
  }

  /** The reading end shuts its input, which is not reported to the writing end. */
  void shutInput() {
    add(INPUT_SHUT);
  }

  /** The reading end's channel was dropped. */
  void abandon() {
    add(SHUT | ABANDONED);
  }

  /**
   * The reading end closes, regardless of a write that may be in progress.
   *
   * @param leaves whether it leaves the ring too; as {@link #leaveReader}
   */
  protected void closeReader(boolean leaves) {
    int bits = SHUT | DONE | READER_GONE;
    if (leaves) {
      addAndRelease(bits | READER_LEFT, WRITER_LEFT);
    } else {
      add(bits);
    }
  }

  /**
   * The writing end closes, and if asked to, makes the reader's end a reset; as {@link #shut}.
   *
   * @param leaves whether it ends the direction and leaves the ring too; as {@link #end} and {@link
   *     #leaveWriter}
   * @return whether the reading end had closed before
   */
  protected boolean closeWriter(boolean reset, boolean leaves) {
    if (reset) {
      abort();
    }
    int bits = reset ? SHUT : SHUT | FINISHED;
    int before = leaves ? addAndRelease(bits | DONE | WRITER_LEFT, READER_LEFT) : add(bits);
    return (before & READER_GONE) != 0;
  }

  /**
   * Ends a direction that was shut; the caller holds the writing end's write lock, or knows that
   * nobody does.
   *
   * @return whether it was not done before
   */
  protected boolean end() {
    return (state & DONE) == 0 && (add(DONE) & DONE) == 0;
  }

  /**
   * Turns the reader's end of the stream into a reset, once. With TCP a reset after a FIN is not
   * one to the reader: its data was complete, and only its next write fails.
   */
  protected void abort() {
    int before;
    do {
      before = state;
    } while ((before & ABORTED) == 0
        && !STATE.compareAndSet(this, before, before | SHUT | ABORTED | errorOfAbort()));
    Tap told = tap();
    if (told != null && (before & ABORTED) == 0) {
      tellReset(told);
    }
  }

  /** An option of the reading end was set; possibly with a lock of its socket held. */
  protected void readerOptionSet() {}

  /** As {@link #abort}, for somebody who resets the whole connection and is neither end of it. */
  protected void abortForThirdParty() {
    abort();
  }

  private void tellReset(Tap told) {
    try {
      if (isFinished()) {
        told.finished(totalWritten());
      }
      told.reset(totalWritten());
    } catch (VirtualMachineError | LinkageError e) {
      // The report is lost, and the reset goes on: its caller may hold locks.
    }
  }

  private int errorOfAbort() {
    return (state & TCP) != 0 && isFinishSeen() ? BROKEN : RESET;
  }

  /** Whether the reading end knows that the writing end has shut its output, or closed. */
  protected boolean isFinishSeen() {
    return isFinished();
  }

  /** The writing end leaves the ring; called once, with its write lock held. */
  protected final void leaveWriter() {
    addAndRelease(WRITER_LEFT, READER_LEFT);
  }

  /** The reading end leaves the ring; called once, with its read lock held. */
  protected final void leaveReader() {
    addAndRelease(READER_LEFT, WRITER_LEFT);
  }

  /** Adds the bits with which one end leaves, and releases the memory if the other had left. */
  private int addAndRelease(int bits, int otherLeft) {
    int before = add(bits);
    ByteRing present = ring;
    if ((before & otherLeft) != 0 && present != null) {
      present.release();
    }
    return before;
  }

  private int add(int bits) {
    return replace(bits, ~0);
  }

  /** Adds bits to those of a mask; returns the state before. A full fence. */
  private int replace(int bits, int kept) {
    int before;
    do {
      before = state;
    } while (!STATE.compareAndSet(this, before, (before & kept) | bits));
    return before;
  }

  /** Whether the ring was empty and unused since the last call; see {@link ByteRing}. */
  boolean idleSinceLastLook() {
    ByteRing present = ring;
    return present != null && present.idleSinceLastLook();
  }

  /** As {@link ByteRing#mayShrink}; the caller holds the reading end's read lock. */
  boolean mayShrink() {
    ByteRing present = ring;
    return present != null && present.mayShrink();
  }

  /** As {@link ByteRing#shrinkIfEmpty}; the caller excludes both ends. */
  void shrinkIfEmpty() {
    ring.shrinkIfEmpty();
  }

  /** Whether there is a ring that is empty and large: a hint for {@link #shrinkIfEmpty}. */
  boolean isLargeAndEmpty() {
    ByteRing present = ring;
    return present != null && present.isLargeAndEmpty();
  }

  /** Releases the memory of an empty ring; the caller excludes both ends. */
  void releaseIfEmpty() {
    ByteRing present = ring;
    if (present != null) {
      present.releaseIfEmpty();
    }
  }
}
