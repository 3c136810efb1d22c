package io.nioring.internal.select;

import java.nio.channels.SelectionKey;
import java.util.function.Consumer;

/**
 * The action of a platform select whose keys only matter in number, or not at all: it does nothing.
 * A key that is ready will still be ready at the next select.
 */
public final class IgnoredKeys implements Consumer<SelectionKey> {
  /** The single instance: it has no state. */
  public static final IgnoredKeys ALL = new IgnoredKeys();

  private IgnoredKeys() {}

  @Override
  public void accept(SelectionKey key) {
    // left for later
  }
}
