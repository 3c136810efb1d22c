package io.nioring.socket;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a single send or receive behaves; see {@link RingSocket}. Of several options of one kind the
 * last one counts.
 */
public final class MessageOption {
  /**
   * Receives without taking: the bytes and the ancillary data stay for the next receive ({@code
   * MSG_PEEK}). Descriptors are duplicated for each peek. Channels are shown: they stay the
   * connection's.
   */
  public static final MessageOption PEEK = new MessageOption("PEEK", null, null);

  /** Does not wait, even if the channel is blocking ({@code MSG_DONTWAIT}). */
  public static final MessageOption DONT_WAIT = new MessageOption("DONT_WAIT", null, null);

  private final String name;
  private final Duration timeout;
  private final Integer rightsRoom;

  private MessageOption(String name, Duration timeout, Integer rightsRoom) {
    this.name = name;
    this.timeout = timeout;
    this.rightsRoom = rightsRoom;
  }

  /**
   * Waits for a limited time, on a blocking channel. After that a send that could send something
   * returns that much, and an operation that has nothing to return throws {@link
   * java.net.SocketTimeoutException}.
   *
   * @param duration how long, above zero
   * @return the option
   * @throws IllegalArgumentException if it is zero or less
   */
  public static MessageOption timeout(Duration duration) {
    Objects.requireNonNull(duration, "duration");
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException("timeout is " + duration + ", expected more than zero");
    }
    return new MessageOption("timeout", duration, null);
  }

  /**
   * Receives no more than a number of rights; further ones of the message are discarded. Without
   * this option all are received.
   *
   * @param rights how many, 0 or more
   * @return the option
   * @throws IllegalArgumentException if it is negative
   */
  public static MessageOption rightsRoom(int rights) {
    if (rights < 0) {
      throw new IllegalArgumentException("room for " + rights + " rights, expected 0 or more");
    }
    return new MessageOption("rightsRoom", null, rights);
  }

  /** {@return the longest time to wait, of an option made by {@link #timeout(Duration)}} */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** {@return the most rights to receive, of an option made by {@link #rightsRoom(int)}} */
  public OptionalInt rightsRoom() {
    return rightsRoom == null ? OptionalInt.empty() : OptionalInt.of(rightsRoom);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageOption option
        && name.equals(option.name)
        && Objects.equals(timeout, option.timeout)
        && Objects.equals(rightsRoom, option.rightsRoom);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, timeout, rightsRoom);
  }

  @Override
  public String toString() {
    if (timeout != null) {
      return name + "(" + timeout + ")";
    }
    return rightsRoom == null ? name : name + "(" + rightsRoom + ")";
  }
}
