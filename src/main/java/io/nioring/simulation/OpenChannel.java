package io.nioring.simulation;

import io.nioring.internal.network.Opening;
import java.nio.channels.Channel;
import java.util.List;
import java.util.Optional;

/** An open channel of a {@link Simulation}, and who opened it. Immutable, thread-safe. */
public final class OpenChannel {
  private static final int MOST_FRAMES = 8;

  private final RingHost host;
  private final Channel channel;
  private final Opening opening;

  /**
   * Makes one.
   *
   * @param opening null if it was not recorded
   */
  OpenChannel(RingHost host, Channel channel, Opening opening) {
    this.host = host;
    this.channel = channel;
    this.opening = opening;
  }

  /** {@return the host that it belongs to} */
  public RingHost host() {
    return host;
  }

  /** {@return the channel itself} */
  public Channel channel() {
    return channel;
  }

  /** {@return the name of the thread that opened it; empty if that was not recorded} */
  public Optional<String> thread() {
    return Optional.ofNullable(opening).map(Opening::thread);
  }

  /**
   * Returns where it was opened.
   *
   * @return the frames from the program's own on, the innermost first; empty if that was not
   *     recorded
   */
  public List<StackTraceElement> stack() {
    return opening == null ? List.of() : opening.stack();
  }

  /** Returns the channel, its host, and if it was recorded the thread and the innermost frames. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(channel).append(" of host ").append(host.name());
    thread().ifPresent(name -> text.append(", opened by thread \"").append(name).append("\" at"));
    stack().stream().limit(MOST_FRAMES).forEach(frame -> text.append("\n    ").append(frame));
    return text.toString();
  }
}
