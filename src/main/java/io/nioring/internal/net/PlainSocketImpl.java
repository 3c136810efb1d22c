package io.nioring.internal.net;

import io.nioring.internal.core.OptionValues;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ClosedWhenDropped;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.util.Set;

/**
 * The common part of the implementations of {@link java.net.Socket} and {@link
 * java.net.ServerSocket}: whether they are open, the timeout, and their options in both forms.
 *
 * <p>Thread-safe. It is what the registry refers to weakly: a socket that is dropped without close
 * is closed by collection, as the platform's are.
 */
abstract class PlainSocketImpl extends SocketImpl implements ClosedWhenDropped {
  final NetworkResources network;
  final AddressFamily family;
  private volatile boolean closed;
  private volatile int timeoutMillis;

  PlainSocketImpl(NetworkResources network, AddressFamily family) {
    this.network = network;
    this.family = family;
  }

  // -- what differs

  /** The supported options, and the values set while the way was not known. */
  abstract OptionValues options();

  /** Sets a supported option. */
  abstract <T> void set(SocketOption<T> option, T value) throws IOException;

  /** The value of a supported option. */
  abstract <T> T get(SocketOption<T> option) throws IOException;

  /** The local address; null if there is none. */
  abstract InetSocketAddress localName() throws IOException;

  abstract void takeUrgentInline(boolean on) throws SocketException;

  abstract boolean takesUrgentInline() throws SocketException;

  /** Closes the underlying socket; may be called repeatedly. */
  abstract void implClose() throws IOException;

  // -- life

  @Override
  public final boolean isOpen() {
    return !closed;
  }

  @Override
  public final void close() throws IOException {
    closed = true;
    implClose();
  }

  final void ensureOpen() throws SocketException {
    if (closed) {
      throw PlainExceptions.closed();
    }
  }

  final int timeoutMillis() {
    return timeoutMillis;
  }

  final Deadline deadline(int millis) {
    return Deadline.ofMillis(network.clock(), millis);
  }

  // -- options by number

  @Override
  public final void setOption(int number, Object value) throws SocketException {
    ensureOpen();
    switch (number) {
      case SocketOptions.SO_TIMEOUT ->
          timeoutMillis = NumberedOptions.checked(number, Integer.class, value);
      case SocketOptions.SO_OOBINLINE ->
          takeUrgentInline(NumberedOptions.checked(number, Boolean.class, value));
      default -> setNumbered(NumberedOptions.of(number), value);
    }
  }

  private <T> void setNumbered(SocketOption<T> option, Object value) throws SocketException {
    T checked = option.type().cast(NumberedOptions.toSet(option, value));
    try {
      set(option, checked);
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.asSocketException(e);
    }
  }

  @Override
  public final Object getOption(int number) throws SocketException {
    ensureOpen();
    return switch (number) {
      case SocketOptions.SO_TIMEOUT -> timeoutMillis;
      case SocketOptions.SO_OOBINLINE -> takesUrgentInline();
      case SocketOptions.SO_BINDADDR -> boundAddress();
      default -> getNumbered(NumberedOptions.of(number));
    };
  }

  private Object getNumbered(SocketOption<?> option) throws SocketException {
    try {
      return NumberedOptions.asGot(option, get(option));
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.asSocketException(e);
    }
  }

  private InetAddress boundAddress() throws SocketException {
    try {
      InetSocketAddress local = localName();
      return local == null ? family.anyAddress().getAddress() : local.getAddress();
    } catch (IOException e) {
      throw PlainExceptions.asSocketException(e);
    }
  }

  // -- options by name

  @Override
  protected final Set<SocketOption<?>> supportedOptions() {
    return options().supported();
  }

  @Override
  protected final <T> void setOption(SocketOption<T> option, T value) throws IOException {
    options().ensureSupported(option);
    OptionValues.ensureTypeOf(option, value);
    ensureOpen();
    try {
      set(option, value);
    } catch (IOException e) {
      throw PlainExceptions.asSocketException(e);
    }
  }

  @Override
  protected final <T> T getOption(SocketOption<T> option) throws IOException {
    options().ensureSupported(option);
    ensureOpen();
    try {
      return get(option);
    } catch (IOException e) {
      throw PlainExceptions.asSocketException(e);
    }
  }
}
