package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import io.nioring.socket.MessageOption;
import java.nio.channels.IllegalBlockingModeException;
import java.time.Duration;
import java.util.Objects;

/** The combined options of one send or receive. */
public final class MessageOptions {
  private static final MessageOptions NONE = new MessageOptions();

  /**
   * The options of a plain write and a plain read: no room for rights, and the blocking mode
   * decides whether it waits.
   */
  static final MessageOptions PLAIN = plain();

  private boolean peek;
  private boolean dontWait;
  private Duration timeout;
  private int rightsRoom = Integer.MAX_VALUE;

  private MessageOptions() {}

  private static MessageOptions plain() {
    MessageOptions options = new MessageOptions();
    options.rightsRoom = 0;
    return options;
  }

  /** The options of a receive. */
  public static MessageOptions ofReceive(MessageOption... given) {
    if (given.length == 0) {
      return NONE;
    }
    MessageOptions options = new MessageOptions();
    for (MessageOption option : given) {
      options.add(option);
    }
    if (options.dontWait && options.timeout != null) {
      throw new IllegalArgumentException(
          "a timeout and " + MessageOption.DONT_WAIT + " exclude each other");
    }
    return options;
  }

  /** As {@link #ofReceive}, for a send: options that only concern receiving are refused. */
  public static MessageOptions ofSend(MessageOption... given) {
    MessageOptions options = ofReceive(given);
    if (options.peek || options.rightsRoom != Integer.MAX_VALUE) {
      throw new IllegalArgumentException("an option that a send does not take");
    }
    return options;
  }

  private void add(MessageOption option) {
    Objects.requireNonNull(option, "option");
    if (option.timeout().isPresent()) {
      timeout = option.timeout().get();
    } else if (option.rightsRoom().isPresent()) {
      rightsRoom = option.rightsRoom().getAsInt();
    } else if (option.equals(MessageOption.PEEK)) {
      peek = true;
    } else {
      dontWait = true;
    }
  }

  boolean peeks() {
    return peek;
  }

  int rightsRoom() {
    return rightsRoom;
  }

  /**
   * Whether an operation waits.
   *
   * @throws IllegalBlockingModeException if there is a timeout and the facade is non-blocking
   */
  boolean waits(Facade facade) {
    boolean blocking = facade.isBlocking();
    if (timeout != null && !blocking) {
      throw new IllegalBlockingModeException();
    }
    return blocking && !dontWait;
  }

  /** The deadline of the wait, counted from now. */
  Deadline deadline(Clock clock) {
    return timeout == null ? Deadline.NONE : Deadline.after(clock, timeout);
  }
}
