package io.nioring.simulation;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Direction;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.stream.Tap;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A direction whose bytes and ends take time.
 *
 * <p>Bytes lie in the ring from the beginning; the reader sees those that {@link #arrived}. What an
 * end does to close is noted, and becomes the plain direction's bits when it arrives at the other:
 *
 * <pre>{@code
 * the writer shuts or closes    FIN behind the last byte, then "done"
 * the writer resets             RST behind the last byte, then the reader's end is reset
 * the reader closes             nothing; the next bytes that arrive are answered by a RST
 * }</pre>
 *
 * <p>A direction that nothing is on its way in and nothing is to happen to is <em>open</em>: the
 * reader sees all that was written, as in a plain one. Both ends look at the mark alone, without a
 * lock. When a change ends this state, no byte is lost, and none passes once the change has
 * returned:
 *
 * <pre>{@code
 * writer     the tail; fence (its unlock); is it watched? If not, the bytes have arrived
 * change     the mark to the tail; watched, and a fence; the mark to the tail again
 * reader     the tail; the mark: if it is open, what lies before the tail has arrived
 * }</pre>
 *
 * <p>A writer that did not see it watched had published before the change's second look at the
 * tail, so that its bytes lie below the mark; one that did takes the world's lock, behind its write
 * lock. A reader that saw it open had read the tail before the change. All else is guarded by the
 * world's lock.
 *
 * <p>Where memory is too short for a step, what the step was to do is due again a moment later, by
 * an event that needs none: bytes that were written, ends and arrivals are late then, but not lost.
 */
final class SimulatedDirection extends Direction {
  private static final long NEVER = Long.MAX_VALUE;

  /** The mark of a direction that is open. */
  private static final long OPEN = Long.MAX_VALUE;

  /** How much later it tries again what there was no memory for. */
  private static final long AGAIN_NANOS = 1_000_000;

  /** What is done under the world's lock; none needs memory to be named. */
  private interface Step {
    void of(SimulatedDirection direction);
  }

  private static final String SPURIOUS_READ = "spurious";
  private static final String SPURIOUS_WRITE = "spurious write";

  private static final Step SEND_WRITTEN = SimulatedDirection::sendWritten;
  private static final Step FALL_BEHIND = SimulatedDirection::fallBehind;
  private static final Step SEND_END = SimulatedDirection::sendEnd;
  private static final Step RESET_WRITER = SimulatedDirection::resetWriter;
  private static final Step SHUT_WRITER = SimulatedDirection::shutWriter;
  private static final Step END_WRITER = SimulatedDirection::endWriter;
  private static final Step CLOSE_READER = SimulatedDirection::closeReaderHere;
  private static final Step REFUSE = SimulatedDirection::refuse;

  private final World world;
  private final Connection connection;
  private final boolean upstream;
  private final Lane lane;

  /** The end that reads. */
  private final Endpoint to;

  private final Transit transit;
  private final SliceCursor readCursor;
  private final SliceCursor writeCursor;

  /** The other way; written before anybody uses the pair. */
  private SimulatedDirection back;

  /** The offset below which the reader sees bytes; {@link #OPEN} while it sees all. */
  private volatile long arrived;

  /** The offset that the writer knows to be read; {@link #NEVER} while it knows all. */
  private volatile long acknowledged = NEVER;

  /** What had arrived when it ceased to know all. Guarded by the world's lock. */
  private long acknowledgedArrivals;

  private volatile Slices readSlices;
  private volatile Slices writeSlices;

  /** Whether a read is to find nothing, once. */
  private volatile boolean spurious;

  /** How likely a ready key is to find nothing; 0 for never. */
  private volatile double spuriousProbability;

  /** The last segment whose first write has found no room if it was to; under the write lock. */
  private long spuriousWritesTo = -1;

  /** Whether the reading end has closed. */
  private volatile boolean readerClosed;

  /** Whether the reading end has shut both its sides: bytes that arrive are refused. */
  private volatile boolean readerRefuses;

  /** What is done to the connection, as text. */
  private volatile String faults = "";

  private volatile boolean endSent;
  private volatile boolean timedOut;

  /** Whether the reading end has given up, of which the writing end has heard nothing yet. */
  private volatile boolean gaveUpSecretly;

  /** Whether the end of the stream has arrived. */
  private volatile boolean finArrived;

  // Guarded by the world's lock.

  /** Whether there is, or was, a tap that is notified of each byte. */
  private boolean tapped;

  private long limit = NEVER;

  /** What ends it at the limit; null without one. */
  private Rule limitRule;

  private long spuriousDecidedTo = -1;
  private boolean resetSent;

  /** Whether the reading end was reset. */
  private boolean over;

  /**
   * Whether the reading end has given up the connection: it is gone for its host, which answers
   * what still arrives by a reset, and its peer is not told.
   */
  private boolean gaveUp;

  /** Whether a fault has closed it: each end takes the other for closed. */
  private boolean cutOff;

  /** Whether something could not be done for lack of memory. */
  private boolean behind;

  /** What of it: an arrival, null for none; and ends of the writer's. */
  private Transit.Entry unfinished;

  private boolean finOwed;
  private boolean rstOwed;

  /** When the next arrives, or what it is behind with is tried again; needs no memory. */
  private Timeline.Event timer;

  private Timeline.Event giveUp;

  /** Gives up the connection for the reading end, if that has keep-alive enabled. */
  private Timeline.Event keepAlive;

  /** Since when that waits. */
  private long deafSince;

  SimulatedDirection(
      World world,
      Connection connection,
      boolean upstream,
      Lane lane,
      Endpoint to,
      MemoryPool memory,
      int capacityBytes,
      long number) {
    super(memory, capacityBytes, number);
    this.world = world;
    this.connection = connection;
    this.upstream = upstream;
    this.lane = lane;
    this.to = to;
    this.transit = new Transit(world.config().segmentBytes(), new Chances());
    this.readCursor = new SliceCursor(k -> sliceBits("sliceReads", k));
    this.writeCursor = new SliceCursor(k -> sliceBits("sliceWrites", k));
    watchWrites(true);
  }

  @Override
  protected String simulatedConnect() {
    return connection.attempt().connect().toString();
  }

  @Override
  protected String faults() {
    return faults;
  }

  @Override
  protected boolean hearsReads() {
    return acknowledged == NEVER;
  }

  /** The end that reads. */
  Endpoint reader() {
    return to;
  }

  /** How many bytes have arrived. */
  long arrivedBytes() {
    long mark = arrived;
    return mark == OPEN ? totalWritten() : mark;
  }

  void meet(SimulatedDirection other) {
    back = other;
  }

  /** With the world's lock held, before it is used. */
  void prepare() {
    timer = world.timeline().prepare(this::deliverOnTime);
  }

  /** Nothing happens to it any more. */
  void discard() {
    stopTransit();
    world.timeline().discard(timer);
  }

  Lane lane() {
    return lane;
  }

  private String name() {
    return upstream ? "up" : "down";
  }

  private long sliceBits(String rule, long k) {
    long bits = connection.attempt().bits(rule, name(), k);
    Slices slices = rule.equals("sliceReads") ? readSlices : writeSlices;
    if (slices != null) {
      world.trace().decidedSlice(rule, connection.attempt(), name(), k, slices.sizeOf(bits));
    }
    return bits;
  }

  /** What the model draws. */
  private final class Chances implements Transit.Chance {
    @Override
    public long bits(String rule, long k) {
      return connection.attempt().bits(rule, name(), k);
    }

    @Override
    public void decided(Conditions of, long k, long nanos) {
      world.trace().decidedDelay(of, connection.attempt(), name(), k, nanos);
    }
  }

  // -- the writer's side

  /** A write is sent as a whole: what happens to it is drawn once. */
  @Override
  protected int write(ByteBuffer src, ByteRing.Progress progress) throws IOException {
    if (acknowledged != NEVER || writeSlices != null || spuriousProbability > 0) {
      return writeBounded(src);
    }
    return super.write(src, null);
  }

  private int writeBounded(ByteBuffer src) throws IOException {
    int limitBefore = src.limit();
    int room = room(src.remaining(), totalWritten());
    if (room == 0 && src.hasRemaining()) {
      stalled();
      return 0;
    }
    if (room > 0 && findsNoRoom(totalWritten())) {
      wakeWriter(); // an asynchronous write waits for that now
      return 0;
    }
    src.limit(src.position() + room);
    try {
      return super.write(src, null);
    } finally {
      src.limit(limitBefore);
    }
  }

  @Override
  protected int send(OutgoingMessage message) throws IOException {
    if (message.hasRemaining() && unacknowledgedRoom(totalWritten()) <= 0) {
      stalled();
      return 0;
    }
    return super.send(message);
  }

  private int room(int wanted, long tail) {
    int room = (int) Math.max(0, Math.min(wanted, unacknowledgedRoom(tail)));
    Slices slices = writeSlices;
    return slices == null || room == 0 ? room : writeCursor.bounded(slices, tail, room);
  }

  /** Whether a write finds no room though there is some: once in a segment at most. */
  private boolean findsNoRoom(long tail) {
    double probability = spuriousProbability;
    long k = tail / world.config().segmentBytes();
    if (probability == 0 || k <= spuriousWritesTo) {
      return false;
    }
    spuriousWritesTo = k;
    return isSpurious(SPURIOUS_WRITE, k, probability);
  }

  private boolean isSpurious(String rule, long k, double probability) {
    return Draws.happens(connection.attempt().bits(rule, name(), k), probability);
  }

  /** A cut of the way back has ended the writer's room. */
  private void stalled() {
    world.run(() -> back.lane.cutsFiredAt(connection.attempt()));
  }

  private long unacknowledgedRoom(long tail) {
    long known = acknowledged;
    return known == NEVER ? NEVER : capacityBytes() - (tail - known);
  }

  @Override
  protected boolean writable() {
    return super.writable()
        && (acknowledged == NEVER
            || isShut()
            || unacknowledgedRoom(totalWritten()) >= (capacityBytes() + 3) >> 2);
  }

  /** A reader that gives up shuts it, which its writer does not know. */
  @Override
  protected boolean isShut() {
    return super.isShut() && (!gaveUpSecretly || isFinished());
  }

  /** Not called while it is open: then they have arrived. */
  @Override
  protected void published() {
    doSurely(SEND_WRITTEN);
  }

  /** Does something under the world's lock, now or once there is memory for it. */
  private void doSurely(Step step) {
    try {
      doNow(step);
    } catch (OutOfMemoryError e) {
      doLater();
    }
  }

  private void doNow(Step step) {
    world.enter();
    try {
      step.of(this);
    } finally {
      world.exit();
    }
  }

  private void doLater() {
    try {
      doNow(FALL_BEHIND);
    } catch (OutOfMemoryError e) {
      return; // of something else that was deferred; the event is scheduled
    }
  }

  private void fallBehind() {
    behind = true;
    world.timeline().move(timer, world.now() + AGAIN_NANOS);
  }

  /** Does what there was no memory for; all in its order, whatever of it that was. */
  private void catchUp() {
    behind = false;
    Transit.Entry entry = unfinished;
    unfinished = null;
    if (entry != null) {
      arriveOrKeep(entry);
    }
    sendWritten();
    if (rstOwed) {
      sendReset();
    } else if (finOwed) {
      sendEnd();
    }
    connection.endIfClosed();
    wakeReader(Readiness.ALL);
    world.after(this::wakeWriter);
  }

  @Override
  protected void isTapped() {
    world.run(
        () -> {
          tapped = true;
          updateOpen();
        });
  }

  /** The reader sees the bytes below a position from now on. */
  private void passUpTo(long position) {
    if (position > arrived) {
      Tap told = tap();
      if (told != null) {
        told.arriving(position);
      }
      arrived = position;
    }
  }

  private void tell(Consumer<Tap> what) {
    Tap told = tap();
    if (told != null) {
      what.accept(told);
    }
  }

  /** Sends the bytes that were written and are not under way yet. */
  private void sendWritten() {
    long tail = totalWritten();
    long from = Math.max(transit.sentBytes(), arrived);
    if (over || resetSent || connection.hasEnded() || tail <= from) {
      return; // after the end it arrives nowhere; what is open meanwhile has arrived
    }
    if (lane.isRejecting() || back.lane.isRejecting()) {
      reject();
      return;
    }
    long now = world.now();
    transit.addBytes(from, tail, now);
    drawSpurious(from, tail);
    deliver();
    startToGiveUp(now);
  }

  /** Decides for each new segment, however the writes cut the stream. */
  private void drawSpurious(long from, long tail) {
    double probability = spuriousProbability;
    if (probability == 0) {
      return;
    }
    boolean happens = false;
    long last = (tail - 1) / world.config().segmentBytes();
    long k = Math.max(spuriousDecidedTo + 1, from / world.config().segmentBytes());
    for (; k <= last; k++) {
      boolean ofRead = isSpurious(SPURIOUS_READ, k, probability);
      happens |= ofRead;
      trace(k, "read", ofRead);
      trace(k, "write", isSpurious(SPURIOUS_WRITE, k, probability));
      spuriousDecidedTo = k;
    }
    if (happens && arrived <= totalRead()) {
      spurious = true;
      wakeReader(Readiness.IN);
    }
  }

  private void trace(long k, String of, boolean happens) {
    world.trace().decidedSpurious(connection.attempt(), name(), k, of, happens);
  }

  // -- the reader's side

  @Override
  protected int visible(ByteRing present, int wanted) {
    if (spurious) {
      spurious = false;
      VarHandle.fullFence(); // the change before the waiters, see PollSet
      to.poll().wake(Readiness.IN); // the wake-up for its bytes may have been this one
      return 0;
    }
    int count = super.visible(present, wanted); // the tail before the mark
    long mark = arrived;
    long read = present.totalRead();
    if (mark != OPEN) {
      count = (int) Math.max(0, Math.min(count, mark - read));
    }
    Slices slices = readSlices;
    return slices == null || count == 0 ? count : readCursor.bounded(slices, read, count);
  }

  @Override
  protected int readRing(ByteBuffer dst, boolean first) {
    if (!first && readSlices != null && readCursor.isAtEnd(totalRead())) {
      return 0; // no read goes beyond a slice
    }
    return super.readRing(dst, first);
  }

  @Override
  protected int available() {
    int written = super.available(); // the tail before the mark
    long mark = arrived;
    int there = mark == OPEN ? written : (int) Math.max(0, Math.min(written, mark - totalRead()));
    return there == 0 && spurious ? 1 : there;
  }

  @Override
  protected boolean isFinishSeen() {
    return finArrived;
  }

  @Override
  protected IOException resetException() {
    return timedOut ? new IOException("Connection timed out") : super.resetException();
  }

  @Override
  protected IOException writeResetException() {
    return timedOut ? new IOException("Connection timed out") : super.writeResetException();
  }

  // -- ends, as the end that acts says it

  @Override
  protected void closeReader(boolean leaves) {
    spurious = false;
    doSurely(CLOSE_READER);
    if (leaves) {
      leaveReader();
    }
  }

  private void closeReaderHere() {
    readerClosed = true;
    if (over) {
      super.closeReader(false);
    }
    connection.endIfClosed();
    updateOpen();
  }

  @Override
  protected boolean isReaderClosed() {
    return readerClosed || super.isReaderClosed();
  }

  @Override
  protected void stop() {
    doSurely(REFUSE);
  }

  private void refuse() {
    readerRefuses = true;
    updateOpen();
  }

  @Override
  protected boolean closeWriter(boolean reset, boolean leaves) {
    if (reset) {
      doSurely(RESET_WRITER);
    } else {
      doSurely(leaves ? END_WRITER : SHUT_WRITER);
    }
    if (leaves) {
      leaveWriter();
    }
    return readerClosed;
  }

  /** It may be the one that asks for keep-alive, of a connection that is silent already. */
  @Override
  protected void readerOptionSet() {
    world.run(() -> startKeepAlive(world.now()));
  }

  @Override
  protected void abortForThirdParty() {
    world.run(() -> connection.resetNow("kill"));
  }

  private void shutWriter() {
    super.shut();
  }

  private void endWriter() {
    super.shut();
    sendEnd();
  }

  private void resetWriter() {
    super.stop();
    if (!cutOff) {
      if (isFinished()) {
        sendEnd();
      }
      sendReset();
    }
  }

  /** The peer's close asks for this too, which the writer does not know of yet. */
  @Override
  protected boolean end() {
    if ((isAborted() && !gaveUpSecretly) || isReaderGone()) {
      return super.end();
    }
    if (isShut() && !endSent) {
      doSurely(SEND_END);
    }
    return false;
  }

  /** Sends it later if there is no memory now: a close goes on. */
  private void sendEnd() {
    finOwed = true;
    try {
      if (!endSent) {
        sendWritten(); // of a write that is about to; may catch up, and send the end
      }
      if (!endSent) {
        if (passesEnds()) {
          transit.addEnd(Transit.Kind.FIN, totalWritten(), world.now());
        }
        endSent = true;
        deliver();
      }
      finOwed = false;
    } catch (OutOfMemoryError e) {
      fallBehind();
    }
  }

  private boolean passesEnds() {
    return !over && !connection.hasEnded() && !connection.isSilent();
  }

  /** As {@link #sendEnd}. */
  private void sendReset() {
    rstOwed = true;
    try {
      if (!resetSent) {
        sendWritten(); // as in sendEnd
      }
      if (!resetSent) {
        if (passesEnds()) {
          tell(tap -> tap.resetting(totalWritten()));
          long end = Math.max(transit.sentBytes(), arrivedBytes());
          transit.addEnd(Transit.Kind.RST, end, world.now());
        }
        resetSent = true;
        endSent = true;
        deliver();
      }
      rstOwed = false;
    } catch (OutOfMemoryError e) {
      fallBehind();
    }
  }

  /** Something has come for its writer, who is gone: it resets again if its reset was lost. */
  private void answerWithReset() {
    resetSent &= over || transit.hasEnd();
    sendReset();
  }

  // -- under way, with the world's lock held

  /** Takes what its link and its rules say now. */
  void refresh() {
    faults = connection.faults();
    List<Conditions> all = new ArrayList<>();
    all.add(lane.conditions());
    limit = NEVER;
    limitRule = null;
    for (Rule rule : connection.rules()) {
      if (rule.isForDirection(upstream)) {
        all.add(rule.conditions());
      }
      if (rule.bytesCut() != Rule.Cut.NONE && rule.counts(upstream) && rule.cutBytes() < limit) {
        limit = rule.cutBytes();
        limitRule = rule;
      }
    }
    transit.under(all);
    Slices reads = null;
    Slices writes = null;
    double spuriousReadiness = 0;
    for (Conditions each : all) {
      reads = each.sliceReads == null ? reads : each.sliceReads;
      writes = each.sliceWrites == null ? writes : each.sliceWrites;
      spuriousReadiness = Math.max(spuriousReadiness, each.spurious);
    }
    spuriousProbability = spuriousReadiness;
    readSlices = reads;
    writeSlices = writes;
    updateAcknowledged();
    if (lane.isRejecting() && !transit.isEmpty()) {
      reject();
    }
    updateOpen(all); // before the delivery: nothing passes at once any more that must not
    cutIfDue();
    connection.arrived(upstream, arrivedBytes());
    deliver();
    startToGiveUp(world.now());
    startKeepAlive(world.now());
  }

  private void reject() {
    lane.cutsFiredAt(connection.attempt());
    back.lane.cutsFiredAt(connection.attempt());
    world.tell("reject", connection, arrivedBytes());
    connection.reset();
  }

  private void updateAcknowledged() {
    if (!back.lane.isDropping() && !connection.isSilent()) {
      if (acknowledged != NEVER) {
        acknowledged = NEVER;
        tell(Tap::heard);
        world.after(this::wakeWriter);
      }
    } else if (acknowledged == NEVER) {
      acknowledgedArrivals = arrivedBytes();
      acknowledged = totalRead();
    }
  }

  private boolean isBlocked() {
    return connection.isSilent() || lane.isBlocked();
  }

  private void updateOpen() {
    boolean isClear = !needsCare() && lane.conditions().isClear();
    for (Rule rule : connection.rules()) {
      isClear &= !rule.isForDirection(upstream) || rule.conditions().isClear();
    }
    setOpen(isClear);
  }

  private void updateOpen(List<Conditions> all) {
    setOpen(!needsCare() && all.stream().allMatch(Conditions::isClear));
  }

  private boolean needsCare() {
    return over
        || gaveUp
        || back.gaveUp
        || acknowledged != NEVER // what is written then may have to be given up
        || tapped
        || behind
        || !transit.isEmpty()
        || limit != NEVER
        || connection.beginsAt(upstream) != NEVER
        || readerClosed
        || readerRefuses
        || cutOff
        || isBlocked()
        || lane.isRejecting()
        || back.lane.isRejecting();
  }

  private void setOpen(boolean on) {
    if (on && arrived != OPEN) {
      boolean shows = totalWritten() > arrived; // bytes whose writer waits for the lock
      arrived = OPEN;
      watchWrites(false);
      if (shows) {
        wakeReader(Readiness.IN);
      }
    } else if (!on && arrived == OPEN) {
      care();
    }
  }

  /**
   * Ends the open state: what was written until now has arrived. A reader may have looked between
   * the two marks, after its writer had woken it for what only the second one shows.
   */
  private void care() {
    long before = totalWritten();
    arrived = before;
    watchWrites(true); // a full fence before the tail; pairs with the one of the writer's unlock
    long after = totalWritten();
    arrived = after;
    if (after > before) {
      wakeReader(Readiness.IN);
    }
  }

  /** Lets arrive what is due. */
  void deliver() {
    try {
      if (behind) {
        catchUp();
      }
      deliverDue();
    } catch (OutOfMemoryError e) {
      fallBehind();
      throw e;
    }
  }

  /** A failure does not reach the thread that lets time pass: it is tried again. */
  private void deliverOnTime() {
    try {
      deliver();
    } catch (OutOfMemoryError e) {
      SimulationTime.tell(e);
    }
  }

  private void deliverDue() {
    long now = world.now();
    while (!over && !isBlocked()) {
      Transit.Entry entry = transit.arriving(now, connection.beginsAt(upstream));
      if (entry == null) {
        break;
      }
      arriveOrKeep(entry);
    }
    if (hasInFlight() && lane.isDropping()) {
      lane.cutsFiredAt(connection.attempt());
    }
    schedule();
    updateOpen();
  }

  private void schedule() {
    if (behind && !over) {
      return; // something has failed once more: the timer is set for that, and all else comes then
    }
    boolean waits = !over && !isBlocked() && !transit.isEmpty();
    long at = waits ? transit.nextAt() : NEVER;
    if (timer.isScheduled() && timer.at() != at) {
      world.timeline().cancel(timer);
    }
    if (waits && !timer.isScheduled()) {
      world.timeline().move(timer, at);
    }
  }

  /** Keeps what there was no memory for: it has left the transit. */
  private void arriveOrKeep(Transit.Entry entry) {
    try {
      arrive(entry);
    } catch (OutOfMemoryError e) {
      unfinished = entry;
      throw e;
    }
  }

  private void arrive(Transit.Entry entry) {
    switch (entry.kind()) {
      case BYTES -> bytesArrive(entry.end());
      case FIN -> {
        if (gaveUp) {
          refuseBytes();
        } else {
          finishArrives();
          super.end();
          wakeReader(Readiness.ALL);
        }
      }
      case RST -> {
        abortReader();
        endReader();
      }
    }
  }

  private void finishArrives() {
    tell(Tap::finishArriving);
    finArrived = true;
  }

  private void bytesArrive(long end) {
    if (readerClosed || readerRefuses || cutOff || gaveUp) {
      if (!cutOff && !gaveUp) { // whose reader may still be about to see the end
        passUpTo(end); // unread: a write of several parts takes all of them
      }
      refuseBytes();
      return;
    }
    passUpTo(Math.min(end, limit));
    wakeReader(Readiness.IN);
    cutIfDue();
    connection.arrived(upstream, arrivedBytes());
  }

  /** Bytes have met an end that accepts none: it answers with a reset. */
  private void refuseBytes() {
    transit.clear();
    back.answerWithReset();
    if (!readerClosed && !cutOff) { // it has shut both sides
      abortReader();
      endReader();
    }
  }

  private void cutIfDue() {
    if (limit != NEVER && arrived >= limit && !over && !cutOff) {
      connection.cut(limitRule, limitRule.bytesCut(), this);
    }
  }

  /** First step of a reset of the reading end: it knows. */
  void abortReader() {
    if (!over) {
      super.abort();
    }
  }

  /** Second step of a reset: both directions of the reading end are over. */
  void endReader() {
    if (!over) {
      over = true;
      gaveUpSecretly = false;
      stopTransit();
      super.end();
      back.readerIsGone();
      showEnd();
    }
  }

  /**
   * The reading end gives up the connection, of which the other end learns nothing: that one goes
   * on waiting for acknowledgements, until it gives up too or a reset comes for what it has sent.
   */
  private void giveUpReader() {
    if (over || gaveUp) {
      return;
    }
    world.tell("timed out", connection, arrivedBytes());
    gaveUp = true;
    gaveUpSecretly = true; // before the bits that the writer sees
    timedOut = true;
    super.abort();
    super.end();
    world.timeline().cancel(keepAlive);
    keepAlive = null;
    back.writerGaveUp();
    showEnd();
  }

  /** What its writer has sent is sent no more, nor is its end; the reader sees no end either. */
  private void writerGaveUp() {
    super.stop();
    stopTransit();
    endSent = true;
    resetSent = true;
  }

  /** Needs no memory to go on: it may be one of several steps. */
  private void showEnd() {
    try {
      updateOpen();
      wakeReader(Readiness.ALL);
    } catch (OutOfMemoryError e) {
      fallBehind();
    }
  }

  /** The writing end was reset: nobody reads what it writes. */
  private void readerIsGone() {
    super.closeReader(false);
  }

  /** The reading end sees a close of the writer's, who has not closed. */
  void cutClosed() {
    if (!isOver() && !cutOff) {
      cutOff = true;
      endSent = true;
      stopTransit();
      finishArrives();
      super.finish();
      super.end();
      showEnd();
    }
  }

  /** Whether its reading end was reset, or has given up. */
  boolean isOver() {
    return over || gaveUp;
  }

  void stopTransit() {
    transit.clear();
    world.timeline().cancel(timer);
    world.timeline().cancel(giveUp);
    world.timeline().cancel(keepAlive);
    giveUp = null;
    keepAlive = null;
  }

  /** What is on its way to end the connection is lost. */
  void loseEnds() {
    transit.dropEnds();
  }

  /**
   * Whether something was sent that is not acknowledged, or will not be: by whichever way's cut.
   */
  private boolean isUnacknowledged() {
    return acknowledged == NEVER
        ? !transit.isEmpty() && lane.isDropping()
        : !transit.isEmpty() || totalWritten() > acknowledgedArrivals;
  }

  /** Bytes that are not acknowledged for long end the connection for their writer. */
  private void startToGiveUp(long now) {
    boolean waits = !over && !back.gaveUp && isUnacknowledged();
    if (waits && giveUp == null) {
      giveUp = world.timeline().schedule(now + world.config().giveUp().toNanos(), this::givesUp);
    } else if (!waits && giveUp != null) {
      world.timeline().cancel(giveUp);
      giveUp = null;
    }
  }

  /**
   * An end that hears nothing probes its peer; one with bytes under way waits for these instead. A
   * peer that is reached again and gone, while its end was lost, answers with a reset.
   */
  private void startKeepAlive(long now) {
    boolean isDeaf = connection.isDeaf();
    boolean waits = !isOver() && !readerClosed && (isDeaf || isEndLost());
    KeepAlive settings = waits ? KeepAlive.of(world.socketOf(to)) : null;
    if (settings == null) {
      world.timeline().cancel(keepAlive);
      keepAlive = null;
      return;
    }
    deafSince = keepAlive == null ? now : deafSince;
    long passed = now - deafSince;
    long at = deafSince + (isDeaf ? settings.givesUpAfterNanos() : settings.nextProbeNanos(passed));
    if (keepAlive == null || keepAlive.at() != at) {
      Timeline.Event next = world.timeline().schedule(at, this::noSignOfLife);
      world.timeline().cancel(keepAlive);
      keepAlive = next;
    }
  }

  /** Whether its writer is gone, and what should tell that will never arrive. */
  private boolean isEndLost() {
    return (back.readerClosed || back.gaveUp) && endSent && !finArrived && !transit.hasEnd();
  }

  private void noSignOfLife() {
    keepAlive = null;
    if (isOver() || back.hasInFlight()) {
      return;
    }
    if (connection.isDeaf()) {
      giveUpReader();
    } else {
      answerWithReset(); // to the probe
    }
  }

  private void givesUp() {
    giveUp = null;
    back.giveUpReader();
  }

  // -- inspection and delivery

  /** How many bytes are on their way. */
  long bytesUnderWay() {
    return over ? 0 : Math.max(0, Math.max(transit.sentBytes(), arrived) - arrived);
  }

  InFlight inFlight() {
    return new InFlight(
        connection.attempt().connect(), lane.to(), bytesUnderWay(), transit.hasEnd());
  }

  boolean hasInFlight() {
    return !over && !transit.isEmpty();
  }

  /** Delivers a number of bytes now, and an end that comes right behind them. */
  long letPass(long bytes) {
    long before = arrivedBytes();
    long upTo = before + Math.min(bytes, bytesUnderWay());
    long now = world.now();
    while (!over) {
      long next = Math.min(upTo, connection.beginsAt(upstream));
      Transit.Entry entry = transit.passing(next, now);
      if (entry == null || (entry.end() <= arrivedBytes() && entry.kind() == Transit.Kind.BYTES)) {
        break;
      }
      arriveOrKeep(entry);
    }
    schedule();
    updateOpen();
    return arrivedBytes() - before;
  }

  private void wakeReader(int bits) {
    world.wake(to, bits);
  }

  private void wakeWriter() {
    run();
  }
}
