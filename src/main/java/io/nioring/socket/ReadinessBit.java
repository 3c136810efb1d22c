package io.nioring.socket;

import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.util.EnumSet;
import java.util.Set;

/**
 * A bit of a socket's raw readiness, as poll(2) names it. java.nio folds these into its operations;
 * here a selector loop can tell a half-close or a reset from data without reading.
 */
public enum ReadinessBit {
  /** A read or an accept returns at once: data, the end of the stream, an error. */
  IN(0x0001),
  /** A write takes some bytes or fails, at once; or a pending connect has been decided. */
  OUT(0x0004),
  /** An error waits to be reported: the connection was reset. */
  ERR(0x0008),
  /** Both directions are shut. */
  HUP(0x0010),
  /** No more bytes will come in: the peer shut its output, or this end its input. */
  RDHUP(0x2000);

  private final int mask;

  ReadinessBit(int mask) {
    this.mask = mask;
  }

  /** {@return the bit's number on Linux} */
  public int mask() {
    return mask;
  }

  /**
   * The bits that are set in a number.
   *
   * @param bits a number as poll(2) gives it
   * @return a new set
   */
  public static Set<ReadinessBit> setOf(int bits) {
    Set<ReadinessBit> set = EnumSet.noneOf(ReadinessBit.class);
    for (ReadinessBit bit : values()) {
      if ((bits & bit.mask) != 0) {
        set.add(bit);
      }
    }
    return set;
  }

  /**
   * The readiness of a channel now.
   *
   * @param channel a ring channel: a socket, a server, an end of a pipe
   * @return a new set
   * @throws IllegalArgumentException if it is not a ring channel
   * @throws IllegalStateException if it is a socket that is connected through the kernel
   */
  public static Set<ReadinessBit> of(Channel channel) {
    if (channel instanceof RingSocket socket) {
      return socket.readinessBits();
    }
    if (channel instanceof ReadinessSource source) {
      return setOf(source.readiness());
    }
    throw new IllegalArgumentException("not a channel of a ring provider: " + channel);
  }

  /**
   * The readiness of a key's channel now, whatever the key is interested in.
   *
   * @param key a key of any selector
   * @return a new set
   * @throws IllegalArgumentException if its channel is not a ring channel
   * @throws IllegalStateException if it is a socket that is connected through the kernel
   */
  public static Set<ReadinessBit> of(SelectionKey key) {
    return of(key.channel());
  }
}
