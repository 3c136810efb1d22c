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
    AbstractBinding added = new AbstractBinding(this, name);
    if (!add(added)) {
      throw new BindException("Address already in use");
    }
    return added;
  }

  /** A map that has no memory to count an element has it nevertheless. */
  private boolean add(AbstractBinding added) {
    boolean done = false;
    try {
      boolean free = names.putIfAbsent((AbstractSocketAddress) added.address(), added) == null;
      done = true;
      return free;
    } finally {
      if (!done) {
        release(added);
      }
    }
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
