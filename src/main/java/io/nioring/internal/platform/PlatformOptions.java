package io.nioring.internal.platform;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.util.Map;
import java.util.Set;

/** Applies the options that were set before there was a platform socket to that socket. */
public final class PlatformOptions {
  /** Sets an option of a socket, by the socket's method. */
  @FunctionalInterface
  public interface Setter {
    /** Sets it. */
    <T> void set(SocketOption<T> name, T value) throws IOException;
  }

  /** The setter of a channel. */
  private record OfChannel(NetworkChannel channel) implements Setter {
    @Override
    public <T> void set(SocketOption<T> name, T value) throws IOException {
      channel.setOption(name, value);
    }
  }

  private PlatformOptions() {}

  /** Sets options, as far as the channel supports them. */
  public static void apply(Map<SocketOption<?>, Object> options, NetworkChannel channel)
      throws IOException {
    apply(options, channel.supportedOptions(), new OfChannel(channel));
  }

  /**
   * Sets options, as far as the socket supports them.
   *
   * @param supported the options that it supports
   * @param setter sets one
   */
  public static void apply(
      Map<SocketOption<?>, Object> options, Set<SocketOption<?>> supported, Setter setter)
      throws IOException {
    for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
      if (supported.contains(option.getKey())) {
        set(option.getKey(), option.getValue(), setter);
      }
    }
  }

  private static <T> void set(SocketOption<T> name, Object value, Setter setter)
      throws IOException {
    setter.set(name, name.type().cast(value));
  }
}
