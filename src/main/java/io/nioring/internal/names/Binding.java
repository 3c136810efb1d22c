package io.nioring.internal.names;

import java.net.SocketAddress;

/**
 * An address in use, by a listener or by a client that was bound before it connects.
 *
 * <p>{@link #release} frees the address, once; further calls do nothing. Thread-safe.
 */
public abstract class Binding {
  private final SocketAddress address;
  private volatile Listener listener;

  Binding(SocketAddress address) {
    this.address = address;
  }

  /** The address, with the port or the name that was chosen. */
  public final SocketAddress address() {
    return address;
  }

  /** Makes the name connectable. */
  public final void listen(Listener behind) {
    listener = behind;
  }

  /** The listener behind the name; {@code null} if there is none. */
  public final Listener listener() {
    return listener;
  }

  /**
   * Decides again who else may bind the address, since an option of its socket was set after the
   * bind.
   *
   * @param reuseAddress the present {@code SO_REUSEADDR}
   * @param reusePort the present {@code SO_REUSEPORT}
   */
  public void share(boolean reuseAddress, boolean reusePort) {}

  /** Frees the name. */
  public abstract void release();
}
