package io.nioring.socket;

import java.time.Duration;
import java.util.Objects;

/** How a single send or receive goes on; see {@link RingSocket}. Of one kind the last one holds. */
public sealed interface MessageOption {
  /**
   * Receives without taking: the bytes and the ancillary data stay for the next receive ({@code
   * MSG_PEEK}). Descriptors are duplicated for each peek. Channels are shown: they stay the
   * connection's.
   */
  MessageOption PEEK = Flag.PEEK;

  /** Does not wait, though the channel is blocking ({@code MSG_DONTWAIT}). */
  MessageOption DONT_WAIT = Flag.DONT_WAIT;

  /**
   * Waits no longer than a time, on a blocking channel. When it is over, a send that could send
   * something returns that much, and what has nothing to return throws {@link
   * java.net.SocketTimeoutException}.
   *
   * @param duration how long, above zero
   * @return the option
   * @throws IllegalArgumentException if it is zero or less
   */
  static MessageOption timeout(Duration duration) {
    return new Timeout(duration);
  }

  /**
   * Receives no more than a number of rights; further ones of the message are discarded. Without
   * this option there is room for all.
   *
   * @param rights how many, 0 or more
   * @return the option
   * @throws IllegalArgumentException if it is negative
   */
  static MessageOption rightsRoom(int rights) {
    return new RightsRoom(rights);
  }

  /** The options without a value. */
  enum Flag implements MessageOption {
    /** See {@link MessageOption#PEEK}. */
    PEEK,
    /** See {@link MessageOption#DONT_WAIT}. */
    DONT_WAIT
  }

  /**
   * See {@link MessageOption#timeout}.
   *
   * @param duration the longest time to wait
   */
  record Timeout(Duration duration) implements MessageOption {
    /**
     * Makes the option.
     *
     * @param duration the longest time to wait
     * @throws IllegalArgumentException if the duration is zero or less
     */
    public Timeout {
      Objects.requireNonNull(duration, "duration");
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException("timeout is " + duration + ", expected more than zero");
      }
    }
  }

  /**
   * See {@link MessageOption#rightsRoom}.
   *
   * @param rights the most rights to receive
   */
  record RightsRoom(int rights) implements MessageOption {
    /**
     * Makes the option.
     *
     * @param rights the most rights to receive
     * @throws IllegalArgumentException if the number is negative
     */
    public RightsRoom {
      if (rights < 0) {
        throw new IllegalArgumentException("room for " + rights + " rights, expected 0 or more");
      }
    }
  }
}
