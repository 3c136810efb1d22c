package io.nioring.internal.names;

import java.net.UnixDomainSocketAddress;

/** A Unix path that is taken. */
final class UnixBinding extends Binding {
  private final UnixNames names;

  UnixBinding(UnixNames names, UnixDomainSocketAddress address) {
    super(address);
    this.names = names;
  }

  @Override
  public void release() {
    names.release(this);
  }
}
