package io.nioring.internal.names;

import java.net.UnixDomainSocketAddress;

/** A socket file in the kernel that a listener of this JVM is bound to. */
final class FileBinding extends Binding {
  private final UnixNames names;
  private final Object file;

  FileBinding(UnixNames names, UnixDomainSocketAddress address, Object file) {
    super(address);
    this.names = names;
    this.file = file;
  }

  Object file() {
    return file;
  }

  @Override
  public void release() {
    names.release(this);
  }
}
