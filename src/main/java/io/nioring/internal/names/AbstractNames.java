package io.nioring.internal.names;

import io.nioring.socket.AbstractSocketAddress;
import java.net.BindException;
import java.util.concurrent.ConcurrentHashMap;

/** The bound abstract names. Thread-safe; a lookup takes no lock. */
final class AbstractNames {
  private final ConcurrentHashMap<AbstractSocketAddress, Binding> names = new ConcurrentHashMap<>();

  /**
   * Takes a name.
   *
   * @throws BindException "Address already in use"
   */
  Binding bind(AbstractSocketAddress name) throws BindException {
    Binding added = new AbstractBinding(this, name);
    if (names.putIfAbsent(name, added) != null) {
      throw new BindException("Address already in use");
    }
    return added;
  }

  /** The listener at a name; {@code null} if there is none. */
  Listener lookup(AbstractSocketAddress name) {
    Binding binding = names.get(name);
    return binding == null ? null : binding.listener();
  }

  void release(AbstractBinding binding) {
    names.remove((AbstractSocketAddress) binding.address(), binding);
  }

  int listeners() {
    return (int) names.values().stream().filter(each -> each.listener() != null).count();
  }
}
