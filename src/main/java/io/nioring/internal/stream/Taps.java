package io.nioring.internal.stream;

import java.nio.ByteBuffer;

/** Several taps on one direction, called in the order in which they were added. */
final class Taps implements Tap {
  private final Tap first;
  private final Tap second;

  private Taps(Tap first, Tap second) {
    this.first = first;
    this.second = second;
  }

  /** The combination with one more tap; null stands for none. */
  static Tap with(Tap present, Tap added) {
    return present == null ? added : new Taps(present, added);
  }

  /** The tap of an owner among those of a direction; null if there is none. */
  static Tap of(Tap present, Object owner) {
    if (present instanceof Taps both) {
      Tap found = of(both.first, owner);
      return found == null ? of(both.second, owner) : found;
    }
    return present == null || present.owner() != owner ? null : present;
  }

  /** The combination without an owner's tap; null if that leaves none. */
  static Tap without(Tap present, Object owner) {
    if (!(present instanceof Taps both)) {
      return present == null || present.owner() == owner ? null : present;
    }
    Tap left = without(both.first, owner);
    Tap right = without(both.second, owner);
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return new Taps(left, right);
  }

  /** {@inheritDoc} Null: it stands for the taps of others. */
  @Override
  public Object owner() {
    return null;
  }

  @Override
  public void beginWrite() {
    first.beginWrite();
    second.beginWrite();
  }

  @Override
  public void awaitRoom() {
    first.awaitRoom();
    second.awaitRoom();
  }

  @Override
  public boolean wantsBytes() {
    return first.wantsBytes() || second.wantsBytes();
  }

  @Override
  public void sending(long position, ByteBuffer bytes) {
    if (first.wantsBytes()) {
      first.sending(position, bytes.duplicate());
    }
    if (second.wantsBytes()) {
      second.sending(position, bytes);
    }
  }

  @Override
  public void sendingRights(int count) {
    first.sendingRights(count);
    second.sendingRights(count);
  }

  @Override
  public void endWrite(long position, long result, int free) {
    first.endWrite(position, result, free);
    second.endWrite(position, result, free);
  }

  @Override
  public void beginRead() {
    first.beginRead();
    second.beginRead();
  }

  @Override
  public void awaitBytes() {
    first.awaitBytes();
    second.awaitBytes();
  }

  @Override
  public void endRead(long position, int result, int unread, int free, int timeoutMillis) {
    first.endRead(position, result, unread, free, timeoutMillis);
    second.endRead(position, result, unread, free, timeoutMillis);
  }

  @Override
  public void arriving(long position) {
    first.arriving(position);
    second.arriving(position);
  }

  @Override
  public void finishArriving() {
    first.finishArriving();
    second.finishArriving();
  }

  @Override
  public void resetting(long position) {
    first.resetting(position);
    second.resetting(position);
  }

  @Override
  public void heard() {
    first.heard();
    second.heard();
  }

  @Override
  public void inputShut() {
    first.inputShut();
    second.inputShut();
  }

  @Override
  public void finished(long position) {
    first.finished(position);
    second.finished(position);
  }

  @Override
  public void reset(long position) {
    first.reset(position);
    second.reset(position);
  }

  @Override
  public void closed(Endpoint end, Closing how) {
    first.closed(end, how);
    second.closed(end, how);
  }

  @Override
  public void abandoned(Endpoint end) {
    first.abandoned(end);
    second.abandoned(end);
  }
}
