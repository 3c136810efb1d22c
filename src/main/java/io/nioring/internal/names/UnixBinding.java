package io.nioring.internal.names;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** A bound Unix path. */
final class UnixBinding extends Binding {
  private final UnixNames names;
  private final Path place;

  UnixBinding(UnixNames names, UnixDomainSocketAddress address, Path place) {
    super(address);
    this.names = names;
    this.place = place;
  }

  /** What the path meant when it was bound. */
  Path place() {
    return place;
  }

  @Override
  public void release() {
    names.release(this);
  }
}
