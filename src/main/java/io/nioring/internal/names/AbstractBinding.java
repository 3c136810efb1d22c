package io.nioring.internal.names;

import io.nioring.socket.AbstractSocketAddress;

/** A bound abstract name. */
final class AbstractBinding extends Binding {
  private final AbstractNames names;

  AbstractBinding(AbstractNames names, AbstractSocketAddress address) {
    super(address);
    this.names = names;
  }

  @Override
  public void release() {
    names.release(this);
  }
}
